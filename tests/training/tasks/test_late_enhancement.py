"""The cascade's training: views, contrasts, losses, and runs that learn what they should."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from scipy.ndimage import distance_transform_edt

from napari_cmr.scan import Label, ScanError
from napari_cmr.training.augment.late_enhancement import (
    draw_scar,
    infarct,
    infarct_in_texture,
    paint,
    spoil,
)
from napari_cmr.training.data.slices import TrainingSlice
from napari_cmr.training.data.still_batches import PackedSlices, StillBatches, StillData, draw_views
from napari_cmr.training.losses import DOUBTFUL, composite_loss, edge_loss
from napari_cmr.training.recipe import StageRecipe
from napari_cmr.training.register import default


def heart(seed: int, size: int = 64) -> TrainingSlice:
    """A ring with a cavity, and an RV beside it."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:size, :size] - size // 2
    labels = np.zeros((size, size), np.uint8)
    labels[rows**2 + (columns + 14) ** 2 < 100] = Label.RV
    labels[rows**2 + columns**2 < 144] = Label.MYO
    labels[rows**2 + columns**2 < 49] = Label.LV
    image = np.array([20, 200, 80, 180], np.float32)[labels] + rng.normal(0, 3, labels.shape)
    middle = (size / 2, size / 2)
    return TrainingSlice(
        f"s{seed}", None, "ED", 0, image.astype(np.float32), labels, (2, 2), middle
    )


def tiny(name: str, **changes) -> StageRecipe:
    settings = {
        "architecture": {"features": (4, 8), "norm": "instance"},
        "size": 32,
        "spacing_mm": 2.5,
        "contrasts": {"bssfp": 1.0, "painted": 1.0},
        "batch_size": 3,
        "steps": 4,
    }
    return StageRecipe(name=name, **settings | changes)


@pytest.fixture
def packed() -> PackedSlices:
    return PackedSlices.from_slices([heart(seed) for seed in range(4)], 32, 2.5)


def run(recipe: StageRecipe, packed: PackedSlices, out, **options):
    pytest.importorskip("lightning", reason="the extra 'train' is not installed")
    from napari_cmr.training.loop import train

    options = {"device": "cpu", "precision": "32-true", "progress_bar": False} | options
    data = StillData(packed.of(["s0", "s1", "s2"]), packed.of(["s3"]))
    model = default("late enhancement")
    return train(model, "live", recipe, data, out, stem=recipe.name, **options)


def batch(packed: PackedSlices, recipe: StageRecipe, seed: int):
    return StillBatches(packed, recipe).batch(6, np.random.default_rng(seed))


def test_packed_slices_come_back_from_a_file(packed, tmp_path) -> None:
    packed.save(tmp_path / "a.npz")
    again = PackedSlices.load(tmp_path / "a.npz")
    assert again.subjects == packed.subjects
    assert again.synthetic is None
    assert np.array_equal(again.labels, packed.labels)
    assert packed.images.min() == 0
    assert packed.images.max() == 1
    assert packed.of(["s2", "s1"]).subjects == ("s1", "s2")


def test_a_view_without_motion_is_the_middle_of_the_square(packed) -> None:
    still = tiny("unet-bssfp", rotation=0, scale=0, stretch=0, shift_mm=0, elastic_mm=0)
    side = packed.images.shape[-1]
    grid = draw_views(still, side, 1, np.random.default_rng(0))[0]
    half = 31 / (side - 1)
    assert torch.allclose(grid[0, 0], torch.tensor([-half, -half]))
    assert torch.allclose(grid[0, -1], torch.tensor([half, -half]))  # x comes first


def test_batches_repeat_by_step_and_labels_follow_images(packed) -> None:
    recipe = tiny("unet-bssfp", contrasts={"bssfp": 1.0}, noise=0.0, blur=0.0, batch_size=8)
    one, two = (batch(packed, recipe, 3) for _ in range(2))
    assert torch.equal(one[0], two[0])
    assert torch.equal(one[1], two[1])
    assert not torch.equal(one[0], batch(packed, recipe, 4)[0])
    images, labels = one
    assert images[:, 0][labels == Label.LV].mean() > images[:, 0][labels == Label.MYO].mean() + 0.5
    assert images[:, 0][labels == Label.MYO].mean() > images[:, 0][labels == 0].mean()


def test_painted_muscle_is_dark_and_scar_starts_at_the_cavity(packed) -> None:
    rng = np.random.default_rng(0)
    labels = packed.labels[0]
    for _ in range(20):
        image = paint(packed.images[0].astype(np.float32), labels, rng)
        assert np.isfinite(image).all()
        scar, core = draw_scar(labels, rng)
        assert scar.any()
        assert (labels[scar | core] == Label.MYO).all()
        assert not (scar & core).any()
    nothing, _ = draw_scar(np.zeros((8, 8), np.uint8), rng)
    assert not nothing.any()


def test_infarcts_brighten_the_wall_and_nothing_far_from_it(packed) -> None:
    rng = np.random.default_rng(0)
    labels = packed.labels[0]
    wall, cavity = labels == Label.MYO, labels == Label.LV
    image = np.full(labels.shape, 0.2, np.float32)
    image[cavity] = 0.7
    near = distance_transform_edt(~wall) < 5
    brightest = []
    for _ in range(20):
        made = infarct(image, labels, rng)
        np.testing.assert_allclose(made[~near], image[~near], atol=1e-6)
        assert made[wall].mean() > image[wall].mean() + 0.01
        brightest.append(made[wall].max())
    assert 0.55 < np.median(brightest) < 1.2
    assert infarct(image, np.zeros_like(labels), rng) is image


def test_infarcts_in_real_images_keep_the_texture_of_the_wall(packed) -> None:
    labels = packed.labels[0]
    wall, cavity = labels == Label.MYO, labels == Label.LV
    rng = np.random.default_rng(0)
    image = (0.2 + 0.01 * rng.standard_normal(labels.shape)).astype(np.float32)
    image[cavity] += 0.4
    for _ in range(10):
        made, where = infarct_in_texture(image, labels, rng)
        assert where.any()
        assert wall[where].all()
        far = distance_transform_edt(~where) > 5
        np.testing.assert_allclose(made[far], image[far], atol=1e-6)
        deep = distance_transform_edt(where) > 2
        if deep.sum() > 9 and np.ptp(made[deep]) < 0.15:  # no border of a core among them
            assert np.corrcoef(made[deep], image[deep])[0, 1] > 0.5
    bare = np.zeros_like(labels)
    same, where = infarct_in_texture(image, bare, rng)
    assert same is image
    assert not where.any()


def test_spoiling_neither_moves_nor_breaks_images() -> None:
    images = torch.zeros(2, 1, 24, 24)
    images[:, :, 8:16, 8:16] = 1.0
    spoilt = spoil(images, np.random.default_rng(0), noise=0.0, blur=1.5)
    mass = spoilt.sum((1, 3))
    assert (mass * torch.arange(24)).sum(1) / mass.sum(1) == pytest.approx([11.5, 11.5], abs=0.5)


def test_the_edge_loss_wants_edges_in_place() -> None:
    labels = torch.zeros(1, 32, 32, dtype=torch.long)
    labels[:, 8:20, 8:20] = 1
    right = 30.0 * torch.nn.functional.one_hot(labels, 4).movedim(-1, 1).float()
    losses = [float(edge_loss(right.roll(shift, 3), labels)) for shift in (0, 1, 3)]
    assert losses[0] < 1e-3 < losses[1] < losses[2]
    logits = torch.zeros(1, 4, 32, 32, requires_grad=True)
    composite_loss(logits, labels, (0.2, 0.25, 0.3, 0.25)).backward()
    assert torch.isfinite(logits.grad).all()
    assert logits.grad.abs().max() > 0


def test_no_loss_counts_doubtful_pixels() -> None:
    labels = torch.zeros(1, 16, 16, dtype=torch.long)
    labels[:, 4:10, 4:10] = 1
    labels[:, 7] = DOUBTFUL
    logits = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    logits.requires_grad_(True)
    composite_loss(logits, labels).backward()
    assert logits.grad is not None
    assert (logits.grad[:, :, 7] == 0).all()
    assert (logits.grad[:, :, 6].abs().sum(1) > 0).all()


def test_the_second_stage_leaves_the_first_unet_alone(packed, tmp_path) -> None:
    first = run(tiny("unet-bssfp"), packed, tmp_path / "first")
    second = run(tiny("cascade-bssfp"), packed, tmp_path / "second", start_from=first)
    before, after = load_file(first), load_file(second)
    same = {key: torch.allclose(before[key], after[key]) for key in before}
    assert all(same[key] for key in same if key.startswith("first"))
    assert not all(same[key] for key in same if key.startswith("second"))
    summary = json.loads((tmp_path / "second" / "training.json").read_text())
    assert summary["steps"] == 4
    assert summary["started_from"] == "unet-bssfp.safetensors"
    assert summary["training_subjects"] == ["s0", "s1", "s2"]


def test_the_same_seed_gives_the_same_weights(packed, tmp_path) -> None:
    one, two = (load_file(run(tiny("unet-bssfp"), packed, tmp_path / x)) for x in "ab")
    assert all(torch.equal(one[key], two[key]) for key in one)


def test_what_is_missing_is_said(packed, tmp_path) -> None:
    with pytest.raises(ScanError, match="synthetic"):
        run(tiny("unet-lge", contrasts={"synthetic": 1.0}), packed, tmp_path)
    empty = PackedSlices(packed.images, np.zeros_like(packed.labels), packed.subjects)
    with pytest.raises(ScanError, match="labelled slices"):
        run(tiny("unet-bssfp"), empty, tmp_path)
