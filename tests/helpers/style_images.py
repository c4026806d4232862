"""Rings of muscle around blood, as images of two contrasts."""

import numpy as np

from napari_cmr.scan import Label


def hearts(n: int, seed: int, *, blood: float) -> tuple[np.ndarray, np.ndarray]:
    """Rings of muscle around blood of some brightness, with noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:32, :32]
    images, labels = [], []
    for _ in range(n):
        radius = np.hypot(y - rng.uniform(14, 18), x - rng.uniform(14, 18))
        label = np.where(radius < 5, Label.LV, np.where(radius < 8, Label.MYO, 0))
        image = np.choose(label, [0.1, blood, -0.5]) if blood else np.zeros(label.shape)
        images.append(np.clip(image + rng.normal(0, 0.05, image.shape), -1, 1))
        labels.append(label)
    return np.array(images, np.float32), np.array(labels, np.uint8)
