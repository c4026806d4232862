"""ISMRMRD files of Cartesian cine acquisitions.

An XML header says how k-space was encoded, and every acquisition is one line of it with counters
(Inati et al., ISMRM Raw data format, Magn Reson Med 77, 2017).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.heart_views import view_of
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.raw.ismrmrd_header import Encoding, as_sampled, read_encoding
from napari_cmr.scan.raw.lines import hybrid_lines, missing_lines_note
from napari_cmr.scan.raw.variables import LIKELY_PACKING, SMALL_BYTES, hard_link
from napari_cmr.scan.raw_kspace import RawKSpace
from napari_cmr.scan.scan import Scan

if TYPE_CHECKING:
    import h5py

# Flags (bit = number - 1) of acquisitions that are no line of the image: noise, calibration only,
# navigation, phase correction, feedback, dummy, surface coil correction, phase stabilisation.
_NOT_IMAGING = sum(1 << (number - 1) for number in (19, 20, 23, 24, 26, 27, 28, 29, 30, 31))
_REVERSED = 1 << (22 - 1)
_BLOCK = 2048
_MAX_GROUPS = 100
_DIGITS = re.compile(r"(\d{1,9})")
_MAX_KSPACE_BYTES = 2**32
_MAX_ACQUISITIONS = 5_000_000
_LPS_TO_RAS = np.array([-1.0, -1.0, 1.0])


@dataclass(frozen=True)
class _Plan:
    """Which acquisitions make the image, and the frame and slice that each belongs to."""

    imaging: np.ndarray
    frame_of: np.ndarray
    slice_of: np.ndarray
    n_frames: int
    n_slices: int


def find_measurements(file: "h5py.File", path: Path) -> list[Any]:
    """Groups with ``xml`` and ``data``, each of which is a measurement, by name."""
    import h5py

    found = []
    for name in sorted(list(file)[:_MAX_GROUPS], key=_natural):
        if name.startswith("#"):
            continue
        group = hard_link(file, name, path)
        if isinstance(group, h5py.Group) and "xml" in group and "data" in group:
            found.append(group)
    return found


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in _DIGITS.split(name)]


def read_ismrmrd(measurements: list[Any], path: Path) -> Scan:
    """Reconstruct an ISMRMRD file (see :func:`napari_cmr.scan.read_raw`).

    Of several measurements in the file the one with the most imaging acquisitions is taken, as
    noise and calibration come as measurements of their own. Lines are sorted by the counters
    ``phase`` (or ``repetition`` where there is one phase only), ``slice`` and
    ``kspace_encode_step_1``; averages are averaged; of several encoding spaces, repetitions,
    contrasts or sets the first is taken. Read-out oversampling is cut off. The field of view along
    the phase encoding stays as it was encoded, and there is no interpolation to the reconstructed
    matrix: a row of the image for every line of k-space, no more and no fewer.
    """
    found = []
    for group in measurements:
        data = hard_link(group, "data", path)
        if data.ndim != 1 or not 0 < data.shape[0] <= _MAX_ACQUISITIONS:
            raise ScanError(f"holds {data.shape} acquisitions", source=path)
        heads = _read_heads(data, path)
        imaging = np.flatnonzero((heads["flags"] & np.uint64(_NOT_IMAGING)) == 0)
        found.append((len(imaging), group, data, heads, imaging))
    n_imaging, group, data, heads, imaging = max(found, key=lambda one: one[0])
    if not n_imaging:
        raise ScanError("holds no acquisition of an image", source=path)
    notes: tuple[Notice, ...] = ()
    others = sum(one[0] > 0 for one in found) - 1
    if others:
        name = str(group.name).strip("/")
        notes = (
            Notice(
                Code.PART_OPENED,
                f"The file holds {others + 1} measurements: {name!r}, the largest, was opened.",
            ),
        )
    encoding = read_encoding(hard_link(group, "xml", path), path)
    plan, plan_notes = _plan(heads, imaging, path)
    encoding, size_notes = as_sampled(encoding, heads[plan.imaging], path)
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
        notes=notes + plan_notes + size_notes + missing_lines_note(lines) + geometry_notes,
    )


def _plan(heads: np.ndarray, imaging: np.ndarray, path: Path) -> tuple[_Plan, tuple[Notice, ...]]:
    """Choose what makes one image series; whatever counts further than that is named."""
    counters = heads["idx"]
    notes: tuple[Notice, ...] = ()
    spaces = heads["encoding_space_ref"][imaging]
    if np.ptp(spaces):
        first = spaces.min()
        notes += (
            Notice(
                Code.PART_OPENED,
                f"The file holds {len(np.unique(spaces))} encoding spaces: {first}, the first, was "
                "taken, the others are other kinds of scan.",
            ),
        )
        imaging = imaging[spaces == first]
    for name, what in (("contrast", "contrasts"), ("set", "sets")):
        imaging, said = _first_of(imaging, counters[name], what)
        notes += said
    if np.ptp(counters["kspace_encode_step_2"][imaging]):
        raise ScanError("3-D encoded k-space is not read, only slices", source=path)
    time_counter = "phase" if np.ptp(counters["phase"][imaging]) else "repetition"
    if time_counter == "phase":
        imaging, said = _first_of(imaging, counters["repetition"], "repetitions")
        notes += said
    chosen = counters[imaging]
    frames, frame_of = np.unique(chosen[time_counter], return_inverse=True)
    slices, slice_of = np.unique(chosen["slice"], return_inverse=True)
    return _Plan(imaging, frame_of, slice_of, len(frames), len(slices)), notes


def _first_of(
    imaging: np.ndarray, counter: np.ndarray, what: str
) -> tuple[np.ndarray, tuple[Notice, ...]]:
    values = counter[imaging]
    if not np.ptp(values):
        return imaging, ()
    note = Notice(
        Code.PART_OPENED, f"Of the {len(np.unique(values))} {what} in the file the first was taken."
    )
    return imaging[values == values.min()], (note,)


def _read_heads(data: Any, path: Path) -> np.ndarray:
    names = data.dtype.names or ()
    if not {"head", "data"} <= set(names):
        raise ScanError("the acquisitions have no head and data", source=path)
    heads = data.fields("head")[:]
    wanted = {"flags", "number_of_samples", "active_channels", "center_sample", "position"}
    wanted |= {"discard_pre", "discard_post", "read_dir", "phase_dir", "slice_dir", "idx"}
    wanted |= {"encoding_space_ref"}
    counters = {"kspace_encode_step_1", "kspace_encode_step_2", "slice", "contrast"}
    counters |= {"phase", "repetition", "set"}
    if not wanted <= set(heads.dtype.names or ()) or not counters <= set(
        heads["idx"].dtype.names or ()
    ):
        raise ScanError("the acquisition headers are not ISMRMRD's", source=path)
    result: np.ndarray = heads
    return result


def _sort_lines(
    data: Any, heads: np.ndarray, plan: _Plan, encoding: Encoding, path: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Hybrid lines (coils, frames, slices, ky, x), averaged, and which of them were measured."""
    nx, ny = encoding.matrix
    n_coils = int(heads["active_channels"][plan.imaging[0]])
    counts = plan.n_frames, plan.n_slices
    n_images = plan.n_frames * plan.n_slices
    n_bytes = n_images * n_coils * ny * encoding.columns * 8
    likely = max(SMALL_BYTES, LIKELY_PACKING * path.stat().st_size)
    too_large = n_bytes > min(_MAX_KSPACE_BYTES, likely)
    if not n_coils or n_images > len(plan.imaging) or too_large:
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
    heads: np.ndarray, plan: _Plan, encoding: Encoding
) -> tuple[Geometry, np.ndarray, tuple[Notice, ...]]:
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
        Notice(
            Code.ORIENTATION_UNKNOWN,
            "The acquisition headers do not say how the slices lie in the patient: in-plane "
            "lengths hold, the distance between slices and directions are a guess.",
        ),
    )
    gram = np.swapaxes(axes, 1, 2) @ axes
    if not (np.isfinite(position).all() and np.allclose(gram, np.eye(3), atol=1e-2)):
        regular = Geometry.regular((encoding.thickness, dy, dx), n_slices)
        return regular, np.arange(n_slices), unknown
    height = position @ axes[0, :, 2]
    order = np.argsort(height, kind="stable")
    steps = np.diff(height[order])
    notes: tuple[Notice, ...] = ()
    dz = encoding.thickness
    parallel = bool(np.allclose(axes, axes[:1], atol=0.02))
    if n_slices > 1 and parallel and steps.min() > 0.01:
        dz = float(np.median(steps))
        if np.ptp(steps) > 0.05 * dz:
            notes += (
                Notice(
                    Code.UNEVEN_SLICES,
                    f"The slices are unevenly spaced: {dz:.3g} mm is the median distance.",
                ),
            )
    elif n_slices > 1:
        notes += (
            Notice(
                Code.SLICES_TILTED,
                "The slices are not a stack of parallel planes: distances between them have no "
                "meaning, do not rely on volumes.",
            ),
        )
    affines = np.tile(np.eye(4), (n_slices, 1, 1))
    scaled = axes * np.array([dx, dy, dz])
    affines[:, :3, :3] = _LPS_TO_RAS[:, None] * scaled
    corner = position - scaled[:, :, 0] * (columns // 2) - scaled[:, :, 1] * (rows // 2)
    affines[:, :3, 3] = _LPS_TO_RAS * corner
    return Geometry((dz, dy, dx), affines[order]), order, notes
