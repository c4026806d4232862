"""Small stacks of still images: discs of another place and brightness in each slice."""

import numpy as np

from napari_cmr.training.data.still_lines import StillData, StillStack


def disc_stack(seed: int, *, height: int = 36, width: int = 40) -> StillStack:
    """Three slices of bytes."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    slices = []
    for _ in range(3):
        row, column = rng.uniform(12, 24, 2)
        inner = np.hypot(y - row, x - column) < 6
        body = np.hypot(y - height / 2, x - width / 2) < 15
        slices.append(60 * body + 150 * inner + rng.integers(0, 12, (height, width)))
    return StillStack(f"discs{seed}", np.stack(slices).astype(np.uint8))


def disc_data() -> StillData:
    """Two subjects to learn from, of different height, and one to validate on."""
    return StillData([disc_stack(0), disc_stack(1, height=40)], [disc_stack(2)])
