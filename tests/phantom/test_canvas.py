"""Shapes are painted in mm, with soft edges, and small ones do not fade."""

import numpy as np
import pytest

from napari_cmr.phantom.canvas import Canvas

PIXEL = 2.0


def canvas(softness: float = 1.5) -> Canvas:
    y, x = np.mgrid[:40, :50].astype(np.float32) * np.float32(PIXEL)
    return Canvas(x - 40.0, y - 30.0, PIXEL, softness)


def area(image: np.ndarray) -> float:
    """Painted area in mm2."""
    return float(image.real.sum()) * PIXEL**2


def test_places_in_mm_are_rows_and_columns_inside_the_image() -> None:
    one = canvas()
    assert (one.row(-30.0), one.row(0.0), one.column(-40.0), one.column(0.0)) == (0, 15, 0, 20)
    assert (one.row(-500.0), one.row(500.0), one.column(500.0)) == (0, 39, 49)


@pytest.mark.parametrize("turn", [0.0, 0.7])
def test_an_ellipse_covers_its_area_around_its_place(turn: float) -> None:
    image = np.zeros((40, 50), complex)
    canvas().ellipse(image, (6.0, 4.0), (18.0, 9.0), 1.0, turn=turn)
    assert area(image) == pytest.approx(np.pi * 18 * 9, rel=0.03)
    rows, columns = np.mgrid[:40, :50]
    assert (rows * image.real).sum() / image.real.sum() == pytest.approx(17, abs=0.2)
    assert (columns * image.real).sum() / image.real.sum() == pytest.approx(23, abs=0.2)


def test_its_long_axis_turns_from_x_to_y() -> None:
    flat, upright = np.zeros((2, 40, 50), complex)
    canvas().ellipse(flat, (0.0, 0.0), (18.0, 6.0), 1.0, turn=0.0)
    canvas().ellipse(upright, (0.0, 0.0), (18.0, 6.0), 1.0, turn=np.pi / 2)
    assert (flat[15] != 0).sum() > (flat[:, 20] != 0).sum()
    assert (upright[15] != 0).sum() < (upright[:, 20] != 0).sum()


def test_small_shapes_keep_their_middle() -> None:
    image = np.zeros((40, 50), complex)
    canvas(softness=5.0).ellipse(image, (0.0, 0.0), (2.0, 2.0), 1.0, turn=0.0)
    assert image[15, 20].real == 1.0
    nothing = np.zeros((40, 50), complex)
    canvas().ellipse(nothing, (0.0, 0.0), (0.0, 5.0), 1.0, turn=0.0)
    assert not nothing.any()


def test_a_shape_clips_another() -> None:
    one = canvas()
    whole, clipped = np.zeros((2, 40, 50), complex)
    one.ellipse(whole, (0.0, 0.0), (12.0, 12.0), 1.0, turn=0.0)
    one.ellipse(clipped, (0.0, 0.0), (12.0, 12.0), 1.0, turn=0.0, within=one.x)
    assert area(clipped) == pytest.approx(area(whole) / 2, rel=0.05)
    assert not clipped[:, 24:].any()


def test_edges_are_soft_over_so_many_pixels_and_cover_what_was_there() -> None:
    for softness in (1.0, 4.0):
        one, image = canvas(softness), np.full((40, 50), 3.0 + 0j)
        one.paint(image, one.x, 1.0 + 0j)
        between = (image[0].real > 1.001) & (image[0].real < 2.999)
        assert between.sum() == pytest.approx(softness, abs=1)
        assert (image[0, 0], image[0, -1]) == (1, 3)
        assert image[0, 20] == 2  # half of each on the border itself
