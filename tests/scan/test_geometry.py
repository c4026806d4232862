import numpy as np
import pytest

from napari_cmr.scan import Geometry, ScanError


def test_a_regular_stack_has_a_slice_every_dz():
    geometry = Geometry.regular((8.0, 1.5, 1.25), 4)
    assert geometry.voxel_volume_ml == pytest.approx(8 * 1.5 * 1.25 / 1000)
    assert geometry.is_regular
    assert not geometry.is_stated
    places = geometry.affines @ np.array([2.0, 3.0, 0.0, 1.0])
    np.testing.assert_allclose(places[:, :3], [(2.5, 4.5, 8.0 * z) for z in range(4)])


def test_an_affine_gives_spacing_and_places():
    turn = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]]) @ np.diag([1.2, 1.4, 9.0])
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = turn, (5, -7, 11)
    geometry = Geometry.from_affine(affine, 3)
    assert geometry.spacing == pytest.approx((9.0, 1.4, 1.2))
    assert geometry.is_stated
    np.testing.assert_allclose(geometry.affine, affine)
    np.testing.assert_allclose(geometry.select_slices([2]).affines[0, :3, 3], (5, -7, 29))


def test_a_slice_out_of_place_makes_a_stack_irregular():
    affines = np.array(Geometry.regular((8.0, 1.0, 1.0), 4).affines)
    affines[2, 2, 3] += 1.0
    geometry = Geometry((8.0, 1.0, 1.0), affines)
    assert not geometry.is_regular
    np.testing.assert_allclose(geometry.regular_affines[:, 2, 3], (0, 8, 16, 24))


@pytest.mark.parametrize("spacing", [(0, 1, 1), (8, -1, 1), (8, 1, np.nan), (np.inf, 1, 1)])
def test_lengths_that_are_none_are_refused(spacing):
    with pytest.raises(ScanError, match="three positive lengths"):
        Geometry.regular(spacing, 2)


def test_affines_of_another_shape_or_without_an_end_are_refused():
    for affines in (np.eye(4), np.full((2, 4, 4), np.inf), np.zeros((2, 3, 4))):
        with pytest.raises(ScanError, match="4x4"):
            Geometry((8, 1, 1), affines)
