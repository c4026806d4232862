"""Read a DICOM study: one stack of it as a :class:`Scan`."""

from pathlib import Path

import numpy as np

from napari_cmr.scan.dicom.folder import DicomFolder, read_folder
from napari_cmr.scan.dicom.header import Plane
from napari_cmr.scan.dicom.phases import SlicePhases
from napari_cmr.scan.dicom.pixels import UnreadablePixels, interpolate_phases, read_pixels
from napari_cmr.scan.dicom.stacks import DicomStack, assemble
from napari_cmr.scan.dicom.subject import read_subject
from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.heart_views import VIEW_NAMES
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.scan import Scan

# More than this share of a slice's phases must be there, or the rest would be invention.
MAX_FILLED = 0.25
MAX_VOXELS = 2**30
_NAMED = 6


def read_dicom(
    path: Path | str, *, series: int | str | None = None, keep_identifiers: bool = False
) -> Scan:
    """Read one stack of a DICOM folder (any mix of series, any file names) or file.

    Parameters
    ----------
    path : path
        A folder, searched with its subfolders; a file; or a DICOMDIR, which stands for its folder.
    series : int or str, optional
        A series number, or the key of a series or an assembled stack in
        :func:`napari_cmr.scan.index.index_dicom`. By default the short-axis cine stack with the
        most images.
    keep_identifiers : bool
        Keep the patient's ID as ``scan.subject.identifier``. Names and birth dates are never read.

    Returns
    -------
    Scan
        Slices from base to apex: along the slice normal, in the sense that points to the left,
        front and feet. Frames as fractions of each slice's own heart cycle. Images that are
        missing are interpolated over the (periodic) heart cycle where at most a quarter of a
        slice's phases is missing, and named in ``notes``, as is everything else that was
        repaired, resampled or guessed. Of images that were measured twice the later ones are kept.

    Raises
    ------
    ScanError
        If there is no usable MR image, the series does not exist, a slice lacks too many phases,
        images of one place and time cannot be told apart, or the pixels cannot be decoded.
    """
    folder = read_folder(Path(path))
    stack, choice = choose(folder, series)
    if stack.phases.unclear is not None:
        raise ScanError(
            stack.phases.unclear,
            source=folder.path,
            remedy="export the series again with these values, or choose another series",
        )
    image, pixel_notes = _image(stack, folder.path)
    first = stack.first
    phases = stack.phases
    axes = {plane.phase_encode_axis for plane in _planes(stack)} - {None}
    notes = [*choice, *stack.notes, *phases.notes, *pixel_notes, *folder.notes]
    if folder.path.is_file() and len(folder.planes) == 1:
        notes.append(
            Notice(
                Code.ONE_IMAGE,
                "one image only: open its folder to see the whole stack over the heart cycle",
            )
        )
    if len(axes) != 1:
        notes.append(
            Notice(
                Code.PHASE_ENCODE_ASSUMED,
                "phase-encode axis not stated (or mixed): lines are counted along Y",
            )
        )
    times = None
    if phases.n_frames > 1 and phases.span_ms is not None:
        times = phases.fractions * phases.span_ms
    return Scan(
        image=image,
        geometry=stack.geometry,
        name=_name(stack),
        source=Path(path),
        frame_times_ms=times,
        cycle_ms=phases.cycle_ms,
        n_beats=phases.n_beats,
        subject=read_subject(first.path, keep_identifiers=keep_identifiers),
        phase_encode_axis="X" if axes == {"X"} else "Y",
        kind=stack.kind,
        view=stack.view,
        notes=tuple(notes),
    )


def dicom_cells(
    path: Path | str, *, series: int | str | None = None
) -> dict[tuple[int, int], tuple[Path, int]]:
    """Where the pixels of each cell of :func:`read_dicom`'s scan came from.

    Returns
    -------
    dict of (frame, slice) to (file, frame in that file)
        0-based; cells that were interpolated are left out.
    """
    stack, _ = choose(read_folder(Path(path)), series)
    return {
        (t, z): (plane.path, plane.frame)
        for z, one in enumerate(stack.phases.slices)
        if not one.resampled
        for t, plane in enumerate(one.planes)
        if plane is not None
    }


def choose(folder: DicomFolder, series: int | str | None) -> tuple[DicomStack, list[Notice]]:
    """Pick the stack that ``series`` means, or the default one; and notes on the choice."""
    parts, stacks = assemble(folder.planes)
    chosen, notes = _choose(folder, series, parts, stacks)
    return chosen, [*notes, *others_left_out(chosen, parts)]


def others_left_out(chosen: DicomStack, parts: list[DicomStack]) -> list[Notice]:
    """Note on series of other patients, or else of other studies, than a stack is of."""
    for owner, what, code in (
        (_patient, "patients", Code.OTHER_PATIENTS),
        (_study, "studies", Code.OTHER_STUDIES),
    ):
        n = len({owner(part) for part in parts})
        if n > 1:
            others = [part.key for part in parts if owner(part) != owner(chosen)]
            named = ", ".join(others[:_NAMED])
            named += f" and {len(others) - _NAMED} more" * (len(others) > _NAMED)
            text = (
                f"the folder holds images of {n} {what}: {chosen.key} is of one of them, series "
                f"{named} of others"
            )
            return [Notice(code, text)]
    return []


def _patient(stack: DicomStack) -> str:
    return stack.first.patient


def _study(stack: DicomStack) -> str:
    return stack.first.study


def _choose(
    folder: DicomFolder,
    series: int | str | None,
    parts: list[DicomStack],
    stacks: list[DicomStack],
) -> tuple[DicomStack, list[Notice]]:
    if series is None:
        chosen = default_stack(parts, stacks)
        if chosen.view == "SAX" and chosen.kind in ("cine", "lge"):
            return chosen, []
        return chosen, [
            Notice(
                Code.SERIES_CHOSEN,
                f"no short-axis stack was recognised: opened series {chosen.key}",
            )
        ]
    wanted = str(series).strip()
    for stack in (*stacks, *parts):
        if stack.key.lower() == wanted.lower():
            return stack, []
    same_number = [part for part in parts if str(part.numbers[0]) == wanted]
    if same_number:
        largest = max(same_number, key=lambda part: part.n_cells)
        others = ", ".join(part.key for part in same_number if part is not largest)
        return largest, [
            Notice(
                Code.SERIES_CHOSEN,
                f"series {wanted} holds several stacks: {largest.key} opened, not {others}",
            )
        ]
    keys = ", ".join(stack.key for stack in (*stacks, *parts)[:20])
    raise ScanError(f"no series {wanted!r}", source=folder.path, remedy=f"choose one of {keys}")


def default_stack(parts: list[DicomStack], stacks: list[DicomStack]) -> DicomStack:
    """Short-axis cine before short-axis LGE before any cine before the rest; then the largest."""

    def rank(stack: DicomStack) -> tuple[bool, bool, bool, int]:
        short_axis = stack.view == "SAX"
        return (
            short_axis and stack.kind == "cine",
            short_axis and stack.kind == "lge",
            stack.kind == "cine",
            stack.n_cells,
        )

    return max((*stacks, *parts), key=rank)


def _name(stack: DicomStack) -> str:
    # Never free text or a folder's name: people write patients' names there.
    name = VIEW_NAMES.get(stack.view) or f"series {stack.key}"
    return f"{name} LGE" if stack.kind == "lge" else name


def _planes(stack: DicomStack) -> list[Plane]:
    return [p for one in stack.phases.slices for p in one.planes if p is not None]


def _image(stack: DicomStack, source: Path) -> tuple[np.ndarray, list[Notice]]:
    first = stack.first
    shape = (stack.phases.n_frames, stack.n_slices, first.rows, first.columns)
    for z, one in enumerate(stack.phases.slices, start=1):
        _check_enough(z, one, len(one.missing), source)
    if float(np.prod(shape, dtype=float)) > MAX_VOXELS:
        raise ScanError(f"a stack of {shape} (T, Z, Y, X) is too large to open", source=source)
    planes = _planes(stack)
    images, failures = read_pixels(planes)
    if not images:
        raise ScanError(
            f"no image can be read: {failures[0]}",
            source=source,
            remedy="copy or export the files again",
        ) from failures[0]
    notes = []
    image = np.empty(shape, dtype=np.float32)
    for z, one in enumerate(stack.phases.slices):
        lost = [p for p in one.planes if p is not None and p not in images]
        if lost:
            _check_enough(z + 1, one, len(one.missing) + len(lost), source, failures)
            notes.append(Notice(Code.IMAGES_DAMAGED, f"slice {z + 1}: {len(lost)} damaged images"))
        filled = _fill(one, images, stack.phases.fractions, image[:, z])
        if filled:
            named = ", ".join(str(frame + 1) for frame in filled)
            notes.append(
                Notice(
                    Code.PHASES_INTERPOLATED,
                    f"slice {z + 1}: phase {named} interpolated from the others",
                )
            )
    if first.inverted:
        image = image.max() + image.min() - image
        notes.append(
            Notice(
                Code.IMAGES_INVERTED,
                "MONOCHROME1 images inverted, so that bright means much signal",
            )
        )
    return image, notes


def _check_enough(
    z: int,
    one: SlicePhases,
    n_missing: int,
    source: Path,
    failures: list[UnreadablePixels] | None = None,
) -> None:
    total = len(one.planes)
    if n_missing <= MAX_FILLED * total:
        return
    error = ScanError(
        f"slice {z} lacks {n_missing} of its {total} phases",
        source=source,
        remedy="copy the missing files, or choose another series",
    )
    raise error from (failures[0] if failures else None)


def _fill(
    one: SlicePhases, images: dict[Plane, np.ndarray], common: np.ndarray, out: np.ndarray
) -> list[int]:
    """Write one slice's frames into ``out`` (T, Y, X); return the frames that were filled in."""
    there = [i for i, plane in enumerate(one.planes) if plane is not None and plane in images]
    found = np.stack([images[plane] for i in there if (plane := one.planes[i]) is not None])
    fractions = one.fractions[there]
    if one.resampled:
        out[:] = interpolate_phases(found, fractions, common)
        return []
    out[there] = found
    absent = [i for i in range(len(one.planes)) if i not in set(there)]
    if absent:
        out[absent] = interpolate_phases(found, fractions, common[absent])
    return absent
