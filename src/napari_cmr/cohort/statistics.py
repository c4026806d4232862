"""Whether two ways differ over subjects: bootstrap, Wilcoxon's test, Holm's correction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: Fewest subjects that are tested: with five, no difference at all would be significant.
FEWEST = 6
_DRAWS = 5000


@dataclass(frozen=True)
class PairedDifference:
    """Mean difference of two ways over the same subjects.

    Attributes
    ----------
    mean : float
    low, high : float
        Bootstrap interval of the mean, 95 %, over subjects.
    p : float or None
        Wilcoxon's signed-rank test, two-sided; None of fewer than :data:`FEWEST` subjects.
    subjects : int
    """

    mean: float
    low: float
    high: float
    p: float | None
    subjects: int


def paired_difference(
    ours: Sequence[float], theirs: Sequence[float], *, seed: int = 0
) -> PairedDifference:
    """Compare two numbers of each subject.

    Parameters
    ----------
    ours, theirs : sequence of float
        Of the same subjects in the same order.
    seed : int
        Of the bootstrap.

    Raises
    ------
    ValueError
        If there is no subject, or not the same number of them.
    """
    difference = np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)
    if not difference.size:
        raise ValueError("no subject to compare")
    mean, low, high = mean_interval(difference, seed=seed)
    p = None
    if difference.size >= FEWEST:
        from scipy.stats import wilcoxon

        p = float(wilcoxon(difference).pvalue) if difference.any() else 1.0
    return PairedDifference(mean, low, high, p, int(difference.size))


def mean_interval(
    values: Sequence[float] | np.ndarray, *, seed: int = 0
) -> tuple[float, float, float]:
    """Mean of a number of each subject, and its 95 % bootstrap interval over subjects.

    Raises
    ------
    ValueError
        If there is no subject.
    """
    return bootstrap_interval(lambda one: one[..., 0], np.asarray(values, float)[:, None], seed)


def bootstrap_interval(
    statistic: Callable[[np.ndarray], np.ndarray], values: np.ndarray, seed: int = 0
) -> tuple[float, float, float]:
    """A statistic of the means over subjects, and its 95 % bootstrap interval over subjects.

    Parameters
    ----------
    statistic : callable
        Takes means, shape (..., K), and gives an array of shape (...).
    values : ndarray, shape (subjects, K)
    seed : int
        Of the bootstrap.

    Raises
    ------
    ValueError
        If there is no subject.
    """
    if not len(values):
        raise ValueError("no subject to take the mean of")
    rng = np.random.default_rng(seed)
    drawn = statistic(values[rng.integers(len(values), size=(_DRAWS, len(values)))].mean(axis=1))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(statistic(values.mean(axis=0))), float(low), float(high)


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """P values corrected for their number (Holm, Scandinavian Journal of Statistics 6, 1979)."""
    corrected, largest = {}, 0.0
    for rank, name in enumerate(sorted(p, key=p.__getitem__)):
        largest = max(largest, min(1.0, (len(p) - rank) * p[name]))
        corrected[name] = largest
    return {name: corrected[name] for name in p}
