import pytest
import torch
from helpers.beating_discs import coils_slice, disc_slice, error
from helpers.network_lines import given

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.proximal import MOST_TRUST, nearest_image


def some_images(shape: tuple[int, ...], seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.complex128)


def small_lines(n_coils: int | None = 3) -> Lines:
    """Two frames of eight lines and three columns, in double precision."""
    mask = torch.rand(2, 8, generator=torch.Generator().manual_seed(1)) < 0.5
    shape = (2, 8, 3) if n_coils is None else (n_coils, 2, 8, 3)
    hybrid = some_images(shape, 2) * mask[..., None]
    if n_coils is None:
        return Lines(hybrid, mask)
    maps = some_images((n_coils, 8, 3), 3)
    return Lines(hybrid, mask, maps / maps.abs().square().sum(0).sqrt())


@pytest.mark.parametrize("slice_of", [disc_slice, coils_slice])
@pytest.mark.parametrize("trust", [0.2, 0.9])
def test_it_is_the_proximal_step_of_the_encoding_operator(slice_of, trust) -> None:
    one: MeasuredSlice = slice_of()
    image = some_images((12, 48, 40)).to(torch.complex64)
    wanted = one.encoding.prox(image.numpy(), one.lines, trust)
    found = nearest_image(Lines(*given(one)), image, trust, iterations=30)
    assert error(found.numpy(), wanted) < 1e-4


def test_nothing_is_asked_of_lines_that_are_not_trusted() -> None:
    image = some_images((2, 8, 3))
    torch.testing.assert_close(nearest_image(small_lines(), image, 0.0), image)


def test_all_trust_in_several_coils_is_nearly_all() -> None:
    lines, image = small_lines(), some_images((2, 8, 3))
    whole = nearest_image(lines, image, 1.0, iterations=50)
    torch.testing.assert_close(whole, nearest_image(lines, image, MOST_TRUST, iterations=50))


@pytest.mark.parametrize("n_coils", [None, 3])
def test_gradients_to_image_and_trust_are_those_of_the_solution(n_coils) -> None:
    lines = small_lines(n_coils)
    image = some_images((2, 8, 3)).requires_grad_()
    trust = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)

    def solve(z: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        return nearest_image(lines, z, share, iterations=100, tolerance=1e-14)

    assert torch.autograd.gradcheck(solve, (image, trust))


def test_gradients_reach_the_lines_too() -> None:
    lines = small_lines()
    hybrid = lines.hybrid.clone().requires_grad_()
    image = some_images((2, 8, 3))

    def solve(given: torch.Tensor) -> torch.Tensor:
        return nearest_image(
            Lines(given, lines.mask, lines.maps), image, 0.8, iterations=100, tolerance=1e-14
        )

    assert torch.autograd.gradcheck(solve, (hybrid,))
