"""Late enhancement painted on labelled cine images: where scar lies, and how images are spoilt."""

import numpy as np
import pytest
import torch

from napari_cmr.scan import Label
from napari_cmr.training.augment.late_enhancement import draw_scar, infarct, paint, spoil

Y, X = np.indices((64, 64)) - 31.5
RADIUS = np.hypot(Y, X)
LABELS = np.zeros((64, 64), np.uint8)
LABELS[RADIUS < 20] = Label.MYO
LABELS[RADIUS < 12] = Label.LV
IMAGE = np.choose(LABELS, (0.3, 0.9, 0.2, 0.8, 0, 0)).astype(np.float32)


def test_scar_lies_in_the_wall_and_touches_the_cavity() -> None:
    with_core = 0
    for seed in range(30):
        scar, core = draw_scar(LABELS, np.random.default_rng(seed))
        assert scar.any()
        assert (LABELS[scar | core] == Label.MYO).all()
        assert not (scar & core).any()
        assert RADIUS[scar | core].min() < 13.5
        with_core += bool(core.any())
    assert 2 <= with_core <= 15  # about a quarter


@pytest.mark.parametrize("missing", [Label.LV, Label.MYO])
def test_without_a_wall_around_a_cavity_there_is_no_infarct(missing) -> None:
    labels = np.where(missing == LABELS, 0, LABELS)
    scar, core = draw_scar(labels, np.random.default_rng(0))
    assert not scar.any()
    assert not core.any()
    assert infarct(IMAGE, labels, np.random.default_rng(0)) is IMAGE


def test_an_infarct_is_as_bright_as_blood_and_leaves_the_rest() -> None:
    rng = np.random.default_rng(3)
    scar, _ = draw_scar(LABELS, np.random.default_rng(3))
    assert scar.any()
    made = infarct(IMAGE, LABELS, rng)
    changed = np.abs(made - IMAGE) > 0.3
    assert changed.any()
    assert (RADIUS[changed] < 22).all()
    assert made[changed].mean() > 0.6
    assert made.dtype == np.float32
    assert np.array_equal(IMAGE, np.choose(LABELS, (0.3, 0.9, 0.2, 0.8, 0, 0)).astype(np.float32))


def test_painted_blood_is_brighter_than_muscle() -> None:
    for seed in range(10):
        painted = paint(IMAGE, LABELS, np.random.default_rng(seed))
        assert painted.dtype == np.float32
        blood, muscle = (painted[inside] for inside in (RADIUS < 10, (RADIUS > 14) & (RADIUS < 18)))
        assert np.median(blood) > np.quantile(muscle, 0.2)
    again = paint(IMAGE, LABELS, np.random.default_rng(9))
    np.testing.assert_array_equal(again, painted)


def test_each_image_is_spoilt_in_its_own_way_and_not_without_a_cause() -> None:
    images = torch.full((3, 1, 32, 32), 0.5)
    made = spoil(images, np.random.default_rng(0), noise=0.1, blur=1.0)
    assert made.shape == images.shape
    assert len({round(float(one.mean()), 4) for one in made}) == 3
    clean = spoil(images, np.random.default_rng(0), noise=0.0, blur=0.0)
    inner = clean[:, :, 4:-4, 4:-4]
    rough = (inner[..., 1:] - inner[..., :-1]).abs().max()
    assert rough < 0.05  # shading is smooth
    noisy = made[:, :, 4:-4, 4:-4]
    assert (noisy[..., 1:] - noisy[..., :-1]).abs().max() > rough
    bright = spoil(torch.full((50, 1, 8, 8), 0.5), np.random.default_rng(1), noise=0, blur=0)
    assert bright.mean(dim=(1, 2, 3)).std() > 0.03  # the exponent differs
