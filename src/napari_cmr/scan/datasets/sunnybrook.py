"""Contours of the Sunnybrook Cardiac Data (Radau et al., MIDAS Journal, 2009) as labels."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_cmr.scan.dicom.reader import dicom_cells
from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.inputs import check_input_file
from napari_cmr.scan.labels import Label
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.scan import Scan

_NAME = re.compile(r"IM-\d+-(\d+)-([io])contour-manual\.txt$", re.IGNORECASE)
_MAX_POINTS = 100_000
# The contours count pixels from 1: with this shift the endocardium lies on the strongest edge
# (found by moving the contours of SC-HF-I-1 and SC-HF-I-4 over their images in half pixels).
_FIRST_PIXEL = 1.0


@dataclass(frozen=True, eq=False)
class _Contour:
    file: Path
    number: int
    inner: bool
    points: np.ndarray  # (n, 2), x and y in pixels


def read_contours(folder: Path | str, scan: Scan) -> Scan:
    """Add Sunnybrook's expert contours to the scan that they were drawn on.

    Parameters
    ----------
    folder : path
        Holds files ``IM-0001-NNNN-icontour-manual.txt`` (endocardium) and ``-ocontour-``
        (epicardium), also in subfolders. ``NNNN`` is the number in the DICOM file's name.
    scan : Scan
        As :func:`napari_cmr.scan.dicom.read_dicom` gave it; its ``source`` must still be there.

    Returns
    -------
    Scan
        With ``labels`` (left ventricle inside the endocardium; myocardium between the contours,
        where there are both), ``labelled_frames``, and ``ed_frame`` and ``es_frame`` at the largest
        and smallest contoured cavity.

    Raises
    ------
    ScanError
        If there are no contours, a file is not a list of points, or a contour belongs to no image
        of the scan.
    """
    folder = Path(folder)
    if scan.source is None:
        raise ScanError("the scan was not read from DICOM files, contours cannot be matched to it")
    contours = _read_all(folder)
    cells = _cell_numbers(scan.source)
    labels = np.zeros(scan.shape, dtype=np.uint8)
    cavity = np.zeros(scan.n_frames)
    outside = 0
    # Epicardium first, so that the cavity is painted over it.
    for contour in sorted(contours, key=lambda one: one.inner):
        cell = cells.get(contour.number)
        if cell is None:
            raise ScanError(
                f"no image of the scan has the number {contour.number}",
                source=contour.file,
                remedy="open the DICOM folder that these contours were drawn on",
            )
        frame, z = cell
        mask = _inside(contour.points - _FIRST_PIXEL, (scan.shape[2], scan.shape[3]))
        if contour.inner:
            epicardium = labels[frame, z] == Label.MYO
            outside += bool(epicardium.any() and (mask & ~epicardium).sum() > 0.05 * mask.sum())
            cavity[frame] += mask.sum()
        labels[frame, z][mask] = Label.LV if contour.inner else Label.MYO
    frames = tuple(sorted({cells[contour.number][0] for contour in contours}))
    with_cavity = [frame for frame in frames if cavity[frame] > 0]
    notes = list(scan.notes)
    without = [str(f + 1) for f in frames if not (labels[f] == Label.MYO).any()]
    if without:
        notes.append(
            Notice(
                Code.CONTOURS_DOUBTFUL,
                f"no epicardial contours, so no myocardium, in frame {', '.join(without)}",
            )
        )
    if outside:
        notes.append(
            Notice(
                Code.CONTOURS_DOUBTFUL,
                f"{outside} endocardial contours reach out of their epicardial contour",
            )
        )
    return scan.with_(
        labels=labels,
        labelled_frames=frames,
        ed_frame=max(with_cavity, key=lambda frame: cavity[frame], default=None),
        es_frame=min(with_cavity, key=lambda frame: cavity[frame], default=None),
        notes=tuple(notes),
    )


def _read_all(folder: Path) -> list[_Contour]:
    try:
        files = sorted(path for path in folder.rglob("*.txt") if _NAME.search(path.name))
    except OSError as error:
        raise ScanError("the folder cannot be read", source=folder) from error
    if not files:
        raise ScanError(
            "no contour files here",
            source=folder,
            remedy="choose the folder with IM-0001-NNNN-icontour-manual.txt files",
        )
    return [_read(path) for path in files]


def _read(path: Path) -> _Contour:
    match = _NAME.search(path.name)
    if match is None:
        raise ScanError("is not a contour file", source=path)
    try:
        check_input_file(path)
        rows = [line.split() for line in path.read_text("ascii").splitlines() if line.strip()]
        points = np.array(rows, dtype=float)
    except ScanError:
        raise
    except (OSError, ValueError) as error:
        raise ScanError("is not a list of x y points", source=path) from error
    shape_ok = points.ndim == 2 and points.shape[1] == 2 and 3 <= len(points) <= _MAX_POINTS
    if not shape_ok or not np.isfinite(points).all():
        raise ScanError("is not a list of at least three x y points", source=path)
    return _Contour(path, int(match[1]), match[2].lower() == "i", points)


def _cell_numbers(source: Path) -> dict[int, tuple[int, int]]:
    """Map the number at the end of each DICOM file's name to its (frame, slice)."""
    numbers = {}
    for cell, (path, _) in dicom_cells(source).items():
        digits = re.findall(r"\d+", path.stem)
        if digits:
            numbers[int(digits[-1])] = cell
    return numbers


def _inside(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Pixels whose centres lie inside the closed polygon; the first pixel's centre is (0, 0)."""
    from skimage.draw import polygon2mask

    return np.asarray(polygon2mask(shape, points[:, ::-1]), dtype=bool)
