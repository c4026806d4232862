"""What a model thinks of its slices: in files, in the table, as a doubt."""

from types import SimpleNamespace

import numpy as np

from napari_cmr.scan import Code
from napari_cmr.workflow.segment.slice_confidence import (
    confidence_doubts,
    least_confidence,
    phase_confidence,
)


def function(lv=(0, 2), rv=(0, 1)) -> SimpleNamespace:
    both = [SimpleNamespace(ed_frame=ed, es_frame=es) for ed, es in (lv, rv)]
    return SimpleNamespace(lv=both[0], rv=both[1])


def confidence() -> np.ndarray:
    found = np.full((3, 4, 3), 0.9, np.float32)
    found[0, 0, 2] = 0.2  # RV at ED, at the base
    found[1, 1, 2] = 0.456  # RV at its own ES
    found[2, 3, 1] = 0.1  # muscle at the LV's ES: there is no number of it
    return found


def test_each_number_has_the_slices_of_its_own_frames() -> None:
    phases = phase_confidence(confidence(), function())
    assert list(phases) == ["lv_ed", "lv_es", "myo_ed", "rv_ed", "rv_es"]
    assert phases["rv_ed"] == (0.2, 0.9, 0.9, 0.9)
    assert phases["rv_es"] == (0.9, 0.46, 0.9, 0.9)
    assert set(phases["myo_ed"]) == {0.9}
    assert set(phase_confidence(confidence(), function(rv=(0, None)))) == set(phases) - {"rv_es"}
    assert phase_confidence(None, function()) == {}


def test_the_table_has_the_worst_of_each() -> None:
    assert least_confidence(phase_confidence(confidence(), function())) == {
        "lv_least_confidence": 0.9,
        "myo_least_confidence": 0.9,
        "rv_least_confidence": 0.2,
    }
    assert set(least_confidence({}).values()) == {None}


def test_slices_that_the_model_is_unsure_of_are_named_once_for_each_structure() -> None:
    (doubt,) = confidence_doubts(confidence(), function())
    assert (doubt.code, doubt.about) == (Code.SLICES_UNSURE, "RV")
    assert (doubt.frames, doubt.slices) == ((0, 1), (0, 1))
    assert "slices 1, 2 of frames 1, 2" in doubt.text
    at_es = confidence_doubts(confidence(), function(lv=(2, 0)))
    assert [one.about for one in at_es] == ["myocardium", "RV"]
    assert at_es[0].text.startswith("Myocardium: the model is unsure in slice 4 of frame 3")
    assert confidence_doubts(None, function()) == []
