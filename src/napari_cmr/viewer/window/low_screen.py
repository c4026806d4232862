"""A window that fits low screens: napari's layer controls scroll where they have no room."""

from typing import Any

from qtpy.QtCore import QEvent, QObject, QSize, Qt
from qtpy.QtWidgets import QDockWidget, QFrame, QMainWindow, QScrollArea, QWidget

LAYER_CONTROLS = "layer controls"
LOWEST = 120


class ControlsArea(QScrollArea):
    """Scrolls down, and is always as wide as what is in it."""

    def __init__(self, controls: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(controls)
        controls.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:
        """Width of the controls and a scroll bar; hardly any height."""
        controls = self.widget()
        width = 0 if controls is None else controls.minimumSizeHint().width()
        return QSize(width + self.verticalScrollBar().sizeHint().width(), LOWEST)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the width of the controls, which those of each layer change."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return False


def let_controls_scroll(window: Any) -> None:
    """Put napari's layer controls into a scrolling area, once.

    They ask for the height of the tallest kind of layer, even while none is there.
    """
    if not isinstance(window, QMainWindow):
        return
    for dock in window.findChildren(QDockWidget):
        controls = dock.widget()
        if dock.objectName() == LAYER_CONTROLS and not isinstance(controls, ControlsArea):
            dock.setWidget(ControlsArea(controls))
            dock.setMinimumHeight(LOWEST)
