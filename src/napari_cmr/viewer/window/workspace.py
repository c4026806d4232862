"""The command that arranges the window."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from weakref import ref

from napari.settings import get_settings
from napari.viewer import Viewer
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QMainWindow, QTabBar, QTabWidget

from napari_cmr.viewer.widgets.lazy_dock import LazyDock, once_quiet
from napari_cmr.viewer.widgets.parts import COLUMN_WIDTH
from napari_cmr.viewer.window import shortcuts
from napari_cmr.viewer.window.low_screen import let_controls_scroll
from napari_cmr.viewer.workbench import unwrapped, workbench_of
from napari_cmr.zoo.folders import own_models

FUNCTION_HEIGHT = 268
NARROW_TABS = (
    "QTabBar { font-size: 8pt; }QTabBar::tab { padding: 4px 2px; font-size: 8pt; min-width: 0px; }"
)
"""All names of the column beside each other, none cut short."""
SCAN, ACQUIRE, RECONSTRUCT, SEGMENT = "Scan", "Acquire", "Reconstruct", "Segment"
EDIT, COMPARE, SCAR, STYLE = "Edit", "Compare", "Scar", "Style"
FUNCTION = "Function"
PROFILE, CONSISTENCY, TRADE_OFF, READING = "Profile", "Consistency", "Trade-off", "Reading"
DOCKS = (
    (FUNCTION, "docks.function:FunctionDock", "bottom", False),
    (PROFILE, "docks.profile:ProfileDock", "bottom", True),
    (CONSISTENCY, "docks.consistency:ConsistencyDock", "bottom", True),
    (TRADE_OFF, "docks.trade_off:TradeOffDock", "bottom", True),
    (READING, "docks.reading:ReadingDock", "bottom", True),
    (SCAN, "docks.scan:ScanDock", "right", False),
    (ACQUIRE, "docks.acquire:AcquireDock", "right", True),
    (RECONSTRUCT, "docks.reconstruct:ReconstructDock", "right", True),
    (SEGMENT, "docks.segment:SegmentDock", "right", True),
    (EDIT, "docks.edit:EditDock", "right", True),
    (COMPARE, "docks.compare:CompareDock", "right", True),
    (SCAR, "docks.scar:ScarDock", "right", True),
    (STYLE, "docks.style:StyleDock", "right", True),
)
"""Name, class, area, and whether it is a tab beside the one before it."""


def open_workspace(viewer: Viewer) -> dict[str, Any]:
    """Arrange the docks around the canvas: the scan and what is done to it right, numbers below.

    Docks that are open already come to the front; nothing is opened twice. What is behind a tab
    is built when the tab is first chosen, see :func:`dock_of`.

    Returns
    -------
    dict of str to QWidget
        What napari has docked, by name.

    Raises
    ------
    ScanError
        If the folder of the user's own models does not exist: no dock could list any.
    """
    own_models()  # fail before docks are built
    viewer = unwrapped(viewer)
    workbench_of(viewer)
    shortcuts.bind(viewer)
    docks: dict[str, Any] = {}
    with _settings_unsaved():
        for name, python_name, area, tabify in DOCKS:
            there = viewer.window.dock_widgets.get(name)
            if there is None:
                there = LazyDock(viewer, f"napari_cmr.viewer.{python_name}")
                viewer.window.add_dock_widget(there, name=name, area=area, tabify=tabify)
            docks[name] = there
    let_controls_scroll(docks[SCAN].window())
    _arrange(docks)
    once_quiet(viewer, partial(_finish, ref(viewer), docks[SCAN]), docks[SCAN])
    return docks


@contextmanager
def _settings_unsaved() -> Iterator[None]:
    """Keep napari from writing its settings to disk whenever a dock comes to its place.

    That takes longer than all else about these docks, which have their places anyway.
    """
    settings = get_settings()
    before, settings.config_path = settings.config_path, None  # nowhere to write to
    try:
        yield
    finally:
        settings.config_path = before


def _finish(viewer: Any, dock: Any) -> None:
    """Do what can wait until the picture is there.

    Guard what the user draws, and offer what an earlier window left, Edit dock or not; show the
    status line and what stands over the canvas; open what is dropped.
    """
    from napari_cmr.viewer.window.canvas_marks import show_canvas_marks
    from napari_cmr.viewer.window.closing import ask_before_closing
    from napari_cmr.viewer.window.drops import accept_drops
    from napari_cmr.viewer.window.status_line import show_status_line
    from napari_cmr.viewer.window.unneeded import hide_unneeded

    if viewer() is not None:
        workbench_of(viewer()).keep_unsaved()
        show_status_line(viewer(), dock.window())
        accept_drops(viewer(), dock.window())
        ask_before_closing(viewer(), dock.window())
        show_canvas_marks(viewer(), dock.window())
        hide_unneeded(viewer(), dock.window())


def _arrange(docks: dict[str, Any]) -> None:
    """Give the right-hand column the whole height, with its tabs on top."""
    window = docks[SCAN].window()
    if not isinstance(window, QMainWindow):
        return  # the dock floats
    right = Qt.DockWidgetArea.RightDockWidgetArea
    window.setCorner(Qt.Corner.BottomRightCorner, right)
    window.setTabPosition(right, QTabWidget.TabPosition.North)
    for tabs in window.findChildren(QTabBar):
        tabs.setDrawBase(False)
        tabs.setElideMode(Qt.TextElideMode.ElideNone)
        tabs.setStyleSheet(NARROW_TABS)
    column, below = docks[SCAN].parent(), docks[FUNCTION].parent()
    _size(column, below)
    # Again once a window that is on screen has laid its tabs out: it brings the last to front, and
    # gives the docks below less than they ask for.
    again = QTimer(column)
    again.setSingleShot(True)
    again.timeout.connect(partial(_size, column, below))
    again.start()


def _size(column: Any, below: Any) -> None:
    """Give the docks their room, with the first of their tabs in front."""
    window = column.window()
    if isinstance(window, QMainWindow):
        window.resizeDocks([column], [COLUMN_WIDTH], Qt.Orientation.Horizontal)
        window.resizeDocks([below], [FUNCTION_HEIGHT], Qt.Orientation.Vertical)
    for dock in (column, below):
        dock.raise_()


def dock_of(viewer: Viewer, name: str) -> Any:
    """Dock of that name, built now if nobody has seen it yet; None where it was closed."""
    dock = unwrapped(viewer).window.dock_widgets.get(name)
    return dock.content() if isinstance(dock, LazyDock) else dock


def raise_dock(viewer: Viewer, name: str) -> Any:
    """Bring the tab of a dock to the front; returns the dock, or None where it was closed."""
    there = unwrapped(viewer).window.dock_widgets.get(name)
    dock = dock_of(viewer, name)
    parent = None if there is None else there.parent()
    if parent is not None:
        parent.raise_()
    return dock
