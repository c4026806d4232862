"""Docks of the workspace that are built when the user first sees them, after the picture."""

from collections.abc import Callable
from importlib import import_module
from typing import Any
from weakref import ref

from qtpy.QtCore import QObject, QTimer
from qtpy.QtGui import QPaintEvent
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from napari_cmr.viewer.workbench import workbench_of

LOOK_MS = 30
"""From one look whether a scan is being opened to the next."""


class LazyDock(QWidget):
    """Keeps the place of a dock, and builds it there when it first comes to the front.

    Parameters
    ----------
    viewer : napari.Viewer
    python_name : str
        ``module:Class`` of the dock, as in the plugin's manifest; imported when it is built.
    """

    def __init__(self, viewer: Any, python_name: str) -> None:
        super().__init__()
        self._viewer = ref(viewer)
        self._python_name = python_name
        self._content: QWidget | None = None
        self._is_asked = False
        # Expanding, or napari would add a stretch that takes the room of what is built later.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)

    @property
    def is_built(self) -> bool:
        """Whether the dock itself is there."""
        return self._content is not None

    def content(self) -> Any:
        """Return the dock itself, built now if it is not there yet."""
        viewer = self._viewer()
        if self._content is None and viewer is not None:
            module, _, name = self._python_name.partition(":")
            self._content = getattr(import_module(module), name)(viewer)
            self.layout().addWidget(self._content)
        return self._content

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Build soon: a scan that is being opened comes first.

        Not when it is shown: to Qt what is behind another tab is shown as well, out of sight.
        """
        super().paintEvent(event)
        viewer = self._viewer()
        if self._content is None and not self._is_asked and viewer is not None:
            self._is_asked = True
            once_quiet(viewer, self._build_if_seen, self)

    def _build_if_seen(self) -> None:
        self._is_asked = False
        if not self.visibleRegion().isEmpty():
            self.content()


def once_quiet(viewer: Any, action: Callable[[], Any], parent: QObject) -> None:
    """Do something once no scan is being opened, unless ``parent`` is destroyed before."""
    opener = workbench_of(viewer).opener
    timer = QTimer(parent)
    timer.setInterval(LOOK_MS)
    was_opening = False

    def look() -> None:
        nonlocal was_opening
        if opener.is_opening or was_opening:  # a look more, in which what was opened is drawn
            was_opening = opener.is_opening
            return
        timer.stop()
        timer.deleteLater()
        action()

    timer.timeout.connect(look)
    timer.start()
