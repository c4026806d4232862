"""Files dropped on a window, as a file manager does it."""

from qtpy.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QApplication, QMainWindow, QWidget

PLACE = QPoint(50, 50)
HOW = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)


def canvas_of(viewer):
    """Widget of a viewer's window on which napari takes drops."""
    windows = [one for one in QApplication.topLevelWidgets() if isinstance(one, QMainWindow)]
    window = next(one for one in windows if one.isVisible() and one.windowTitle() == viewer.title)
    return next(one for one in window.centralWidget().findChildren(QWidget) if one.acceptDrops())


def drop(viewer, *paths):
    """Drop files and folders on the canvas."""
    data, target = QMimeData(), canvas_of(viewer)
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy = Qt.DropAction.CopyAction
    # Qt gives a drop to what was entered last.
    QApplication.sendEvent(target, QDragEnterEvent(PLACE, copy, data, *HOW))
    QApplication.sendEvent(target, QDropEvent(QPointF(PLACE), copy, data, *HOW))
