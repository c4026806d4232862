import numpy as np
import pytest

from napari_cmr.analysis.septum import insertion_points, septum_angles
from napari_cmr.scan import Geometry

CENTRE = np.array([40.0, 40.0])


def heart(angle, shape=(80, 80)):
    """A ring of muscle, and an RV that lies against it in a direction (radians, rows downwards)."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    radius = np.hypot(y - CENTRE[0], x - CENTRE[1])
    muscle = (radius >= 12) & (radius < 18)
    away = np.angle(np.exp(1j * (np.arctan2(y - CENTRE[0], x - CENTRE[1]) - angle)))
    rv = (radius >= 18) & (radius < 28) & (np.abs(away) < np.deg2rad(50))
    return rv, muscle


@pytest.mark.parametrize("degrees", [0, 70, 180, -120])
def test_the_septum_lies_where_the_right_ventricle_does(degrees):
    angle = np.deg2rad(degrees)
    start, end, _ = insertion_points(*heart(angle), CENTRE, (1.0, 1.0))
    assert end - start == pytest.approx(np.deg2rad(100), abs=np.deg2rad(8))
    middle = np.exp(0.5j * (start + end))
    assert abs(np.angle(middle * np.exp(-1j * angle))) < np.deg2rad(4)


def test_a_stray_piece_of_the_right_ventricle_does_not_count():
    rv, muscle = heart(0.0)
    stray = rv.copy()
    stray[40:44, 20:23] = True  # against the other side of the wall
    assert insertion_points(stray, muscle, CENTRE, (1, 1))[:2] == pytest.approx(
        insertion_points(rv, muscle, CENTRE, (1, 1))[:2]
    )


def test_ventricles_that_do_not_touch_have_no_septum():
    rv, muscle = heart(0.0)
    far = np.roll(rv, 12, axis=1)
    assert insertion_points(far, muscle, CENTRE, (1.0, 1.0)) is None


def test_a_slice_without_a_right_ventricle_takes_the_angle_of_its_neighbours():
    rv, muscle = heart(np.deg2rad(150))
    stack = np.stack([rv, np.zeros_like(rv), rv])[None]
    centres = np.broadcast_to(CENTRE, (1, 3, 2))
    walls = np.broadcast_to(muscle, stack.shape)
    angles, source = septum_angles(stack, walls, centres, Geometry.regular((8, 1, 1), 3), [])
    assert source == "labels"
    np.testing.assert_allclose(np.angle(np.exp(1j * angles)), np.deg2rad(150), atol=np.deg2rad(4))
