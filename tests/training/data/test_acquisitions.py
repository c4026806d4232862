"""Training samples: lines first, labels where the heart is, the same for the same seed."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from napari_cmr.nets.inputs import from_hybrid
from napari_cmr.training.augment.contraction import contract
from napari_cmr.training.data.acquisitions import (
    ViewSettings,
    draw_cycle,
    draw_n_lines,
    draw_slice,
    measure_slice,
    resample,
    view_grid,
)

STILL = ViewSettings(32, 2.0, 0.0, 0.0, 0.0)


def test_lines_fall_from_full_sampling_to_one() -> None:
    rng = np.random.default_rng(0)
    early = [draw_n_lines(200, 0.0, rng) for _ in range(300)]
    late = [draw_n_lines(200, 1.0, rng) for _ in range(2000)]
    assert min(early) >= 90
    assert min(late) == 1
    assert max(late) == 200
    assert 0.15 < np.mean(np.array(late) == 200) < 0.25
    assert 0.1 < np.mean(np.array(late) == 1) < 0.25
    assert 0.2 < np.mean(np.array(late) <= 10) < 0.5


def test_a_recipe_says_how_many_samples_have_one_line() -> None:
    shares = []
    for share in (0.0, 0.3):
        rng = np.random.default_rng(0)
        late = [draw_n_lines(200, 1.0, rng, one_line=share) for _ in range(2000)]
        shares.append(np.mean(np.array(late) == 1))
    # log-uniform draws give one line to some as well
    assert shares[0] < 0.1
    assert 0.27 < shares[1] - shares[0] < 0.33


@pytest.mark.parametrize(("lines", "fewest", "most"), [((6, None), 6, 200), ((1, 8), 1, 8)])
def test_a_network_for_some_line_counts_sees_no_others(lines, fewest, most) -> None:
    rng = np.random.default_rng(0)
    late = np.array([draw_n_lines(200, 1.0, rng, lines) for _ in range(2000)])
    assert (late.min(), late.max()) == (fewest, most)
    early = np.array([draw_n_lines(200, 0.0, rng, lines) for _ in range(300)])
    assert early.min() >= min(most, 90)


def test_a_cine_is_seen_at_many_frame_rates_with_the_marked_frames_in_it(cines) -> None:
    cine = cines[0]
    total = len(cine.image)
    lengths = set()
    for seed in range(60):
        order, ed_frame, es_frame = draw_cycle(cine, np.random.default_rng(seed))
        assert order[ed_frame] == cine.ed_frame
        assert order[es_frame] == cine.es_frame
        assert len(set(order.tolist())) == len(order)
        steps = np.diff(np.roll(order, -ed_frame)) % total
        assert (steps > 0).all()  # time runs forward
        lengths.add(len(order))
    assert {2, total} <= lengths


def test_base_and_apex_are_seen_more_often_than_the_middle() -> None:
    heart = SimpleNamespace(heart_slices=np.arange(2, 8), labels=np.empty((1, 10)))
    rng = np.random.default_rng(0)
    times = np.bincount([draw_slice(heart, rng) for _ in range(4000)], minlength=10) / 4000
    assert times[[2, 3, 6, 7]] == pytest.approx(0.18, abs=0.03)
    assert times[4:6] == pytest.approx(0.12, abs=0.03)
    assert times[[0, 1, 8, 9]] == pytest.approx(0.01, abs=0.01)


def test_only_the_mask_lines_are_measured(cines) -> None:
    rng = np.random.default_rng(1)
    measured = measure_slice(cines[0], 0, 1.0, rng)
    outside = measured.hybrid[~measured.mask]
    assert outside.numel()
    assert not outside.any()
    assert measured.complete[~measured.mask].any()
    fully = measure_slice(cines[0], 0, 1.0, rng, fully_sampled=True)
    assert fully.mask.all()


def test_labels_follow_the_image_through_every_flip_and_turn(cines) -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        measured = measure_slice(cines[0], 0, 0.0, rng, fully_sampled=True)
        image = from_hybrid(measured.complete).abs()
        cavity, muscle = (image[measured.pose.labels == k].mean() for k in (1, 2))
        assert cavity > 1.3 * muscle
        grid = view_grid(measured.pose, ViewSettings(32, 2.0, 0.0, 45.0, 0.05), rng)
        seen = resample(image[:1, None], grid)[0, 0]
        labels = resample(measured.pose.labels[:1, None].float(), grid, "nearest")[0, 0]
        assert seen[labels == 1].mean() > 1.3 * seen[labels == 2].mean()
        rows, columns = torch.nonzero(labels > 0, as_tuple=True)
        # the heart is in the middle of the view
        assert abs(rows.float().mean() - 15.5) < 4
        assert abs(columns.float().mean() - 15.5) < 4


def test_a_bent_view_is_the_plain_one_displaced_smoothly_by_millimetres(cines) -> None:
    measured = measure_slice(cines[0], 0, 0.0, np.random.default_rng(0), fully_sampled=True)
    pose = measured.pose
    whole = replace(STILL, size=96)
    plain = view_grid(pose, whole, np.random.default_rng(1))
    bending = replace(whole, elastic_mm=2.0)
    height, width = pose.labels.shape[1:]
    mm = torch.tensor([(width - 1) / 2 * pose.spacing[1], (height - 1) / 2 * pose.spacing[0]])
    bends = torch.stack(
        [(view_grid(pose, bending, np.random.default_rng(seed)) - plain) * mm for seed in range(40)]
    )
    assert 1.0 < bends.std() < 2.5
    assert abs(bends.mean()) < 0.3
    steps = bends.diff(dim=1).abs()
    assert steps.max() < 2.0  # a pixel is 2 mm: nothing folds over


def test_stretching_keeps_the_area_of_a_view(cines) -> None:
    measured = measure_slice(cines[0], 0, 0.0, np.random.default_rng(0), fully_sampled=True)
    plain = view_grid(measured.pose, STILL, np.random.default_rng(1))
    wide = view_grid(measured.pose, replace(STILL, stretch=0.2), np.random.default_rng(1))
    extent, stretched = ((grid[-1, -1] - grid[0, 0]).abs() for grid in (plain, wide))
    assert not torch.allclose(extent, stretched, rtol=0.02)
    assert torch.allclose(extent.prod(), stretched.prod(), rtol=1e-4)


def test_a_cavity_closes_further_and_takes_its_picture_along() -> None:
    y, x = (np.mgrid[:96, :80] - np.array([50, 40])[:, None, None]) * np.array([1.2, 1.6])[
        :, None, None
    ]
    radius = np.hypot(y, x)
    labels = np.zeros((4, 96, 80), np.uint8)
    for t, cavity in enumerate((24.0, 20.0, 14.0)):  # the last frame has no heart
        labels[t][radius < 34] = 2
        labels[t][radius < cavity] = 1
    images = labels.astype(np.float32)
    closed, moved = contract(images, labels, (1.2, 1.6), 0.8)
    before, after = ((one == 1).sum((1, 2)) for one in (labels, moved))
    assert after[0] == before[0]
    assert after[2] == pytest.approx(0.2 * before[2], rel=0.25)
    assert before[2] < after[1] < before[1]
    # what was blood becomes wall, and the wall's outside hardly moves
    outer = (moved > 0).sum((1, 2))[:3] / (labels > 0).sum((1, 2))[:3]
    assert (outer > 0.93).all()
    assert (outer <= 1).all()
    assert np.abs(closed - moved).mean() < 0.03
    assert not moved[3].any()
    untouched = radius > 42
    assert np.array_equal(closed[:, untouched], images[:, untouched])
