"""Opens scans, sessions, and labels of the scan that is open, in the background."""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import ref

from napari.utils.notifications import show_info, show_warning
from qtpy.QtCore import QObject, QTimer, Signal

from napari_cmr.scan import LabelSet, Scan, is_label_map, labels_for
from napari_cmr.scan.label_files import says_it_is_labels
from napari_cmr.scan.nifti.file import nifti_stem
from napari_cmr.scan.notices import Code
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import LatestJob, Work, start_early
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.edit.annotation_files import known_of_labels

if TYPE_CHECKING:
    from napari_cmr.scan.index import ScanIndex
    from napari_cmr.viewer.core.saved_session import LoadedSession

DRAWING_MS = 20
"""Between the picture of a scan and its labels: the user sees the picture first."""


class Opener(QObject):
    """Reads one scan at a time for one viewer; a scan that cannot be read changes nothing.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
    restore : callable
        Shows a session file that has been read.
    """

    opening_changed = Signal(bool)

    def __init__(
        self, viewer: Any, session: Session, restore: "Callable[[LoadedSession], None]"
    ) -> None:
        super().__init__()
        self._viewer = ref(viewer)
        self._session = session
        self._restore = restore
        self._index: ScanIndex | None = None
        self._job = LatestJob("Opening the scan", self._on_result, self)
        self._job.running_changed.connect(self._on_running)
        self._listing = LatestJob("Listing the folder", self._on_listed, self)
        self._session.scan_changed.connect(self._on_scan)
        self._without_labels: Scan | None = None
        self._awaited: Scan | None = None
        self._queue: list[Path] = []
        self._drawing = QTimer(self)
        self._drawing.setSingleShot(True)
        self._drawing.setInterval(DRAWING_MS)
        self._drawing.timeout.connect(self._show_reference)

    @property
    def is_opening(self) -> bool:
        """Whether a scan is being read, or its labels are still to be shown."""
        return self._job.is_running or self._without_labels is not None

    def open_path(self, path: Path, series: str | None = None) -> None:
        """Open a file, folder or session; of a DICOM folder the series or stack of that key.

        A label map that fits the scan that is open comes onto it, and never takes its place.
        """
        self._queue.clear()
        self._read(path, series)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open several after each other, labels onto the scan that came before them."""
        self._queue[:] = sorted(paths, key=says_it_is_labels)
        if not self._job.is_running and self._queue:
            self._read(self._queue.pop(0))

    def open_next(self, path: Path) -> None:
        """Open a path once those that were asked for before have been opened."""
        self.open_paths([*self._queue, path])

    def bring_labels(self, scan: Scan) -> None:
        """Open the labels that a model made for a scan onto it, once napari has shown it."""
        self._awaited = scan

    def _read(self, path: Path, series: str | None = None) -> None:
        index = self._session.index
        known = index if index is not None and index.source == path else None
        self._index = None  # of what was asked for before, and may never have come
        scan, viewer = self._session.scan, self._viewer()
        frame = 0 if scan is None or viewer is None else layers.frame_on_screen(viewer, scan)
        self._job.request(_read, path, series, known, scan, frame)

    def open_early(self, reading: Work) -> None:
        """Open what :func:`read_early` has begun to read."""
        self._index = None
        self._job.request(reading)

    def open_sample(self, name: str) -> None:
        """Open a sample heart of :data:`napari_cmr.phantom.samples.SAMPLES`."""
        self._index = None
        self._job.request(_make, name)

    def _on_result(self, result: "ScanIndex | Scan | LabelSet | LoadedSession") -> None:
        viewer = self._viewer()
        if viewer is None:
            return
        if isinstance(result, LabelSet):
            self._show_labels(viewer, result)
            return
        if isinstance(result, Scan):
            index, self._index = self._index, None
            layers.show_image(viewer, result)
            for note in result.notes:
                if note.code == Code.OTHER_PATIENTS:
                    show_warning(f"{result.name}: {note.text}.")
            self._without_labels = result
            self._drawing.start()
            if index is not None:
                self._session.set_index(index)
            return
        from napari_cmr.viewer.core.saved_session import LoadedSession

        if isinstance(result, LoadedSession):
            self._restore(result)
            if result.scan.source is not None:
                self._listing.request(_list_if_dicom, result.scan.source)
        else:
            self._index = result

    def _show_labels(self, viewer: Any, opened: LabelSet) -> None:
        """Show labels that were opened onto the scan, and measure them."""
        scan = opened.scan
        if self._session.scan is not scan:
            return  # another one was opened meanwhile
        known = known_of_labels(opened.path, opened.labels)
        name = nifti_stem(opened.path)
        layer = layers.add_saved_labels(viewer, scan, opened.labels, name, known)
        layers.select_for_looking(viewer, scan)
        self._session.set_labels_layer(layer)
        if opened.note is not None:
            show_info(opened.note.text)

    def _show_reference(self) -> None:
        """Show the labels that came with a scan, whose picture is on screen by now."""
        viewer, scan, self._without_labels = self._viewer(), self._without_labels, None
        if viewer is not None and scan is not None and self._session.scan is scan:
            layers.show_reference(viewer, scan)
            layers.select_for_looking(viewer, scan)
        self.opening_changed.emit(self.is_opening)

    def _on_running(self, running: bool) -> None:
        if not running and self._queue:
            self._read(self._queue.pop(0))
        self.opening_changed.emit(self.is_opening)

    def _on_listed(self, index: "ScanIndex") -> None:
        """Take the list of a folder, if it is still the folder of the scan that is open."""
        scan = self._session.scan
        if scan is not None and scan.source == index.source:
            self._session.set_index(index)

    def _on_scan(self, scan: Scan | None) -> None:
        """List the folder of a scan that came by drag and drop or napari's File menu."""
        if scan is None or scan.source is None or self._job.is_running:
            self._listing.cancel()
            return
        self._listing.request(_list_if_dicom, scan.source)
        if scan is self._awaited and scan.model_labels is not None:
            self.open_next(scan.model_labels)
        self._awaited = None


def _read(
    path: Path,
    series: str | None,
    known: "ScanIndex | None",
    scan: Scan | None = None,
    frame: int = 0,
) -> Generator["ScanIndex | Scan | LabelSet | LoadedSession", None, None]:
    from napari_cmr.scan.opener import kind_of, open_scan
    from napari_cmr.workflow.session.file import is_session_name

    if is_session_name(path):
        from napari_cmr.viewer.core.saved_session import load

        yield from load(path)
        return
    kind = kind_of(path)
    if kind == "emidec":
        from napari_cmr.scan.index import index_emidec

        index = known or index_emidec(path)
        yield index
        yield open_scan(path, series=series or index.default)
    elif kind == "dicom":
        from napari_cmr.scan.index import index_dicom

        yield known or index_dicom(path)
        yield from _with_model_labels(open_scan(path, series=series))
    else:
        of_scan = None
        if scan is not None and kind == "nifti" and path.is_file() and is_label_map(path):
            of_scan = labels_for(path, scan, shown_frame=frame)
        if of_scan is not None:
            yield of_scan
            return
        yield from _with_model_labels(open_scan(path))


def _with_model_labels(scan: Scan) -> Generator[Scan | LabelSet, None, None]:
    """Yield a scan, then the labels that a model made for it before, if they fit."""
    yield scan
    if scan.model_labels is not None:
        found = labels_for(scan.model_labels, scan)
        if found is not None:
            yield found


def read_early(path: Path) -> Work:
    """Begin to read a file, folder or session, for :meth:`Opener.open_early`."""
    return start_early(_read, path, None, None)


def _make(name: str) -> Generator[Scan, None, None]:
    from napari_cmr.phantom.samples import SAMPLES

    yield SAMPLES[name]()


def _list_if_dicom(source: Path) -> "Generator[ScanIndex, None, None]":
    from napari_cmr.scan.index import index_dicom
    from napari_cmr.scan.opener import kind_of

    if source.exists() and kind_of(source) == "dicom":
        yield index_dicom(source)
