"""Damage to files, for tests that nothing but a ScanError comes out of a broken one."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np

from napari_cmr.scan import Scan, ScanError

N_MUTATIONS = int(os.environ.get("NAPARI_CMR_MUTATIONS", "150"))
"""How many damaged files of each format to try."""

_NASTY = (0, 1, 0x7F, 0x80, 0xFF)


def mutate(content: bytes, rng: np.random.Generator, *, header: int = 1024) -> bytes:
    """Damage a file in one to three ways; the first ``header`` bytes are hit most often.

    Equal generators give equal damage.
    """
    data = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        data = _DAMAGES[int(rng.integers(len(_DAMAGES)))](data, rng, header)
    return bytes(data)


def _position(data: bytearray, rng: np.random.Generator, header: int) -> int:
    end = min(header, len(data)) if rng.random() < 0.7 else len(data)
    return int(rng.integers(max(end, 1)))


def _flip_bits(data: bytearray, rng: np.random.Generator, header: int) -> bytearray:
    for _ in range(int(rng.integers(1, 9))):
        if data:
            data[_position(data, rng, header)] ^= 1 << int(rng.integers(8))
    return data


def _nasty_bytes(data: bytearray, rng: np.random.Generator, header: int) -> bytearray:
    start, length = _position(data, rng, header), int(rng.integers(1, 9))
    data[start : start + length] = bytes([int(rng.choice(_NASTY))]) * length
    return data


def _random_bytes(data: bytearray, rng: np.random.Generator, header: int) -> bytearray:
    start, length = _position(data, rng, header), int(rng.integers(1, 33))
    data[start : start + length] = rng.bytes(length)
    return data


def _nasty_number(data: bytearray, rng: np.random.Generator, header: int) -> bytearray:
    start = _position(data, rng, header) & ~1
    kind = str(rng.choice(["<i2", "<i4", "<i8", "<f4", ">i2", ">f4"]))
    values: list[float] = [0, -1, np.iinfo(np.int16).max, np.iinfo(np.int16).min]
    if kind.endswith("f4"):
        values += [float("nan"), float("inf"), 1e30, -1e-30]
    number = np.array(values[int(rng.integers(len(values)))]).astype(kind).tobytes()
    data[start : start + len(number)] = number
    return data


def _truncate(data: bytearray, rng: np.random.Generator, header: int) -> bytearray:
    return data[: _position(data, rng, header)]


def _remove(data: bytearray, rng: np.random.Generator, header: int) -> bytearray:
    start = _position(data, rng, header)
    del data[start : start + int(rng.integers(1, 65))]
    return data


def _repeat(data: bytearray, rng: np.random.Generator, header: int) -> bytearray:
    start = _position(data, rng, header)
    data[start:start] = data[start : start + int(rng.integers(1, 65))]
    return data


def _swap(data: bytearray, rng: np.random.Generator, header: int) -> bytearray:
    first, second = _position(data, rng, header), _position(data, rng, header)
    length = int(rng.integers(1, 17))
    block = data[first : first + length]
    data[first : first + length] = data[second : second + length]
    data[second : second + length] = block
    return data


_DAMAGES = (
    _flip_bits,
    _nasty_bytes,
    _random_bytes,
    _nasty_number,
    _truncate,
    _remove,
    _repeat,
    _swap,
)


class Hang(BaseException):
    """Reading took too long; no reader's ``except Exception`` may take it for a damaged file."""


@contextmanager
def no_hang(seconds: float = 120.0) -> Iterator[None]:
    """Fail, rather than wait for ever, if the block hangs (where the system has alarms)."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise Hang(f"reading took more than {seconds} s")

    previous = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, previous)


def survive(read: Callable[[], Scan], what: str, *, max_voxels: int = 5_000_000) -> str:
    """Read a damaged file: ``"scan"`` or ``"refused"``; anything else is an AssertionError."""
    with no_hang():
        try:
            scan = read()
        except ScanError:
            return "refused"
        except Exception as error:
            raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error
    assert scan.image.size <= max_voxels, f"{what}: an image of {scan.shape} from a small file"
    return "scan"


def survive_mutations(
    original: Path,
    target: Path,
    read: Callable[[], Scan],
    *,
    n: int = N_MUTATIONS,
    seed: int = 0,
    header: int = 1024,
    repack: tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]] | None = None,
) -> Counter[str]:
    """Damage ``original`` ``n`` times into ``target`` and read it each time.

    Parameters
    ----------
    original, target : Path
        They may be the same file; the original content is restored at the end.
    read : callable
        Reads the target, or a folder around it.
    header : int
        Number of leading bytes to damage most.
    repack : (unpack, pack), optional
        Damage the unpacked content of a compressed file half of the time.

    Returns
    -------
    Counter
        How many were read and how many refused.
    """
    content = original.read_bytes()
    outcome: Counter[str] = Counter()
    for index in range(n):
        rng = np.random.default_rng([seed, index])
        if repack is not None and index % 2:
            unpack, pack = repack
            damaged = pack(mutate(unpack(content), rng, header=header))
        else:
            damaged = mutate(content, rng, header=header)
        target.write_bytes(damaged)
        outcome[survive(read, f"{target.name}, damage {index} of seed {seed}")] += 1
    target.write_bytes(content)
    return outcome
