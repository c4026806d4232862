import numpy as np
import pytest
import torch

from napari_cmr.nets.inputs import from_hybrid, to_hybrid
from napari_cmr.training.data.cine_batches import CineData
from napari_cmr.training.data.reconstruction_batches import ReconstructionBatches
from napari_cmr.training.register import find

RECIPE = find("unrolled-net").tiny.with_(columns=16, accelerations=(3.0, 8.0))


def drawn(cines, seed: int, *, augment: bool = True, **changes):
    batches = ReconstructionBatches(cines, RECIPE.with_(**changes), augment=augment)
    return batches.batch(0, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(6))
def test_lines_are_those_of_the_images_where_they_were_measured(cines, seed) -> None:
    hybrid, mask, image = drawn(cines, seed, noise=0.0)
    assert hybrid.shape == image.shape == (8, 40, 16)
    assert mask.shape == (8, 40)
    assert torch.allclose(hybrid, to_hybrid(image) * mask[..., None], atol=1e-5)
    assert 40 / 9 <= float(mask.sum(1).float().mean()) <= 40 / 2.5


def test_noise_of_measuring_is_in_the_lines_alone(cines) -> None:
    hybrid, mask, image = next(
        found
        for found in (drawn(cines, seed, noise=0.03) for seed in range(20))
        if not torch.allclose(found[0], to_hybrid(found[2]) * found[1][..., None], atol=1e-4)
    )
    apart = (hybrid - to_hybrid(image))[mask]
    assert 1e-3 < float(apart.abs().square().mean().sqrt()) < 0.05
    assert not hybrid[~mask].any()


@pytest.mark.parametrize("seed", range(3))
def test_lines_of_coils_agree_with_the_image_and_their_estimated_sensitivities(cines, seed) -> None:
    hybrid, mask, image, maps = drawn(cines, seed, noise=0.0, coils=4)
    assert hybrid.shape == (4, *image.shape) == (4, 8, 40, 16)
    assert maps.shape == (4, 40, 16)
    torch.testing.assert_close(maps.abs().square().sum(0), torch.ones(40, 16))
    assert not hybrid[:, ~mask].any()
    assert mask[:, 40 // 2 - 3 : 40 // 2 + 3].all()  # what sensitivities are estimated from
    wanted = to_hybrid(maps[:, None] * image) * mask[..., None]
    apart = float((hybrid - wanted).abs().square().sum() / hybrid.abs().square().sum())
    assert apart < 0.01


def test_the_same_seed_gives_the_same_batch(cines) -> None:
    for one, other in zip(drawn(cines, 3), drawn(cines, 3), strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(drawn(cines, 3)[2], drawn(cines, 4)[2])


def test_validation_shows_cines_as_they_are(cines) -> None:
    _, _, image = drawn(cines, 0, augment=False, columns=40)
    shown = image.abs().numpy()
    assert any(
        np.allclose(shown, cine.image[:, z].astype(np.float32), atol=1e-3)
        for cine in cines
        for z in range(cine.image.shape[1])
    )


def test_data_of_cines_feed_a_reconstruction_recipe(cines) -> None:
    data = CineData(cines[:2], cines[2:])
    for source in (data.source(RECIPE), data.validation_source(RECIPE)):
        hybrid, mask, image = source.batch(1, np.random.default_rng(0))
        assert from_hybrid(hybrid).shape == image.shape
        assert mask.any()
