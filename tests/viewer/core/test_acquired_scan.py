"""Which lines of a scan are chosen, edits of them by hand, and the picture that they give."""

import numpy as np
import pytest

from napari_cmr.scan import ScanError
from napari_cmr.viewer.core.acquired_scan import MAX_UNDO, AcquiredScan


@pytest.fixture
def acquired(small_scan):
    acquired = AcquiredScan()
    acquired._take_scan(small_scan)
    return acquired


def test_fewer_lines_turn_to_the_zero_filled_picture_once(acquired):
    acquired.set_acquisition(n_lines=5)
    assert acquired.picture == "zero_filled"
    acquired.set_picture("image")
    acquired.set_acquisition(n_lines=4)
    assert acquired.picture == "image"


def test_line_counts_are_clipped_to_the_scan(acquired):
    acquired.set_acquisition(n_lines=0)
    assert acquired.n_lines == 1
    acquired.set_acquisition(n_lines=1000)
    assert acquired.acquisition.n_lines is None
    assert acquired.mask.is_full


def test_an_impossible_acquisition_changes_nothing(acquired):
    before = acquired.acquisition
    with pytest.raises((ScanError, ValueError)):
        acquired.set_acquisition(noise=7.0)
    assert acquired.acquisition is before


def test_edits_are_undone_stroke_by_stroke(acquired):
    acquired.set_acquisition(n_lines=5)
    drawn = acquired.mask.array.copy()
    dropped = np.argwhere(~drawn)[:3]
    acquired.edit_lines([tuple(cell) for cell in dropped[:1]], True, stroke=True)
    acquired.edit_lines([tuple(cell) for cell in dropped[1:2]], True, stroke=False)
    acquired.edit_lines([tuple(cell) for cell in dropped[2:]], True, stroke=True)
    assert acquired.mask.array.sum() == drawn.sum() + 3
    acquired.undo_edit()
    assert acquired.mask.array.sum() == drawn.sum() + 2
    acquired.undo_edit()
    np.testing.assert_array_equal(acquired.mask.array, drawn)
    assert not acquired.can_undo


def test_a_new_draw_drops_edits_and_undo_brings_them_back(acquired):
    acquired.set_acquisition(n_lines=5)
    acquired.edit_lines([(0, 3)], not acquired.mask.array[0, 3], stroke=True)
    edited = acquired.mask.array.copy()
    acquired.set_acquisition(seed=8)
    assert not acquired.acquisition.toggled
    acquired.undo_edit()
    assert acquired.acquisition.seed == 0
    np.testing.assert_array_equal(acquired.mask.array, edited)


def test_noise_keeps_edits(acquired):
    acquired.set_acquisition(n_lines=5)
    acquired.edit_lines([(0, 3)], not acquired.mask.array[0, 3], stroke=True)
    acquired.set_acquisition(noise=0.02)
    assert len(acquired.acquisition.toggled) == 1


def test_painting_what_is_there_changes_nothing(acquired):
    heard = []
    acquired.acquisition_changed.connect(heard.append)
    acquired.edit_lines([(0, 0), (1, 1)], True, stroke=True)
    assert not heard


def test_clearing_edits_can_be_undone(acquired):
    acquired.set_acquisition(n_lines=5)
    drawn = acquired.mask.array.copy()
    acquired.edit_lines([(0, 3)], not drawn[0, 3], stroke=True)
    edited = acquired.mask.array.copy()
    acquired.clear_edits()
    np.testing.assert_array_equal(acquired.mask.array, drawn)
    acquired.undo_edit()
    np.testing.assert_array_equal(acquired.mask.array, edited)


def test_a_limited_number_of_strokes_can_be_undone(acquired):
    for n in range(MAX_UNDO + 3):
        acquired.edit_lines([(0, 0)], n % 2 == 1, stroke=True)
    steps = 0
    while acquired.can_undo:
        acquired.undo_edit()
        steps += 1
    assert steps == MAX_UNDO


def test_slices_are_of_the_current_lines_until_these_change(acquired):
    assert not acquired.is_whole
    acquired.mark_computed((0, 2))
    assert acquired.computed.tolist() == [True, False, True]
    acquired.mark_computed((1,))
    assert acquired.is_whole
    acquired.set_acquisition(n_lines=5)
    assert not acquired.computed.any()


def test_without_a_scan_there_are_no_lines():
    acquired = AcquiredScan()
    acquired.edit_lines([(0, 0)], True, stroke=True)
    assert (acquired.n_lines, acquired.mask, acquired.can_undo) == (0, None, False)
