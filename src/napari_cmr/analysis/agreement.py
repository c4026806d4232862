"""How well two ways of measuring the same hearts agree, and two ratings of the same things."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_cmr.scan import ScanError


@dataclass(frozen=True)
class Agreement:
    """Agreement of measured with reference values; NaN where too few pairs define it.

    Attributes
    ----------
    n : int
        Pairs in which both values are known.
    bias, sd : float
        Mean and standard deviation (n - 1) of measured minus reference.
    lower_limit, upper_limit : float
        Limits of agreement, bias -+ 1.96 SD: Bland and Altman, Lancet 327:307, 1986.
    mean_absolute_error : float
    mean_percent_error : float
        Mean of the absolute differences in percent of each reference value.
    correlation : float
        Pearson's r.
    """

    n: int
    bias: float
    sd: float
    lower_limit: float
    upper_limit: float
    mean_absolute_error: float
    mean_percent_error: float
    correlation: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary with None for NaN."""
        return {
            name: None if value != value else value  # noqa: PLR0124  NaN differs from itself
            for name, value in vars(self).items()
        }


def agreement(
    measured: Sequence[float] | np.ndarray, reference: Sequence[float] | np.ndarray
) -> Agreement:
    """Compare paired measurements.

    Parameters
    ----------
    measured, reference : sequence of float, shape (n,)
        Pairs in the same order. Pairs with NaN or None on either side are left out.

    Returns
    -------
    Agreement

    Raises
    ------
    ScanError
        If the sequences differ in length.
    """
    a, b = np.asarray(measured, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ScanError(f"{a.shape} measured and {b.shape} reference values are not pairs")
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    difference = a - b
    nan = float("nan")
    n = int(a.size)
    bias = float(difference.mean()) if n else nan
    sd = float(difference.std(ddof=1)) if n > 1 else nan
    varied = n > 1 and np.ptp(a) > 0 and np.ptp(b) > 0
    relative = np.abs(difference[b != 0] / b[b != 0])
    return Agreement(
        n=n,
        bias=bias,
        sd=sd,
        lower_limit=bias - 1.96 * sd,
        upper_limit=bias + 1.96 * sd,
        mean_absolute_error=float(np.abs(difference).mean()) if n else nan,
        mean_percent_error=100.0 * float(relative.mean()) if relative.size else nan,
        correlation=float(np.corrcoef(a, b)[0, 1]) if varied else nan,
    )


def weighted_kappa(first: Sequence[int] | np.ndarray, second: Sequence[int] | np.ndarray) -> float:
    """Agreement of two ratings of the same things beyond chance, with quadratic weights.

    Cohen, Psychological Bulletin 70:213, 1968. With weights that grow with the square of the
    distance, kappa is one minus the mean squared difference of the pairs over that of all ratings
    of one with all of the other, so that no table of categories is needed.

    Parameters
    ----------
    first, second : sequence of int, shape (n,)
        Ratings on an ordered scale of even steps, in the same order.

    Returns
    -------
    float
        1 where both agree throughout, 0 as by chance; NaN where all ratings are one and the same,
        or there is none, as chance alone would agree then.

    Raises
    ------
    ScanError
        If the sequences differ in length.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ScanError(f"{a.shape} and {b.shape} ratings are not pairs")
    if not a.size:
        return float("nan")
    by_chance = float(a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    return 1.0 - float(np.mean((a - b) ** 2)) / by_chance if by_chance > 0 else float("nan")
