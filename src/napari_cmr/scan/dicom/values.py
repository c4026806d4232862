"""Values out of DICOM files that cannot be trusted: bounded reads, plain numbers and strings."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Any, BinaryIO


class BoundedReader:
    """A file whose ``read(n)`` never asks for more than is left, whatever a broken header says."""

    def __init__(self, file: BinaryIO, size: int, name: str) -> None:
        self._file = file
        self.size = size
        self.name = name
        self.seek = file.seek
        self.tell = file.tell
        self.close = file.close

    def read(self, n: int = -1) -> bytes:
        """Read up to ``n`` bytes, all that is left if negative."""
        left = max(0, self.size - self._file.tell())
        return self._file.read(left if n < 0 else min(n, left))


@contextmanager
def quiet_dicom() -> Iterator[None]:
    """Keep pydicom's remarks on not quite standard headers away from the user."""
    logger = logging.getLogger("pydicom")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def as_text(value: Any) -> str:
    """One line of text of at most 200 characters; empty for None."""
    return "" if value is None else " ".join(str(value).split())[:200]


def as_texts(value: Any) -> list[str]:
    """Items of a value with one or several parts as strings.

    Parts are separated by backslashes in DICOM, also where a writer chose a VR of unlimited text,
    in which they are not taken apart on reading.
    """
    if value is None:
        return []
    if isinstance(value, bytes):
        value = value.decode("latin-1").rstrip("\0")
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return [part.strip() for part in str(value).split("\\")]
    return [str(item) for item in value]


def as_number(value: Any) -> float | None:
    """Finite number, or None; of a value with one part, that part."""
    if isinstance(value, str | bytes) or hasattr(value, "__len__"):
        parts = as_texts(value)
        if len(parts) != 1:
            return None
        value = parts[0]
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def as_whole(value: Any) -> int | None:
    """Whole number that a float holds exactly, or None."""
    number = as_number(value)
    return None if number is None or abs(number) > 2**53 else int(number)


def as_numbers(value: Any, count: int) -> list[float] | None:
    """Exactly ``count`` finite numbers, or None."""
    numbers = [as_number(item) for item in as_texts(value)]
    found = [number for number in numbers if number is not None]
    return found if len(numbers) == len(found) == count else None


def within(value: float | None, low: float, high: float) -> float | None:
    """Return the value if it lies in the range, else None."""
    return value if value is not None and low <= value <= high else None
