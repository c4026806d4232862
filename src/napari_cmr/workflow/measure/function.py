"""From a labelled scan to the function of its ventricles."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from napari_cmr.analysis import AS_LABELLED, CardiacFunction, Reading, cardiac_function
from napari_cmr.analysis.normal_ranges import Sex, compare_to_normal
from napari_cmr.analysis.wall import SegmentalFunction, segmental_function
from napari_cmr.analysis.withheld import withheld_function
from napari_cmr.scan import Code, Label, Notice, Scan, ScanError, joined, texts_and_details
from napari_cmr.scan.heart_views import VIEW_NAMES


def measure_scan(
    scan: Scan, *, labels: np.ndarray | None = None, reading: Reading = AS_LABELLED
) -> CardiacFunction:
    """Measure the ventricles in a scan's labels.

    Parameters
    ----------
    scan : Scan
    labels : ndarray of whole numbers, shape (T, Z, Y, X), optional
        Labels of every frame on the scan's grid; the scan's own reference labels by default.
    reading : Reading
        Choices of the user: ED and ES, the slices that count, papillary muscles.

    Returns
    -------
    CardiacFunction
        Frames that the scan marks as ED and ES are compared with those found. On a long-axis view
        every number is None and a warning says why, as slices that cut along the ventricle do not
        add up to a volume; of a left atrium alone they are None without one.

    Raises
    ------
    ScanError
        If there are no labels, or they are not on the scan's grid.
    """
    where = scan.source or scan.name
    if labels is None:
        if scan.labels is None:
            raise _nothing_to_measure(scan)
        labels, frames = scan.labels, scan.labelled_frames
    else:
        labels, frames = np.asarray(labels), tuple(range(scan.n_frames))
        if labels.shape != scan.shape:
            raise ScanError(
                f"labels of shape {labels.shape} on an image of shape {scan.shape}",
                source=where,
                remedy="labels must lie on the image's own grid",
            )
    if scan.is_long_axis:
        return withheld_function(scan.n_frames, frames, no_volumes(scan))
    found = cardiac_function(
        labels,
        scan.geometry,
        cycle_ms=scan.cycle_ms,
        subject=scan.subject,
        frames=frames,
        marked_ed=scan.ed_frame,
        marked_es=scan.es_frame,
        reading=reading,
    )
    left = tuple(one for one in found.warnings if one.code not in _NO_VENTRICLE)
    if left == found.warnings or not _is_of_atrium(labels):
        return found
    return replace(found, warnings=left)


#: What need not be said of the labels of an atrium.
_NO_VENTRICLE = (Code.VENTRICLE_MISSING, Code.MYOCARDIUM_MISSING)


def _is_of_atrium(labels: np.ndarray) -> bool:
    """Whether the left atrium is labelled, and no ventricle is."""
    ventricles = (Label.LV, Label.MYO, Label.RV)
    return bool((labels == Label.LA).any()) and not np.isin(labels, ventricles).any()


def _nothing_to_measure(scan: Scan) -> ScanError:
    where, why = scan.source or scan.name, scan.labels_left_out
    if scan.model_labels is not None:
        return ScanError(
            f"a model made the labels beside the scan, {scan.model_labels.name}: they are no "
            "reference",
            source=where,
            remedy="name them, if they are meant",
        )
    return ScanError(
        "there are no labels to measure"
        + ("" if why is None else f", as those beside the scan were left out: {why}"),
        source=where,
        remedy="segment the scan, or put labels beside it as NAME_gt.nii.gz, NAME_seg.nii.gz or "
        "NAME_labels.nii.gz",
    )


def no_volumes(scan: Scan) -> Notice:
    """Why a long-axis view has no ejection fraction."""
    text = (
        f"This is a {VIEW_NAMES[scan.view]} view, which cuts along the ventricle: volumes add up "
        "slices that cut across it. Measure the short-axis stack."
    )
    return Notice(Code.LONG_AXIS, text)


def measure_segments(
    scan: Scan,
    function: CardiacFunction,
    *,
    labels: np.ndarray | None = None,
    only_ed_es: bool = False,
) -> SegmentalFunction | None:
    """Measure the LV's wall in the 17 segments, at the ED and ES of a measurement.

    Parameters
    ----------
    scan : Scan
    function : CardiacFunction
        Of the same labels.
    labels : ndarray of whole numbers, shape (T, Z, Y, X), optional
        The scan's own reference labels by default.
    only_ed_es : bool
        Leave out all other frames, which is fast.

    Returns
    -------
    SegmentalFunction or None
        None where there is no LV cavity with muscle around it, and on a long-axis view.
    """
    if scan.is_long_axis:
        return None
    labels = scan.labels if labels is None else np.asarray(labels)
    ed_frame = function.lv.ed_frame
    if ed_frame is None and len(function.frames) == 1:
        ed_frame = function.frames[0]
    if labels is None or ed_frame is None:
        return None
    try:
        return segmental_function(
            labels,
            scan.geometry,
            ed_frame=ed_frame,
            es_frame=function.lv.es_frame,
            frames=(ed_frame,) if only_ed_es else function.frames,
        )
    except ScanError:  # no muscle, and the measurement says so itself
        return None


def measurement_record(
    scan: Scan,
    function: CardiacFunction,
    *,
    sex: Sex | None = None,
    segments: SegmentalFunction | None = None,
    warnings: Sequence[Notice] = (),
) -> dict[str, Any]:
    """Put a measurement and what it was made from into one JSON-ready dictionary.

    Parameters
    ----------
    scan : Scan
    function : CardiacFunction
    sex : {"female", "male"}, optional
        Whose normal values to compare with; the subject's own sex by default.
    segments : SegmentalFunction, optional
        From :func:`measure_segments`.
    warnings : sequence of Notice
        Of what made the labels; they come before those of the measurement.

    Returns
    -------
    dict
        ``CardiacFunction.to_dict()`` (frames count from 0) with the scan's name and notes, the
        frames of the original cine that an excerpt was taken from, and the percentiles among
        healthy adults. Nothing in it identifies the subject.
    """
    comparisons = compare_to_normal(function, sex or scan.subject.sex)
    return {
        "scan": scan.name,
        "synthetic": scan.synthetic,
        **function.to_dict(),
        **texts_and_details(joined(warnings, function.warnings)),
        "source_frames": None if scan.source_frames is None else list(scan.source_frames),
        "sex": sex or scan.subject.sex,
        "normal": {name: comparison.to_dict() for name, comparison in comparisons.items()},
        "segments": None if segments is None else segments.to_dict(),
        **texts_and_details(scan.notes, "notes"),
        "use": "research only",
    }
