import pytest
import torch
from helpers.beating_discs import disc_image, disc_parts, disc_slice, error
from helpers.network_lines import given
from torch import Tensor, nn

from napari_cmr.nets.inputs import to_hybrid
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.dc_mac import REFERENCE, DcMac


@pytest.fixture
def network() -> DcMac:
    torch.manual_seed(0)
    return DcMac((4, 4), 1, 3, 4)


@torch.no_grad()
def test_without_motion_it_is_the_cascade_from_the_average_of_shared_views(network) -> None:
    nn.init.zeros_(network.estimate.decoder.head.weight)
    lines = Lines(*given(disc_slice()))
    average = lines.nearest().mean(0).expand(12, -1, -1)
    wanted = network.refine.images(lines, lines.consistent(average), None)
    found = network.images(lines, lines.nearest(), None)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)
    assert not network.motion(lines.hybrid, lines.mask).any()


class Sliding(nn.Module):
    """Knows that frame t lies t rows further down."""

    def forward(self, image: Tensor) -> Tensor:
        rows = torch.arange(len(image), dtype=torch.float32)
        velocity = torch.zeros(len(image), 2, *image.shape[-2:])
        velocity[:, 0] = rows[:, None, None]
        return velocity


@torch.no_grad()
def test_known_motion_brings_all_frames_together(network) -> None:
    """Six frames of a disc that slides."""
    disc = torch.from_numpy(disc_parts()[1][0])
    frames = torch.stack([disc.roll(shift, 0) for shift in range(6)])
    mask = (torch.arange(48) + torch.arange(6)[:, None]) % 2 == 0
    hybrid = to_hybrid(frames)
    for weight in network.refine.parameters():
        nn.init.zeros_(weight)
    network.estimate = Sliding()
    lines = Lines(hybrid * mask[..., None], mask)
    found = network.images(lines, frames, None)  # from the frames themselves
    torch.testing.assert_close(found, frames, atol=1e-4, rtol=0)
    still = lines.consistent(frames.mean(0).expand_as(frames))
    assert error(still.numpy(), frames.numpy()) > 0.05


@torch.no_grad()
def test_the_reference_does_not_move_and_others_no_further_than_they_may(network) -> None:
    nn.init.normal_(network.estimate.decoder.head.weight, std=100.0)
    motion = network.motion(*given(disc_slice()))
    assert motion.shape == (12, 2, 48, 40)
    assert not motion[REFERENCE].any()
    assert 0 < motion.abs().max() < 48 / 16 + 1e-3


def test_motion_is_learned_from_the_images_alone(network) -> None:
    image, _ = network(*given(disc_slice()))
    (image - torch.from_numpy(disc_image())).abs().square().mean().backward()
    assert all(one.grad.abs().sum() > 0 for one in network.estimate.decoder.parameters())


def test_it_learns_which_way_a_disc_slides() -> None:
    """Overfit on two frames, a disc and the same disc a row further down."""
    torch.manual_seed(0)
    network = DcMac((8, 8), 0)
    rows, columns = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    discs = [torch.exp(-((rows - y) ** 2 + (columns - 16) ** 2) / 30) for y in (14.0, 15.0)]
    frames = torch.stack(discs).to(torch.complex64)
    mask = (torch.arange(32) + torch.arange(2)[:, None]) % 2 == 0
    lines = Lines(to_hybrid(frames) * mask[..., None], mask)
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(40):
        loss = (network.images(lines, frames, 0.0) - frames).abs().square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    velocity = network.estimate(frames)[1].detach()
    inside = frames[0].real > 0.3
    assert 0.5 < float(velocity[0][inside].mean()) < 1.5
    assert float(velocity[1][inside].abs().mean()) < 0.5
