"""Reasons to doubt a model's labels: thresholds and the notices that they raise."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from napari_cmr.analysis.plausibility import few_slices
from napari_cmr.kspace import LineMask, Measured
from napari_cmr.scan import Code, Notice, Scan

if TYPE_CHECKING:
    from napari_cmr.zoo.cards import ModelCard
    from napari_cmr.zoo.tasks.localisation import HeartLocation

#: Below these an ejection fraction was far off on scans that the model had not seen: a frame has to
#: borrow lines from its neighbours, and the fewer there are in a whole beat, the more that blurs.
LEAST_LINES, LEAST_LINES_PER_BEAT = 8, 200
#: A model that was worse than these on unseen hearts, at about as many lines, says so. The error is
#: of the LV's ejection fraction, in points: what the Trade-off dock tolerates to begin with.
LEAST_DICE, LARGEST_EF_ERROR = 0.85, 5.0
#: Below this peak probability of the localiser, a user should look before believing numbers. The
#: shipped one gave 0.92 or more on every validation heart, at 1 line too, and at most 0.79 on
#: noise, on a disc and on nothing.
LEAST_CONFIDENCE = 0.86

#: Dice of the wall that the model has to expect in a late enhancement stack. Of 79 cases of EMIDEC
#: two are below, both of them below it in truth: 0.57 on average, where the others reach 0.79.
LEAST_WALL = 0.7

#: Said of a whole stack; a single slice may well lie beyond the heart.
NOTHING_SEGMENTED = Notice(
    Code.NOTHING_SEGMENTED, "Nothing was segmented: the heart may not be in view."
)


def model_doubts(card: "ModelCard", mask: LineMask) -> list[Notice]:
    """What a model's card says against using it on such lines."""
    if card.input_kind == "magnitude" and not mask.is_full:
        text = f"{card.name} was made for all lines: from fewer its labels mean nothing."
        return [Notice(Code.MODEL_NEEDS_ALL_LINES, text, "model")]
    used = float(mask.n_lines.mean())
    if card.for_fewer is None and not card.takes(None if mask.is_full else round(used)):
        text = f"{card.name} was not made for so many or so few lines: do not trust its labels."
        return [Notice(Code.MODEL_NOT_FOR_THESE_LINES, text, "model")]
    known = {}
    for lines, score in card.metrics.items():
        count = lines.removesuffix(" lines")
        if isinstance(score, dict) and "dice" in score and (count == "all" or count.isdecimal()):
            known[mask.n_phase_encodes if count == "all" else int(count)] = score
    if not known:
        return []
    nearest = min(known, key=lambda count: abs(np.log(count / max(used, 1.0))))
    score = known[nearest]
    dice, error = score["dice"].get("lv", 1.0), score.get("ef_mean_absolute_error_points", 0.0)
    if dice < LEAST_DICE:
        reached = f"reached an LV Dice of {dice:.2f}"
    elif error > LARGEST_EF_ERROR:
        reached = f"was {error:.1f} points off in the ejection fraction, on average,"
    else:
        return []
    lines = "all lines" if mask.is_full else "such few lines"
    text = (
        f"On hearts that it had not seen, {card.name} {reached} from {lines}: do not trust its "
        "numbers."
    )
    return [Notice(Code.MODEL_INACCURATE, text, "model")]


def heart_doubts(location: "HeartLocation") -> list[Notice]:
    """Doubt about where the heart was found."""
    if location.confidence >= LEAST_CONFIDENCE:
        return []
    text = "No heart was found with confidence: look at the result before using any number."
    return [Notice(Code.HEART_UNSURE, text, "heart")]


def cine_doubts(measured: Measured, location: "HeartLocation", labels: np.ndarray) -> list[Notice]:
    """Doubts about the labels of a cine.

    Parameters
    ----------
    measured : Measured
        What the model saw.
    location : HeartLocation
    labels : ndarray, shape (T, Z', Y, X)
        Of the slices that were measured.
    """
    found = []
    if measured.kind != "cine":
        text = "The models learned from cines, and this is not a cine: the labels may be wrong."
        found.append(Notice(Code.NOT_A_CINE, text))
    if measured.shape[0] == 1:
        text = "One frame only: there is no ejection fraction."
        found.append(Notice(Code.ONE_FRAME, text))
    found += line_doubts(measured)
    found += heart_doubts(location)
    if measured.is_complete and not labels.any():
        found.append(NOTHING_SEGMENTED)
    return found + few_slices(measured.stack_geometry)


def line_doubts(measured: Measured) -> list[Notice]:
    """Doubts about a cine of so few lines."""
    found = []
    mask, n_frames = measured.mask, measured.shape[0]
    if n_frames > 1 and not mask.is_full:
        if int(mask.n_lines.min()) < LEAST_LINES:
            text = (
                f"Fewer than {LEAST_LINES} lines per frame: the ejection fraction can be far off."
            )
            found.append(Notice(Code.FEW_LINES, text, "lines"))
        elif mask.array.sum() < LEAST_LINES_PER_BEAT:
            text = (
                f"Fewer than {LEAST_LINES_PER_BEAT} lines in all {n_frames} frames together: "
                "the ejection fraction reads too low."
            )
            found.append(Notice(Code.FEW_LINES_PER_BEAT, text, "lines"))
    return found


def wall_doubts(expected_dice: float) -> list[Notice]:
    """Doubt about the wall of a late enhancement stack that the model itself is unsure of."""
    if expected_dice >= LEAST_WALL:
        return []
    text = (
        f"Myocardium: the model expects to overlap with a reader by {expected_dice:.2f} (Dice): "
        "correct its borders before scar is measured."
    )
    return [Notice(Code.WALL_UNSURE, text, "myocardium")]


def still_doubts(
    scan: Scan, location: "HeartLocation | None", missing: Sequence[str], *, of: int = 3
) -> list[Notice]:
    """Doubts about the labels of a late enhancement stack.

    Parameters
    ----------
    scan : Scan
    location : HeartLocation or None
        None where the heart was not looked for.
    missing : sequence of str
        Names of the structures that have no voxel.
    of : int
        Structures that the model labels.
    """
    found = []
    if scan.kind == "cine":
        text = "This is a frame of a cine: the model was made for late enhancement."
        found.append(Notice(Code.NOT_LATE_ENHANCEMENT, text))
    if location is not None:
        found += heart_doubts(location)
    if len(missing) == of:
        found.append(NOTHING_SEGMENTED)
    elif missing:
        text = f"Not one voxel was labelled as {' or '.join(missing)}."
        found.append(Notice(Code.STRUCTURE_MISSING, text))
    return found + few_slices(scan.geometry)
