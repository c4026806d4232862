import pytest
import torch
from helpers.beating_discs import coils_slice, disc_slice
from helpers.network_lines import given

from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.proximal import nearest_image
from napari_cmr.nets.reconstruction.sigma_net import DownUp, SigmaNet, _whitened
from napari_cmr.scan import ScanError


def net_of(*members: str, **options) -> SigmaNet:
    torch.manual_seed(0)
    options = {"iterations": 1, "features": 4, "levels": 1} | options
    return SigmaNet(members, **options)


def silent(*members: str, **options) -> SigmaNet:
    """One whose members change nothing but to agree with the lines."""
    network = net_of(*members, **options)
    for module in network.modules():
        if isinstance(module, DownUp):
            torch.nn.init.zeros_(module.last.weight)
    return network


@torch.no_grad()
@pytest.mark.parametrize("trust", [None, 0.3])
def test_members_agree_with_the_lines_as_published(trust) -> None:
    lines = Lines(*given(coils_slice(n_lines=12)))
    image = lines.nearest()
    share = 10 / 11 if trust is None else trust  # lambda of 10
    answers = silent("none", "gradient", "proximal", "splitting").answers(lines, image, trust)
    step = lines.residual(image)
    wanted = [
        image,
        image + share * step,
        nearest_image(lines, image, share),
        image + (share**2 if trust is None else share) * step,  # alpha and beta of 1 / 11
    ]
    for found, one in zip(answers, wanted, strict=True):
        torch.testing.assert_close(found, one, atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_the_answer_is_the_complex_mean_of_the_members() -> None:
    network = net_of("gradient", "splitting", coils=4)
    lines = given(coils_slice())
    members = network.answers(*network.begin(*lines)[:2])
    assert len(members) == 3
    unit = network.begin(*lines)[2]
    torch.testing.assert_close(network(*lines)[0], sum(members) / 3 * unit)


@torch.no_grad()
def test_parallel_coils_are_kept_line_by_line() -> None:
    hybrid, mask, maps = given(coils_slice())
    network = silent(coils=4)
    lines, image, _ = network.begin(hybrid, mask, maps, unit=1.0)
    (found,) = network.answers(lines, image, 1.0)
    coils = Lines(hybrid, mask).consistent(maps[:, None] * image)
    torch.testing.assert_close(found, (maps[:, None].conj() * coils).sum(0))


@torch.no_grad()
def test_a_single_coil_is_parallel_too() -> None:
    image, _ = net_of(coils=1)(*given(disc_slice()))
    assert image.shape == (12, 48, 40)


@pytest.mark.parametrize("lines", [disc_slice(), coils_slice(3)])
def test_another_number_of_coils_is_refused(lines) -> None:
    with pytest.raises(ScanError, match="works on 4 coils") as refused:
        net_of("gradient", coils=4)(*given(lines))
    assert "compress the coils to 4" in str(refused.value)


def test_iterations_share_their_network() -> None:
    few, many = net_of("gradient", iterations=1), net_of("gradient", iterations=8)
    assert [one.shape for one in few.parameters()] == [one.shape for one in many.parameters()]


class Watching(torch.nn.Conv2d):
    """Keeps what it saw, and gives it back."""

    def __init__(self) -> None:
        super().__init__(2, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen = x
        return x


@torch.no_grad()
def test_images_are_whitened_and_brought_back() -> None:
    generator = torch.Generator().manual_seed(0)
    pair = torch.randn(2, 3, 32, 32, generator=generator)
    images = torch.complex(5 + 3 * pair[0] + pair[1], 0.5 * pair[1] - pair[0])
    watching = Watching()
    back = _whitened(watching, images)
    whole = images - images.mean((-2, -1), keepdim=True)
    torch.testing.assert_close(back, whole, atol=1e-4, rtol=1e-4)
    for frame in watching.seen.flatten(2):
        torch.testing.assert_close(frame @ frame.T / 1024, torch.eye(2), atol=0.03, rtol=0)
    images[0, 0, 0] = 1000.0
    _whitened(watching, images)
    assert float(watching.seen.abs().max()) == 6.0


@torch.no_grad()
def test_an_image_of_nothing_is_whitened_to_nothing() -> None:
    nothing = torch.zeros(2, 8, 8, dtype=torch.complex64)
    assert torch.equal(_whitened(Watching(), nothing), nothing)


@torch.no_grad()
def test_grids_may_be_of_any_size() -> None:
    network = DownUp(2, 4, 2)
    assert network(torch.zeros(1, 2, 13, 10)).shape == (1, 2, 13, 10)
