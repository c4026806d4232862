import numpy as np
import pytest
import torch
from helpers.beating_discs import coils_slice, disc_image, disc_parts, disc_slice, error
from helpers.network_lines import given

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.total_variation import total_variation
from napari_cmr.solvers import find_solver


def smoothed(one: MeasuredSlice, iterations: int = 12) -> np.ndarray:
    lines, scale, phasor = Lines(*given(one)).standardised()
    return (total_variation(lines, phasor, iterations) * scale).numpy()


def test_all_lines_give_the_image_back_but_for_little() -> None:
    assert error(smoothed(disc_slice(None)), disc_image()) < 0.02


@pytest.mark.parametrize("pattern", ["variable-density", "uniform"])
def test_it_is_nearer_than_shared_views(pattern) -> None:
    one = disc_slice(12, pattern=pattern)
    shared = find_solver("view-sharing").run(one).image
    assert error(smoothed(one), disc_image()) < 0.8 * error(shared, disc_image())


@pytest.mark.parametrize("pattern", ["variable-density", "uniform"])
def test_more_steps_leave_less_error(pattern) -> None:
    one = disc_slice(12, pattern=pattern)
    few, more, most = (error(smoothed(one, steps), disc_image()) for steps in (6, 12, 24))
    assert few > more > most


def test_several_coils_are_combined() -> None:
    assert error(smoothed(coils_slice()), disc_image()) < 0.06


def test_columns_that_are_cut_out_change_only_near_the_cut() -> None:
    lines, _, phasor = Lines(*given(disc_slice())).standardised()
    whole = total_variation(lines, phasor)
    part = Lines(lines.hybrid[..., :30].contiguous(), lines.mask)
    cut = total_variation(part, phasor[:, :30])
    assert torch.allclose(cut[..., :8], whole[..., :8], atol=2e-3)


def test_what_does_not_move_and_has_one_phase_comes_back() -> None:
    body, _ = disc_parts()
    one = disc_slice(8, pattern="uniform")  # every line by some frame
    still = one.encoding.forward(np.repeat(body[None], 12, axis=0))
    found = smoothed(MeasuredSlice(0, still, one.encoding))
    assert error(found, np.repeat(body[None], 12, axis=0)) < 0.02


def test_it_is_not_learned_through() -> None:
    lines, _, phasor = Lines(*given(disc_slice())).standardised()
    assert not total_variation(lines, phasor.requires_grad_()).requires_grad
