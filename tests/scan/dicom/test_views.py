"""Which view a series shows: what it calls itself, or else how it lies."""

import numpy as np
import pytest
from helpers.dicom_planes import plane, turned

from napari_cmr.scan.dicom.views import guess_short_axis, guess_view

SHORT = plane().normal if plane().normal @ [0.5, 0.5, -0.7] >= 0 else -plane().normal
ACROSS = {"row_direction": np.array([1.0, 0, 0]), "column_direction": np.array([0, 1.0, 0])}


def view(n_frames=20, n_slices=1, axis=None, **fields) -> str:
    return guess_view([plane(**fields)], n_frames=n_frames, n_slices=n_slices, axis=axis)


def test_what_calls_itself_short_axis_decides() -> None:
    named = [plane(description="cine SAX", **ACROSS)]
    unnamed = [plane()] * 12
    np.testing.assert_allclose(np.abs(guess_short_axis([(unnamed, 12), (named, 1)])), [0, 0, 1])
    np.testing.assert_allclose(guess_short_axis([(unnamed, 12)]), SHORT)


def test_the_largest_set_of_slices_that_may_be_short_axis() -> None:
    tilted = plane(row_direction=plane().row_direction, column_direction=plane().column_direction)
    few, many = ([plane()], 3), ([tilted], 8)
    np.testing.assert_allclose(guess_short_axis([few, many]), SHORT)
    for groups in (
        [([plane()], 2)],  # too few slices
        [([plane(**ACROSS)], 9)],  # transverse
        [([plane(description="4CH")], 9)],
        [([plane(localizer=True)], 9)],
        [([plane(placed=False)], 9)],
    ):
        assert guess_short_axis(groups) is None


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"description": "cine 4ch"}, "4CH"),
        ({"description": "cine 4ch", "component": "phase"}, "other"),
        ({"description": "LGE 2ch", "component": "real"}, "2CH"),
        ({"description": "cine 4ch", "localizer": True}, "other"),
        ({"description": "flow 4ch"}, "other"),
        ({"placed": False, "n_slices": 5}, "SAX"),
        ({"placed": False, "n_slices": 4}, "other"),
        ({"placed": False, "n_slices": 9, "n_frames": 1}, "other"),
        ({"n_slices": 10}, "SAX"),
        ({"n_frames": 1}, "SAX"),
        ({"n_slices": 4, **ACROSS}, "other"),
        ({"n_frames": 1, **ACROSS}, "other"),
    ],
)
def test_the_description_comes_before_the_geometry(fields, found) -> None:
    assert view(**fields) == found


def test_what_lies_along_the_axis_is_a_long_axis() -> None:
    left = np.array([1.0, 0, 0]) - SHORT[0] * SHORT
    left /= np.linalg.norm(left)
    for degrees, found in ((98, "4CH"), (157, "2CH"), (38, "3CH")):
        angle = np.radians(degrees)
        normal = np.cos(angle) * left + np.sin(angle) * np.cross(SHORT, left)
        along = {"row_direction": SHORT, "column_direction": np.cross(normal, SHORT)}
        assert view(axis=SHORT, **along) == found
        assert view(axis=SHORT, n_slices=4, **along) == "other"
        assert view(axis=SHORT, n_frames=1, **along) == "other"


def test_a_short_axis_is_exact_only_against_that_of_its_own_study() -> None:
    own, typical = plane(**turned(12)).normal, plane().normal
    assert view(**turned(12)) == "SAX"
    assert abs(own @ typical) < np.cos(np.radians(10))
    assert view(axis=typical, **turned(12)) == "other"
