"""The x-t picture: brightness along a line, from top to bottom, over the frames of the cycle."""

from typing import Any

import numpy as np
from qtpy.QtCore import Signal
from superqt.utils import signals_blocked

from napari_cmr.viewer.plots.base import QuietPlot, frame_ticks, pg
from napari_cmr.viewer.widgets.parts import OLD_COLOUR

_GREYS = np.repeat(np.arange(256, dtype=np.ubyte)[:, None], 3, axis=1)
_OLD_GREYS = (40 + 0.36 * _GREYS).astype(np.ubyte)


class ProfilePlot(QuietPlot):
    """One x-t picture with the frame on screen; a click goes to a frame."""

    clicked = Signal(int)
    """Frame, from 0."""

    def __init__(self) -> None:
        super().__init__("mm", "frame")
        self.plot.showGrid(x=False, y=False)
        self.plot.getAxis("left").setWidth(40)
        self.plot.invertY(True)
        self._image = pg.ImageItem(axisOrder="row-major")
        self.plot.addItem(self._image)
        self._cursor = pg.InfiniteLine(angle=90, pen=pg.mkPen("#6f8cff", width=2))
        self.plot.addItem(self._cursor, ignoreBounds=True)
        self._title, self._old, self._colour = "", False, "#cccccc"
        self.n_frames = 0
        self.scene().sigMouseClicked.connect(self._on_clicked)

    @property
    def title(self) -> str:
        """What is over the picture."""
        return self._title

    @property
    def is_old(self) -> bool:
        """Whether it is of other lines than are chosen."""
        return self._old

    @property
    def profile(self) -> np.ndarray:
        """What is drawn, (n, T)."""
        return np.asarray(self._image.image)

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        super().set_theme(theme)
        self._colour = theme.text.as_hex()
        self._show_title()

    def show_profile(
        self,
        profile: np.ndarray,
        step_mm: float,
        levels: tuple[float, float],
        title: str,
        *,
        is_old: bool = False,
    ) -> None:
        """Draw another x-t picture (n, T), with so many mm between its rows."""
        n_places, self.n_frames = profile.shape
        self._title, self._old = title, is_old
        self._image.setImage(profile, levels=levels, lut=_OLD_GREYS if is_old else _GREYS)
        height = step_mm * n_places
        self._image.setRect(0.5, 0.0, self.n_frames, height)
        self.plot.getAxis("bottom").setTicks(frame_ticks(self.n_frames))
        self.setXRange(0.5, self.n_frames + 0.5, padding=0)
        self.setYRange(0, height, padding=0)
        self._show_title()

    def show_frame(self, frame: int) -> None:
        """Mark the frame on screen."""
        with signals_blocked(self._cursor):
            self._cursor.setPos(frame + 1)

    def _show_title(self) -> None:
        colour = OLD_COLOUR if self._old else self._colour
        self.plot.setTitle(self._title, size="9pt", color=colour)

    def _on_clicked(self, event: Any) -> None:
        place = self.plot.getViewBox().mapSceneToView(event.scenePos())
        frame = round(place.x()) - 1
        if 0 <= frame < self.n_frames:
            self.clicked.emit(frame)
