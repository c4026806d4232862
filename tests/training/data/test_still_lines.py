import numpy as np
import pytest
import torch
from helpers.still_stacks import disc_data, disc_stack

from napari_cmr.nets.inputs import from_hybrid, to_hybrid
from napari_cmr.scan import ScanError
from napari_cmr.training.data.still_lines import StillData, StillLines, StillStack
from napari_cmr.training.register import find

RECIPE = find("recnet-lge").tiny.with_(accelerations=(4.0, 4.0), centre_lines=(4, 4))


def batch(recipe=RECIPE, seed: int = 0, data: StillData | None = None):
    source = (data or disc_data()).source(recipe)
    return source.batch(0, np.random.default_rng(seed))


def test_slices_of_different_height_are_measured_at_that_of_the_lowest() -> None:
    hybrid, mask, image, unit = batch(RECIPE.with_(batch=8))
    assert hybrid.shape == image.shape == (8, 36, 16)
    assert mask.shape == (8, 36)
    assert unit.shape == (8, 1, 1)
    assert hybrid.dtype == image.dtype == torch.complex64


def test_lines_are_those_of_the_images_where_they_are_measured_and_nothing_elsewhere() -> None:
    hybrid, mask, image, _ = batch()
    assert torch.allclose(hybrid, to_hybrid(image) * mask[..., None], atol=1e-5)


def test_a_fourth_of_the_lines_is_kept_others_each_time_and_the_centre_always() -> None:
    _, mask, _, _ = batch(RECIPE.with_(batch=8))
    assert mask.sum(1).tolist() == [9] * 8
    assert mask[:, 16:20].all()
    assert len({tuple(one.tolist()) for one in mask}) > 4


def test_the_unit_is_the_peak_of_the_whole_zero_filled_slice() -> None:
    hybrid, _, _, unit = batch(RECIPE.with_(columns=4096))
    assert torch.allclose(from_hybrid(hybrid).abs().amax((1, 2)), unit.flatten())
    hybrid, _, _, unit = batch(RECIPE.with_(columns=6))
    assert bool((from_hybrid(hybrid).abs().amax((1, 2)) <= unit.flatten() + 1e-6).all())


def test_some_slices_get_a_smooth_phase() -> None:
    *_, image, _ = batch(RECIPE.with_(phase=1.0, batch=6))
    assert bool((image.imag.abs().amax((1, 2)) > 0.01).all())
    *_, image, _ = batch(RECIPE.with_(phase=0.0, batch=6))
    assert not image.imag.any()


def test_the_same_seed_gives_the_same_batch() -> None:
    assert all(torch.equal(a, b) for a, b in zip(batch(seed=3), batch(seed=3), strict=True))
    assert not torch.equal(batch(seed=3)[1], batch(seed=4)[1])


def test_empty_slices_are_passed_over_and_nothing_but_them_is_an_error() -> None:
    stack = disc_stack(0)
    image = stack.image.copy()
    image[:2] = 0
    *_, found, _ = batch(RECIPE.with_(batch=9), data=StillData([StillStack("s", image)], []))
    assert bool(found.abs().amax((1, 2)).all())
    with pytest.raises(ScanError, match="empty"):
        batch(data=StillData([StillStack("s", 0 * image)], []))


def test_validation_shows_whole_slices_as_they_are() -> None:
    data = disc_data()
    source = data.validation_source(RECIPE.with_(phase=0.0))
    assert isinstance(source, StillLines)
    *_, image, _ = source.batch(0, np.random.default_rng(0))
    assert image.shape[1:] == (36, 40)
    known = [one / one.max() for one in data.validation[0].image.astype(np.float32)]
    for one in image:
        assert min(float(np.abs(one.real.numpy() - other).max()) for other in known) < 1e-6
    assert StillData(data.training, []).validation_source(RECIPE) is None


def test_what_cannot_be_learned_from_is_refused() -> None:
    with pytest.raises(ScanError, match="at least one stack"):
        StillData([], []).check(RECIPE)
    low = StillStack("low", np.ones((2, 7, 30), np.uint8))
    with pytest.raises(ScanError, match="7 lines"):
        StillData([low], []).check(RECIPE)
    disc_data().check(RECIPE)


def test_a_run_says_what_it_learned_from() -> None:
    assert disc_data().summary() == {
        "slices": 6,
        "training_subjects": ["discs0", "discs1"],
        "validation_subjects": ["discs2"],
    }
