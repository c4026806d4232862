"""Windows on images."""

import torch

from napari_cmr.nets.windows import Window


def test_a_window_widens_in_pairs_of_pixels_and_no_further_than_the_image() -> None:
    window = Window((1, 5), (6, 10))
    assert window.wider(2, (3, 12, 12)) == Window((0, 8), (4, 12))
    assert window.wider(0, (12, 12)) == Window((0, 6), (6, 10))
    assert window.wider(9, (12, 12)) == Window.whole((12, 12))


def test_what_a_window_shows_is_the_same_through_a_larger_one_and_at_half_the_size() -> None:
    images = torch.arange(2 * 12 * 12.0).view(1, 2, 12, 12)
    outer, inner = Window((2, 10), (0, 8)), Window((4, 8), (2, 6))
    assert torch.equal(inner.within(outer).of(outer.of(images)), inner.of(images))
    assert torch.equal(inner.halved().of(images[..., ::2, ::2]), inner.of(images)[..., ::2, ::2])
    assert Window.whole(images.shape).of(images) is images
