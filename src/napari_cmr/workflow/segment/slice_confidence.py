"""How sure a model is of its labels in each slice: numbers for files, and doubts."""

from typing import Any

import numpy as np

from napari_cmr.analysis import CardiacFunction
from napari_cmr.analysis.plausibility import listed
from napari_cmr.scan import Code, Notice

#: In the order of the numbers of a slice.
STRUCTURES = ("LV", "MYO", "RV")
#: Below it 67 of 77 slices of ACDC's validation patients had a Dice of less than 0.7.
LEAST_CONFIDENCE = 0.5


def phase_confidence(
    confidence: np.ndarray | None, function: CardiacFunction
) -> dict[str, tuple[float, ...]]:
    """Confidence in every slice at the frames that ejection fractions and mass are of.

    Parameters
    ----------
    confidence : ndarray, shape (T, Z, 3), or None
        See :class:`~napari_cmr.zoo.tasks.segmentation.Prediction`.
    function : CardiacFunction
        Of the whole stack.

    Returns
    -------
    dict of tuple of float
        By ``lv_ed``, ``lv_es``, ``myo_ed``, ``rv_ed`` and ``rv_es``, as far as these frames are
        known; two digits.
    """
    if confidence is None:
        return {}
    lv, rv = function.lv, function.rv
    frames = {
        "lv_ed": lv.ed_frame,
        "lv_es": lv.es_frame,
        "myo_ed": lv.ed_frame,
        "rv_ed": rv.ed_frame,
        "rv_es": rv.es_frame,
    }
    found = {}
    for name, frame in frames.items():
        if frame is not None:
            values = confidence[frame, :, STRUCTURES.index(name[:-3].upper())]
            found[name] = tuple(round(float(value), 2) for value in values)
    return found


def least_confidence(phases: dict[str, Any]) -> dict[str, float | None]:
    """Least of each structure over slices and phases of :func:`phase_confidence`."""
    return {
        f"{name.lower()}_least_confidence": min(
            (min(values) for key, values in phases.items() if key.startswith(name.lower())),
            default=None,
        )
        for name in STRUCTURES
    }


def confidence_doubts(confidence: np.ndarray | None, function: CardiacFunction) -> list[Notice]:
    """Doubt about slices at ED and ES in which the model is not sure of its own labels."""
    found = []
    phases = phase_confidence(confidence, function)
    for name in STRUCTURES:
        places = {
            (getattr(function.rv if name == "RV" else function.lv, f"{key[-2:]}_frame"), z)
            for key, values in phases.items()
            if key.startswith(name.lower())
            for z, value in enumerate(values)
            if value < LEAST_CONFIDENCE
        }
        if places:
            frames, slices = (tuple(sorted(set(numbers))) for numbers in zip(*places, strict=True))
            where = f"{listed('slice', slices)} of {listed('frame', frames)}"
            who = "Myocardium" if name == "MYO" else name
            text = (
                f"{who}: the model is unsure in {where}: it expects to overlap with a reader by "
                f"less than half (Dice {LEAST_CONFIDENCE}). Look at it there."
            )
            about = {"LV": "LV", "MYO": "myocardium", "RV": "RV"}[name]
            found.append(
                Notice(Code.SLICES_UNSURE, text, about, frames=frames, slices=slices)  # type: ignore[arg-type]
            )
    return found
