"""Edits of labels: what they change, what they leave alone, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cmr.scan import Label, ScanError
from napari_cmr.workflow.edit.operations import (
    copy_slice,
    fill_holes,
    interpolate_slices,
    keep_largest,
    smooth,
)
from napari_cmr.workflow.edit.outlines import (
    labels_of_distances,
    labels_of_sets,
    sets_of,
    signed_distances,
)

SPACING = (10.0, 1.5, 1.5)
LV, MYO, RV, SCAR, NO_REFLOW = (Label(number) for number in range(1, 6))


def heart(radius=9.0, centre=(28, 28), shape=(56, 56)):
    """A cavity in a ring of 6 pixels, and an RV that touches it."""
    y, x = np.indices(shape)
    distance = np.hypot(y - centre[0], x - centre[1])
    plane = np.zeros(shape, np.uint8)
    plane[np.hypot(y - centre[0], x - centre[1] + 14) < radius] = RV
    plane[distance < radius + 6] = MYO
    plane[distance < radius] = LV
    return plane


@pytest.fixture
def labels():
    """Three frames of five slices; slices 1 and 3 of frame 0 are drawn."""
    stack = np.zeros((3, 5, 56, 56), np.uint8)
    stack[0, 1], stack[0, 3] = heart(11.0), heart(6.0, centre=(30, 31))
    return stack


def changed(before, after):
    return {tuple(place) for place in np.argwhere((before != after).any(axis=(2, 3))).tolist()}


def touches(plane, one, other):
    """Whether background lies nowhere between two structures that should meet."""
    from scipy.ndimage import binary_dilation

    rim = binary_dilation(plane == one) & (plane != one)
    return bool((plane[rim] == other).all())


@pytest.mark.parametrize("plane", [heart(), heart(2.0), np.zeros((20, 20), np.uint8)])
def test_sets_and_distances_give_the_labels_back(plane):
    plane = plane.copy()
    if plane.any():
        plane[28, 20:22] = SCAR
        plane[28, 20] = NO_REFLOW
    np.testing.assert_array_equal(labels_of_sets(sets_of(plane)), plane)
    distances = signed_distances(sets_of(plane[None]), SPACING[1:])
    np.testing.assert_array_equal(labels_of_distances(distances)[0], plane)


# -- copying --------------------------------------------------------------------------------------


def test_all_contours_are_copied_to_the_next_frame(labels):
    new = copy_slice(labels, (0, 1), (1, 1))
    np.testing.assert_array_equal(new[1, 1], labels[0, 1])
    assert changed(labels, new) == {(1, 1)}


def test_a_copied_cavity_leaves_wall_behind(labels):
    labels[1, 1] = heart(11.0)
    new = copy_slice(labels, (0, 3), (1, 1), LV)[1, 1]
    np.testing.assert_array_equal(new == LV, labels[0, 3] == LV)
    np.testing.assert_array_equal(new > 0, labels[1, 1] > 0)
    assert touches(new, LV, MYO)


def test_a_copied_cavity_alone_is_a_cavity(labels):
    new = copy_slice(labels, (0, 1), (2, 2), LV)[2, 2]
    np.testing.assert_array_equal(new, np.where(labels[0, 1] == LV, LV, 0))


def test_a_copied_wall_keeps_the_cavity_of_the_target(labels):
    labels[1, 1] = heart(6.0)
    new = copy_slice(labels, (0, 1), (1, 1), MYO)[1, 1]
    np.testing.assert_array_equal(new == LV, labels[1, 1] == LV)
    np.testing.assert_array_equal(sets_of(new)[1], sets_of(labels[0, 1])[1])


def test_a_copied_wall_alone_is_a_ring(labels):
    new = copy_slice(labels, (0, 1), (1, 1), MYO)[1, 1]
    np.testing.assert_array_equal(new, np.where(labels[0, 1] == MYO, MYO, 0))


def test_a_copied_right_ventricle_ends_at_the_wall(labels):
    labels[1, 1] = heart(6.0, centre=(28, 28))
    new = copy_slice(labels, (0, 3), (1, 1), RV)[1, 1]
    np.testing.assert_array_equal(np.isin(new, (LV, MYO)), np.isin(labels[1, 1], (LV, MYO)))
    assert (new == RV).any()
    assert not ((new == RV) & (labels[0, 3] != RV)).any()


def test_scar_stays_where_it_was_drawn(labels):
    labels[1, 1] = heart(8.0)
    labels[1, 1, 28, 37:41] = SCAR
    new = copy_slice(labels, (0, 1), (1, 1), MYO)[1, 1]
    assert (new == SCAR).sum() == 4


# -- between slices -------------------------------------------------------------------------------


def test_a_slice_between_two_lies_between_them(labels):
    new = interpolate_slices(labels, 0, SPACING)
    assert changed(labels, new) == {(0, 2)}
    area = [int((new[0, z] == LV).sum()) for z in (3, 2, 1)]
    assert area[0] < area[1] < area[2]
    assert touches(new[0, 2], LV, MYO)
    middle = np.argwhere(new[0, 2] == LV).mean(axis=0)
    np.testing.assert_allclose(middle, (29, 29.5), atol=0.6)


def test_hearts_that_do_not_overlap_are_still_joined():
    labels = np.zeros((1, 3, 80, 80), np.uint8)
    labels[0, 0] = heart(4.0, centre=(20, 24), shape=(80, 80))
    labels[0, 2] = heart(4.0, centre=(60, 50), shape=(80, 80))
    middle = interpolate_slices(labels, 0, SPACING)[0, 1]
    assert (middle == LV).sum() == pytest.approx((labels[0, 0] == LV).sum(), rel=0.2)
    np.testing.assert_allclose(np.argwhere(middle == LV).mean(axis=0), (40, 37), atol=0.6)


def test_a_structure_of_one_neighbour_ends_halfway():
    labels = np.zeros((1, 6, 56, 56), np.uint8)
    labels[0, 0] = heart(8.0)
    labels[0, 5] = np.where(heart(8.0) == RV, 0, heart(8.0))
    new = interpolate_slices(labels, 0, SPACING)
    area = [(new[0, z] == RV).sum() for z in range(6)]
    assert area[0] > area[1] > area[2] > 0
    assert area[3] == area[4] == area[5] == 0


# -- filling, smoothing, cleaning -----------------------------------------------------------------


def test_holes_go_to_what_encloses_them(labels):
    plane = labels[0, 1]
    whole = plane.copy()
    plane[28, 28] = plane[28, 41] = plane[28, 5] = 0
    new = fill_holes(labels, [(0, 1)])
    np.testing.assert_array_equal(new[0, 1], whole)


def test_an_empty_ring_is_filled_with_its_cavity(labels):
    whole = labels[0, 1].copy()
    labels[0, 1][whole == LV] = 0
    np.testing.assert_array_equal(fill_holes(labels, [(0, 1)])[0, 1], whole)
    np.testing.assert_array_equal(fill_holes(labels, [(0, 1)], MYO)[0, 1], labels[0, 1])


def test_papillary_muscles_join_the_cavity_when_it_is_filled(labels):
    whole = labels[0, 1].copy()
    labels[0, 1, 26:30, 30] = MYO
    np.testing.assert_array_equal(fill_holes(labels, [(0, 1)], LV)[0, 1], whole)
    np.testing.assert_array_equal(fill_holes(labels, [(0, 1)])[0, 1], labels[0, 1])


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.floats(0.5, 4.0))
def test_smoothing_keeps_areas_and_leaves_no_gaps(seed, sigma_mm):
    rng = np.random.default_rng(seed)
    plane = heart(10.0)
    rim = rng.random(plane.shape) < 0.08
    plane[rim & (plane == LV)] = MYO
    stack = plane[None, None].copy()
    new = smooth(stack, [(0, 0)], SPACING, sigma_mm=sigma_mm)[0, 0]
    before, after = sets_of(plane), sets_of(new)
    assert abs(int(after[0].sum()) - int(before[0].sum())) <= 0.02 * before[0].sum()
    assert abs(int(after[1].sum()) - int(before[1].sum())) <= 0.02 * before[1].sum()
    assert touches(new, LV, MYO)
    assert not (sets_of(fill_holes(new[None, None], [(0, 0)])[0, 0])[5] & ~after[5]).any()


def test_smoothing_takes_away_a_spike(labels):
    labels[0, 1, 27:29, 40:52] = MYO
    new = smooth(labels, [(0, 1), (0, 3)], SPACING, sigma_mm=3.0)
    assert not new[0, 1, 28, 48:].any()
    assert changed(labels, new) <= {(0, 1), (0, 3)}


def test_smoothing_one_outline_leaves_the_others(labels):
    labels[0, 1, 20:23, 28] = MYO
    new = smooth(labels, [(0, 1)], SPACING, LV)[0, 1]
    np.testing.assert_array_equal(sets_of(new)[1], sets_of(labels[0, 1])[1])
    np.testing.assert_array_equal(new == RV, labels[0, 1] == RV)


def test_only_the_largest_piece_is_kept_through_all_slices(labels):
    clean = labels.copy()
    labels[0, 1, 50:52, 50:52] = RV
    labels[0, 1, 28, 42] = LV  # a piece within the wall
    labels[0, 4, 2:4, 2:4] = LV
    labels[2] = labels[0]
    new = keep_largest(labels, [0])
    # The two drawn slices do not touch, as slice 2 is empty: the smaller heart goes too.
    np.testing.assert_array_equal(new[0, 1], clean[0, 1])
    assert not new[0, 2:].any()
    np.testing.assert_array_equal(new[2], labels[2])


def test_one_structure_is_cleaned_alone(labels):
    labels[0, 1, 50:52, 50:52] = RV
    labels[0, 1, 2, 2] = LV
    new = keep_largest(labels, [0], RV)
    assert new[0, 1, 2, 2] == LV
    assert not new[0, 1, 50:52, 50:52].any()


@pytest.mark.parametrize("structure", [LV, None])
def test_a_stray_cavity_becomes_wall_only_where_it_touches_the_wall(labels, structure):
    labels[0, 1, 2:4, 2:4] = LV  # in the corner of the image
    places = np.argwhere(labels[0, 1] == MYO)
    inside = tuple(places[np.hypot(*(places - 28).T).argmax()])
    labels[0, 1][inside] = LV  # on the rim of the wall
    new = keep_largest(labels, [0], structure)
    assert not new[0, 1, 2:4, 2:4].any()
    assert new[0, 1][inside] == MYO


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda s: copy_slice(s, (0, 1), (0, 1)), "another frame or slice"),
        (lambda s: copy_slice(s, (0, 0), (1, 0)), "draw it there first"),
        (lambda s: copy_slice(s, (0, 1), (3, 1)), "3 frames"),
        (lambda s: copy_slice(s, (0, 1), (-1, 1)), "3 frames"),
        (lambda s: copy_slice(s, (0, 1), (1, 1), SCAR), "choose LV, MYO, RV"),
        (lambda s: interpolate_slices(s, 1, SPACING), "on either side"),
        (lambda s: interpolate_slices(s, 7, SPACING), "3 frames"),
        (lambda s: interpolate_slices(s, 0, (10.0, 0.0, 1.5)), "in mm"),
        (lambda s: fill_holes(s, [(1, 0), (1, 1)]), "go to a labelled slice"),
        (lambda s: smooth(s, [(0, 1)], SPACING, sigma_mm=0.0), "1 to 5 mm"),
        (lambda s: smooth(s, [(0, 1)], SPACING, sigma_mm=np.nan), "1 to 5 mm"),
        (lambda s: keep_largest(s, [2]), "go to a labelled slice"),
        (lambda s: keep_largest(s[0], [0]), "the scan's own grid"),
        (lambda s: keep_largest(s + 7, [0]), "paint it over"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_remedy(labels, act, words):
    before = labels.copy()
    with pytest.raises(ScanError) as caught:
        act(labels)
    assert words in caught.value.remedy
    np.testing.assert_array_equal(labels, before)
