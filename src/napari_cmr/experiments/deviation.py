"""Calibrate the standard deviation that a reconstruction network gives, on unseen subjects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import convolve

from napari_cmr.cohort.subjects import Split, find_subjects, open_cine
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import ScanError
from napari_cmr.zoo import ModelChoice, load
from napari_cmr.zoo.cards import ModelCard, read_card, write_card
from napari_cmr.zoo.folders import find_weights

#: Share of the errors of a normal distribution that lie within one standard deviation.
WITHIN = 0.6827
N_FRAMES = 25
#: Of the 99th percentile: darker pixels hold no signal.
_SIGNAL = 0.1
#: Median of the magnitude of a standard normal number.
_MEDIAN_OF_NORMAL = 0.6745
_SHARES = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class Deviation:
    """What :func:`fit_deviation` found.

    Attributes
    ----------
    factors : tuple of (float, float)
        Acceleration, and what the network's deviation is to be multiplied by there.
    before, after : dict of float to float
        Share of the pixels whose error lies within one deviation, by acceleration; after
        calibration each subject by the factors of the others.
    subjects : int
    """

    factors: tuple[tuple[float, float], ...]
    before: dict[float, float]
    after: dict[float, float]
    subjects: int


def fit_deviation(
    data: Path,
    choice: ModelChoice,
    *,
    split: Split = "validation",
    lines: Sequence[int] = (4, 8, 16, 32),
    seed: int = 0,
    report: Callable[[str], None] = lambda _: None,
) -> Deviation:
    """Compare a network's deviation with its errors in the middle slices of cines.

    Frames of animated cines get noise of their own first (:func:`with_own_noise`). The factor of
    an acceleration is the median over subjects of the 68 % quantile of the error of the magnitude
    over the deviation; where it falls as lines get fewer it is held.

    Parameters
    ----------
    data : Path
        Folder of ACDC patient folders, or of labelled scans.
    choice : ModelChoice
    split : str
    lines : sequence of int
        Lines per frame.
    seed : int
    report : callable
        Is told of every subject.

    Raises
    ------
    ScanError
        If the network gives no deviation, or there is nobody to learn from.
    """
    from napari_cmr.zoo.tasks.reconstruction import Reconstructor

    network: Reconstructor = load(choice, Reconstructor)
    found = find_subjects(data, split)
    ratios: list[list[np.ndarray]] = []
    accelerations = []
    for name, path in found.items():
        cine = open_cine(path, name, n_frames=N_FRAMES, seed=seed)
        scan = cine.scan
        if cine.animated:
            scan = scan.with_(image=with_own_noise(scan.image, np.random.default_rng(seed)))
        z = scan.n_slices // 2
        of_subject = []
        fewer = sorted(lines, reverse=True)
        accelerations.append([scan.n_phase_encodes / n_lines for n_lines in fewer])
        for n_lines in fewer:
            acquisition = Acquisition(n_lines=n_lines, centre_lines=min(4, n_lines // 2), seed=seed)
            one = undersample(scan, acquisition, slices=[z])[0]
            whole = acquisition.model_copy(update={"n_lines": None})
            truth = np.abs(undersample(scan, whole, slices=[z])[0].zero_filled())
            image, std = network.raw(one)
            if std is None:
                raise ScanError(f"{choice.name} gives no standard deviation to calibrate")
            ratio = np.abs(np.abs(image) - truth) / np.maximum(std, 1e-9)
            of_subject.append(np.quantile(ratio, _SHARES))
        ratios.append(of_subject)
        report(f"{name}: {len(ratios)} of {len(found)}")
    if not ratios:
        raise ScanError("there is nobody to calibrate with", source=data)
    return summarise(np.array(ratios), np.exp(np.log(accelerations).mean(axis=0)))


def with_own_noise(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Frames that share the noise of one image, each with as much noise of its own.

    Frames between ED and ES are warped ones of these and repeat their noise, which the lines of one
    frame then tell of all others: errors of real cines, whose frames differ by noise as well, would
    be larger. Its standard deviation is estimated from second differences of the first frame (the
    mask of Immerkaer, CVIU 64, 1996), by their median where there is signal.

    Parameters
    ----------
    image : ndarray, shape (T, Z, Y, X)
        Magnitude.
    rng : numpy Generator

    Returns
    -------
    ndarray of float32, shape (T, Z, Y, X)
        Magnitude.
    """
    first = image[0].astype(np.float32)
    mask = np.outer((1, -2, 1), (1, -2, 1)).astype(np.float32) / 6
    signal = first > _SIGNAL * np.percentile(first, 99)
    differences = convolve(first, mask[None])[signal]
    sd = float(np.median(np.abs(differences))) / _MEDIAN_OF_NORMAL if signal.any() else 0.0
    return np.abs(image + sd * rng.standard_normal(image.shape, dtype=np.float32))


def summarise(ratios: np.ndarray, accelerations: np.ndarray) -> Deviation:
    """Factors that do not fall with the acceleration, and shares before and after them.

    Parameters
    ----------
    ratios : ndarray, shape (subjects, accelerations, 101)
        Percentiles of the error over the deviation.
    accelerations : ndarray
        Rising.
    """
    named = [round(float(one), 1) for one in accelerations]
    after = [
        [
            np.interp(factor, quantiles, _SHARES)
            for factor, quantiles in zip(
                _factors(np.delete(ratios, index, axis=0) if len(ratios) > 1 else ratios),
                of_subject,
                strict=True,
            )
        ]
        for index, of_subject in enumerate(ratios)
    ]
    before = [[np.interp(1.0, one, _SHARES) for one in of_subject] for of_subject in ratios]
    return Deviation(
        factors=tuple(zip(named, _factors(ratios).round(3).tolist(), strict=True)),
        before=dict(zip(named, np.mean(before, axis=0).round(3).tolist(), strict=True)),
        after=dict(zip(named, np.mean(after, axis=0).round(3).tolist(), strict=True)),
        subjects=len(ratios),
    )


def _factors(ratios: np.ndarray) -> np.ndarray:
    """Median over subjects of the ratio that two thirds of the pixels stay below, never falling."""
    wanted = [[np.interp(WITHIN, _SHARES, one) for one in of_subject] for of_subject in ratios]
    found: np.ndarray = np.maximum.accumulate(np.median(wanted, axis=0))
    return found


def write_deviation(choice: ModelChoice, found: Deviation) -> Path:
    """Write factors into the card of a model; its path."""
    path = find_weights(choice.name, choice.preset)
    card = read_card(path)
    told = {
        "what": f"{found.subjects} subjects; share of the pixels whose error lies within one "
        "standard deviation, before calibration and after it, each without the subject itself",
        "within_one_before": {f"{a:g}x": share for a, share in found.before.items()},
        "within_one_after": {f"{a:g}x": share for a, share in found.after.items()},
    }
    changed = card.model_dump() | {
        "std_factors": found.factors,
        "metrics": card.metrics | {"deviation": told},
    }
    return write_card(path, ModelCard.model_validate(changed))
