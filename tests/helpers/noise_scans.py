"""Scans of noise, for what is asked of random weights."""

import numpy as np

from napari_cmr.scan import Geometry, Scan


def scan(shape=(4, 2, 40, 56), spacing=(8.0, 2.0, 2.0), **changes) -> Scan:
    rng = np.random.default_rng(0)
    image = rng.random(shape, dtype=np.float32)
    return Scan(image, Geometry.regular(spacing, shape[1]), **changes)
