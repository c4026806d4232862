"""Letters at the edges of a slice."""

import numpy as np

from napari_cmr.scan import Geometry
from napari_cmr.scan.orientation_letters import edge_letters


def slice_along(row, column):
    """A slice whose rows and columns run along these directions in RAS+."""
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = row, column
    affine[:3, 2] = np.cross(row, column)
    return Geometry.from_affine(affine @ np.diag([1.5, 1.5, 8.0, 1.0]), 2)


def test_an_axial_slice_as_radiologists_hang_it():
    """The patient's left on the right of the picture, the back below."""
    assert edge_letters(slice_along((-1, 0, 0), (0, -1, 0)), 0) == ("R", "L", "A", "P")


def test_a_coronal_and_a_sagittal_slice():
    assert edge_letters(slice_along((-1, 0, 0), (0, 0, -1)), 1) == ("R", "L", "S", "I")
    assert edge_letters(slice_along((0, -1, 0), (0, 0, -1)), 1) == ("A", "P", "S", "I")


def test_an_oblique_slice_names_the_main_direction_first():
    row = np.array([-0.8, -0.6, 0.0])
    assert edge_letters(slice_along(row, (0, 0, -1)), 0)[:2] == ("RA", "LP")
    assert edge_letters(slice_along((-0.6, -0.8, 0.0), (0, 0, -1)), 0)[:2] == ("AR", "PL")


def test_a_small_tilt_is_not_worth_a_letter():
    tilt = np.radians(20)
    row = (-np.cos(tilt), np.sin(tilt), 0)
    assert edge_letters(slice_along(row, (0, 0, -1)), 0)[:2] == ("R", "L")


def test_a_guess_has_no_letters():
    assert edge_letters(Geometry.regular((8.0, 1.5, 1.5), 3), 0) is None
