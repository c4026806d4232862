import pytest
import torch
from helpers.beating_discs import coils_slice, disc_image, disc_slice, error
from helpers.network_lines import given

from napari_cmr.nets.reconstruction.dc_cnn import DcCnn
from napari_cmr.nets.reconstruction.refinement import Refined, RefinementUNet

RECNET = {"cascades": 1, "depth": 2, "features": 4}
UNET = {"features": (4, 8), "kernel": 3, "norm": "none"}


def refined(*, gate: float = 0.7, **options) -> Refined:
    torch.manual_seed(0)
    return Refined(RECNET, UNET, gate=gate, **options).eval()


@torch.no_grad()
def test_a_gate_of_zero_is_the_reconstruction_itself() -> None:
    network = refined()
    plain, _ = network.predictor(*given(disc_slice()))
    shut, std = network(*given(disc_slice()), gate=0.0)
    assert torch.allclose(shut, plain, atol=1e-6)
    assert std is None
    new, _ = refined(gate=0.0)(*given(disc_slice()))  # as training begins
    assert torch.allclose(new, plain, atol=1e-6)


@torch.no_grad()
def test_the_gate_scales_what_is_added() -> None:
    network = refined()
    plain, half, whole = (network(*given(disc_slice()), gate=gate)[0] for gate in (0.0, 0.5, 1.0))
    assert error(whole.numpy(), plain.numpy()) > 1e-3
    assert torch.allclose(half, (plain + whole) / 2, atol=1e-5)


@torch.no_grad()
def test_measured_lines_are_put_back_afterwards_unless_as_published() -> None:
    one = disc_slice()
    apart = {
        consistent: error(
            one.encoding.forward(refined(consistent=consistent)(*given(one))[0].numpy()), one.lines
        )
        for consistent in (True, False)
    }
    assert apart[True] < 1e-5
    assert apart[False] > 1e-3


@torch.no_grad()
def test_the_change_goes_along_the_phase_or_into_the_real_part() -> None:
    lines = given(disc_slice())
    for along_phase in (True, False):
        network = refined(along_phase=along_phase, consistent=False)
        plain, whole = (network(*lines, gate=gate)[0] for gate in (0.0, 1.0))
        added = whole - plain
        if along_phase:
            added = added * plain.conj() / plain.abs().clamp(min=1e-20)
        there = plain.abs() > 1e-3
        assert float(added.real[there].abs().mean()) > 1e-3
        assert float(added.imag[there].abs().max()) < 1e-5


def test_the_gradient_of_a_shut_gate_reaches_the_gate_and_not_the_network() -> None:
    network = refined(gate=0.0)
    image, _ = network(*given(disc_slice()))
    (image.abs() - torch.from_numpy(disc_image()).abs()).square().mean().backward()
    assert float(network.gate.grad) != 0
    assert not any(one.grad.any() for one in network.refinement.parameters())
    assert not any(one.requires_grad for one in network.predictor.parameters())


@torch.no_grad()
def test_frames_of_different_units_are_answered_for_alone() -> None:
    network = refined()
    hybrid, mask = given(disc_slice())
    factors = torch.linspace(1, 3, len(mask))[:, None, None]
    together, _ = network(hybrid * factors, mask, unit=factors)
    plain, _ = network(hybrid, mask, unit=1.0)
    assert torch.allclose(together / factors, plain, atol=1e-5)


@torch.no_grad()
def test_coils_are_combined() -> None:
    one = coils_slice()
    image, _ = refined()(*given(one))
    assert error(one.encoding.forward(image.numpy()), one.lines) < 0.2


def test_weights_of_the_first_stage_have_their_names_under_the_predictor() -> None:
    own = set(refined().state_dict())
    assert {f"predictor.{name}" for name in DcCnn(**RECNET).state_dict()} < own


@pytest.mark.parametrize("folded", [1, 2])
@pytest.mark.parametrize("kernel", [3, 4])
def test_a_change_has_the_size_of_the_image_whatever_that_is(folded, kernel) -> None:
    network = RefinementUNet(1, (4, 8, 8), kernel=kernel, norm="none", folded=folded)
    for shape in ((2, 1, 37, 50), (1, 1, 1, 2)):
        assert network(torch.randn(shape)).shape == shape


def test_weights_begin_orthogonal() -> None:
    weight = RefinementUNet(1, (16, 32)).down[1][1].weight.flatten(1)
    assert torch.allclose(weight @ weight.T, torch.eye(32), atol=1e-5)
