"""Files that are dropped on the window: opened without asking which reader is to be used."""

from pathlib import Path
from typing import Any

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QLineEdit, QMainWindow, QWidget

from napari_cmr.scan import ScanError
from napari_cmr.scan.nifti.file import is_nifti_name
from napari_cmr.scan.opener import kind_of
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.session.file import is_session_name


class DropFilter(QObject):
    """Opens scans, sessions and labels that are dropped on a canvas; leaves all else to napari."""

    def __init__(self, viewer: Any, target: QWidget) -> None:
        super().__init__(target)
        self._opener = workbench_of(viewer).opener
        target.installEventFilter(self)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Take a drop that holds nothing but what the program can open."""
        if event.type() != QEvent.Type.Drop:
            return False
        urls = event.mimeData().urls()
        paths = paths_to_open([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])
        if not paths or not all(url.isLocalFile() for url in urls):
            return False
        event.acceptProposedAction()
        self._opener.open_paths(paths)
        return True


def paths_to_open(dropped: list[Path]) -> list[Path]:
    """What to open of paths that were dropped together; nothing if one of them is no scan.

    Several DICOM files of one folder stand for the folder, and several NIfTI files are opened after
    each other. Of other things only one can be opened at a time.
    """
    try:
        kinds = {"session" if is_session_name(path) else kind_of(path) for path in dropped}
    except ScanError:
        return []
    folders = {path.parent for path in dropped}
    if len(dropped) > 1 and kinds == {"dicom"} and len(folders) == 1:
        return [*folders]
    if len(dropped) > 1 and not all(is_nifti_name(path.name) for path in dropped):
        return []
    return dropped


def accept_drops(viewer: Any, window: Any) -> None:
    """Let a viewer's window open what is dropped on its canvas, once."""
    centre = window.centralWidget() if isinstance(window, QMainWindow) else None
    if centre is None or centre.findChild(DropFilter) is not None:
        return
    for widget in centre.findChildren(QWidget):
        if widget.acceptDrops() and not isinstance(widget, QLineEdit):
            DropFilter(viewer, widget)
