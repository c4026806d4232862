"""The command that arranges the window."""

from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMainWindow, QTabBar, QTabWidget

from napari_cmr.viewer import shortcuts
from napari_cmr.viewer.live import follow
from napari_cmr.viewer.opening import opener_of
from napari_cmr.viewer.session import unwrapped
from napari_cmr.viewer.widgets import COLUMN_WIDTH

FUNCTION_HEIGHT = 268
SCAN, ACQUIRE, SEGMENT = "Scan", "Acquire", "Segment"
EDIT, COMPARE, SCAR = "Edit", "Compare", "Scar"
FUNCTION = "Function"
CONSISTENCY, TRADE_OFF = "Consistency", "Trade-off"


def open_workspace(viewer: Viewer) -> dict[str, Any]:
    """Arrange the docks around the canvas: the scan and what is done to it right, numbers below.

    Docks that are open already come to the front; nothing is opened twice.

    Returns
    -------
    dict of str to QWidget
        The docks by name.
    """
    from napari_cmr.viewer.acquire_dock import AcquireDock
    from napari_cmr.viewer.compare_dock import CompareDock
    from napari_cmr.viewer.consistency_dock import ConsistencyDock
    from napari_cmr.viewer.edit_dock import EditDock
    from napari_cmr.viewer.function_dock import FunctionDock
    from napari_cmr.viewer.scan_dock import ScanDock
    from napari_cmr.viewer.scar_dock import ScarDock
    from napari_cmr.viewer.segment_dock import SegmentDock
    from napari_cmr.viewer.trade_off_dock import TradeOffDock

    viewer = unwrapped(viewer)
    follow(viewer)
    opener_of(viewer)
    shortcuts.bind(viewer)
    docks: dict[str, Any] = {}
    for name, make, area, tabify in (
        (FUNCTION, FunctionDock, "bottom", False),
        (CONSISTENCY, ConsistencyDock, "bottom", True),
        (TRADE_OFF, TradeOffDock, "bottom", True),
        (SCAN, ScanDock, "right", False),
        (ACQUIRE, AcquireDock, "right", True),
        (SEGMENT, SegmentDock, "right", True),
        (EDIT, EditDock, "right", True),
        (COMPARE, CompareDock, "right", True),
        (SCAR, ScarDock, "right", True),
    ):
        there = viewer.window.dock_widgets.get(name)
        if there is None:
            there = make(viewer)
            viewer.window.add_dock_widget(there, name=name, area=area, tabify=tabify)
        docks[name] = there
    _arrange(docks)
    return docks


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
    column, below = docks[SCAN].parent(), docks[FUNCTION].parent()
    window.resizeDocks([column], [COLUMN_WIDTH], Qt.Orientation.Horizontal)
    window.resizeDocks([below], [FUNCTION_HEIGHT], Qt.Orientation.Vertical)
    column.raise_()
    below.raise_()


def raise_dock(viewer: Viewer, name: str) -> None:
    """Bring the tab of a dock to the front."""
    dock = unwrapped(viewer).window.dock_widgets.get(name)
    parent = None if dock is None else dock.parent()
    if parent is not None:
        parent.raise_()
