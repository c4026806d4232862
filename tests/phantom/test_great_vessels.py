"""Atria and aortic root above the base: inside of the sac, and fuller while the LV is empty."""

import numpy as np
import pytest

from napari_cmr.phantom.great_vessels import paint_great_vessels

SIGNALS = {"myocardium": 0.3 + 0j, "blood": 1.0 + 0j}
DY, DX = (one.ravel() for one in np.mgrid[-60:61, -90:61].astype(float))
RADIUS = np.hypot(DX, DY)


def painted(filled: list[float], *, sac: float = 120.0, height: float = 0.0, scale: float = 1.0):
    n = len(filled)
    return paint_great_vessels(
        np.zeros((n, DX.size), np.complex64),
        DX,
        DY,
        SIGNALS,
        1.0,
        scale=scale,
        filled=np.array(filled),
        height_mm=np.full(n, height),
        sac_mm=np.full((n, DX.size), sac),
        radius_mm=RADIUS,
    ).real


def test_the_left_atrium_is_blood_behind_the_aortic_root() -> None:
    (image,) = painted([1.0])
    assert image[(DX == 6) & (DY == 10)] == pytest.approx(0.92, abs=0.01)  # left atrium
    assert image[(DX == -10) & (DY == -13)] == pytest.approx(0.95, abs=0.01)  # aortic root
    assert image[(DX == -49) & (DY == 10)] == pytest.approx(0.84, abs=0.01)  # right atrium
    assert image[(DX == 55) & (DY == 55)] == 0


def test_atria_swell_while_the_ventricle_empties() -> None:
    full, empty = (painted([1.0, 0.0]) > 0.8).sum(axis=1)
    assert empty > 1.05 * full


def test_nothing_leaves_the_sac() -> None:
    (image,) = painted([0.5], sac=30.0)
    assert not image[RADIUS > 31].any()
    assert image[RADIUS < 20].any()


def test_they_drift_with_height_and_grow_with_the_heart() -> None:
    def middle(image: np.ndarray) -> float:
        return float((DX * image[0]).sum() / image[0].sum())

    assert middle(painted([1.0], height=20.0)) - middle(painted([1.0])) > 2
    assert (painted([1.0], scale=0.7) > 0.5).sum() < 0.65 * (painted([1.0]) > 0.5).sum()
