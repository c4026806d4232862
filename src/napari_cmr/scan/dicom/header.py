"""One DICOM file's header, reduced to what places its images in space and in the heart cycle.

pydicom raises almost any exception on a damaged file. Everything that touches a pydicom object
while reading headers happens inside :func:`read_planes`, behind one deliberately wide ``except``;
what leaves this module is checked numbers and plain strings.
"""

import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any, Literal

import numpy as np

from napari_cmr.scan.dicom.traits import (
    PRIVATE_TAGS,
    TAGS,
    Component,
    component_of,
    traits_of,
)
from napari_cmr.scan.dicom.values import (
    BoundedReader,
    as_number,
    as_numbers,
    as_text,
    as_texts,
    as_whole,
    quiet_dicom,
    within,
)

MAX_PIXELS = 4096 * 4096
MAX_FRAMES = 20_000
_SALT = token_bytes(16)
"""Of digests of identifiers, so that nobody can find one out by trying."""
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_NATIVE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
_TAGS = (
    "SOPClassUID SOPInstanceUID PatientID StudyInstanceUID SeriesInstanceUID SeriesNumber",
    "SeriesDescription",
    "ProtocolName SequenceName ScanningSequence ImageType Modality ComplexImageComponent",
    "InstanceNumber TemporalPositionIdentifier AcquisitionDate AcquisitionTime",
    "AcquisitionDateTime ContentTime TriggerTime NominalInterval HeartRate",
    "CardiacNumberOfImages InversionTime FrameTime InPlanePhaseEncodingDirection",
    "ImagePositionPatient ImageOrientationPatient SliceLocation SliceThickness",
    "SpacingBetweenSlices PixelSpacing Rows Columns NumberOfFrames SamplesPerPixel",
    "PhotometricInterpretation BitsAllocated SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    *TAGS,
)


class UnusableFile(Exception):  # noqa: N818 - not an error of the program: the file is passed over
    """A file that holds no usable MR image; the message is the reason, without identifiers."""


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """One image of one file: a slice at one time.

    Lengths in mm, times in ms, directions in DICOM patient axes (LPS+). ``rows`` x ``columns``
    pixels of ``(dy, dx)`` mm; ``row_direction`` is the way along a row (x), ``column_direction``
    down a column (y). ``placed`` is False where the header has no place or orientation.
    ``traits`` are texts in which two kinds of image that one series holds at one place may differ
    (see :data:`~napari_cmr.scan.dicom.traits.TRAITS`). ``location`` is the SliceLocation,
    ``acquired_s`` the time of day of the acquisition in s. ``patient`` is a digest of the PatientID
    that tells people apart while the program runs; empty where the header has none.
    """

    path: Path
    frame: int
    n_file_frames: int
    patient: str
    study: str
    series: str
    number: int
    description: str
    sequence: str
    component: Component
    traits: tuple[str, ...]
    localizer: bool
    inverted: bool
    instance: int
    temporal_index: int | None
    acquired: str
    acquired_s: float | None
    uid: str
    position: np.ndarray
    location: float | None
    row_direction: np.ndarray
    column_direction: np.ndarray
    placed: bool
    spacing: tuple[float, float]
    slice_spacing: float | None
    thickness: float | None
    rows: int
    columns: int
    trigger_ms: float | None
    cycle_ms: float | None
    n_phases: int | None
    inversion_ms: float | None
    phase_encode_axis: Literal["Y", "X"] | None

    @property
    def normal(self) -> np.ndarray:
        """Unit vector across the slice, LPS+."""
        return np.cross(self.row_direction, self.column_direction)


def looks_like_dicom(path: Path) -> bool:
    """Whether a file starts like DICOM: the preamble's mark, or a bare group 0008 element.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would wait for ever
        return False
    with open(path, "rb") as file:
        start = file.read(132)
    return start[128:132] == b"DICM" or _is_bare(start)


def _is_bare(start: bytes) -> bool:
    # Files of before 1993 and some exports have no preamble and begin with group 0008 at once.
    return (
        len(start) > 8
        and start[:2] == b"\x08\x00"
        and start[2:4]
        in (b"\x00\x00", b"\x01\x00", b"\x05\x00", b"\x08\x00", b"\x16\x00", b"\x18\x00")
    )


def read_planes(path: Path) -> list[Plane]:
    """Read every image of one file, header only.

    Raises
    ------
    UnusableFile
        With the reason, for anything that is not a usable MR image.
    """
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = file.read(1024)
            file.seek(0)
            if _DEFLATED in start:
                raise UnusableFile("deflated DICOM, which this program does not unpack")
            reader = BoundedReader(file, size, str(path))
            return _planes(path, reader, bare=start[128:132] != b"DICM")
    except UnusableFile:
        raise
    except OSError as error:
        raise UnusableFile("not readable (permission or disk error)") from error
    except Exception as error:  # pydicom raises nearly every kind on damaged headers
        raise UnusableFile("damaged DICOM header") from error


def _planes(path: Path, reader: BoundedReader, *, bare: bool) -> list[Plane]:
    import pydicom
    from pydicom.tag import Tag

    with quiet_dicom():
        dataset = pydicom.dcmread(
            reader,
            stop_before_pixels=True,
            force=bare,
            specific_tags=[*map(Tag, " ".join(_TAGS).split()), *map(Tag, PRIVATE_TAGS)],
        )
        left = reader.size - reader.tell()
        sop_class = str(dataset.get("SOPClassUID", ""))
        if "MediaStorageDirectoryStorage" in str(getattr(sop_class, "keyword", "")) or (
            sop_class == "1.2.840.10008.1.3.10"
        ):
            raise UnusableFile("DICOMDIR")
        modality = as_text(dataset.get("Modality"))
        if modality and modality != "MR":
            raise UnusableFile(f"modality {modality[:16]}, not MR")
        if (
            sop_class.startswith("1.2.840.10008.5.1.4.1.1.7")
            or (as_whole(dataset.get("SamplesPerPixel")) or 1) > 1
        ):
            raise UnusableFile("secondary capture or colour picture")
        if dataset.get("Rows") is None or dataset.get("Columns") is None:
            raise UnusableFile("DICOM without an image")
        if not modality:
            raise UnusableFile("modality not stated")
        syntax = str(getattr(dataset.file_meta, "TransferSyntaxUID", _NATIVE[0]))
        size = _check_size(dataset, left, native=syntax in _NATIVE)
        groups = _frame_groups(dataset, size[2])
        return [
            _plane(path, _Lookup(dataset, group), frame, size) for frame, group in enumerate(groups)
        ]


def _check_size(dataset: Any, left: int, *, native: bool) -> tuple[int, int, int]:
    rows, columns = as_whole(dataset.Rows) or 0, as_whole(dataset.Columns) or 0
    n_frames = as_whole(dataset.get("NumberOfFrames")) or 1
    if rows < 2 or columns < 2 or rows * columns > MAX_PIXELS:
        raise UnusableFile(f"image size {rows} x {columns} is not that of a scan")
    if not 1 <= n_frames <= MAX_FRAMES:
        raise UnusableFile(f"{n_frames} frames in one file is not plausible")
    bits = as_whole(dataset.get("BitsAllocated")) or 16
    if bits not in (8, 16, 32):
        raise UnusableFile(f"{bits} bits per pixel, which this program does not read")
    if left <= 8:
        raise UnusableFile("no pixel data")
    if native and left < 8 + rows * columns * n_frames * bits // 8:
        raise UnusableFile("truncated: pixel data is shorter than the header says")
    return rows, columns, n_frames


class _Lookup:
    """Values of one frame: its own functional groups first, then the shared ones, then the file."""

    def __init__(self, dataset: Any, group: Any | None) -> None:
        self.dataset = dataset
        self.groups = [] if group is None else [group]
        shared = dataset.get("SharedFunctionalGroupsSequence")
        if shared:
            self.groups.append(shared[0])

    def __call__(self, keyword: str, sequence: str = "") -> Any:
        for group in self.groups if sequence else ():
            items = group.get(sequence)
            if items:
                value = items[0].get(keyword)
                if value is not None:
                    return value
        return self.dataset.get(keyword)


def _digest(identifier: str) -> str:
    return sha256(_SALT + identifier.encode(errors="replace")).hexdigest() if identifier else ""


def _frame_groups(dataset: Any, n_frames: int) -> list[Any | None]:
    # Some converters leave an empty per-frame sequence in single-frame files; it says nothing.
    groups = dataset.get("PerFrameFunctionalGroupsSequence")
    if not groups or (n_frames == 1 and len(groups[0]) == 0):
        return [None] * n_frames
    if len(groups) != n_frames:
        raise UnusableFile(f"{n_frames} frames but {len(groups)} frame descriptions")
    return list(groups)


def _plane(path: Path, get: _Lookup, frame: int, size: tuple[int, int, int]) -> Plane:
    rows, columns, n_frames = size
    spacing = as_numbers(get("PixelSpacing", "PixelMeasuresSequence"), 2)
    if spacing is None or not all(0.05 <= value <= 50.0 for value in spacing):
        raise UnusableFile("no usable pixel spacing")
    position, along_row, down_column, placed = _placement(get)
    image_type = {token.strip().upper() for token in as_texts(get.dataset.get("ImageType"))}
    frame_type = as_texts(get("FrameType", "MRImageFrameTypeSequence"))
    image_type |= {token.strip().upper() for token in frame_type}
    content = "FrameContentSequence"
    cardiac = "CardiacSynchronizationSequence"
    trigger = as_number(get("TriggerTime"))
    delay = as_number(get("NominalCardiacTriggerDelayTime", cardiac))
    trigger = delay if delay is not None else trigger
    temporal = as_whole(get("TemporalPositionIndex", content))
    if temporal is None:
        temporal = as_whole(get("TemporalPositionIdentifier"))
    if trigger is None and n_frames > 1 and not get.groups:
        frame_time = as_number(get("FrameTime"))
        trigger = None if frame_time is None else frame * frame_time
        temporal = frame + 1
    instance = as_whole(get("InstanceNumber")) or 0
    return Plane(
        path=path,
        frame=frame,
        n_file_frames=n_frames,
        patient=_digest(as_text(get("PatientID"))),
        study=as_text(get("StudyInstanceUID")),
        series=as_text(get("SeriesInstanceUID")),
        number=as_whole(get("SeriesNumber")) or 0,
        description=as_text(get("SeriesDescription")) or as_text(get("ProtocolName")),
        sequence=_sequence_stem(get),
        component=component_of(get, image_type),
        traits=traits_of(get, image_type),
        localizer="LOCALIZER" in image_type,
        inverted=as_text(get("PhotometricInterpretation")) == "MONOCHROME1",
        instance=instance * MAX_FRAMES + frame if n_frames > 1 else instance,
        temporal_index=temporal,
        acquired=_acquired(get),
        acquired_s=_acquired_s(get),
        uid=f"{as_text(get('SOPInstanceUID'))}/{frame}",
        position=position,
        location=as_number(get("SliceLocation")),
        row_direction=along_row,
        column_direction=down_column,
        placed=placed,
        spacing=(spacing[0], spacing[1]),
        slice_spacing=within(
            as_number(get("SpacingBetweenSlices", "PixelMeasuresSequence")), 0.1, 100.0
        ),
        thickness=within(as_number(get("SliceThickness", "PixelMeasuresSequence")), 0.1, 100.0),
        rows=rows,
        columns=columns,
        trigger_ms=within(trigger, 0.0, 20_000.0),
        cycle_ms=_cycle_ms(get, cardiac),
        n_phases=as_whole(get("CardiacNumberOfImages")),
        inversion_ms=within(as_number(get("InversionTime")), 1.0, 10_000.0),
        phase_encode_axis=_phase_encode_axis(get),
    )


def _placement(get: _Lookup) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    raw_position = get("ImagePositionPatient", "PlanePositionSequence")
    raw_orientation = get("ImageOrientationPatient", "PlaneOrientationSequence")
    position = as_numbers(raw_position, 3)
    orientation = as_numbers(raw_orientation, 6)
    if raw_position is None or raw_orientation is None:
        location = as_number(get("SliceLocation"))
        place = np.array([0.0, 0.0, 0.0 if location is None else location])
        return place, np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]), False
    if position is None or max(abs(value) for value in position) > 1e4:
        raise UnusableFile("slice position is not three plausible numbers")
    if orientation is None:
        raise UnusableFile("slice orientation is not six numbers")
    along_row, down_column = np.array(orientation[:3]), np.array(orientation[3:])
    lengths = np.linalg.norm(along_row), np.linalg.norm(down_column)
    if any(abs(length - 1) > 0.05 for length in lengths) or abs(along_row @ down_column) > 0.05:
        raise UnusableFile("slice orientation is not two perpendicular directions")
    return np.array(position), along_row / lengths[0], down_column / lengths[1], True


def _cycle_ms(get: _Lookup, cardiac: str) -> float | None:
    # 20 to 300 beats a minute; zero and nonsense are common in both attributes.
    for value in (get("RRIntervalTimeNominal", cardiac), get("NominalInterval")):
        interval = within(as_number(value), 200.0, 3000.0)
        if interval is not None:
            return interval
    rate = within(as_number(get("HeartRate")), 20.0, 300.0)
    return None if rate is None else 60_000.0 / rate


def _phase_encode_axis(get: _Lookup) -> Literal["Y", "X"] | None:
    value = as_text(get("InPlanePhaseEncodingDirection", "MRFOVGeometrySequence")).upper()
    if value == "ROW":
        return "X"
    return "Y" if value in ("COL", "COLUMN") else None


def _sequence_stem(get: _Lookup) -> str:
    """Family of the pulse sequence; its numbers (counters, echo trains) vary within a stack."""
    stem = "".join(char for char in as_text(get("SequenceName")) if char.isalpha())
    return "/".join([stem, *sorted(as_texts(get("ScanningSequence")))])


def _acquired(get: _Lookup) -> str:
    moment = as_text(get("FrameAcquisitionDateTime", "FrameContentSequence"))
    moment = moment or as_text(get("AcquisitionDateTime"))
    return moment or as_text(get("AcquisitionDate")) + (
        as_text(get("AcquisitionTime")) or as_text(get("ContentTime"))
    )


def _acquired_s(get: _Lookup) -> float | None:
    """Time of day in s; unlike the time of the content, it says when something was measured."""
    moment = as_text(get("FrameAcquisitionDateTime", "FrameContentSequence"))[8:]
    moment = moment or as_text(get("AcquisitionDateTime"))[8:] or as_text(get("AcquisitionTime"))
    moment = moment.replace(":", "")
    if len(moment) < 6 or not moment[:6].isdecimal():
        return None
    seconds = as_number(moment[4:].split("+")[0].split("-")[0])
    return None if seconds is None else int(moment[:2]) * 3600 + int(moment[2:4]) * 60 + seconds
