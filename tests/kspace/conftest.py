import numpy as np
import pytest


@pytest.fixture
def complex_images():
    """Draw complex white images of a shape."""

    def draw(*shape, seed=0):
        parts = np.random.default_rng(seed).standard_normal((*shape, 2), dtype=np.float32)
        return parts.view(np.complex64)[..., 0]

    return draw
