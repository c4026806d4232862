"""Batches of cines by every recipe."""

import numpy as np
import pytest
import torch

from napari_cmr.training.data.acquisitions import (
    ViewSettings,
    localiser_batch,
    segmentation_batch,
)
from napari_cmr.training.data.cine_batches import CineBatches
from napari_cmr.training.recipe import CineRecipe
from napari_cmr.training.register import find, models

STILL = ViewSettings(32, 2.0, 0.0, 0.0, 0.0)


def batch_of(cines, recipe, seed: int, step: int = 5):
    return CineBatches(cines, recipe).batch(step, np.random.default_rng(seed))


CINE_MODELS = [one.name for one in models().values() if isinstance(one.tiny, CineRecipe)]


@pytest.mark.parametrize("name", CINE_MODELS)
def test_batches_of_every_recipe(cines, name) -> None:
    small = (
        find(name).recipe("live").with_(sequences=2, size=32, spacing_mm=2.0, autoencoder_steps=0)
    )
    batch, again, other = (batch_of(cines, small, seed) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(batch, again, strict=True))
    assert not torch.equal(batch[0], other[0])
    assert len(batch) == (3 if small.loss == "latent" else 2)
    looks = small.looks if small.loss != "binary" else 1
    assert batch[0].shape[0] == 2 * looks * small.frames
    assert batch[0].shape[-2:] == batch[1].shape[-2:] == (32, 32)
    assert torch.isfinite(batch[0]).all()


def test_latent_batches_hold_the_complete_frames_too(cines) -> None:
    small = find("li-net").recipe("live").with_(sequences=3, size=32)
    undersampled, _, complete = segmentation_batch(
        cines, small, STILL, progress=1.0, rng=np.random.default_rng(0)
    )
    assert undersampled.shape == complete.shape
    apart = (undersampled - complete).abs().flatten(1).mean(1)
    assert apart.max() > 0.01  # a fifth of the samples is complete itself


def test_the_auto_encoder_learns_from_labels_alone(cines) -> None:
    small = (
        find("li-net")
        .recipe("live")
        .with_(sequences=2, size=32, spacing_mm=4.0, autoencoder_steps=6)
    )
    (labels,) = batch_of(cines, small, 3)
    assert labels.shape == (2 * small.looks * small.frames, 32, 32)
    assert set(labels.unique().tolist()) == {0, 1, 2, 3}
    assert len(batch_of(cines, small, 3, 6)) == 3  # stage 2 sees what was measured


def test_localiser_is_shown_averages_and_told_where_the_heart_is(cines) -> None:
    images, hearts = localiser_batch(
        cines, STILL, batch_size=2, progress=0.0, rng=np.random.default_rng(0)
    )
    assert images.shape == (2, 1, 32, 32)
    assert set(hearts.unique().tolist()) == {0.0, 1.0}
    assert images[:, 0][hearts > 0].mean() > images[:, 0][hearts == 0].mean()
