"""Mirror images and quarter turns, whose answers are averaged (test-time augmentation)."""

from collections.abc import Callable, Iterator

from torch import Tensor

from napari_cmr.scan import ScanError

#: Most useful first: whether transposed, and which axes are flipped.
_VIEWS: tuple[tuple[bool, tuple[int, ...]], ...] = tuple(
    (transposed, flipped) for transposed in (False, True) for flipped in ((), (2,), (3,), (2, 3))
)

Turn = Callable[[Tensor], Tensor]


def check_views(views: int) -> None:
    """Raise a ScanError if there are not so many views."""
    if not 1 <= views <= len(_VIEWS):
        raise ScanError(f"{views} views", remedy=f"average 1 to {len(_VIEWS)}")


def mirrored(views: int) -> Iterator[tuple[Turn, Turn]]:
    """The first so many ways to turn images (B, C, H, W), each with the way back."""
    for transposed, flipped in _VIEWS[:views]:
        yield _turn(transposed, flipped), _turn_back(transposed, flipped)


def _turn(transposed: bool, flipped: tuple[int, ...]) -> Turn:
    return lambda x: (x.transpose(2, 3) if transposed else x).flip(flipped)


def _turn_back(transposed: bool, flipped: tuple[int, ...]) -> Turn:
    return lambda x: x.flip(flipped).transpose(2, 3) if transposed else x.flip(flipped)
