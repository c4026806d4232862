"""Which k-space lines each frame keeps."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd

import numpy as np

from napari_cmr.kspace.acquisition import Acquisition
from napari_cmr.scan import ScanError

_GOLDEN_FRACTION = (5**0.5 - 1) / 2
COHERENT = 0.5
"""Coherence above which lines alias as a lattice does; see :attr:`LineMask.coherence`."""
_MASK_STREAM = 1  # keeps the draws of masks apart from those of phase and noise
_LINES = re.compile(r"([1-9]\d{0,5})(x?)")


@dataclass(frozen=True, eq=False)
class LineMask:
    """Lines kept in every frame.

    Attributes
    ----------
    array : ndarray of bool, shape (T, n_phase_encodes), read-only
        True where a line is measured. Lines are in centred order: the zero frequency is line
        ``n_phase_encodes // 2``.

    Raises
    ------
    ScanError
        If the array is not two-dimensional or is empty.
    """

    array: np.ndarray

    def __post_init__(self) -> None:
        array = np.array(self.array, dtype=bool)
        if array.ndim != 2 or array.size == 0:
            raise ScanError(f"line mask of shape {array.shape} is not (frames, lines)")
        array.setflags(write=False)
        object.__setattr__(self, "array", array)

    @classmethod
    def full(cls, n_frames: int, n_phase_encodes: int) -> "LineMask":
        """Mask that keeps every line."""
        return cls(np.ones((n_frames, n_phase_encodes), dtype=bool))

    @property
    def n_frames(self) -> int:
        """Number of frames T."""
        return int(self.array.shape[0])

    @property
    def n_phase_encodes(self) -> int:
        """Number of lines of a fully sampled frame."""
        return int(self.array.shape[1])

    @property
    def n_lines(self) -> np.ndarray:
        """Number of lines kept in each frame, shape (T,)."""
        return self.array.sum(axis=1)

    @property
    def is_full(self) -> bool:
        """Whether every frame keeps every line."""
        return bool(self.array.all())

    @property
    def density(self) -> np.ndarray:
        """Fraction of frames that keep each line, shape (n_phase_encodes,)."""
        return self.array.mean(axis=0)

    @property
    def acceleration(self) -> float:
        """All lines over kept lines, over the whole cine; infinite when nothing is kept."""
        kept = int(self.array.sum())
        return self.array.size / kept if kept else float("inf")

    @property
    def scan_time_saved(self) -> float:
        """Fraction of the fully sampled scan time that is saved, 0 to 1."""
        return 1.0 - float(self.array.mean())

    @property
    def coherence(self) -> float:
        """Largest side lobe of the mask's point spread at a temporal frequency other than 0.

        Of the lines that some frames lack, as a share of the main lobe: 1 for a sheared lattice,
        whose aliases are sharp copies of the image, and close to 0 for many lines that are drawn
        again in each frame, whose aliases are noise.
        """
        spread = np.abs(np.fft.fft2(self.array & ~self.array.all(axis=0)))
        return float(spread[1:].max(initial=0.0) / max(spread[0, 0], 1.0))

    def toggle(self, frame: int, line: int) -> "LineMask":
        """Mask with one line of one frame flipped."""
        return self.toggle_all([(frame, line)])

    def toggle_all(self, cells: Iterable[tuple[int, int]]) -> "LineMask":
        """Mask with each of the ``(frame, line)`` cells flipped.

        Raises
        ------
        ScanError
            If a cell lies outside the mask.
        """
        array = self.array.copy()
        for frame, line in cells:
            if not (0 <= frame < self.n_frames and 0 <= line < self.n_phase_encodes):
                raise ScanError(
                    f"line {line} of frame {frame + 1} was edited, but this scan has "
                    f"{self.n_frames} frames of {self.n_phase_encodes} lines",
                    remedy="clear the edited lines, they belong to another scan",
                )
            array[frame, line] = not array[frame, line]
        return LineMask(array)


def count_lines(text: str, n_phase_encodes: int) -> int:
    """Lines of a frame that a text means: a number of them, as 24, or an acceleration, as 8x.

    Parameters
    ----------
    text : str
    n_phase_encodes : int
        Lines of a full frame.

    Returns
    -------
    int
        Of an acceleration at least 1.

    Raises
    ------
    ScanError
        If it is neither.
    """
    found = _LINES.fullmatch(text)
    if found is None:
        raise ScanError(f"{text[:20]!r} is neither a number of lines nor an acceleration as 8x")
    number = int(found[1])
    return max(1, round(n_phase_encodes / number)) if found[2] else number


def line_mask(acquisition: Acquisition, n_frames: int, n_phase_encodes: int) -> LineMask:
    """Draw the lines of every frame.

    Every frame keeps exactly ``n_lines`` distinct lines before edits by hand. The central block of
    ``centre_lines`` is kept in all frames, and dropped where ``n_lines`` is smaller than it.

    - ``variable-density``: drawn again in each frame, with the density of :func:`line_density`.
    - ``uniform``: evenly spaced lines, moved by one line from frame to frame (a sheared grid in
      k-t space).
    - ``golden-step``: consecutive lines are a golden fraction of k-space apart, and a frame goes
      on where the last one stopped, so that any run of frames covers k-space evenly.

    Parameters
    ----------
    acquisition : Acquisition
    n_frames, n_phase_encodes : int

    Returns
    -------
    LineMask

    Raises
    ------
    ScanError
        If more lines are asked for than there are, or an edited line does not exist.
    """
    n_lines = n_phase_encodes if acquisition.n_lines is None else acquisition.n_lines
    if n_lines > n_phase_encodes:
        raise ScanError(
            f"{n_lines} lines per frame were asked for, a full frame of this scan has "
            f"{n_phase_encodes}",
            remedy=f"keep between 1 and {n_phase_encodes} lines",
        )
    rng = np.random.default_rng([acquisition.seed, _MASK_STREAM])
    array = np.zeros((n_frames, n_phase_encodes), dtype=bool)
    centre = acquisition.centre_lines if acquisition.centre_lines <= n_lines else 0
    first = n_phase_encodes // 2 - centre // 2
    array[:, first : first + centre] = True
    free = np.flatnonzero(~array[0])
    n_free = n_lines - centre
    if n_free == len(free):
        array[:] = True
    elif n_free > 0:
        if acquisition.pattern == "variable-density":
            density = line_density(n_lines, n_phase_encodes, centre)[free]
            chosen = _draw(density, n_free, n_frames, rng)
        elif acquisition.pattern == "uniform":
            chosen = _uniform(len(free), n_free, n_frames, rng)
        else:
            chosen = _golden(len(free), n_free, n_frames, rng)
        array[np.arange(n_frames)[:, None], free[chosen]] = True
    return LineMask(array).toggle_all(acquisition.toggled)


def line_density(n_lines: int, n_phase_encodes: int, centre_lines: int = 0) -> np.ndarray:
    """Probability that a frame keeps each line, for the variable-density pattern.

    A Gaussian of variance ``(n_phase_encodes / 10)^2`` lines around the centre of k-space plus a
    floor of ``n_lines / (2 n_phase_encodes)``, scaled so that the expected count is ``n_lines``;
    lines that would exceed 1 are kept always and the others share the rest (after Schlemper et al.
    2018, section 3, variable density 1-D masks).

    Parameters
    ----------
    n_lines, n_phase_encodes : int
    centre_lines : int
        Lines around the centre that are always kept; at most ``n_lines``.

    Returns
    -------
    ndarray, shape (n_phase_encodes,), float64
        Sums to ``n_lines``.
    """
    distance = np.arange(n_phase_encodes) - n_phase_encodes // 2
    weight = np.exp(-0.5 * (distance / (n_phase_encodes / 10)) ** 2)
    weight += n_lines / (2 * n_phase_encodes)
    certain = np.zeros(n_phase_encodes, dtype=bool)
    first = n_phase_encodes // 2 - centre_lines // 2
    certain[first : first + centre_lines] = True
    while True:
        density = certain.astype(np.float64)
        rest = n_lines - certain.sum()
        if rest > 0:
            density[~certain] = weight[~certain] * (rest / weight[~certain].sum())
        above = (density >= 1.0) & ~certain
        if not above.any():
            return density
        certain |= above


def _draw(density: np.ndarray, n_lines: int, n_frames: int, rng: np.random.Generator) -> np.ndarray:
    """Draw ``n_lines`` distinct lines a frame, each with the given probability.

    Pareto sampling (Rosen, J. Stat. Plan. Inference 62, 1997): the lines with the smallest ratio
    of odds. Its inclusion probabilities are the wanted ones to about a per cent, and the same
    uniform numbers serve every ``n_lines``, so that one line more keeps nearly all the others.
    """
    uniform = rng.random((n_frames, density.size))
    with np.errstate(divide="ignore"):
        odds = density / (1.0 - density)
        ratio = uniform / (1.0 - uniform) / odds
    return np.argpartition(ratio, n_lines - 1, axis=1)[:, :n_lines]


def _uniform(n: int, n_lines: int, n_frames: int, rng: np.random.Generator) -> np.ndarray:
    """Evenly spaced lines, one line further in every frame; integers keep the counts exact."""
    frame = rng.integers(n) + np.arange(n_frames)[:, None]
    return (np.arange(n_lines) * n + (frame * n_lines) % n) // n_lines


def _golden(n: int, n_lines: int, n_frames: int, rng: np.random.Generator) -> np.ndarray:
    """Step by a golden fraction of ``n``, rounded to a number coprime to it.

    Such a step visits all lines before it meets one again: the lines of a frame are distinct.
    """
    wanted = n * _GOLDEN_FRACTION
    step = min((s for s in range(1, n + 1) if gcd(s, n) == 1), key=lambda s: abs(s - wanted))
    return (rng.integers(n) + step * np.arange(n_frames * n_lines).reshape(n_frames, -1)) % n
