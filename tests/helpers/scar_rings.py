"""Rings of muscle with scar of known place and grey value."""

import numpy as np

from napari_cmr.scan import Geometry, Label

GEOMETRY = Geometry.regular((10.0, 1.5, 1.5), 4)


SIZE = 72


def polar():
    y, x = np.indices((SIZE, SIZE)) - SIZE / 2 + 0.5
    return np.hypot(y, x), np.rad2deg(np.arctan2(y, x))


def ring(scar=None, core=None, noise=4.0, level=60.0):
    """Healthy muscle at 20, scar at 20 + level, blood at 70: image and labels of LV and MYO."""
    radius, _ = polar()
    rng = np.random.default_rng(0)
    labels = np.zeros((4, SIZE, SIZE), dtype=np.uint8)
    labels[:, radius < 24] = Label.MYO
    labels[:, radius < 16] = Label.LV
    image = np.where(labels == Label.LV, 70.0, 20.0)
    truth = np.zeros(labels.shape, dtype=bool)
    if scar is not None:
        truth[1:] = scar & (labels[1:] == Label.MYO)
        image[truth] += level
    if core is not None:
        image[1:][:, core] = 15.0
    return image + rng.normal(0, noise, image.shape), labels, truth


def quarter(depth=24.0):
    radius, angle = polar()
    return (np.abs(angle + 45) < 45) & (radius < depth)
