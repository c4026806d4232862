"""ISMRMRD files of Cartesian cine acquisitions.

An XML header says how k-space was encoded, and every acquisition is one line of it with counters
(Inati et al., ISMRM Raw data format, Magn Reson Med 77, 2017).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from xml.etree import ElementTree

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.heart_views import view_of
from napari_cmr.scan.raw.lines import hybrid_lines, missing_lines_note
from napari_cmr.scan.raw_kspace import RawKSpace
from napari_cmr.scan.scan import Scan
from napari_cmr.scan.subject import Subject

if TYPE_CHECKING:
    import h5py

_NAMESPACE = {"m": "http://www.ismrm.org/ISMRMRD"}
# Flags (bit = number - 1) of acquisitions that are no line of the image: noise, calibration only,
# navigation, phase correction, feedback, dummy, surface coil correction, phase stabilisation.
_NOT_IMAGING = sum(1 << (number - 1) for number in (19, 20, 23, 24, 26, 27, 28, 29, 30, 31))
_REVERSED = 1 << (22 - 1)
_BLOCK = 2048
_MAX_KSPACE_BYTES = 2**32
_MAX_ACQUISITIONS = 5_000_000
_LPS_TO_RAS = np.array([-1.0, -1.0, 1.0])


@dataclass(frozen=True)
class _Encoding:
    """Sizes of k-space and of the wanted image, in samples and mm."""

    matrix: tuple[int, int]  # encoded (x, y)
    pixel: tuple[float, float]  # (dx, dy)
    columns: int  # inside the reconstructed field of view
    thickness: float
    centre_line: int
    subject: Subject


@dataclass(frozen=True)
class _Plan:
    """Which acquisitions make the image, and the frame and slice that each belongs to."""

    imaging: np.ndarray
    frame_of: np.ndarray
    slice_of: np.ndarray
    n_frames: int
    n_slices: int


def find_dataset(file: "h5py.File") -> Any | None:
    """Group with ``xml`` and ``data``, or None."""
    import h5py

    for name in file:
        group = file[name]
        if isinstance(group, h5py.Group) and "xml" in group and "data" in group:
            return group
    return None


def read_ismrmrd(group: "h5py.Group", path: Path) -> Scan:
    """Reconstruct an ISMRMRD file (see :func:`napari_cmr.scan.read_raw`).

    Lines are sorted by the counters ``phase`` (or ``repetition`` where there is one phase only),
    ``slice`` and ``kspace_encode_step_1``; averages are averaged; of several contrasts or sets
    the first is taken. Read-out oversampling is cut off. The field of view along the phase
    encoding stays as it was encoded, and there is no interpolation to the reconstructed matrix:
    a row of the image for every line of k-space, no more and no fewer.
    """
    encoding = _read_encoding(group["xml"], path)
    data = group["data"]
    if data.ndim != 1 or not 0 < data.shape[0] <= _MAX_ACQUISITIONS:
        raise ScanError(f"holds {data.shape} acquisitions", source=path)
    heads = _read_heads(data, path)
    imaging = np.flatnonzero((heads["flags"] & np.uint64(_NOT_IMAGING)) == 0)
    if not len(imaging):
        raise ScanError("holds no acquisition of an image", source=path)
    plan, notes = _plan(heads["idx"], imaging)
    kspace, lines = _sort_lines(data, heads, plan, encoding, path)
    geometry, order, geometry_notes = _geometry(heads, plan, encoding)
    raw = RawKSpace(kspace[:, :, order], lines[:, order], geometry)
    return Scan(
        image=raw.images(),
        geometry=geometry,
        raw=raw,
        name=path.stem,
        source=path,
        subject=encoding.subject,
        kind="cine" if plan.n_frames > 1 else "other",
        view=view_of(path.stem) or ("SAX" if plan.n_slices > 1 else "other"),
        notes=notes + missing_lines_note(lines) + geometry_notes,
    )


def _plan(counters: np.ndarray, imaging: np.ndarray) -> tuple[_Plan, tuple[str, ...]]:
    counters = counters[imaging]
    first = (counters["contrast"] == counters["contrast"].min()) & (
        counters["set"] == counters["set"].min()
    )
    notes: tuple[str, ...] = ()
    if not first.all():
        notes = ("Of several contrasts or sets in the file the first was taken.",)
    imaging, counters = imaging[first], counters[first]
    time_counter = "phase" if np.ptp(counters["phase"]) else "repetition"
    frames, frame_of = np.unique(counters[time_counter], return_inverse=True)
    slices, slice_of = np.unique(counters["slice"], return_inverse=True)
    return _Plan(imaging, frame_of, slice_of, len(frames), len(slices)), notes


def _read_encoding(dataset: Any, path: Path) -> _Encoding:
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
    return _Encoding((nx, ny), (dx, dy), columns, wanted_fov[2], centre_line, _subject(root))


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


def _read_heads(data: Any, path: Path) -> np.ndarray:
    names = data.dtype.names or ()
    if not {"head", "data"} <= set(names):
        raise ScanError("the acquisitions have no head and data", source=path)
    heads = data.fields("head")[:]
    wanted = {"flags", "number_of_samples", "active_channels", "center_sample", "position"}
    wanted |= {"discard_pre", "discard_post", "read_dir", "phase_dir", "slice_dir", "idx"}
    counters = {"kspace_encode_step_1", "slice", "contrast", "phase", "repetition", "set"}
    if not wanted <= set(heads.dtype.names or ()) or not counters <= set(
        heads["idx"].dtype.names or ()
    ):
        raise ScanError("the acquisition headers are not ISMRMRD's", source=path)
    result: np.ndarray = heads
    return result


def _sort_lines(
    data: Any, heads: np.ndarray, plan: _Plan, encoding: _Encoding, path: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Hybrid lines (coils, frames, slices, ky, x), averaged, and which of them were measured."""
    nx, ny = encoding.matrix
    n_coils = int(heads["active_channels"][plan.imaging[0]])
    counts = plan.n_frames, plan.n_slices
    n_images = plan.n_frames * plan.n_slices
    n_bytes = n_images * n_coils * ny * encoding.columns * 8
    if not n_coils or n_images > len(plan.imaging) or n_bytes > _MAX_KSPACE_BYTES:
        raise ScanError(
            f"{plan.n_frames} frames x {plan.n_slices} slices x {n_coils} coils x {ny} x {nx} do "
            f"not fit {len(plan.imaging)} acquisitions or the memory limit",
            source=path,
            remedy="the counters are damaged, or the file has to be split",
        )
    kspace = np.zeros((n_coils, *counts, ny, encoding.columns), dtype=np.complex64)
    taken = np.zeros((*counts, ny), dtype=np.int64)
    rank = np.full(len(heads), -1)
    rank[plan.imaging] = np.arange(len(plan.imaging))
    for start in range(0, len(heads), _BLOCK):
        samples = data.fields("data")[start : start + _BLOCK]
        for index in np.flatnonzero(rank[start : start + _BLOCK] >= 0) + start:
            head, position = heads[index], rank[index]
            line = int(head["idx"]["kspace_encode_step_1"]) - encoding.centre_line + ny // 2
            values, columns = _line(head, samples[index - start], n_coils, nx, path)
            if not 0 <= line < ny:
                raise ScanError(
                    f"acquisition {index} is line {line} of a k-space of {ny} lines", source=path
                )
            place = plan.frame_of[position], plan.slice_of[position]
            whole = np.zeros((n_coils, nx), dtype=np.complex64)
            whole[:, columns] = values
            kspace[:, *place, line] += hybrid_lines(whole, encoding.columns)
            taken[(*place, line)] += 1
    with np.errstate(all="ignore"):
        kspace /= np.maximum(taken, 1)[..., None].astype(np.float32)
    return kspace, taken > 0


def _line(
    head: np.ndarray, samples: np.ndarray, n_coils: int, nx: int, path: Path
) -> tuple[np.ndarray, slice]:
    """Samples (coils, n) of one acquisition and the columns of k-space they belong to."""
    n_samples, centre = int(head["number_of_samples"]), int(head["center_sample"])
    if int(head["active_channels"]) != n_coils or len(samples) != 2 * n_coils * n_samples:
        raise ScanError(
            f"an acquisition holds {len(samples)} numbers for {n_coils} coils x {n_samples} "
            "samples",
            source=path,
            remedy="the file is damaged, convert the raw data again",
        )
    values = np.ascontiguousarray(samples, dtype=np.float32).view(np.complex64)
    values = values.reshape(n_coils, n_samples)
    first, last = int(head["discard_pre"]), n_samples - int(head["discard_post"])
    if int(head["flags"]) & _REVERSED:
        values, centre = values[:, ::-1], n_samples - 1 - centre
        first, last = n_samples - last, n_samples - first
    start = nx // 2 - centre
    first, last = max(first, -start), min(last, nx - start)
    if first >= last:
        raise ScanError("an acquisition lies outside k-space", source=path)
    return values[:, first:last], slice(start + first, start + last)


def _geometry(
    heads: np.ndarray, plan: _Plan, encoding: _Encoding
) -> tuple[Geometry, np.ndarray, tuple[str, ...]]:
    """Geometry of the slices in their order along the normal, that order, and notes."""
    n_slices = plan.n_slices
    _, first = np.unique(plan.slice_of, return_index=True)
    chosen = heads[plan.imaging[first]]
    position = chosen["position"].astype(np.float64)
    axes = np.stack(
        [chosen[f"{name}_dir"].astype(np.float64) for name in ("read", "phase", "slice")], axis=-1
    )
    dx, dy = encoding.pixel
    rows, columns = encoding.matrix[1], encoding.columns
    unknown = (
        "The acquisition headers do not say how the slices lie in the patient: in-plane lengths "
        "hold, the distance between slices and directions are a guess.",
    )
    gram = np.swapaxes(axes, 1, 2) @ axes
    if not (np.isfinite(position).all() and np.allclose(gram, np.eye(3), atol=1e-2)):
        regular = Geometry.regular((encoding.thickness, dy, dx), n_slices)
        return regular, np.arange(n_slices), unknown
    height = position @ axes[0, :, 2]
    order = np.argsort(height, kind="stable")
    steps = np.diff(height[order])
    notes: tuple[str, ...] = ()
    dz = encoding.thickness
    parallel = bool(np.allclose(axes, axes[:1], atol=0.02))
    if n_slices > 1 and parallel and steps.min() > 0.01:
        dz = float(np.median(steps))
        if np.ptp(steps) > 0.05 * dz:
            notes += (f"The slices are unevenly spaced: {dz:.3g} mm is the median distance.",)
    elif n_slices > 1:
        notes += (
            "The slices are not a stack of parallel planes: distances between them have no "
            "meaning, do not rely on volumes.",
        )
    affines = np.tile(np.eye(4), (n_slices, 1, 1))
    scaled = axes * np.array([dx, dy, dz])
    affines[:, :3, :3] = _LPS_TO_RAS[:, None] * scaled
    corner = position - scaled[:, :, 0] * (columns // 2) - scaled[:, :, 1] * (rows // 2)
    affines[:, :3, 3] = _LPS_TO_RAS * corner
    return Geometry((dz, dy, dx), affines[order]), order, notes
