"""Scores of reconstructions of a scan, on cavities whose volumes are known."""

import numpy as np
import pytest
from helpers.brightness_reader import BrightnessReader, beating_scan
from helpers.small_scans import make_scan

from napari_cmr.experiments.interpretability.scan_scores import ScanScores
from napari_cmr.workflow.reconstruct.image_reader import VENTRICLES
from napari_cmr.zoo import default_choice


def scores_of(scan, slices=(0, 1, 2)) -> ScanScores:
    scores = ScanScores(scan, slices)
    scores.reader = BrightnessReader(scan, slices, default_choice("full cine"), VENTRICLES)
    return scores


@pytest.mark.parametrize("labelled", [True, False])
def test_volumes_are_those_of_the_cavity(labelled: bool) -> None:
    scan = beating_scan(labelled=labelled)
    scores = scores_of(scan)
    assert scores.has_function
    row = scores.function_row(scores.reader.read(scan.image))
    # 3 slices of 10 mm, 10 rows and 6 or 2 columns of 1 mm
    assert (row["LV EDV"], row["LV ESV"]) == pytest.approx((1.8, 0.6))
    assert row["EF"] == pytest.approx(100 * 2 / 3)
    assert (row["EF error"], row["LV EDV error"]) == (0, 0)
    assert row["RV EF"] is row["RV EF error"] is None
    assert row["reference"] == ("labels" if labelled else "full images")


def test_errors_are_what_is_read_less_what_is_there() -> None:
    scan = beating_scan(labelled=True)
    scores = scores_of(scan)
    blurred = scan.image.copy()
    blurred[2, :, :, 8:12] = 1.0  # the cavity at end-systole is taken for twice as wide
    row = scores.function_row(scores.reader.read(blurred))
    assert row["LV ESV error"] == pytest.approx(0.6)
    assert row["LV EDV error"] == 0
    assert row["EF error"] == pytest.approx(-100 / 3)


def test_dice_of_slices_is_a_mean_over_frames() -> None:
    scan = beating_scan(labelled=True)
    scores = scores_of(scan, (0, 1))
    images = scan.image[:, :2].copy()
    images[0, 1] = 0
    rows = scores.dice_rows(scores.reader.read(images))
    assert (rows[0]["dice_lv"], rows[1]["dice_lv"]) == (1.0, 0.5)
    assert (rows[1]["full_dice_lv"], rows[1]["dice_rv"]) == (1.0, None)


def test_one_slice_and_other_kinds_of_scan_have_no_volumes() -> None:
    assert not scores_of(beating_scan(labelled=True), (1,)).has_function
    still = make_scan(n_frames=1, n_slices=2).with_(kind="lge")
    assert ScanScores(still, (0, 1)).reader is None
    assert not ScanScores(still, (0, 1)).has_function


def test_one_labelled_frame_gives_no_ejection_fraction() -> None:
    scan = beating_scan(labelled=True).with_(labelled_frames=(0,))
    assert not scores_of(scan).has_function
    assert np.isfinite(scores_of(scan).reader.full_dice).any()
