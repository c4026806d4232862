"""Buttons and commands that save and open sessions, and save reports."""

from pathlib import Path
from typing import Any

from napari.utils.notifications import show_error
from napari.viewer import Viewer
from qtpy.QtWidgets import QFileDialog, QPushButton, QWidget

from napari_cmr.scan import ScanError
from napari_cmr.viewer.widgets.parts import Column, row
from napari_cmr.viewer.widgets.save_dialog import ask_where_to_save
from napari_cmr.viewer.workbench import unwrapped, workbench_of
from napari_cmr.workflow.session.file import ENDING

SESSIONS = f"Sessions (*{ENDING} *.json)"
REPORTS = "Reports (*.html)"


class SavingButtons(QWidget):
    """Save and open a session, save a report."""

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self.save = QPushButton("Save session…")
        self.save.setToolTip(
            "A small file with the scan's place, the lines, the models and every edit of the "
            "labels: it brings all of this back. It holds no image."
        )
        self.save.clicked.connect(lambda: save_session(viewer))
        self.open = QPushButton("Open session…")
        self.open.setToolTip("Bring a saved session back: scan, lines, labels and view.")
        self.open.clicked.connect(lambda: open_session(viewer))
        self.report = QPushButton("Save report…")
        self.report.setToolTip(
            "One page for a browser with the numbers, curves, contours and where they came from, "
            "of the labels that are measured."
        )
        self.report.clicked.connect(lambda: save_report(viewer))
        box = Column.layout_of(self)
        box.addLayout(row(self.save, self.open, spacing=4))
        box.addLayout(row(self.report, spacing=4))


def save_session(viewer: Viewer) -> None:
    """Ask for a name and save what the window shows as a session file."""
    path = _ask_where(viewer, "Save session", ENDING, SESSIONS)
    if path is not None:
        _tell_errors(lambda: workbench_of(viewer).keeper.save_session(path))


def save_report(viewer: Viewer) -> None:
    """Ask for a name and save a report of the labels that are measured."""
    path = _ask_where(viewer, "Save report", ".html", REPORTS)
    if path is not None:
        _tell_errors(lambda: workbench_of(viewer).keeper.save_report(path))


def open_session(viewer: Viewer) -> None:
    """Ask for a session file and open it."""
    viewer = unwrapped(viewer)
    path, _ = QFileDialog.getOpenFileName(
        _window(viewer), "Open session", _folder(viewer), SESSIONS
    )
    if path:
        workbench_of(viewer).opener.open_path(Path(path))


def _ask_where(viewer: Any, title: str, ending: str, kinds: str) -> Path | None:
    from napari_cmr.viewer.controllers.sessions.session_save import suggested_path

    viewer = unwrapped(viewer)
    scan = workbench_of(viewer).session.scan
    if scan is None:
        show_error("There is nothing to save: open a scan first.")
        return None
    known = (".json",) if ending == ENDING else (".html", ".htm")

    def file_of(typed: Path) -> list[Path]:
        named = typed.suffix.lower() in known
        return [typed if named else typed.with_name(typed.name + ending)]

    return ask_where_to_save(_window(viewer), title, suggested_path(scan, ending), kinds, file_of)


def _tell_errors(action: Any) -> None:
    try:
        action()
    except ScanError as error:
        show_error(str(error))


def _folder(viewer: Any) -> str:
    scan = workbench_of(viewer).session.scan
    return "" if scan is None or scan.source is None else str(scan.source.parent)


def _window(viewer: Any) -> QWidget | None:
    """Parent of a dialog: whichever of our docks is there, as napari keeps its window to itself."""
    for dock in viewer.window.dock_widgets.values():
        return dock.window()
    return None
