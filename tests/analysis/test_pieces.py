import numpy as np
import pytest
from helpers.notices import said

from napari_cmr.analysis import cardiac_function
from napari_cmr.analysis.pieces import largest_piece, mend_stack, place_warnings
from napari_cmr.phantom import heart_scan
from napari_cmr.scan import Code, Geometry, Label


def test_the_largest_of_several_is_kept_whole():
    mask = np.zeros((6, 8), bool)
    mask[0:2, 0:2] = mask[3:6, 4:7] = True
    expected = np.zeros_like(mask)
    expected[3:6, 4:7] = True
    np.testing.assert_array_equal(largest_piece(mask), expected)


@pytest.mark.parametrize(("connectivity", "n"), [(None, 8), (2, 8), (1, 4)])
def test_corners_connect_unless_only_sides_do(connectivity, n):
    mask = np.zeros((5, 5), bool)
    mask[0:2, 0:2] = mask[2:4, 2:4] = True
    assert largest_piece(mask, connectivity).sum() == n


def test_one_piece_or_none_is_left_as_it_is():
    mask = np.zeros((2, 3, 4), bool)
    assert not largest_piece(mask).any()
    mask[1, 1, 1:3] = True
    np.testing.assert_array_equal(largest_piece(mask), mask)


GEOMETRY = Geometry.regular((10.0, 2.0, 2.0), 5)


def stack(shifts=(0, 0, 0, 0, 0)) -> np.ndarray:
    """An RV of 10 x 20 mm beside an LV of 20 x 20 mm in each slice, moved by so many pixels."""
    labels = np.zeros((2, 5, 60, 60), np.uint8)
    for z, shift in enumerate(shifts):
        labels[:, z, 20 + shift : 30 + shift, 30:40] = Label.LV
        labels[:, z, 20 + shift : 30 + shift, 20:25] = Label.RV
    return labels


def test_one_piece_a_slice_that_moves_little_is_not_doubted():
    assert place_warnings(stack((0, 2, 4, 6, 8)), GEOMETRY, (0, 1)) == []
    assert place_warnings(np.zeros((2, 5, 60, 60), np.uint8), GEOMETRY, (0, 1)) == []


@pytest.mark.parametrize(("pixels", "doubted"), [(11, False), (12, True)])
def test_a_tenth_of_a_ventricle_that_lies_apart_is_doubted(pixels, doubted):
    labels = stack()
    labels[1, 2, 50, 10 : 10 + pixels] = Label.LV  # beside the 100 of the cavity
    found = said(place_warnings(labels, GEOMETRY, (0, 1)), Code.IN_PIECES, "LV")
    assert [(one.frames, one.slices) for one in found] == [((1,), (2,))] * doubted
    assert place_warnings(labels, GEOMETRY, (0,)) == []
    tip = np.zeros_like(labels)
    tip[1, 2, 20, 30:40] = tip[1, 2, 50, 10:12] = Label.LV  # 48 mm2: the tip of an apex
    assert place_warnings(tip, GEOMETRY, (1,)) == []


@pytest.mark.parametrize(("shift", "doubted"), [(10, False), (11, True)])
def test_a_centre_more_than_20_mm_off_its_neighbours_is_doubted(shift, doubted):
    labels = stack((0, 0, shift, 0, 0))
    (found,) = place_warnings(labels, GEOMETRY, (0,)) or (None,)
    assert (found is not None) is doubted
    if found is not None:
        assert (found.code, found.slices) == (Code.CENTRE_JUMPS, (2,))
        assert "slice 3 of frame 1" in found.text


def test_ventricles_that_changed_sides_in_a_slice_are_doubted():
    labels = stack()
    labels[:, 0] = labels[:, 0, :, ::-1]  # the RV on the other side of its LV
    (found,) = said(place_warnings(labels, GEOMETRY, (0, 1)), Code.VENTRICLES_SWAPPED)
    assert (found.about, found.frames, found.slices) == ("heart", (0, 1), (0,))
    assert not said(place_warnings(labels[:, :2], GEOMETRY, (0, 1)), Code.VENTRICLES_SWAPPED)


def test_a_measurement_tells_of_places_at_its_own_phases():
    labels = stack()
    labels[1, :, 20:24] = 0
    labels[1, 2, 50, 10:40] = Label.LV
    found = cardiac_function(labels, GEOMETRY).warnings
    assert said(found, Code.IN_PIECES, "LV")


def healthy() -> np.ndarray:
    """Two frames of a normal heart's labels, (2, Z, Y, X)."""
    return heart_scan("normal", n_frames=2).labels.copy()


def test_labels_without_a_fault_stay_as_they_are() -> None:
    labels = healthy()
    mended = mend_stack(labels)
    assert np.array_equal(mended.labels, labels)
    assert (mended.places, mended.notices) == ((), ())
    assert mend_stack(labels[:, :1]).places == ()  # no slice beside it, no word against a piece


@pytest.mark.parametrize("label", [Label.LV, Label.RV])
def test_a_piece_that_no_slice_beside_has_is_dropped(label) -> None:
    labels = healthy()
    planted = labels.copy()
    planted[1, 4, 2:8, 2:8] = int(label)
    mended = mend_stack(planted)
    assert np.array_equal(mended.labels, labels)
    assert planted[1, 4, 3, 3] == int(label)  # what was given stays
    assert mended.places == ((1, 4),)
    (notice,) = mended.notices
    assert (notice.code, notice.about) == (Code.MENDED, label.name)
    assert (notice.frames, notice.slices) == ((1,), (4,))


def test_a_piece_that_goes_on_in_the_next_slice_is_kept() -> None:
    planted = healthy()
    planted[1, 4:6, 2:8, 2:8] = int(Label.RV)
    assert mend_stack(planted).places == ()


def swapped(labels: np.ndarray, frame: int, z: int) -> np.ndarray:
    wrong = labels.copy()
    plane = labels[frame, z]
    wrong[frame, z][plane == Label.LV] = int(Label.RV)
    wrong[frame, z][plane == Label.RV] = int(Label.LV)
    return wrong


@pytest.mark.parametrize("z", [1, 2, 4])  # one slice beside it, next to that one, among others
def test_lv_and_rv_that_were_swapped_are_swapped_back(z) -> None:
    labels = healthy()
    mended = mend_stack(swapped(labels, 0, z))
    assert np.array_equal(mended.labels, labels)
    assert mended.places == ((0, z),)
    assert mended.notices[0].about == "heart"


def test_what_is_not_sure_to_be_swapped_is_left() -> None:
    labels = healthy()
    both = [z for z in range(labels.shape[1]) if all((labels[0, z] == n).any() for n in (1, 3))]
    pair = labels[:, both[0] : both[1] + 1]
    assert mend_stack(swapped(pair, 0, 0)).places == ()  # one of two: which one?
    no_wall = swapped(labels, 0, both[2])
    no_wall[0, both[2]][no_wall[0, both[2]] == Label.MYO] = int(Label.BACKGROUND)
    assert mend_stack(no_wall).places == ()
