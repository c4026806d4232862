"""What networks are shown: pooled lines obey the physics they stand for."""

import numpy as np
import pytest
import torch

from napari_cmr.nets.input_kinds import N_CHANNELS
from napari_cmr.nets.inputs import (
    from_hybrid,
    nearest_lines,
    network_input,
    pooled_lines,
    ramped_average,
    temporal_average,
    to_hybrid,
)

T, N, X = 6, 13, 9


@pytest.fixture
def cine() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(T, N, X, dtype=torch.complex64, generator=generator)


@pytest.fixture
def mask() -> torch.Tensor:
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.random((T, N)) < 0.4)


def test_hybrid_is_orthonormal_and_invertible(cine: torch.Tensor) -> None:
    hybrid = to_hybrid(cine)
    assert torch.allclose(from_hybrid(hybrid), cine, atol=1e-5)
    assert torch.allclose(hybrid.norm(), cine.norm())


def test_zero_frequency_is_in_the_middle() -> None:
    hybrid = to_hybrid(torch.ones(1, N, X, dtype=torch.complex64)).abs()
    assert hybrid[0, N // 2].min() > 1
    assert hybrid.sum() == pytest.approx(hybrid[0, N // 2].sum().item(), rel=1e-5)


def test_pooling_takes_the_mean_of_the_lines_measured(cine, mask) -> None:
    hybrid = to_hybrid(cine) * mask[..., None]
    pooled = pooled_lines(hybrid, mask, torch.tensor([0]), 1)[0]
    window = [T - 1, 0, 1]  # time is periodic
    for line in range(N):
        taken = [hybrid[t, line] for t in window if mask[t, line]]
        expected = torch.stack(taken).mean(0) if taken else torch.zeros(X, dtype=torch.complex64)
        assert torch.allclose(pooled[line], expected, atol=1e-6)


def test_few_lines_are_pooled_one_by_one_to_the_same_sums(cine, mask, monkeypatch) -> None:
    hybrid = to_hybrid(cine) * mask[..., None]
    frames = torch.tensor([4, 0, 1])
    pooled = {}
    for dense in (0, 10**6):
        monkeypatch.setattr("napari_cmr.nets.inputs.SPARSE", dense)
        pooled[dense] = pooled_lines(hybrid, mask, frames, 1)
    assert pooled[0].abs().sum() > 0
    assert torch.allclose(pooled[0], pooled[10**6], atol=1e-6)


def test_a_window_longer_than_the_cycle_is_the_temporal_average(cine, mask) -> None:
    hybrid = to_hybrid(cine) * mask[..., None]
    pooled = from_hybrid(pooled_lines(hybrid, mask, torch.arange(T), 5))
    average = temporal_average(hybrid, mask)
    assert torch.allclose(pooled, average.expand(T, N, X), atol=1e-6)


def test_nearest_lines_come_from_the_nearest_frames(cine, mask) -> None:
    hybrid = to_hybrid(cine) * mask[..., None]
    shared = nearest_lines(hybrid, mask, torch.arange(T))
    for t in range(T):
        for line in range(N):
            frames = [f for f in range(T) if mask[f, line]]
            if not frames:
                assert not shared[t, line].any()
                continue
            apart = [min(abs(f - t), T - abs(f - t)) for f in frames]
            best = [hybrid[f, line] for f, d in zip(frames, apart, strict=True) if d == min(apart)]
            assert torch.allclose(shared[t, line], torch.stack(best).mean(0), atol=1e-6)


def test_view_sharing_of_a_fully_sampled_cine_changes_nothing(cine) -> None:
    every = torch.ones(T, N, dtype=torch.bool)
    hybrid = to_hybrid(cine)
    assert torch.allclose(nearest_lines(hybrid, every, torch.arange(T)), hybrid, atol=1e-6)


def test_a_static_real_object_is_the_same_in_every_image_channel() -> None:
    image = torch.rand(1, N, X).expand(T, N, X).to(torch.complex64)
    every = torch.ones(T, N, dtype=torch.bool)
    channels = network_input(to_hybrid(image), every, torch.arange(T), "pooled")
    assert channels.shape == (T, N_CHANNELS["pooled"], N, X)
    for index in (2, 3, 4, 5):
        assert torch.allclose(channels[:, index], channels[:, 0], atol=1e-4)
    assert channels[:, 1].abs().max() < 1e-4


def test_a_global_phase_does_not_reach_the_pooled_channels(cine, mask) -> None:
    hybrid = to_hybrid(cine) * mask[..., None]
    frames = torch.arange(T)
    turned = hybrid * np.exp(0.7j)
    a, b = (network_input(h.to(torch.complex64), mask, frames, "pooled") for h in (hybrid, turned))
    assert torch.allclose(a, b, atol=1e-4)


def test_scale_does_not_reach_the_network(cine, mask) -> None:
    hybrid = to_hybrid(cine) * mask[..., None]
    frames = torch.arange(T)
    for kind in N_CHANNELS:
        a, b = (network_input(h, mask, frames, kind) for h in (hybrid, 1000 * hybrid))
        assert torch.allclose(a, b, rtol=1e-3, atol=1e-3)
        assert a.shape[1] == N_CHANNELS[kind]


def test_a_window_is_a_part_of_the_cycle_however_many_frames_that_is() -> None:
    # The same beat at two frame rates, every line measured: a heart that moves as a wave in time.
    def channels(n_frames: int) -> torch.Tensor:
        phase = 2 * torch.pi * torch.arange(n_frames) / n_frames
        image = 2 + phase.cos()[:, None, None] * torch.ones(N, X)
        every = torch.ones(n_frames, N, dtype=torch.bool)
        return network_input(
            to_hybrid(image.to(torch.complex64)), every, torch.tensor([0]), "pooled"
        )[0]

    short, long = channels(24), channels(48)
    assert torch.allclose(short[3], long[3], rtol=0.02)
    assert not torch.allclose(short[3], short[0], rtol=0.02)  # it does blur


@pytest.mark.parametrize(
    ("kind", "cycle_known", "told"),
    [("pooled", True, False), ("pooled-wide", True, True), ("pooled-wide", False, False)],
)
def test_the_time_in_a_known_cycle_is_told_for_few_lines_alone(
    cine, mask, kind, cycle_known, told
) -> None:
    hybrid = to_hybrid(cine) * mask[..., None]
    shown = network_input(hybrid, mask, torch.arange(T), kind, cycle_known=cycle_known)
    assert bool(shown[:, 6:].any()) is told


def test_no_lines_at_all_gives_finite_channels() -> None:
    nothing = torch.zeros(T, N, X, dtype=torch.complex64)
    mask = torch.zeros(T, N, dtype=torch.bool)
    assert torch.isfinite(network_input(nothing, mask, torch.arange(T), "pooled")).all()


def test_wide_windows_pool_half_of_the_cycle() -> None:
    """Each frame has a line of its own; its windows hold those of the frames around it."""
    n = 16
    image = torch.ones(n, n, 4, dtype=torch.complex64)
    mask = torch.eye(n, dtype=torch.bool)
    hybrid = to_hybrid(image) * mask[..., None]
    early = torch.tensor([n // 2 - 4])  # the line in the middle holds all the signal
    narrow, wide = (
        network_input(hybrid, mask, early, kind)[0, 3].abs().sum()
        for kind in ("pooled", "pooled-wide")
    )
    assert narrow < 1e-6 < wide


@pytest.mark.parametrize("kind", ["zero-filled", "magnitude", "pooled", "pooled-wide"])
def test_coils_that_see_the_same_lines_give_what_one_coil_gives(cine, mask, kind) -> None:
    """Flat sensitivities: each coil's lines are a multiple of the single coil's."""
    shares = torch.tensor([0.6, 0.8j], dtype=torch.complex64)
    maps = shares[:, None, None].expand(2, N, X)
    hybrid = to_hybrid(cine) * mask[..., None]
    frames, rows = torch.tensor([1, 0]), slice(2, N - 1)
    one = network_input(hybrid, mask, frames, kind, rows=rows)
    coils = shares[:, None, None, None] * hybrid
    several = network_input(coils, mask, frames, kind, maps=maps, rows=rows)
    assert torch.allclose(several, one, atol=1e-4)
    known = ramped_average(coils, mask, maps)
    again = network_input(coils, mask, frames, kind, maps=maps, average=known, rows=rows)
    assert torch.equal(again, several)
    assert torch.allclose(
        temporal_average(coils, mask, maps), temporal_average(hybrid, mask), atol=1e-5
    )
