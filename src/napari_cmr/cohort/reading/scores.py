"""Statistics of a reading study: mean opinions, tests between methods, agreement of readers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from napari_cmr.analysis.agreement import weighted_kappa
from napari_cmr.cohort.statistics import PairedDifference, holm, paired_difference
from napari_cmr.scan import ScanError
from napari_cmr.workflow.reading.criteria import SCORES
from napari_cmr.workflow.reading.ratings import ratings_path, read_ratings, readers_of
from napari_cmr.workflow.reading.study import Key, StudyFolder

QUANTITIES = ("psnr", "ssim", "sis")
"""What opinions are compared with."""
_DRAWS = 2000
_FEWEST_POINTS = 3


@dataclass(frozen=True)
class PanelRating:
    """One rating, with what made its image.

    Attributes
    ----------
    reader : str
    place : int
        In the reader's order, from 0.
    item, method : str
    case, slice : int
        From 0.
    again : bool
        Whether the reader had rated the image before.
    score : int
    seconds : float
    psnr, ssim, dice, full_dice, sis : float or None
        See :class:`~napari_cmr.workflow.reading.study.Made`.
    """

    reader: str
    place: int
    item: str
    case: int
    slice: int
    method: str
    again: bool
    score: int
    seconds: float
    psnr: float | None
    ssim: float | None
    dice: float | None
    full_dice: float | None
    sis: float | None


@dataclass(frozen=True)
class Opinion:
    """Mean opinion score of a method, and what was measured of the same images.

    Attributes
    ----------
    method : str
    n : int
        Ratings: images times readers, repeats left out.
    mean, sd : float
        SD (n - 1) of single ratings.
    counts : tuple of 4 int
        Ratings of each score.
    by_reader : dict of str to float
        Mean of each reader.
    psnr, ssim : float or None
        Means over images; None where no image has it.
    sis : float or None
        Semantic interpretability score: mean Dice of these images over that of the full ones.
    """

    method: str
    n: int
    mean: float
    sd: float
    counts: tuple[int, ...]
    by_reader: dict[str, float]
    psnr: float | None
    ssim: float | None
    sis: float | None


@dataclass(frozen=True)
class MethodDifference:
    """Difference of two methods, over cases; each case is the mean of its slices and readers.

    Attributes
    ----------
    first, second : str
    difference : PairedDifference
        First minus second.
    p : float or None
        After Holm's correction for all pairs of methods.
    """

    first: str
    second: str
    difference: PairedDifference
    p: float | None


@dataclass(frozen=True)
class ReaderAgreement:
    """Agreement of a reader between two showings, or of two readers.

    Attributes
    ----------
    readers : tuple of str
        One or two.
    n : int
        Images that were rated twice.
    kappa : float or None
        Quadratic weights; None where it is not defined.
    same : float or None
        Share of equal scores.
    table : tuple of 4 tuples of 4 int
        Images by first score (row) and second score.
    """

    readers: tuple[str, ...]
    n: int
    kappa: float | None
    same: float | None
    table: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Correlation:
    """Spearman's correlation of mean opinions with a quantity, over reconstructed images.

    Attributes
    ----------
    quantity : str
    n, cases : int
        Images, and scans that they are of.
    rho, low, high : float
        With its 95 % bootstrap interval over scans.
    """

    quantity: str
    n: int
    cases: int
    rho: float
    low: float
    high: float


def panel_ratings(folder: StudyFolder, key: Key) -> tuple[list[PanelRating], list[str]]:
    """Ratings of all readers who have finished, and the codes of those who have not.

    Raises
    ------
    ScanError
        If a reader's file is damaged or of another study, or nobody has finished.
    """
    made = {one.id: one for one in key.made}
    n_images = len(folder.study.items) + len(folder.study.repeats)
    found: list[PanelRating] = []
    unfinished = []
    for reader in readers_of(folder):
        ratings = read_ratings(folder, ratings_path(folder, reader)).ratings
        if len(ratings) < n_images:
            unfinished.append(reader)
            continue
        seen: set[str] = set()
        for place, one in enumerate(ratings):
            how = made[one.item]
            found.append(
                PanelRating(
                    reader=reader,
                    place=place,
                    item=one.item,
                    case=how.case,
                    slice=how.slice,
                    method=how.method,
                    again=one.item in seen,
                    score=one.score,
                    seconds=one.seconds,
                    psnr=how.psnr,
                    ssim=how.ssim,
                    dice=how.dice,
                    full_dice=how.full_dice,
                    sis=how.sis,
                )
            )
            seen.add(one.item)
    if not found:
        said = f": {', '.join(unfinished)} are still reading" if unfinished else ""
        raise ScanError(
            f"no reader has rated all images{said}",
            source=folder.path,
            remedy="read it first: napari-cmr reading-panel read",
        )
    return found, unfinished


def opinions(ratings: Sequence[PanelRating], methods: Iterable[str]) -> list[Opinion]:
    """Mean opinion score of each method, the best first."""
    found = []
    for method in methods:
        own = [one for one in ratings if one.method == method and not one.again]
        scores = np.array([one.score for one in own], dtype=float)
        readers = dict.fromkeys(one.reader for one in own)
        found.append(
            Opinion(
                method=method,
                n=len(own),
                mean=float(scores.mean()),
                sd=float(scores.std(ddof=1)) if len(own) > 1 else 0.0,
                counts=tuple(int((scores == score).sum()) for score in SCORES),
                by_reader={
                    reader: float(np.mean([x.score for x in own if x.reader == reader]))
                    for reader in readers
                },
                psnr=_mean(one.psnr for one in own),
                ssim=_mean(one.ssim for one in own),
                sis=_ratio(_mean(one.dice for one in own), _mean(one.full_dice for one in own)),
            )
        )
    return sorted(found, key=lambda one: -one.mean)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return float(np.mean(known)) if known else None


def _ratio(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below


def method_differences(
    ratings: Sequence[PanelRating], methods: Sequence[str]
) -> list[MethodDifference]:
    """Compare every two methods case by case.

    Parameters
    ----------
    ratings : sequence of PanelRating
    methods : sequence of str
        Differences are those of an earlier minus a later one.
    """
    cases = sorted({one.case for one in ratings})
    means = {
        (method, case): float(
            np.mean([x.score for x in ratings if (x.method, x.case, x.again) == (method, case, 0)])
        )
        for method in methods
        for case in cases
    }
    found = {
        (first, second): paired_difference(
            [means[first, case] for case in cases], [means[second, case] for case in cases]
        )
        for first, second in combinations(methods, 2)
    }
    tested = {"\n".join(pair): one.p for pair, one in found.items() if one.p is not None}
    corrected = holm(tested)
    return [
        MethodDifference(*pair, difference=one, p=corrected.get("\n".join(pair)))
        for pair, one in found.items()
    ]


def within_readers(ratings: Sequence[PanelRating]) -> list[ReaderAgreement]:
    """Agreement of the two showings of the repeats, reader by reader."""
    readers = dict.fromkeys(one.reader for one in ratings)
    return [_agreement((reader,), *_twice(ratings, reader)) for reader in readers]


def between_readers(ratings: Sequence[PanelRating]) -> list[ReaderAgreement]:
    """Agreement of every two readers, over all images when first shown.

    The mean of their kappas is that of Light (Psychological Bulletin 76:365, 1971).
    """
    first: dict[str, dict[str, int]] = {}
    for one in ratings:
        if not one.again:
            first.setdefault(one.reader, {})[one.item] = one.score
    found = []
    for a, b in combinations(first, 2):
        items = sorted(first[a])
        found.append(
            _agreement((a, b), [first[a][one] for one in items], [first[b][one] for one in items])
        )
    return found


def _twice(ratings: Sequence[PanelRating], reader: str) -> tuple[list[int], list[int]]:
    own = [one for one in ratings if one.reader == reader]
    before = {one.item: one.score for one in own if not one.again}
    again = [one for one in own if one.again]
    return [before[one.item] for one in again], [one.score for one in again]


def _agreement(
    readers: tuple[str, ...], first: Sequence[int], second: Sequence[int]
) -> ReaderAgreement:
    kappa = weighted_kappa(first, second)
    table = np.zeros((len(SCORES), len(SCORES)), dtype=int)
    np.add.at(table, (np.array(first, int) - 1, np.array(second, int) - 1), 1)
    return ReaderAgreement(
        readers=readers,
        n=len(first),
        kappa=kappa if np.isfinite(kappa) else None,
        same=float(np.trace(table) / len(first)) if first else None,
        table=tuple(tuple(int(n) for n in row) for row in table),
    )


def correlations(ratings: Sequence[PanelRating], *, seed: int = 0) -> list[Correlation]:
    """Correlate mean opinions of single images with PSNR, SSIM and SIS, where they are known.

    Images of one scan are not independent, so the interval is drawn over scans. The full image has
    no such number and is left out.

    Parameters
    ----------
    ratings : sequence of PanelRating
    seed : int
        Of the bootstrap.
    """
    found = []
    for quantity in QUANTITIES:
        points = opinion_points(ratings, quantity)
        pairs = np.array([(opinion, value) for _, _, opinion, value in points]).reshape(-1, 2)
        if len(points) < _FEWEST_POINTS or (np.ptp(pairs, axis=0) == 0).any():
            continue
        cases = np.array([case for _, case, _, _ in points])
        names = np.unique(cases)
        own = [np.flatnonzero(cases == name) for name in names]
        rng = np.random.default_rng(seed)
        drawn = [
            _spearman(
                pairs[np.concatenate([own[k] for k in rng.integers(len(own), size=len(own))])]
            )
            for _ in range(_DRAWS)
        ]
        low, high = np.nanquantile(drawn, (0.025, 0.975))
        found.append(
            Correlation(
                quantity, len(points), len(names), _spearman(pairs), float(low), float(high)
            )
        )
    return found


def opinion_points(
    ratings: Sequence[PanelRating], quantity: str
) -> list[tuple[str, int, float, float]]:
    """Method, case, mean opinion and a quantity of every image in which it is known."""
    by_item: dict[str, list[PanelRating]] = {}
    for one in ratings:
        if not one.again and getattr(one, quantity) is not None:
            by_item.setdefault(one.item, []).append(one)
    return [
        (
            several[0].method,
            several[0].case,
            float(np.mean([one.score for one in several])),
            float(getattr(several[0], quantity)),
        )
        for several in by_item.values()
    ]


def _spearman(pairs: np.ndarray) -> float:
    """Correlation of ranks of two columns, ties shared; NaN where one of them is constant."""
    from scipy.stats import rankdata

    ranks = rankdata(pairs, axis=0)
    if (np.ptp(ranks, axis=0) == 0).any():
        return float("nan")
    return float(np.corrcoef(ranks.T)[0, 1])
