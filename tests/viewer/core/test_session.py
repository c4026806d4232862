import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import ScanError
from napari_cmr.viewer.core.session import Session


@pytest.fixture
def session(small_scan):
    session = Session()
    session.set_scan(small_scan)
    return session


def test_a_scan_starts_fully_sampled(session):
    assert session.mask.is_full
    assert session.n_lines == 48
    assert session.picture == "image"


def test_fewer_lines_turn_to_the_zero_filled_picture_once(session):
    session.set_acquisition(n_lines=5)
    assert session.picture == "zero_filled"
    session.set_picture("image")
    session.set_acquisition(n_lines=4)
    assert session.picture == "image"


def test_line_counts_are_clipped_to_the_scan(session):
    session.set_acquisition(n_lines=0)
    assert session.n_lines == 1
    session.set_acquisition(n_lines=1000)
    assert session.acquisition.n_lines is None
    assert session.mask.is_full


def test_an_impossible_acquisition_changes_nothing(session):
    before = session.acquisition
    with pytest.raises((ScanError, ValueError)):
        session.set_acquisition(noise=7.0)
    assert session.acquisition is before


def test_edits_are_undone_stroke_by_stroke(session):
    session.set_acquisition(n_lines=5)
    drawn = session.mask.array.copy()
    dropped = np.argwhere(~drawn)[:3]
    session.edit_lines([tuple(cell) for cell in dropped[:1]], True, stroke=True)
    session.edit_lines([tuple(cell) for cell in dropped[1:2]], True, stroke=False)
    session.edit_lines([tuple(cell) for cell in dropped[2:]], True, stroke=True)
    assert session.mask.array.sum() == drawn.sum() + 3
    session.undo_edit()
    assert session.mask.array.sum() == drawn.sum() + 2
    session.undo_edit()
    np.testing.assert_array_equal(session.mask.array, drawn)
    assert not session.can_undo


def test_a_new_draw_drops_edits_and_undo_brings_them_back(session):
    session.set_acquisition(n_lines=5)
    session.edit_lines([(0, 3)], not session.mask.array[0, 3], stroke=True)
    edited = session.mask.array.copy()
    session.set_acquisition(seed=8)
    assert not session.acquisition.toggled
    session.undo_edit()
    assert session.acquisition.seed == 0
    np.testing.assert_array_equal(session.mask.array, edited)


def test_noise_keeps_edits(session):
    session.set_acquisition(n_lines=5)
    session.edit_lines([(0, 3)], not session.mask.array[0, 3], stroke=True)
    session.set_acquisition(noise=0.02)
    assert len(session.acquisition.toggled) == 1


def test_painting_what_is_there_changes_nothing(session):
    heard = []
    session.acquisition_changed.connect(heard.append)
    session.edit_lines([(0, 0), (1, 1)], True, stroke=True)
    assert not heard


def test_another_scan_forgets_the_edits_of_the_last(session):
    session.set_acquisition(n_lines=5)
    session.edit_lines([(5, 47)], not session.mask.array[5, 47], stroke=True)
    session.set_scan(make_scan(n_frames=2))
    assert session.mask.is_full
    assert not session.can_undo
