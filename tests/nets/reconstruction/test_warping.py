import numpy as np
import torch

from napari_cmr.motion.registration import warp as warp_stack
from napari_cmr.nets.reconstruction.warping import composed, flow_of, warp, warp_image


def smooth(seed: int, size: tuple[int, ...] = (2, 1, 24, 20)) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(*size[:2], 4, 4, generator=generator)
    return torch.nn.functional.interpolate(coarse, size[2:], mode="bicubic")


def moved_by(rows: float, columns: float, count: int = 2) -> torch.Tensor:
    """The same displacement everywhere."""
    way = torch.tensor([rows, columns])[:, None, None]
    return way.expand(count, 2, 24, 20)


def test_a_known_translation_moves_images_by_as_much() -> None:
    image = smooth(0)
    found = warp(image, moved_by(3.0, -2.0))
    torch.testing.assert_close(found[..., :-3, 2:], image[..., 3:, :-2], atol=1e-5, rtol=0)
    torch.testing.assert_close(found[..., -1, 2:], image[..., -1, :-2], atol=1e-5, rtol=0)


def test_it_is_the_warp_of_registration() -> None:
    image, displacement = smooth(0), 3 * smooth(1, (2, 2, 24, 20))
    wanted = [
        warp_stack(one[0].numpy(), way[:, None].numpy())
        for one, way in zip(image[:, None, 0, None], displacement, strict=True)
    ]
    np.testing.assert_allclose(warp(image, displacement)[:, 0], np.concatenate(wanted), atol=1e-4)


def test_both_parts_of_an_image_are_moved() -> None:
    image = torch.complex(smooth(0)[:, 0], smooth(1)[:, 0])
    found = warp_image(image, moved_by(1.0, 0.0))
    torch.testing.assert_close(found[:, :-1], image[:, 1:], atol=1e-5, rtol=0)


def test_composed_displacements_are_one_warp_after_another() -> None:
    torch.testing.assert_close(
        composed(moved_by(1.5, 0.0), moved_by(-0.5, 2.0))[..., 4:-4, 4:-4],
        moved_by(1.0, 2.0)[..., 4:-4, 4:-4],
    )
    image, first, second = smooth(0), smooth(1, (2, 2, 24, 20)), smooth(2, (2, 2, 24, 20))
    twice = warp(warp(image, first), second)
    apart = [
        float((warp(image, way) - twice)[..., 4:-4, 4:-4].abs().mean())
        for way in (composed(first, second), composed(second, first))
    ]
    assert apart[0] < 0.2 * apart[1]


def test_the_flow_of_the_negative_velocity_is_the_inverse() -> None:
    velocity = smooth(1, (2, 2, 24, 20))
    back = composed(flow_of(velocity), flow_of(-velocity))[..., 4:-4, 4:-4]
    assert back.abs().max() < 0.1 * velocity.abs().max()
    torch.testing.assert_close(flow_of(moved_by(2.0, 1.0)), moved_by(2.0, 1.0))
    assert not flow_of(torch.zeros(2, 2, 24, 20)).any()
