"""What was scanned of one patient: cine, late enhancement and long axes, listed and opened late."""

from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Literal
from weakref import WeakValueDictionary

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.heart_views import LONG_AXES, View
from napari_cmr.scan.index import ScanIndex, Series, index_dicom, index_emidec, index_scans
from napari_cmr.scan.nifti.reader import describe_nifti
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.opener import kind_of, open_scan, scans_in
from napari_cmr.scan.scan import Scan

Kind = Literal["cine", "lge", "other"]


@dataclass(frozen=True, eq=False)
class Study:
    """Scans of one patient. Their headers were read; pixels are read when a scan is opened.

    Attributes
    ----------
    source : Path
    entries : tuple of Series
        What can be opened, each by its key: assembled stacks before single series.
    notes : tuple of Notice
        Files passed over, and the like.
    """

    source: Path
    entries: tuple[Series, ...]
    notes: tuple[Notice, ...]
    _open: Callable[[str], Scan] = field(repr=False)
    _opened: WeakValueDictionary[str, Scan] = field(default_factory=WeakValueDictionary, repr=False)

    @classmethod
    def of_index(cls, index: ScanIndex) -> "Study":
        """Study of a folder whose headers were read already; of several patients the default's."""
        patient = index[index.default].patient
        return cls(
            index.source,
            tuple(one for one in (*index.stacks, *index.series) if one.patient == patient),
            index.notes,
            lambda key: open_scan(index.source, series=key),
        )

    def __getitem__(self, key: str) -> Series:
        """Entry of that key."""
        for entry in self.entries:
            if entry.key == key:
                return entry
        raise KeyError(key)

    def select(self, kind: Kind | None = None, view: View | None = None) -> tuple[Series, ...]:
        """Entries of a kind and a view, those with the most images first."""
        found = [
            entry
            for entry in self.entries
            if kind in (None, entry.kind) and view in (None, entry.view)
        ]
        return tuple(sorted(found, key=lambda entry: -int(entry.complete.sum())))

    @property
    def cine(self) -> Series | None:
        """The short-axis cine, or None."""
        return next(iter(self.select("cine", "SAX")), None)

    @property
    def late_enhancement(self) -> Series | None:
        """The late enhancement, of the short axis if there is one, or None."""
        found = self.select("lge", "SAX") or self.select("lge")
        return next(iter(found), None)

    @property
    def long_axes(self) -> tuple[Series, ...]:
        """A cine of each long-axis view that there is."""
        found = [self.select("cine", view) for view in LONG_AXES]
        return tuple(of_view[0] for of_view in found if of_view)

    def open(self, key: str) -> Scan:
        """Read the scan of an entry; the same object again while somebody has it.

        Raises
        ------
        ScanError
            If there is no such entry, or it cannot be read.
        """
        if all(entry.key != key for entry in self.entries):
            keys = ", ".join(entry.key for entry in self.entries[:20])
            raise ScanError(f"no scan {key!r}", source=self.source, remedy=f"choose one of {keys}")
        scan = self._opened.get(key)
        if scan is None:
            scan = self._opened[key] = self._open(key)
        return scan

    def companion_of(self, scan: Scan) -> Series | None:
        """The late enhancement to a cine of the short axis, or the cine to late enhancement."""
        if scan.view != "SAX":
            return None
        return {"cine": self.late_enhancement, "lge": self.cine}.get(scan.kind)


def open_study(path: str | PathLike[str]) -> Study:
    """List what a folder or file holds, from headers alone.

    Parameters
    ----------
    path : path
        Whatever :func:`napari_cmr.scan.open_scan` opens, or a folder of several NIfTI or raw files
        of one patient. Raw files are opened to see what they hold.

    Raises
    ------
    ScanError
        If there is nothing that can be opened.
    """
    path = Path(path)
    kind = kind_of(path)
    if kind in ("dicom", "emidec"):
        index = index_dicom(path) if kind == "dicom" else index_emidec(path)
        return Study.of_index(index)
    files = scans_in(path) if kind == "folder" else [path]
    by_key: dict[str, Path] = {}
    entries: list[Series] = []
    notes: list[Notice] = []
    for file in files:
        key = file.name if len(files) > 1 else "1"
        try:
            entry = _entry(file, key)
        except ScanError as error:
            if len(files) == 1:
                raise
            text = f"{file.name} was left out: {error.problem}"
            notes.append(Notice(Code.FILES_PASSED_OVER, text))
            continue
        by_key[key] = file
        entries.append(entry)
    if not entries:
        raise ScanError("holds no scan that can be opened", source=path, remedy=notes[0].text)
    return Study(path, tuple(entries), tuple(notes), lambda key: open_scan(by_key[key]))


def _entry(path: Path, key: str) -> Series:
    if path.is_file() and kind_of(path) == "nifti":
        found = describe_nifti(path)
        return Series(
            key=key,
            number=1,
            description="",
            view=found.view,
            kind=found.kind,
            component="magnitude",
            shape=found.shape[2:],
            spacing=found.spacing,
            complete=np.ones((found.shape[1], found.shape[0]), dtype=bool),
            members=(key,),
        )
    (entry,) = index_scans(path).series
    return Series(**{**vars(entry), "key": key, "members": (key,)})
