"""Which slices are labelled, which differ from what they came from, and what a scope covers."""

import numpy as np
import pytest

from napari_cmr.viewer.core.label_marks import Origin, digests_of, marks_of, places_in


def labels() -> np.ndarray:
    found = np.zeros((3, 2, 5, 4), np.uint8)
    found[0, 1, 2, 2] = 1
    found[2, 0, 1:3, 1] = 2
    return found


def test_an_empty_slice_has_no_digest_and_equal_ones_the_same() -> None:
    found = digests_of(labels())
    assert found.dtype == np.uint32
    assert np.argwhere(found).tolist() == [[0, 1], [2, 0]]
    twice = labels()
    twice[1, 0] = twice[2, 0]
    assert digests_of(twice)[1, 0] == found[2, 0] != found[0, 1]
    np.testing.assert_array_equal(digests_of(labels().astype(int)), found)
    np.testing.assert_array_equal(digests_of(np.asfortranarray(labels())), found)


def test_what_differs_from_the_start_is_not_saved() -> None:
    changed = labels()
    changed[2, 0, 1, 1] = 3
    found = marks_of(changed, Origin(labels(), None, None))
    assert np.argwhere(found.dirty).tolist() == [[2, 0]]
    assert np.argwhere(found.labelled).tolist() == [[0, 1], [2, 0]]


def test_a_layer_that_began_empty_is_unsaved_where_it_is_drawn_in() -> None:
    found = marks_of(labels(), Origin(None, None, None))
    np.testing.assert_array_equal(found.dirty, found.labelled)
    erased = marks_of(np.zeros_like(labels()), Origin(labels(), None, None))
    assert np.argwhere(erased.dirty).tolist() == [[0, 1], [2, 0]]


def test_what_was_saved_is_clean_until_it_changes() -> None:
    origin = Origin(None, digests_of(labels()), None)
    assert not marks_of(labels(), origin).dirty.any()
    changed = labels()
    changed[0, 1] = 2
    assert np.argwhere(marks_of(changed, origin).dirty).tolist() == [[0, 1]]
    back = marks_of(np.zeros_like(changed), origin)
    assert not back.dirty.any()  # as it began


@pytest.mark.parametrize(
    ("scope", "places"),
    [
        ("slice", [(1, 0)]),
        ("frame", [(1, 0), (1, 1)]),
        ("all", [(t, z) for t in range(3) for z in range(2)]),
    ],
)
def test_places_of_a_scope(scope, places) -> None:
    assert places_in(scope, (1, 0), (3, 2, 5, 4)) == places
