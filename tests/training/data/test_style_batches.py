"""Random views of slices of two contrasts."""

import numpy as np
import pytest
import torch

from napari_cmr.scan import ScanError
from napari_cmr.training.data.slices import TrainingSlice
from napari_cmr.training.data.style_batches import StyleBatches, StyleData, view
from napari_cmr.training.recipe import TranslationRecipe

RECIPE = TranslationRecipe(size=16, spacing_mm=2.0, schedule="halving")


def slice_of(value: float, *, labels: bool = True, subject: str = "a") -> TrainingSlice:
    """A bright block of 8 x 4 pixels of 2 mm, its centre at row 20, column 14."""
    image = np.full((40, 30), 0.5, np.float32)  # zero would count as padding
    image[16:24, 12:16] = value
    truth = (image > 1).astype(np.uint8) if labels else None
    return TrainingSlice(subject, None, "x", 0, image, truth, (2.0, 2.0), (19.5, 13.5))


def test_the_plain_view_lies_around_the_centre() -> None:
    image, labels = view(slice_of(5.0), RECIPE, None)
    assert (image.min(), image.max()) == (-1, 1)
    assert torch.equal(image > 0, labels == 1)
    rows, columns = torch.nonzero(labels, as_tuple=True)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (4, 11, 6, 9)


def test_image_and_labels_move_together() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        image, labels = view(slice_of(5.0), RECIPE, rng)
        assert ((image > 0) == (labels == 1)).float().mean() > 0.95


def test_without_labels_there_are_none_and_no_exponent_is_applied() -> None:
    still = RECIPE.with_(shift_mm=0.0, rotation=0.0, zoom=0.0, aspect=0.0, gamma=2.0)
    grey = slice_of(5.0, labels=False)
    grey.image[20:24, 12:16] = 2.5
    image, labels = view(grey, still, np.random.default_rng(1))
    plain, _ = view(grey, still, None)
    assert not labels.any()
    torch.testing.assert_close(image, plain)
    with_labels = slice_of(5.0)
    with_labels.image[20:24, 12:16] = 2.5
    bent, _ = view(with_labels, still, np.random.default_rng(1))
    assert not torch.allclose(bent, plain)


def test_a_batch_has_as_many_as_the_judges_look_at_and_comes_again() -> None:
    batches = StyleBatches([slice_of(5.0)], [slice_of(3.0, labels=False)], RECIPE.with_(judged=3))
    source, labels, target = batches.batch(0, np.random.default_rng(2))
    assert source.shape == target.shape == (3, 1, 16, 16)
    assert labels.shape == (3, 16, 16)
    again = batches.batch(7, np.random.default_rng(2))
    assert torch.equal(again[0], source)


def test_data_without_a_contrast_or_labels_are_refused() -> None:
    whole = StyleData([slice_of(1.0, subject="b"), slice_of(1.0)], [slice_of(1.0, labels=False)])
    whole.check(RECIPE.with_(anatomy=1.0))
    assert whole.summary() == {
        "slices": {"source": 2, "target": 1},
        "subjects": {"source": ["a", "b"], "target": ["a"]},
    }
    assert whole.validation_source(RECIPE) is None
    with pytest.raises(ScanError, match="both contrasts"):
        StyleData([], whole.target_slices).check(RECIPE)
    bare = StyleData(whole.target_slices, whole.target_slices)
    bare.check(RECIPE)
    with pytest.raises(ScanError, match="need labels"):
        bare.check(RECIPE.with_(anatomy=1.0))
