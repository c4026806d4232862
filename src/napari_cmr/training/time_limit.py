"""The minutes that a training may take, and what may still begin within them."""

import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from napari_cmr.scan import ScanError

Item = TypeVar("Item")


class TimeLimit:
    """Time to end within, which runs from when this is made.

    Parameters
    ----------
    minutes : float, optional
        No limit if None.
    """

    def __init__(self, minutes: float | None = None) -> None:
        self.minutes = minutes
        self._began = time.monotonic()

    @property
    def left(self) -> float | None:
        """Minutes that are left, below 0 where it is over; None without a limit."""
        if self.minutes is None:
            return None
        return self.minutes - (time.monotonic() - self._began) / 60

    def allows(self, seconds: float = 0.0) -> bool:
        """Whether so much time is left."""
        return self.left is None or 60 * self.left > seconds

    def each(
        self, items: Sequence[Item], *, what: str = "the subjects", kept: bool = False
    ) -> Iterator[Item]:
        """Items to prepare, as long as one that takes no longer than those before ends in time.

        Parameters
        ----------
        items : sequence
        what : str
            What they are, in words.
        kept : bool
            Whether those that are ready are not prepared again.

        Raises
        ------
        ScanError
            If there is no time for the next.
        """
        longest = 0.0
        for ready, item in enumerate(items):
            if not self.allows(longest):
                raise self.is_over(f"{ready} of {len(items)}", what=what, kept=kept)
            began = time.monotonic()
            yield item
            longest = max(longest, time.monotonic() - began)

    def is_over(self, ready: str, *, what: str = "the subjects", kept: bool = False) -> ScanError:
        """The error of a preparation that has no more time; ``ready`` says how many are."""
        again = "start again, as those are kept, or " if kept else ""
        return ScanError(
            f"preparing {what} took all of {self.minutes:g} minutes: {ready} are ready",
            remedy=f"{again}give more minutes{' or workers' if kept else ''}",
        )
