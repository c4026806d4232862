"""How far apart human readers are: what the wandering of a model is to be compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class ReaderVariability:
    """Mean absolute difference between two readers of one scan, in percent of the value.

    Attributes
    ----------
    quantity : str
    low_percent, high_percent : float
        Of the closest and of the farthest pair of readers.
    source : str
    """

    quantity: str
    low_percent: float
    high_percent: float
    source: str

    def points(self, value: float) -> tuple[float, float]:
        """Low and high difference in the unit of a value."""
        return value * self.low_percent / 100.0, value * self.high_percent / 100.0


LV_EF_READERS = ReaderVariability(
    quantity="LV EF",
    low_percent=3.4,
    high_percent=6.3,
    source="Bai et al., J Cardiovasc Magn Reson 20:65, 2018 (three pairs of readers, 50 scans of "
    "the UK Biobank, as tabled in Rueckert's lecture)",
)


def mean_difference_percent(values: Sequence[float] | np.ndarray) -> float | None:
    """Mean absolute difference between all pairs of values, in percent of each pair's mean.

    The statistic of :class:`ReaderVariability`, with repetitions in the place of readers.

    Parameters
    ----------
    values : sequence of float
        Positive; NaN is left out.

    Returns
    -------
    float or None
        None for fewer than two values.
    """
    known = [float(value) for value in values if np.isfinite(value)]
    if len(known) < 2:
        return None
    return float(
        np.mean([200.0 * abs(a - b) / (a + b) if a + b else 0.0 for a, b in combinations(known, 2)])
    )
