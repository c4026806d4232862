"""Small labelled cines that nobody owns."""

import numpy as np
import pytest

from napari_cmr.scan import Geometry, Label, Scan
from napari_cmr.training.data.cines import TrainingCine


def disc_cine(seed: int, *, size: int = 40) -> Scan:
    """A beating disc: LV inside a ring of MYO, RV beside it."""
    rng = np.random.default_rng(seed)
    t, z = 8, 2
    rows, columns = np.mgrid[:size, :size]
    labels = np.zeros((t, z, size, size), np.uint8)
    for frame in range(t):
        radius = 6 - 2 * np.sin(np.pi * frame / t)
        distance = np.hypot(rows - size / 2, columns - size / 2)
        labels[frame][:, (rows - size / 2) ** 2 + (columns - size / 4) ** 2 < 36] = Label.RV
        labels[frame][:, distance < radius + 3] = Label.MYO
        labels[frame][:, distance < radius] = Label.LV
    grey = np.array([0.1, 0.9, 0.4, 0.8], np.float32)
    image = grey[labels] + rng.normal(0, 0.02, labels.shape).astype(np.float32)
    return Scan(
        np.abs(image),
        Geometry.regular((8.0, 2.0, 2.0), z),
        name=f"disc{seed}",
        labels=labels,
        ed_frame=0,
        es_frame=4,
    )


@pytest.fixture
def cines() -> list[TrainingCine]:
    return [TrainingCine.from_scan(disc_cine(seed)) for seed in range(3)]
