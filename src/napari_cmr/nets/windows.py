"""A window on a network's images: the part of them that alone is drawn."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Window(NamedTuple):
    """Part of images (B, C, H, W).

    Attributes
    ----------
    rows, columns : tuple of 2 ints
        The first one, and the one after the last.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]

    @classmethod
    def whole(cls, shape: Sequence[int]) -> "Window":
        """All of images whose last two sides are those of a shape."""
        height, width = shape[-2:]
        return cls((0, height), (0, width))

    def of(self, images: Tensor) -> Tensor:
        """Part of images that the window shows."""
        if self == Window.whole(images.shape):
            return images
        part = images[..., slice(*self.rows), slice(*self.columns)]
        return part.contiguous(memory_format=torch.channels_last)

    def within(self, outer: "Window") -> "Window":
        """The same part, of the images that another window has cut out."""
        moved = ((a - start, b - start) for (a, b), (start, _) in zip(self, outer, strict=True))
        return Window(*moved)

    def wider(self, by: int, shape: Sequence[int]) -> "Window":
        """The window with so many pixels around it, as far as images of a shape have them.

        It begins and ends between pairs of pixels, so that it can be halved.
        """
        grown = [(max(0, a - by), b + by) for a, b in self]
        return Window(
            *(
                (a - a % 2, min(length, b + b % 2))
                for (a, b), length in zip(grown, shape[-2:], strict=True)
            )
        )

    def halved(self) -> "Window":
        """The window on images of half the height and width."""
        return Window(*((a // 2, b // 2) for a, b in self))
