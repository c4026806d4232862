"""Organs below the diaphragm stay there, and lie where they belong."""

import numpy as np
import pytest

from napari_cmr.phantom.abdomen import Abdomen
from napari_cmr.phantom.canvas import Canvas
from napari_cmr.phantom.tissue import cine_signals

SIGNALS = cine_signals(3.0, 60.0)
ROOF_MM = 20.0
Y, X = np.meshgrid(np.arange(-30.0, 200.0, 2.0), np.arange(-100.0, 120.0, 2.0), indexing="ij")


def painted(seed: int = 0, z_mm: float = 45.0) -> np.ndarray:
    x, y = X.astype(np.float32), Y.astype(np.float32)
    flat = np.zeros(x.shape)
    abdomen = Abdomen(Canvas(x, y, 2.0), SIGNALS, np.random.default_rng(seed), flat, flat)
    image = np.full(x.shape, 9.0, np.complex64)
    abdomen.paint(image, ROOF_MM - y, np.full(x.shape, ROOF_MM), z_mm)
    return image


def test_nothing_is_painted_above_the_diaphragm() -> None:
    image = painted()
    assert (image[ROOF_MM - 4 > Y] == 9).all()
    assert (image[ROOF_MM + 4 < Y] != 9).all()


def test_the_liver_lies_in_front_and_the_spleen_behind() -> None:
    image = painted()
    for tissue, at in (
        ("liver", (np.abs(X + 60) < 15) & (np.abs(Y - 80) < 15)),
        ("spleen", (np.abs(X - 92) < 6) & (np.abs(Y - 84) < 6)),
    ):
        assert np.median(image[at].real) == pytest.approx(SIGNALS[tissue].real, rel=0.02), tissue


def test_people_differ_and_the_same_one_does_not() -> None:
    np.testing.assert_array_equal(painted(3), painted(3))
    assert (painted(3) != painted(4)).mean() > 0.02
    assert (painted(3, z_mm=20) != painted(3, z_mm=70)).mean() > 0.02  # another plane
