"""Notices: what a user should know before relying on a scan, labels or a number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal

Ventricle = Literal["LV", "RV"]
About = Literal[
    "scan",
    "subject",
    "lines",
    "model",
    "heart",
    "LV",
    "RV",
    "LV and RV",
    "myocardium",
    "segments",
    "scar",
]


class Code(StrEnum):
    """What a notice says, for programs; ``docs/reference/warnings.md`` explains each."""

    # How a scan was read.
    FILES_PASSED_OVER = "files-passed-over"
    OTHER_PATIENTS = "other-patients"
    OTHER_STUDIES = "other-studies"
    SERIES_CHOSEN = "series-chosen"
    SERIES_JOINED = "series-joined"
    SERIES_SPLIT = "series-split"
    PART_OPENED = "part-opened"
    ONE_IMAGE = "one-image"
    SLICES_LEFT_OUT = "slices-left-out"
    SLICES_TILTED = "slices-tilted"
    SLICES_SHIFTED = "slices-shifted"
    SPACING_ASSUMED = "spacing-assumed"
    ORIENTATION_UNKNOWN = "orientation-unknown"
    AXES_REORDERED = "axes-reordered"
    PHASE_ENCODE_ASSUMED = "phase-encode-assumed"
    TIMES_UNKNOWN = "times-unknown"
    TIMES_ASSUMED = "times-assumed"
    PHASES_MISSING = "phases-missing"
    PHASES_RESAMPLED = "phases-resampled"
    PHASES_INTERPOLATED = "phases-interpolated"
    IMAGES_REPEATED = "images-repeated"
    IMAGES_UNCLEAR = "images-unclear"
    IMAGES_DAMAGED = "images-damaged"
    IMAGES_INVERTED = "images-inverted"
    SEVERAL_BEATS = "several-beats"
    DYNAMIC_SERIES = "dynamic-series"
    GREY_LEVELS_CHANGED = "grey-levels-changed"
    PICTURES_STRETCHED = "pictures-stretched"
    IMAGE_OF_FEW_LINES = "image-of-few-lines"
    LINES_MISSING = "lines-missing"
    MASK_NOT_USED = "mask-not-used"
    OVERSAMPLING_REMOVED = "oversampling-removed"
    FRAME_ASSUMED = "frame-assumed"
    LABELS_FOUND = "labels-found"
    LABELS_LEFT_OUT = "labels-left-out"
    LABELS_OF_MODEL = "labels-of-model"
    LABELS_ONLY = "labels-only"
    LABEL_NUMBERS_ASSUMED = "label-numbers-assumed"
    CONTOURS_DOUBTFUL = "contours-doubtful"
    INFO_DOUBTFUL = "info-doubtful"
    SYNTHETIC = "synthetic"

    # The scan as a whole.
    ONE_SLICE = "one-slice"
    FEW_SLICES = "few-slices"
    LONG_AXIS = "long-axis"
    UNEVEN_SLICES = "uneven-slices"
    ONE_FRAME = "one-frame"
    NOT_A_CINE = "not-a-cine"
    NOT_LATE_ENHANCEMENT = "not-late-enhancement"
    CYCLE_IMPOSSIBLE = "cycle-impossible"
    BODY_SURFACE_IMPOSSIBLE = "body-surface-impossible"

    # The labels of one ventricle.
    VENTRICLE_MISSING = "ventricle-missing"
    VENTRICLE_MISSING_IN_FRAMES = "ventricle-missing-in-frames"
    ONE_FRAME_LABELLED = "one-frame-labelled"
    TWO_FRAMES_LABELLED = "two-frames-labelled"
    MARKS_SWAPPED = "marks-swapped"
    MARK_DIFFERS = "mark-differs"
    FRAME_LEAPS = "frame-leaps"
    BASE_CUT_OFF = "base-cut-off"
    BASE_LOST = "base-lost"
    SLICES_LOST = "slices-lost"
    SLICE_LOST_AT_ONCE = "slice-lost-at-once"
    SLICE_GAP = "slice-gap"
    SLICE_GAINS = "slice-gains"
    VENTRICLE_SHORT = "ventricle-short"
    IN_PIECES = "in-pieces"
    CENTRE_JUMPS = "centre-jumps"
    VENTRICLES_SWAPPED = "ventricles-swapped"
    EF_IMPOSSIBLE = "ef-impossible"
    STROKE_VOLUMES_DIFFER = "stroke-volumes-differ"
    MYOCARDIUM_MISSING = "myocardium-missing"

    # Choices made by hand.
    SET_FRAME_NOT_LABELLED = "set-frame-not-labelled"
    FRAME_SET_BY_HAND = "frame-set-by-hand"
    SLICES_SET_BY_HAND = "slices-set-by-hand"
    PAPILLARIES_IN_BLOOD = "papillaries-in-blood"

    # Models, and the lines that they see.
    MODEL_FOR_OTHER_SCANS = "model-for-other-scans"
    MODEL_NEEDS_ALL_LINES = "model-needs-all-lines"
    MODEL_NOT_FOR_THESE_LINES = "model-not-for-these-lines"
    MODEL_INACCURATE = "model-inaccurate"
    MEMORY_SHORT = "memory-short"
    MOVED_TO_CPU = "moved-to-cpu"
    FEW_LINES = "few-lines"
    FEW_LINES_PER_BEAT = "few-lines-per-beat"
    EDITED_LINES_LEFT_OUT = "edited-lines-left-out"
    EVERY_LINE_REPEATED = "every-line-repeated"
    HEART_UNSURE = "heart-unsure"
    SLICES_UNSURE = "slices-unsure"
    MENDED = "mended"
    WALL_UNSURE = "wall-unsure"
    NOTHING_SEGMENTED = "nothing-segmented"
    STRUCTURE_MISSING = "structure-missing"
    DETAILS_INVENTED = "details-invented"

    # The 17 segments and the scar.
    NO_SEGMENTS = "no-segments"
    RING_OPEN = "ring-open"
    LEVELS_MISSING = "levels-missing"
    SEPTUM_FROM_DIRECTIONS = "septum-from-directions"
    SEPTUM_ASSUMED = "septum-assumed"
    ANTERIOR_ASSUMED = "anterior-assumed"
    SEGMENTS_EMPTY = "segments-empty"
    CAVITY_MISSING = "cavity-missing"
    REMOTE_UNIFORM = "remote-uniform"
    REMOTE_UNEVEN = "remote-uneven"
    SCAR_HANGS_ON_THRESHOLD = "scar-hangs-on-threshold"
    THRESHOLD_IN_NOISE = "threshold-in-noise"

    # Two sets of labels.
    LABELLED_IN_ONE_ONLY = "labelled-in-one-only"


#: What need not be said of the same thing, or of anything if the first is about the scan.
IMPLIES: Mapping[Code, frozenset[Code]] = {
    Code.NOTHING_SEGMENTED: frozenset(
        {Code.VENTRICLE_MISSING, Code.STRUCTURE_MISSING, Code.MYOCARDIUM_MISSING}
    ),
    Code.ONE_FRAME: frozenset({Code.ONE_FRAME_LABELLED}),
    Code.FEW_SLICES: frozenset({Code.VENTRICLE_SHORT}),
    Code.BASE_LOST: frozenset({Code.SLICES_LOST}),
    Code.SLICE_LOST_AT_ONCE: frozenset({Code.SLICES_LOST, Code.FRAME_LEAPS}),
}


@dataclass(frozen=True)
class Notice:
    """One thing to know, for a program by its code and for a user by its text.

    Attributes
    ----------
    code : Code
        What is said. Programs decide by this, never by the text.
    text : str
        A sentence; frames and slices count from 1 in it.
    about : str
        What it is about.
    frames, slices : tuple of int
        Frames and slices that it is about, 0-based; empty where it is about none in particular.
    """

    code: Code
    text: str
    about: About = "scan"
    frames: tuple[int, ...] = ()
    slices: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.text


def of_ventricle(
    code: Code,
    name: Ventricle,
    text: str,
    *,
    frames: tuple[int, ...] = (),
    slices: tuple[int, ...] = (),
) -> Notice:
    """Notice about one ventricle, whose name comes first: "LV: ..."."""
    return Notice(code, f"{name}: {text}", name, frames, slices)


def joined(*groups: Iterable[Notice]) -> tuple[Notice, ...]:
    """Notices of several sources in their order, each thing said once.

    One that another implies (:data:`IMPLIES`) goes, and what is said of LV and RV in the same words
    is said of both.
    """
    distinct = dict.fromkeys(one for group in groups for one in group)
    implied = {(code, said.about) for said in distinct for code in IMPLIES.get(said.code, ())}
    return _of_both(
        one
        for one in distinct
        if (one.code, one.about) not in implied and (one.code, "scan") not in implied
    )


def _of_both(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    left = dict.fromkeys(notices)
    for one in tuple(left):
        if one.about == "LV" and (twin := _renamed(one, "RV")) in left:
            left = {
                _renamed(one, "LV and RV") if other == one else other: None
                for other in left
                if other != twin
            }
    return tuple(left)


def _renamed(one: Notice, about: About) -> Notice:
    return replace(one, about=about, text=about + one.text.removeprefix(one.about))


def texts_and_details(notices: Iterable[Notice], key: str = "warnings") -> dict[str, Any]:
    """Notices for a JSON file: sentences under ``key``, and in the same order what they are about.

    Parameters
    ----------
    notices : iterable of Notice
    key : {"warnings", "notes"}

    Returns
    -------
    dict
        ``warnings``, a list of sentences, and ``warning_details``, a list of dictionaries with
        ``code``, ``about``, ``frames`` and ``slices``, which count from 0.
    """
    notices = tuple(notices)
    return {
        key: [one.text for one in notices],
        f"{key.removesuffix('s')}_details": [
            {
                "code": one.code.value,
                "about": one.about,
                "frames": list(one.frames),
                "slices": list(one.slices),
            }
            for one in notices
        ],
    }
