import numpy as np
import torch

from napari_cmr.training.augment.elastic import smooth_bends


def test_bends_are_smooth_as_strong_as_asked_for_and_repeatable():
    bends = smooth_bends(40, 48, 2.0, np.random.default_rng(0))
    assert bends.shape == (40, 48, 48, 2)
    assert 1.0 < float(bends.std()) < 2.2  # between the places they are weaker
    steps = [bends.diff(dim=axis).abs().max() for axis in (1, 2)]
    assert max(steps) < 2.0
    assert torch.equal(bends, smooth_bends(40, 48, 2.0, np.random.default_rng(0)))
