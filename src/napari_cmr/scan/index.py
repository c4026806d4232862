"""What a path holds: its series and stacks, as a table, as JSON, without reading pixels."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from napari_cmr.scan.dicom.stacks import DicomStack
from napari_cmr.scan.heart_views import View
from napari_cmr.scan.notices import Code, Notice, texts_and_details

EMIDEC = "EMIDEC"
"""Format of a folder in which every case is another patient."""


@dataclass(frozen=True, eq=False)
class Series:
    """One series, or one stack assembled from series.

    Attributes
    ----------
    key : str
        What to pass as ``series=`` to the readers.
    number : int
        Series number (of the first member, for a stack).
    description : str
        As typed at the scanner.
    view : View
        From the description, else guessed from the geometry.
    kind : {"cine", "lge", "other"}
    component : str
        "magnitude", "phase", "imaginary" or "complex".
    shape : tuple of 2 ints
        Rows and columns (Y, X).
    spacing : tuple of 3 floats, or None
        ``(dz, dy, dx)`` in mm; None where it is only known, or estimated, once the scan is read.
    complete : ndarray of bool, shape (Z, T)
        Which phase of which slice is there; slices from base to apex.
    members : tuple of str
        Keys of the series that a stack is made of; a series names itself.
    patient : int
        Whose it is of those that the folder holds, counted from 1.
    notes : tuple of Notice
    """

    key: str
    number: int
    description: str
    view: View
    kind: Literal["cine", "lge", "other"]
    component: str
    shape: tuple[int, int]
    spacing: tuple[float, float, float] | None
    complete: np.ndarray
    members: tuple[str, ...]
    patient: int = 1
    notes: tuple[Notice, ...] = ()

    @property
    def n_slices(self) -> int:
        """Number of slices Z."""
        return int(self.complete.shape[0])

    @property
    def n_frames(self) -> int:
        """Number of cardiac phases T."""
        return int(self.complete.shape[1])

    @property
    def is_complete(self) -> bool:
        """Whether every phase of every slice is there."""
        return bool(self.complete.all())

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """``(slice, phase)`` of what is missing, 0-based."""
        return tuple((int(z), int(t)) for z, t in np.argwhere(~self.complete))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain types for JSON; slices and phases 0-based."""
        return {
            "key": self.key,
            "number": self.number,
            "description": self.description,
            "view": self.view,
            "kind": self.kind,
            "component": self.component,
            "n_slices": self.n_slices,
            "n_frames": self.n_frames,
            "shape": list(self.shape),
            "spacing_mm": None
            if self.spacing is None
            else [round(value, 4) for value in self.spacing],
            "complete": self.complete.tolist(),
            "missing": [list(cell) for cell in self.missing],
            "members": list(self.members),
            "patient": self.patient,
            **texts_and_details(self.notes, "notes"),
        }


@dataclass(frozen=True, eq=False)
class ScanIndex:
    """What a folder or file holds.

    Attributes
    ----------
    source : Path
    format : str
        "DICOM", or what :func:`napari_cmr.scan.open_scan` made of it.
    series : tuple of Series
        By series number; a series that mixes orientations or matrices is listed in parts.
    stacks : tuple of Series
        Sets of parallel slices, from one series or assembled from several; largest first.
    default : str
        Key of what is opened if nobody chooses.
    notes : tuple of Notice
        Files passed over, and the like.
    """

    source: Path
    format: str
    series: tuple[Series, ...]
    stacks: tuple[Series, ...]
    default: str
    notes: tuple[Notice, ...] = field(default=())

    @property
    def is_one_patient(self) -> bool:
        """Whether all that is listed is taken to be of one patient, as in a DICOM study."""
        return self.format != EMIDEC and self.n_patients == 1

    @property
    def n_patients(self) -> int:
        """Number of patients whose series are told apart."""
        return len({one.patient for one in self.series})

    @property
    def n_series(self) -> int:
        """Number of different series (parts of one series count once)."""
        return len({one.key.split(".")[0] for one in self.series})

    @property
    def short_axis(self) -> Series | None:
        """The short-axis cine stack with the most images (else LGE), or None."""
        candidates = [one for one in (*self.stacks, *self.series) if one.view == "SAX"]
        candidates = [one for one in candidates if one.kind != "other"]
        return max(
            candidates, key=lambda one: (one.kind == "cine", int(one.complete.sum())), default=None
        )

    def __getitem__(self, key: str) -> Series:
        """Series or stack of that key."""
        for one in (*self.stacks, *self.series):
            if one.key == key:
                return one
        raise KeyError(key)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain types for JSON. The folder itself is not named: see ``source``."""
        short_axis = self.short_axis
        return {
            "format": self.format,
            "n_series": self.n_series,
            "series": [one.to_dict() for one in self.series],
            "stacks": [one.to_dict() for one in self.stacks],
            "short_axis": None if short_axis is None else short_axis.key,
            "default": self.default,
            **texts_and_details(self.notes, "notes"),
        }

    def table(self) -> list[dict[str, str]]:
        """Rows for people, stacks first: column name to text, the same columns in every row."""
        return [
            _row(one, self.default) | ({"patient": str(one.patient)} if self.n_patients > 1 else {})
            for one in (*self.stacks, *self.series)
        ]


def _row(one: Series, default: str) -> dict[str, str]:
    dz, dy, dx = one.spacing or (None, None, None)
    rows, columns = one.shape
    cells = one.complete.size
    there = int(one.complete.sum())
    return {
        "key": f"{one.key} *" if one.key == default else one.key,
        "view": one.view,
        "kind": one.kind if one.component == "magnitude" else one.component,
        "description": one.description,
        "slices": str(one.n_slices),
        "phases": str(one.n_frames),
        "matrix": f"{rows} x {columns}",
        "pixel (mm)": "-" if dy is None else f"{dy:.2f} x {dx:.2f}",
        "dz (mm)": "-" if dz is None else f"{dz:.1f}",
        "complete": "yes" if there == cells else f"{there} of {cells}",
        "series": ", ".join(one.members),
    }


def index_dicom(path: Path | str) -> ScanIndex:
    """List the series and stacks of a DICOM folder or file, from headers alone.

    Raises
    ------
    ScanError
        If there is no usable MR image.
    """
    from napari_cmr.scan.dicom.folder import read_folder
    from napari_cmr.scan.dicom.reader import default_stack, others_left_out
    from napari_cmr.scan.dicom.stacks import assemble

    folder = read_folder(Path(path))
    parts, stacks = assemble(folder.planes)
    default = default_stack(parts, stacks)
    patients = list(dict.fromkeys(part.first.patient for part in parts))
    return ScanIndex(
        source=folder.path,
        format="DICOM",
        series=tuple(_series(part, patients) for part in parts),
        stacks=tuple(_series(stack, patients) for stack in stacks),
        default=default.key,
        notes=(*others_left_out(default, parts), *folder.notes),
    )


def index_emidec(path: Path | str) -> ScanIndex:
    """List the cases of an EMIDEC folder; each is a series.

    Raises
    ------
    ScanError
        If there is no case, or a slice is missing or damaged.
    """
    from napari_cmr.scan.datasets.emidec import emidec_cases, picture_shape

    path = Path(path)
    cases = emidec_cases(path)
    entries = tuple(
        Series(
            key=case,
            number=number,
            description="late enhancement, PNG slices",
            view="SAX",
            kind="lge",
            component="magnitude",
            shape=picture_shape(files[0]),
            spacing=None,
            complete=np.ones((len(files), 1), dtype=bool),
            members=(case,),
        )
        for number, (case, files) in enumerate(cases.items(), start=1)
    )
    text = "The pictures have lost their spacing: it is estimated when a case is opened."
    note = Notice(Code.SPACING_ASSUMED, text)
    return ScanIndex(path, EMIDEC, entries, (), entries[0].key, (note,))


def index_scans(path: Path | str) -> ScanIndex:
    """List what any path holds that :func:`napari_cmr.scan.open_scan` can open.

    A path that is not DICOM is opened and gives one entry.

    Raises
    ------
    ScanError
        If there is nothing that can be opened.
    """
    from napari_cmr.scan.opener import kind_of, open_scan

    kind = kind_of(path)
    if kind == "dicom":
        return index_dicom(path)
    if kind == "emidec":
        return index_emidec(path)
    scan = open_scan(path)
    names = {"nifti": "NIfTI", "acdc": "ACDC", "raw": "raw k-space", "lasc": "left atrium"}
    entry = Series(
        key="1",
        number=1,
        description="",
        view=scan.view,
        kind=scan.kind,
        component="complex" if np.iscomplexobj(scan.image) else "magnitude",
        shape=scan.shape[2:],
        spacing=scan.spacing,
        complete=np.ones((scan.n_slices, scan.n_frames), dtype=bool),
        members=("1",),
        notes=scan.notes,
    )
    return ScanIndex(Path(path), names.get(kind, kind), (entry,), (), "1", ())


def _series(stack: DicomStack, patients: list[str]) -> Series:
    first = stack.first
    return Series(
        key=stack.key,
        number=stack.numbers[0],
        description=stack.description,
        view=stack.view,
        kind=stack.kind,
        component=stack.component,
        shape=(first.rows, first.columns),
        spacing=stack.geometry.spacing,
        complete=stack.phases.present(),
        members=stack.members,
        patient=1 + patients.index(stack.first.patient),
        notes=(*stack.notes, *stack.phases.notes),
    )
