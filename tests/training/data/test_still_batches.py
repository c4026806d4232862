"""Slices of a stage: packed, read again, drawn with their labels, and refused where they lack."""

from pathlib import Path

import numpy as np
import pytest
import torch

from napari_cmr.scan import ScanError
from napari_cmr.training.data.slices import TrainingSlice
from napari_cmr.training.data.still_batches import (
    EnhancedSlices,
    PackedSlices,
    StillBatches,
    StillData,
    draw_views,
)
from napari_cmr.training.losses import DOUBTFUL
from napari_cmr.training.recipe import StageRecipe

PLAIN = {
    "rotation": 0.0, "scale": 0.0, "stretch": 0.0, "shift_mm": 0.0, "elastic_mm": 0.0,
    "noise": 0.0, "blur": 0.0, "size": 16, "spacing_mm": 2.0, "batch_size": 4,
}  # fmt: skip


def recipe(**changes) -> StageRecipe:
    return StageRecipe(name="unet-bssfp", **PLAIN | changes)


def packed(n: int = 3, side: int = 32, *, synthetic: bool = False) -> PackedSlices:
    """A bright square of label 1 in each slice, one step further right each time."""
    images = np.full((n, side, side), 0.2, np.float16)
    labels = np.zeros((n, side, side), np.uint8)
    for i in range(n):
        labels[i, 12:18, 12 + i : 20 + i] = 1
    images[labels == 1] = 0.9
    made = 1 - images[:, None] if synthetic else None
    return PackedSlices(images, labels, tuple("abc"[:n]), made)


def test_slices_are_packed_around_their_centre_and_scaled() -> None:
    image = np.full((60, 60), 3.0, np.float32)
    image[20:30, 25:35] = 9.0
    truth = (image > 5).astype(np.uint8)
    one = TrainingSlice("a", None, "ED", 0, image, truth, (2.0, 2.0), (24.5, 29.5))
    found = PackedSlices.from_slices([one], 16, 2.0)
    side = found.images.shape[-1]
    assert side % 16 == 0
    assert side > 16
    assert (found.images.min(), found.images.max()) == (0, 1)
    rows, columns = np.nonzero(found.labels[0])
    assert rows.mean() == pytest.approx((side - 1) / 2, abs=0.6)
    assert columns.mean() == pytest.approx((side - 1) / 2, abs=0.6)


@pytest.mark.parametrize("synthetic", [False, True])
def test_they_come_back_from_disk_and_can_be_chosen(tmp_path: Path, synthetic) -> None:
    one = packed(synthetic=synthetic)
    one.save(tmp_path / "a.npz")
    again = PackedSlices.load(tmp_path / "a.npz")
    np.testing.assert_array_equal(again.images, one.images)
    np.testing.assert_array_equal(again.labels, one.labels)
    assert again.subjects == ("a", "b", "c")
    assert (again.synthetic is not None) is synthetic
    some = one.of(["c", "a"])
    assert some.subjects == ("a", "c")
    np.testing.assert_array_equal(some.labels, one.labels[[0, 2]])


def test_the_plain_view_is_the_middle_of_the_slice() -> None:
    grids = draw_views(recipe(), 32, 2, np.random.default_rng(0))
    half = (16 - 1) / (32 - 1)
    torch.testing.assert_close(grids[0, 0, 0], torch.tensor([-half, -half]), atol=1e-5, rtol=0)
    torch.testing.assert_close(grids[0, 0, -1], torch.tensor([half, -half]), atol=1e-5, rtol=0)


def test_views_are_turned_and_only_whole_turns_mirror() -> None:
    def determinants(rotation: float) -> torch.Tensor:
        rng = np.random.default_rng(0)
        grids = draw_views(recipe(rotation=rotation), 32, 40, rng)
        right, down = grids[:, 0, 1] - grids[:, 0, 0], grids[:, 1, 0] - grids[:, 0, 0]
        return right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]

    assert (determinants(30.0) > 0).all()
    mirrored = (determinants(180.0) < 0).float().mean()
    assert 0.2 < mirrored < 0.8


def test_image_and_labels_are_drawn_together_and_come_again() -> None:
    batches = StillBatches(packed(), recipe(rotation=180.0, shift_mm=3.0))
    images, labels = batches.batch(0, np.random.default_rng(1))
    assert images.shape == (4, 1, 16, 16)
    assert labels.shape == (4, 16, 16)
    inside = images[:, 0][labels == 1].mean()
    assert inside > images[:, 0][labels == 0].mean() + 1
    again = batches.batch(5, np.random.default_rng(1))
    assert torch.equal(again[0], images)


def test_a_synthetic_share_shows_the_translations() -> None:
    shown = recipe(contrasts={"synthetic": 1.0})
    images, labels = StillBatches(packed(synthetic=True), shown).batch(0, np.random.default_rng(0))
    assert images[:, 0][labels == 1].mean() < images[:, 0][labels == 0].mean()


def test_data_that_cannot_be_learned_from_are_refused() -> None:
    whole = StillData(packed(), packed(2))
    whole.check(recipe())
    assert whole.summary() == {
        "training_subjects": ["a", "b", "c"],
        "validation_subjects": ["a", "b"],
    }
    blank = packed()
    blank.labels[:] = 0
    for data in (StillData(blank, packed()), StillData(packed(), blank)):
        with pytest.raises(ScanError, match="needs labelled slices"):
            data.check(recipe())
    with pytest.raises(ScanError, match="stage unet-bssfp needs synthetic"):
        whole.check(recipe(contrasts={"synthetic": 1.0}))
    assert whole.validation_source(recipe()).data is whole.validation
    assert whole.source(recipe()).data is whole.training


def test_enhanced_slices_are_drawn_by_trust_and_without_what_is_doubtful() -> None:
    slices = packed()
    doubtful = np.zeros(slices.labels.shape, bool)
    doubtful[:, 12:14] = True
    enhanced = EnhancedSlices(slices, doubtful, np.array([0.0, 2.0, 0.0]))
    for seed in range(5):
        image, labels = enhanced.draw(np.random.default_rng(seed))
        np.testing.assert_array_equal(image, slices.images[1].astype(np.float32))
        assert (labels[12:14] == DOUBTFUL).all()
        np.testing.assert_array_equal(labels[14:], slices.labels[1, 14:])
    shown = recipe(contrasts={"bssfp": 1.0, "enhanced": 1.0}, batch_size=16)
    data = StillData(packed(), packed(2), enhanced)
    data.check(shown)
    _, labels = data.source(shown).batch(0, np.random.default_rng(0))
    of_itself = (labels == DOUBTFUL).any(2).any(1)
    assert 0 < of_itself.sum() < len(labels)
    _, true = data.validation_source(shown).batch(0, np.random.default_rng(0))
    assert not (true == DOUBTFUL).any()
    assert data.summary()["self_training_subjects"] == ["a", "b", "c"]
    with pytest.raises(ScanError, match="a cascade has labelled"):
        StillData(packed(), packed(2)).check(shown)
