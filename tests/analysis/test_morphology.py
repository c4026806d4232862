"""Gaps are closed and strays dropped, and what is tidy stays as it is."""

import numpy as np
import pytest

from napari_cmr.analysis.morphology import keep_wall, tidy_stack
from napari_cmr.phantom import heart_scan
from napari_cmr.scan import Label, ScanError

SPACING = (8.0, 1.5, 1.5)


def heart(n_slices: int = 5, size: int = 64) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size]
    distance = np.hypot(rows - 32, columns - 36)
    one = np.zeros((size, size), np.uint8)
    one[np.hypot(rows - 32, columns - 20) < 11] = Label.RV
    one[distance < 14] = Label.MYO
    one[distance < 9] = Label.LV
    return np.repeat(one[None], n_slices, axis=0)


def test_tidy_labels_stay() -> None:
    labels = heart()
    assert (tidy_stack(labels, SPACING) != labels).mean() < 0.002


def test_a_real_shape_keeps_its_volumes() -> None:
    scan = heart_scan("normal")
    labels = np.minimum(scan.labels[0], 3)
    tidy = tidy_stack(labels, scan.spacing)
    for label in (Label.LV, Label.MYO, Label.RV):
        before, after = (labels == label).sum(), (tidy == label).sum()
        assert after == pytest.approx(before, rel=0.06), label


def test_strays_go_and_holes_are_filled() -> None:
    clean = heart()
    labels = clean.copy()
    labels[2, 4:8, 4:8] = Label.LV  # a stray far away
    labels[1, 30:32, 30:32] = Label.BACKGROUND  # a hole in the cavity
    labels[3, 31:33, 24:27] = Label.BACKGROUND  # a gap in the wall
    tidy = tidy_stack(labels, SPACING)
    assert not tidy[2, 4:8, 4:8].any()
    assert (tidy[1, 30:32, 30:32] == Label.LV).all()
    assert (tidy[3, 31:33, 24:27] == Label.MYO).all()
    assert (tidy != clean).mean() < 0.002


def test_cavity_outside_the_wall_is_not_kept() -> None:
    labels = heart()
    labels[:, 10:13, 50:53] = Label.LV
    assert not (tidy_stack(labels, SPACING)[:, 10:13, 50:53]).any()


def test_a_larger_stray_wall_does_not_take_the_heart_with_it() -> None:
    labels = np.pad(heart(), [(0, 0), (0, 0), (0, 60)])
    rows, columns = np.mgrid[:64, :124]
    stray = np.hypot(rows - 32, columns - 92) < 15  # larger than the LV, not than the heart
    labels[:, stray] = Label.MYO
    tidy = tidy_stack(labels, SPACING)
    assert not tidy[:, stray].any()
    assert (tidy[:, :, :64] != heart()).mean() < 0.002


def test_scar_keeps_its_number_inside_the_wall() -> None:
    labels = heart()
    wall = labels[2] == Label.MYO
    scarred = wall & (np.arange(64)[None] > 44)
    labels[2][scarred] = Label.SCAR
    tidy = tidy_stack(labels, SPACING)
    assert (tidy[2][scarred] == Label.SCAR).mean() > 0.95


def test_nothing_and_little_stay_as_they_are() -> None:
    nothing = np.zeros((3, 20, 20), np.uint8)
    assert not tidy_stack(nothing, SPACING).any()
    speck = nothing.copy()
    speck[1, 10, 10] = Label.LV
    assert np.array_equal(tidy_stack(speck, SPACING), speck)


def test_labels_at_the_border_are_not_eaten() -> None:
    labels = np.full((2, 20, 20), Label.LV, np.uint8)
    assert (tidy_stack(labels, SPACING) == Label.LV).mean() > 0.98


@pytest.mark.parametrize("shape", [(20, 20), (2, 3, 20, 20)])
def test_what_is_no_stack_is_refused(shape) -> None:
    with pytest.raises(ScanError, match="no stack"):
        tidy_stack(np.zeros(shape, np.uint8), SPACING)


def test_a_radius_is_a_length() -> None:
    with pytest.raises(ScanError, match="radius"):
        tidy_stack(heart(), SPACING, radius_mm=0.0)


def ring(thin: float = 8.0) -> np.ndarray:
    """Three slices of a wall of 8 mm, on one side as thin as told; pixels of 1 mm."""
    rows, columns = np.mgrid[-32:32, -32:32] + 0.5
    radius = np.hypot(rows, columns)
    inner = np.where(columns > 0, 28 - thin, 20)
    labels = np.zeros((3, 64, 64), np.uint8)
    labels[:, radius < 28] = int(Label.MYO)
    labels[:, radius < inner] = int(Label.LV)
    return labels


def test_a_wall_that_is_even_stays_as_it_is() -> None:
    assert np.array_equal(keep_wall(ring(), (8.0, 1.0, 1.0)), ring())
    nothing = np.zeros((2, 20, 20), np.uint8)
    assert np.array_equal(keep_wall(nothing, (8.0, 1.0, 1.0)), nothing)


def test_where_a_wall_seems_thin_it_gets_a_part_of_its_mean_thickness() -> None:
    seen = ring()
    seen[1] = ring(thin=2.0)[1]
    kept = keep_wall(seen, (8.0, 1.0, 1.0))
    assert np.array_equal(kept[[0, 2]], seen[[0, 2]])
    assert (kept[1, 32, 32:] == Label.MYO).sum() == pytest.approx(0.8 * 8, abs=1)
    assert (kept[1, 32, :32] == Label.MYO).sum() == 8
    assert np.array_equal(kept[1] > 0, seen[1] > 0)  # the outer border stays


def test_scar_keeps_its_number_where_the_wall_is_kept() -> None:
    seen = ring(thin=2.0)
    seen[:, 20:25][seen[:, 20:25] == Label.MYO] = int(Label.SCAR)
    kept = keep_wall(seen, (8.0, 1.0, 1.0))
    assert ((kept == Label.SCAR) == (seen == Label.SCAR)).all()
