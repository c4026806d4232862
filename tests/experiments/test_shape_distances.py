"""Distances to a mean shape, and the common frame, against what geometry says."""

import numpy as np
import pytest

from napari_cmr.experiments.shape_distances import (
    GRID_SIZE,
    GRID_SPACING_MM,
    distances_to_mean,
    to_common_frame,
)
from napari_cmr.scan import Label


def test_distances_of_a_shifted_shape_are_the_shift() -> None:
    """Squares shifted by 2 pixels of 1.5 mm: the Hausdorff distance is 3 mm."""
    mean = np.zeros((1, 1, 40, 40), np.uint8)
    mean[..., 10:20, 10:20] = Label.RV
    shifted = np.roll(mean, 2, axis=-1)
    found = distances_to_mean(np.stack([mean, shifted]), mean, (1.5, 1.5))
    assert found.hausdorff == {"MYO": None, "RV": pytest.approx(1.5)}  # mean of 0 and 3 mm
    # 36 contour points; 10 of a side are 3 mm away, and 2 of each row of 8 at 1.5 mm or 3 mm
    assert 0 < found.mean_contour["RV"] < 1.5
    assert found.missing_percent == {"MYO": None, "RV": 0.0}


def test_missing_labels_are_counted() -> None:
    mean = np.zeros((1, 1, 40, 40), np.uint8)
    mean[..., 10:20, 10:20] = Label.RV
    found = distances_to_mean(np.stack([mean, 0 * mean]), mean, (1.5, 1.5))
    assert found.missing_percent["RV"] == 50.0
    assert found.hausdorff["RV"] == 0.0


def test_the_common_frame_puts_the_heart_in_its_middle() -> None:
    labels = np.zeros((2, 60, 70), np.uint8)
    labels[:, 29:32, 49:52] = Label.LV  # 3 pixels of 3 mm around row 30, column 50
    common = to_common_frame(labels, (3.0, 3.0), (30.0, 50.0))
    assert common.shape == (2, GRID_SIZE, GRID_SIZE)
    rows, columns = np.nonzero(common[1])
    assert rows.mean() == pytest.approx((GRID_SIZE - 1) / 2)
    assert columns.mean() == pytest.approx((GRID_SIZE - 1) / 2)
    assert len(set(rows)) * GRID_SPACING_MM == 9.0


def test_beyond_the_image_there_is_background() -> None:
    full = np.full((20, 20), Label.MYO, np.uint8)
    common = to_common_frame(full, (1.5, 1.5), (0.0, 0.0))
    assert not common[: GRID_SIZE // 2 - 1].any()
    assert common[GRID_SIZE // 2 + 5, GRID_SIZE // 2 + 5] == Label.MYO
