"""How large cavities are drawn, and the offset that makes them right."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.calibration_runs import run
from helpers.zoo_models import change_card, on_cpu

from napari_cmr.cohort.subjects import find_subjects, open_cine
from napari_cmr.experiments.certainty.calibration_runs import OFFSETS
from napari_cmr.experiments.certainty.sizes import CavitySize, lv_size, right_offsets, rv_size
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import Label
from napari_cmr.zoo import load
from napari_cmr.zoo.tasks.segmentation import Segmenter


def size(subject: str, n_lines: int | None, right_at: float, reference: int = 100) -> CavitySize:
    labelled = (100 * (1 + OFFSETS - right_at)).astype(int)  # a tenth more for each tenth
    return CavitySize(subject, n_lines, labelled, reference)


def test_a_cavity_is_made_as_large_as_the_reference_on_average() -> None:
    without = size("none", 1, 0.9, reference=0)
    found = right_offsets([size("a", 1, 0.1), size("b", 1, 0.3), size("a", 2, -0.2), without])
    assert found == {1: pytest.approx(0.2), 2: pytest.approx(-0.2)}


def test_a_cavity_that_no_offset_changes_gets_none() -> None:
    none = CavitySize("a", 1, np.zeros(len(OFFSETS), int), 100)
    assert right_offsets([none])[1] == pytest.approx(0.0)


def test_the_size_of_the_lv_is_that_of_both_frames_of_the_reference() -> None:
    found = lv_size(replace(run(50.0, lead=0.5), reference_pixels=(65, 30)))
    assert found.reference == 95
    assert set(found.labelled[OFFSETS < 0.48]) == {80}
    assert set(found.labelled[OFFSETS > 0.52]) == {100}


def test_the_size_of_the_rv_is_that_of_its_labels(cohort, models) -> None:
    change_card(models, lv_quantile=0.46, rv_offset=0.3)
    settings = EvaluationSettings(models=("pooled-net",), lines=(4,), seed=0)
    name, path = next(iter(find_subjects(cohort, "validation").items()))
    cine = open_cine(path, name, n_frames=settings.n_frames, seed=settings.subject_seed(name))
    segmenter = load(on_cpu(), Segmenter)
    found = rv_size(cine, segmenter, 4, settings)

    acquisition = settings.acquisition(name, 4)
    labels = segmenter.segment(cine.measured(acquisition), cine.locate(acquisition, "cpu")).labels
    drawn = (labels[list(cine.frames)] == int(Label.RV)).sum()
    assert found.labelled[int(np.abs(OFFSETS - 0.3).argmin())] == drawn
    assert (np.diff(found.labelled) >= 0).all()
    assert found.labelled[0] < drawn < found.labelled[-1]
    assert found.reference == sum((one == int(Label.RV)).sum() for one in cine.reference) > 0
