"""The XML header of ISMRMRD files: how k-space was encoded, and who was scanned."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.subject import Subject

_NAMESPACE = {"m": "http://www.ismrm.org/ISMRMRD"}


@dataclass(frozen=True)
class Encoding:
    """Sizes of k-space and of the wanted image, in samples and mm."""

    matrix: tuple[int, int]  # encoded (x, y)
    pixel: tuple[float, float]  # (dx, dy)
    columns: int  # inside the reconstructed field of view
    wanted: tuple[int, float]  # reconstructed matrix and field of view along x
    thickness: float
    centre_line: int
    subject: Subject


def read_encoding(dataset: Any, path: Path) -> Encoding:
    """Read and check the first encoding that the header describes."""
    text = dataset[()]
    text = text.flat[0] if isinstance(text, np.ndarray) else text
    try:
        root = ElementTree.fromstring(text)
        encoding = root.find("m:encoding", _NAMESPACE)
        if encoding is None:
            raise ValueError("it describes no encoding")
        trajectory = (encoding.findtext("m:trajectory", "", _NAMESPACE)).strip().lower()
        encoded, wanted = "encodedSpace", "reconSpace"
        nx, ny, nz = (int(_number(encoding, encoded, "matrixSize", axis)) for axis in "xyz")
        encoded_fov = [_number(encoding, encoded, "fieldOfView_mm", axis) for axis in "xyz"]
        wanted_nx = max(1, int(_number(encoding, wanted, "matrixSize", "x")))
        wanted_fov = [_number(encoding, wanted, "fieldOfView_mm", axis) for axis in "xyz"]
        centre = encoding.findtext(
            "m:encodingLimits/m:kspace_encoding_step_1/m:center", None, _NAMESPACE
        )
        centre_line = ny // 2 if centre is None else int(centre)
    except (ElementTree.ParseError, ValueError, TypeError, OverflowError) as error:
        raise ScanError(
            f"the ISMRMRD header cannot be understood: {error}",
            source=path,
            remedy="convert the raw data again",
        ) from error
    if trajectory != "cartesian":
        raise ScanError(
            f"the trajectory is {trajectory[:20] or 'not given'}, only Cartesian is read",
            source=path,
            remedy="reconstruct it elsewhere and open the images",
        )
    if nz > 1:
        raise ScanError("3-D encoded k-space is not read, only slices", source=path)
    if not (1 <= nx <= 4096 and 1 <= ny <= 4096 and min(encoded_fov + wanted_fov) > 0):
        raise ScanError(
            f"a matrix of {nx} x {ny} over {encoded_fov[0]:g} x {encoded_fov[1]:g} mm is no slice",
            source=path,
        )
    dx, dy = encoded_fov[0] / nx, encoded_fov[1] / ny
    columns = max(1, round(min(nx, wanted_fov[0] / dx)))
    return Encoding(
        matrix=(nx, ny),
        pixel=(dx, dy),
        columns=columns,
        wanted=(wanted_nx, wanted_fov[0]),
        thickness=wanted_fov[2],
        centre_line=centre_line,
        subject=_subject(root),
    )


def _number(encoding: ElementTree.Element, space: str, field: str, axis: str) -> float:
    text = encoding.findtext(f"m:{space}/m:{field}/m:{axis}", None, _NAMESPACE)
    value = float(text) if text is not None else float("nan")
    if not np.isfinite(value):
        raise ValueError(f"{space} {field} {axis} is missing")
    return value


def _subject(root: ElementTree.Element) -> Subject:
    information = root.find("m:subjectInformation", _NAMESPACE)
    if information is None:
        return Subject()

    def measure(tag: str, scale: float, limits: tuple[float, float]) -> float | None:
        try:
            value = float(information.findtext(f"m:{tag}", "", _NAMESPACE)) * scale
        except ValueError:
            return None
        return value if limits[0] <= value <= limits[1] else None

    gender = information.findtext("m:patientGender", "", _NAMESPACE).strip().upper()
    sexes: dict[str, Literal["female", "male"]] = {"F": "female", "M": "male"}
    return Subject(
        sex=sexes.get(gender),
        height_cm=measure("patientHeight_m", 100.0, (30.0, 250.0)),
        weight_kg=measure("patientWeight_kg", 1.0, (1.0, 400.0)),
    )


def as_sampled(
    encoding: Encoding, heads: np.ndarray, path: Path
) -> tuple[Encoding, tuple[Notice, ...]]:
    """The encoding, corrected where lines show that read-out oversampling was removed.

    A line may be shorter than the encoded matrix for three reasons: samples to be discarded, an
    asymmetric echo, which still reaches the edge of k-space on one side, or oversampling that was
    taken off, which leaves the reconstructed matrix. Anything else would change the field of view,
    and with it every length.
    """
    nx = encoding.matrix[0]
    first = heads["discard_pre"].astype(np.int64)
    used = heads["number_of_samples"].astype(np.int64) - first - heads["discard_post"]
    before = heads["center_sample"].astype(np.int64) - first
    after = used - before
    reaches_edge = np.maximum(before, after) >= nx // 2
    fits = (before <= nx // 2) & (after <= nx - nx // 2)
    if (fits & reaches_edge).all():
        return encoding, ()
    columns, width = encoding.wanted
    removed = (used == columns).all() and (before == columns // 2).all() and columns < nx
    if removed and abs(width / columns / encoding.pixel[0] - 1) < 0.02:
        note = Notice(
            Code.OVERSAMPLING_REMOVED,
            f"Read-out oversampling was removed from the file: lines of {columns} samples over "
            f"{width:g} mm, not {nx} over {nx * encoding.pixel[0]:g}.",
        )
        matrix, pixel = (columns, encoding.matrix[1]), (width / columns, encoding.pixel[1])
        return replace(encoding, matrix=matrix, pixel=pixel, columns=columns), (note,)
    wrong = np.flatnonzero(~(fits & reaches_edge))[0]
    raise ScanError(
        f"lines of {int(used[wrong])} samples do not fit the {nx} columns that the header "
        "says: the field of view is not known",
        source=path,
        remedy="correct the encoded matrix and field of view in the header",
    )
