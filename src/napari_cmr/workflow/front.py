"""What most people want of the library, in one call each: open, undersample, reconstruct, ..."""

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from napari_cmr.analysis import CardiacFunction
from napari_cmr.kspace import Acquisition, Measured
from napari_cmr.kspace import undersample as undersample_by
from napari_cmr.kspace.reconstruction import Reconstruction
from napari_cmr.scan import Scan, ScanError, labels_on, open_scan, translate_labels
from napari_cmr.scan.outputs import AnyPath
from napari_cmr.workflow.measure.function import measure_scan

if TYPE_CHECKING:
    from napari_cmr.workflow.segment.cine import Segmentation


def open(path: AnyPath, *, series: str | None = None) -> Scan:
    """Open a scan of any format; see :func:`napari_cmr.scan.open_scan`."""
    return open_scan(path, series=series)


def undersample(
    scan: Scan | AnyPath, lines: int | None = None, *, seed: int = 0, **acquisition: Any
) -> Measured:
    """Keep ``lines`` k-space lines of every frame.

    Parameters
    ----------
    scan : Scan or path
    lines : int, optional
        Lines per frame; all of them if none is given.
    seed : int
        The same seed draws the same lines again.
    **acquisition
        Other fields of :class:`napari_cmr.kspace.Acquisition`, such as ``pattern``.

    Raises
    ------
    ScanError
        If the scan cannot be opened, or has fewer lines.

    Examples
    --------
    >>> measured = napari_cmr.undersample(scan, 10)
    >>> measured.mask.acceleration, measured.zero_filled.shape
    """
    return undersample_by(_scan(scan), _acquisition(lines, {"seed": seed, **acquisition}))


def reconstruct(
    what: Scan | Measured | AnyPath,
    lines: int | None = None,
    *,
    method: str | None = None,
    settings: Mapping[str, Any] | None = None,
    device: str = "auto",
    **acquisition: Any,
) -> Reconstruction:
    """Make an image of every frame, from ``lines`` k-space lines of each.

    Parameters
    ----------
    what : Scan, path, or Measured
        What was measured already is reconstructed as it is.
    lines : int, optional
        Lines per frame; all of them if none is given.
    method : str, optional
        As ``napari-cmr methods`` names it; if none is given, our own network for cines, and for
        stills total variation.
    settings : mapping, optional
        Of the method, where they differ from its own.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``; where a trained network runs.
    **acquisition
        ``seed`` and other fields of :class:`napari_cmr.kspace.Acquisition`.

    Raises
    ------
    ScanError
        If the scan cannot be opened, there is no such method or setting, or the method cannot use
        these lines.
    TypeError
        If lines are asked of something that was measured already.

    Examples
    --------
    >>> found = napari_cmr.reconstruct(scan, 20, seed=1)
    >>> abs(found.image), found.std  # (T, Z, Y, X)
    """
    from napari_cmr.workflow.reconstruct.solving import reconstruct as reconstruct_measured

    measured = _measured(what, lines, acquisition)
    return reconstruct_measured(measured, method, settings, device=device)


def segment(
    what: Scan | Measured | AnyPath,
    lines: int | None = None,
    *,
    model: str | None = None,
    device: str = "auto",
    views: int = 1,
    **acquisition: Any,
) -> "Segmentation":
    """Label both ventricles in every frame, from ``lines`` k-space lines of each.

    Parameters
    ----------
    what : Scan, path, or Measured
        What was measured already is segmented as it is.
    lines : int, optional
        Lines per frame; all of them if none is given.
    model : str, optional
        As ``napari-cmr models`` names it; the one for cines if none is given.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    views : int, 1 to 8
        Mirror images that are averaged.
    **acquisition
        ``seed`` and other fields of :class:`napari_cmr.kspace.Acquisition`.

    Raises
    ------
    ScanError
        If the scan cannot be opened, or is none for the model and this one was not named, or the
        model cannot be run.
    TypeError
        If lines are asked of something that was measured already.
    """
    from napari_cmr.workflow.segment.cine import segment as segment_measured
    from napari_cmr.zoo import ModelChoice, default_choice
    from napari_cmr.zoo.suitability import choice_for

    if model is not None:
        choice = ModelChoice(name=model, device=device)
    elif isinstance(what, Measured):
        choice = default_choice("cine", device=device)
    else:
        what = _scan(what)
        choice = choice_for(what, ["cine"], device=device)
    return segment_measured(_measured(what, lines, acquisition), choice, views=views)


def measure(
    scan: Scan | AnyPath,
    labels: "Segmentation | np.ndarray | AnyPath | None" = None,
    *,
    scheme: str | None = None,
) -> CardiacFunction:
    """Volumes, ejection fraction and mass of a scan.

    Parameters
    ----------
    scan : Scan or path
    labels : Segmentation, ndarray of shape (T, Z, Y, X), or path, optional
        The scan's own labels if none are given.
    scheme : str, optional
        Numbering of a label file, such as ``acdc``.

    Raises
    ------
    ScanError
        If there are no labels, they hold other numbers than :class:`napari_cmr.scan.Label` has, or
        they do not lie on the scan's grid.
    """
    scan = _scan(scan)
    if labels is None:
        values = None
    elif isinstance(labels, str | PathLike):
        values = labels_on(labels, scan, scheme)
    else:
        given: Any = labels
        values = translate_labels(getattr(given, "labels", given), "napari-cmr")
    return measure_scan(scan, labels=values)


def _measured(
    what: Scan | Measured | AnyPath, lines: int | None, acquisition: Mapping[str, Any]
) -> Measured:
    """Lines of a scan for one use, or those that were measured already."""
    if not isinstance(what, Measured):
        return undersample_by(_scan(what), _acquisition(lines, acquisition), keep=False)
    if lines is not None or acquisition:
        raise TypeError("the lines were measured already: give a scan to choose others")
    return what


def _acquisition(lines: int | None, fields: Mapping[str, Any]) -> Acquisition:
    try:
        return Acquisition(n_lines=lines, **fields)
    except ValidationError as error:
        names = {"n_lines": "lines"}
        wrong = "; ".join(
            f"{names.get(str(one['loc'][0]), one['loc'][0])}={one['input']!r}: {one['msg']}"
            for one in error.errors()
        )
        known = ", ".join(names.get(name, name) for name in Acquisition.model_fields)
        raise ScanError(wrong, remedy=f"what may be chosen: {known}") from None


def _scan(scan: Scan | AnyPath) -> Scan:
    if isinstance(scan, Scan):
        return scan
    if not isinstance(scan, str | PathLike):
        raise ScanError(
            f"a scan or a path is needed, not {type(scan).__name__}",
            remedy="make an array a scan: Scan(image, Geometry.regular((dz, dy, dx), n_slices)), "
            "with an image (frames, slices, rows, columns)",
        )
    return open_scan(scan)
