"""Mirror images and quarter turns: of images that networks are shown, and of their answers."""

from collections.abc import Iterator
from typing import NamedTuple

from torch import Tensor

from napari_cmr.nets.windows import Window
from napari_cmr.scan import ScanError


class Turn(NamedTuple):
    """One of the eight ways to store a picture.

    Attributes
    ----------
    transposed : bool
        Whether rows become columns, first.
    flipped : tuple of int
        Axes of (B, C, H, W) that are reversed then: 2 for the order of rows, 3 for that of columns.
    """

    transposed: bool = False
    flipped: tuple[int, ...] = ()

    def there(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W), turned."""
        return (images.transpose(2, 3) if self.transposed else images).flip(self.flipped)

    def back(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) that were turned, as they were."""
        images = images.flip(self.flipped)
        return images.transpose(2, 3) if self.transposed else images

    def window_there(self, window: Window, side: int) -> Window:
        """Window on square pictures of a side, on the turned pictures."""
        rows, columns = reversed(window) if self.transposed else window
        return Window(
            *(
                (side - last, side - first) if axis in self.flipped else (first, last)
                for axis, (first, last) in enumerate((rows, columns), start=2)
            )
        )

    def place_back(self, place: tuple[float, float], shape: tuple[int, int]) -> tuple[float, float]:
        """Row and column of a place in a turned picture of ``shape``, in the picture as it was."""
        row, column = (
            length - 1 - at if axis in self.flipped else at
            for axis, (at, length) in enumerate(zip(place, shape, strict=True), start=2)
        )
        return (column, row) if self.transposed else (row, column)

    def untransposed(self) -> "Turn":
        """The turn without its transposition: rows stay rows.

        Pictures that are mirrored to one another are still turned to one another by it.
        """
        if not self.transposed:
            return self
        return Turn(flipped=tuple(sorted(5 - axis for axis in self.flipped)))


AS_STORED = Turn()
TURNS: tuple[Turn, ...] = tuple(
    Turn(transposed, flipped)
    for transposed in (False, True)
    for flipped in ((), (2,), (3,), (2, 3))
)
"""All eight, the most useful first to average over."""


def check_views(views: int) -> None:
    """Raise a ScanError if there are not so many views."""
    if not 1 <= views <= len(TURNS):
        raise ScanError(f"{views} views", remedy=f"average 1 to {len(TURNS)}")


def mirrored(views: int) -> Iterator[Turn]:
    """The first so many ways to turn images, whose answers are averaged."""
    yield from TURNS[:views]
