"""Models are offered by the task of their card, whatever their name."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import Code, Geometry, Scan, ScanError
from napari_cmr.zoo import default_choice, list_models
from napari_cmr.zoo.suitability import KIND_OF_TASK, LABELLING, choice_for, unsuited


def card(task):
    return SimpleNamespace(name="a-net", task=task)


CINE = make_scan(n_frames=4, n_slices=2)
STILL = Scan(np.ones((1, 2, 8, 8), np.float32), Geometry.regular((8, 1, 1), 2), kind="lge")


@pytest.mark.parametrize(
    ("task", "scan", "reason"),
    [
        ("segmentation", CINE, None),
        ("translation", CINE, None),
        ("lge-segmentation", CINE, "a-net is for late enhancement, and this is cine."),
        ("localisation", CINE, "only finds the heart"),
        ("segmentation", STILL, "a-net is for cine, and this is late enhancement."),
        ("translation", STILL, "is for cine"),
        ("lge-segmentation", STILL, None),
        ("segmentation", STILL.with_(kind="other"), None),
        ("lge-segmentation", STILL.with_(kind="other"), None),
        ("lge-segmentation", CINE.with_(kind="other"), "has 4 frames"),
        ("segmentation", CINE.with_(view="4CH"), "this is a 4-chamber view"),
        ("lge-segmentation", STILL.with_(view="2CH"), "this is a 2-chamber view"),
        ("segmentation", CINE.with_(view="other"), None),
        ("atrium-segmentation", STILL.with_(view="other"), None),
        ("atrium-segmentation", STILL, "learned from axial slices, and this is a short axis"),
        ("atrium-segmentation", CINE, "is for late enhancement"),
    ],
)
def test_what_a_model_is_for_follows_from_its_task(task, scan, reason) -> None:
    found = unsuited(card(task), scan)
    if reason is None:
        assert found is None
    else:
        assert (found.code, found.about) == (Code.MODEL_FOR_OTHER_SCANS, "model")
        assert reason in found.text


def test_the_models_that_ship_are_offered_for_one_kind_of_scan_each() -> None:
    cards = list_models()
    assert {one.task for one in cards} == {*KIND_OF_TASK, "localisation"}

    def tasks(scan: Scan) -> set[str]:
        return {one.task for one in cards if unsuited(one, scan) is None}

    assert tasks(CINE) == {"segmentation", "translation", "reconstruction"}
    assert tasks(STILL) == {"lge-segmentation"}
    assert tasks(STILL.with_(view="other")) >= {"atrium-segmentation"}
    assert not tasks(CINE.with_(view="LAX"))


def test_the_model_is_chosen_by_the_scan() -> None:
    assert choice_for(CINE, device="cpu") == default_choice("cine", device="cpu")
    assert choice_for(STILL) == default_choice("late enhancement")
    assert choice_for(STILL.with_(kind="other")) == default_choice("cine")
    for scan, purposes, reason in (
        (STILL, ["cine"], "is for cine, and this is late enhancement (name the model"),
        (CINE, ["late enhancement"], "is for late enhancement, and this is cine (name the model"),
        (CINE.with_(view="4CH"), LABELLING, "this is a 4-chamber view; "),
    ):
        with pytest.raises(ScanError) as caught:
            choice_for(scan, purposes)
        assert reason in str(caught.value)
