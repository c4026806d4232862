"""The end of napari's status bar: which model read the labels, where, and how fast."""

from typing import Any

from qtpy.QtWidgets import QHBoxLayout, QLabel, QMainWindow

from napari_cmr.viewer.layers.canvas import NOTICE
from napari_cmr.viewer.widgets.parts import Dock, duration_text


class StatusLine(Dock):
    """Model, device and time of the last slice; always "research use only"."""

    def __init__(self, viewer: Any) -> None:
        super().__init__(viewer)
        self.segmentation = self.workbench.segmentation
        self.label = QLabel()
        self.label.setToolTip(
            "The model whose labels are measured, where it ran, and how long the network took for "
            "all frames of the last slice. No number here is meant for a diagnosis."
        )
        box = QHBoxLayout(self)
        box.setContentsMargins(8, 0, 8, 0)
        box.addWidget(self.label)
        self.bind(self.segmentation.changed, self._show)
        self._show()

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.label.text())

    def _show(self) -> None:
        model = self.segmentation.model
        latest = self.session.run_of(model or "").latest
        parts = [NOTICE]
        if model is not None and latest is not None:
            parts = [model, latest.device, f"{duration_text(latest.seconds)} a slice", NOTICE]
        text = "  ·  ".join(parts)
        if text != self.label.text():
            self.label.setText(text)


def show_status_line(viewer: Any, window: Any) -> None:
    """Put it into the status bar of a viewer's window, once."""
    if isinstance(window, QMainWindow) and window.statusBar().findChild(StatusLine) is None:
        window.statusBar().addPermanentWidget(StatusLine(viewer))
