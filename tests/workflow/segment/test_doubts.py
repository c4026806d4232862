"""Each threshold of what is said of a model's labels, on both of its sides."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers.notices import codes, said

from napari_cmr.kspace import Acquisition, LineMask, undersample
from napari_cmr.scan import Code, Geometry, Scan
from napari_cmr.workflow.segment.doubts import cine_doubts, model_doubts, still_doubts, wall_doubts
from napari_cmr.zoo.cards import ModelCard

SURE = SimpleNamespace(confidence=0.9)


def mask(*lines: int, n: int = 40) -> LineMask:
    """Lines per frame, of ``n``."""
    return LineMask(np.arange(n) < np.array(lines)[:, None])


def of_cine(lines: LineMask, location=SURE, n_slices: int = 3, **changes) -> list[str]:
    image = np.ones((lines.n_frames, n_slices, 40, 4), np.float32)
    scan = Scan(image, Geometry.regular((8, 1, 1), n_slices)).with_(**changes)
    measured = undersample(scan, Acquisition(), mask=lines)
    return codes(cine_doubts(measured, location, np.ones(scan.shape, np.uint8)))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([8] * 25, []),
        ([8] * 24 + [7], ["few-lines"]),  # one frame is enough
        ([8] * 22 + [12, 12], []),  # 200 in all
        ([8] * 22 + [12, 11], ["few-lines-per-beat"]),
        ([7] * 10, ["few-lines"]),  # and not twice
        ([40] * 3, []),  # all lines
    ],
)
def test_fewer_than_8_lines_in_a_frame_or_200_in_a_beat(lines, expected):
    assert of_cine(mask(*lines)) == expected


@pytest.mark.parametrize(("confidence", "expected"), [(0.86, []), (0.859, ["heart-unsure"])])
def test_a_localiser_that_is_less_than_86_percent_sure(confidence, expected):
    assert of_cine(mask(40, 40), SimpleNamespace(confidence=confidence)) == expected


def test_a_scan_that_is_no_cine_of_a_whole_heart():
    assert of_cine(mask(40), n_slices=2, kind="lge") == ["not-a-cine", "one-frame", "few-slices"]


def test_nothing_is_said_of_one_empty_slice_of_a_stack():
    scan = Scan(np.ones((2, 3, 40, 4), np.float32), Geometry.regular((8, 1, 1), 3))
    empty = np.zeros(scan.shape, np.uint8)
    measured = undersample(scan, Acquisition())
    assert codes(cine_doubts(measured, SURE, empty)) == ["nothing-segmented"]
    assert not cine_doubts(measured.select([0]), SURE, empty[:, :1])


@pytest.mark.parametrize(
    ("missing", "expected"),
    [([], []), (["RV cavity"], ["structure-missing"]), (["a", "b", "c"], ["nothing-segmented"])],
)
def test_what_late_enhancement_labels_lack(missing, expected):
    still = Scan(np.ones((1, 3, 9, 9), np.float32), Geometry.regular((8, 1, 1), 3), kind="lge")
    assert codes(still_doubts(still, SURE, missing)) == expected


def card(metrics: dict, **changes) -> ModelCard:
    """The part of a card that is asked here."""
    fields = {
        "name": "a-net",
        "input_kind": "lines",
        "for_fewer": None,
        "metrics": metrics,
        "takes": lambda n: True,
    }
    return SimpleNamespace(**(fields | changes))


@pytest.mark.parametrize(("dice", "expected"), [(0.85, []), (0.849, ["model-inaccurate"])])
def test_a_model_that_reached_a_dice_of_less_than_085(dice, expected):
    known = card({"10 lines": {"dice": {"lv": dice}}, "what": "it was tried on"})
    assert codes(model_doubts(known, mask(10, 10))) == expected


@pytest.mark.parametrize(("points", "expected"), [(5.0, []), (5.1, ["model-inaccurate"])])
def test_a_model_whose_ejection_fraction_was_more_than_5_points_off(points, expected):
    score = {"dice": {"lv": 0.94}, "ef_mean_absolute_error_points": points}
    doubts = model_doubts(card({"all lines": score}), mask(40, 40))
    assert codes(doubts) == expected
    assert all("5.1 points off" in one.text and "all lines" in one.text for one in doubts)


def test_a_model_is_judged_at_the_nearest_number_of_lines():
    known = card({"2 lines": {"dice": {"lv": 0.5}}, "all lines": {"dice": {"lv": 0.95}}})
    assert codes(model_doubts(known, mask(8, 8))) == ["model-inaccurate"]  # 4 times 2, 5 below 40
    assert not model_doubts(known, mask(9, 9))  # of 40, a little nearer to all


def test_a_model_for_all_lines_and_one_for_other_lines():
    whole = card({}, input_kind="magnitude")
    (notice,) = model_doubts(whole, mask(10, 10))
    assert (notice.code, notice.about) == (Code.MODEL_NEEDS_ALL_LINES, "model")
    assert not model_doubts(whole, mask(40, 40))
    few = card({}, takes=lambda n: n is not None and n <= 5)
    assert not model_doubts(few, mask(5, 5))
    assert said(model_doubts(few, mask(6, 6)), Code.MODEL_NOT_FOR_THESE_LINES)
    assert said(model_doubts(few, mask(40, 40)), Code.MODEL_NOT_FOR_THESE_LINES)


def test_a_wall_that_the_model_expects_to_be_wrong_is_told() -> None:
    assert wall_doubts(0.7) == []
    (doubt,) = wall_doubts(0.694)
    assert (doubt.code, doubt.about) == (Code.WALL_UNSURE, "myocardium")
    assert "by 0.69 (Dice)" in doubt.text
