"""What napari shows by itself and the workspace says better, or lets lie over the picture."""

from typing import Any

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QApplication, QMainWindow, QWidget
from superqt.utils import qdebounced

PYQT5_NOTICE = "PyQt5 backend is deprecated"


class SliderCounts(QObject):
    """Hides the counts beside napari's sliders, which begin at 0, also of sliders that come."""

    def __init__(self, viewer: Any, centre: QWidget) -> None:
        super().__init__(centre)
        self._centre = centre
        # Once napari has made its sliders again.
        self._hide_soon = qdebounced(self.hide_all, timeout=0, parent=self)
        viewer.dims.events.ndim.connect(self._on_sliders)
        viewer.layers.events.inserted.connect(self._on_sliders)
        self.hide_all()

    def hide_all(self) -> None:
        """Hide those that are there."""
        for widget in self._centre.findChildren(QWidget):
            if widget.objectName() in ("slice_label", "slice_label_sep"):
                widget.hide()

    def _on_sliders(self, _event: Any = None) -> None:
        self._hide_soon()


def hide_unneeded(viewer: Any, window: Any) -> None:
    """Hide the sliders' own counts, once, and close the notice about PyQt5."""
    centre = window.centralWidget() if isinstance(window, QMainWindow) else None
    if centre is not None and centre.findChild(SliderCounts) is None:
        SliderCounts(viewer, centre)
    for widget in QApplication.allWidgets():
        if type(widget).__name__ == "NapariQtNotification":
            said = [
                child.text() for child in widget.findChildren(QWidget) if hasattr(child, "text")
            ]
            if any(PYQT5_NOTICE in text for text in said):
                widget.close()
