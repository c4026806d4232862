"""Drags of the mouse on napari's canvas, by places of the scan."""

from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QMainWindow, QWidget

from napari_cmr.scan import Scan

LEFT = Qt.MouseButton.LeftButton


def drag_on_canvas(viewer: Any, scan: Scan, places: Sequence[tuple[float, float]]) -> None:
    """Press at the first place, in rows and columns of the scan, move to the others, let go."""
    canvas = _canvas()
    camera, (_, dy, dx) = viewer.scene.camera, scan.spacing
    y, x = camera.center[-2:]
    points = [
        QPoint(
            round(canvas.width() / 2 + (column * dx - x) * camera.zoom),
            round(canvas.height() / 2 + (row * dy - y) * camera.zoom),
        )
        for row, column in places
    ]
    QTest.mouseMove(canvas, points[0])
    QTest.mousePress(canvas, LEFT, pos=points[0])
    for point in points[1:]:
        _move(canvas, point)
    QTest.mouseRelease(canvas, LEFT, pos=points[-1])


def _canvas() -> QWidget:
    windows = [one for one in QApplication.topLevelWidgets() if isinstance(one, QMainWindow)]
    window = next(one for one in windows if one.isVisible())
    found = window.centralWidget().findChildren(QWidget)
    return next(one for one in found if type(one).__name__ == "CanvasBackendDesktop")


def _move(canvas: QWidget, place: QPoint) -> None:
    """Move the mouse with the button held: QTest's own moves hold none."""
    screen = QPointF(canvas.mapToGlobal(place))
    no_button, no_key = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(place), screen, no_button, LEFT, no_key)
    QApplication.sendEvent(canvas, event)
    QApplication.processEvents()
