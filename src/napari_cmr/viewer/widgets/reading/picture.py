"""The image that is rated: readers may zoom, move and change its greys where the study says so."""

from typing import Any

import numpy as np
from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QFont, QImage, QPainter
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_cmr.workflow.reading.study import WHITE

NEAREST, ZOOM_STEP = 8.0, 1.2
LEVEL_STEP, WIDTH_STEP, MOVE_STEP = 0.06, 1.12, 0.08
_WIDTHS, _LEVELS = (0.05, 4.0), (-1.0, 2.0)
_VALUES = np.arange(2**16, dtype=np.float32) / WHITE


class ReadingPicture(QWidget):
    """Shows one frame of an image on black, or words.

    Attributes
    ----------
    frame : int
    zoom : float
        1 shows the whole image.
    centre : (float, float)
        Place in the middle, as shares of rows and columns.
    level, width_of_greys : float
        Middle and span of the greys; 1 is white at first.
    may_zoom, may_window : bool
        What the study allows.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 200)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.may_zoom = self.may_window = True
        self._pixels: np.ndarray | None = None
        self._pixel_mm = (1.0, 1.0)
        self._words = ("", "")
        self._dragged_from: Any = None
        self.frame = 0
        self._reset()

    @property
    def n_frames(self) -> int:
        """Frames of the image; 0 where there is none."""
        return 0 if self._pixels is None else len(self._pixels)

    def show_image(self, pixels: np.ndarray, pixel_mm: tuple[float, float]) -> None:
        """Show another image, whole and in its first greys.

        Parameters
        ----------
        pixels : ndarray of uint16, shape (T, Y, X)
        pixel_mm : (dy, dx)
        """
        self._pixels, self._pixel_mm, self._words = pixels, pixel_mm, ("", "")
        self.frame = 0
        self.reset_view()

    def cover(self, title: str, text: str) -> None:
        """Show words in place of the image."""
        self._words = (title, text)
        self.update()

    def uncover(self) -> None:
        """Show the image again, as it was looked at."""
        self.cover("", "")

    @property
    def words(self) -> tuple[str, str]:
        """Words that are shown; empty while the image is."""
        return self._words

    def go_to(self, frame: int) -> None:
        """Show another frame; time is periodic."""
        if self.n_frames and frame % self.n_frames != self.frame:
            self.frame = frame % self.n_frames
            self.update()

    # -- how it is looked at ----------------------------------------------------------------------

    def reset_view(self) -> None:
        """Show the whole image in its first greys."""
        self._reset()
        self.update()

    def _reset(self) -> None:
        self.zoom, self.centre = 1.0, (0.5, 0.5)
        self.level, self.width_of_greys = 0.5, 1.0

    def zoom_by(self, factor: float, at: Any = None) -> None:
        """Come nearer or go farther; the place at a point of the widget stays where it is."""
        if not self.may_zoom or not self.n_frames:
            return
        rectangle = self._target()
        point = QPointF(self.width() / 2, self.height() / 2) if at is None else QPointF(at)
        share_x = (point.x() - rectangle.x()) / rectangle.width()
        share_y = (point.y() - rectangle.y()) / rectangle.height()
        self.zoom = float(np.clip(self.zoom * factor, 1.0, NEAREST))
        after = self._target()
        moved_y = (after.y() + share_y * after.height() - point.y()) / after.height()
        moved_x = (after.x() + share_x * after.width() - point.x()) / after.width()
        self._look_at(self.centre[0] + moved_y, self.centre[1] + moved_x)

    def move_by(self, rows: float, columns: float) -> None:
        """Look at another place, by shares of what is seen."""
        if self.may_zoom:
            self._look_at(self.centre[0] + rows / self.zoom, self.centre[1] + columns / self.zoom)

    def _look_at(self, row: float, column: float) -> None:
        room = 0.5 / self.zoom  # the edges of the image stay at those of the widget, or outside
        row, column = (float(np.clip(x, room, 1 - room)) for x in (row, column))
        self.centre = (row, column)
        self.update()

    def change_greys(self, level: float = 0.0, width: float = 1.0) -> None:
        """Move the middle of the greys by a share of their span, and widen the span by a factor."""
        if self.may_window:
            self.width_of_greys = float(np.clip(self.width_of_greys * width, *_WIDTHS))
            self.level = float(np.clip(self.level + level * self.width_of_greys, *_LEVELS))
            self.update()

    def grey(self) -> np.ndarray:
        """Frame as it is shown, uint8 ``(Y, X)``."""
        assert self._pixels is not None
        black = self.level - self.width_of_greys / 2
        table = np.clip((_VALUES - black) * (255 / self.width_of_greys), 0, 255).astype(np.uint8)
        shown: np.ndarray = table[self._pixels[self.frame]]
        return shown

    def _target(self) -> QRectF:
        """Where the whole image lies, as it would be drawn without an edge."""
        assert self._pixels is not None
        _, rows, columns = self._pixels.shape
        dy, dx = self._pixel_mm
        height_mm, width_mm = rows * dy, columns * dx
        scale = min(self.width() / width_mm, self.height() / height_mm) * self.zoom
        width, height = width_mm * scale, height_mm * scale
        row, column = self.centre
        return QRectF(
            self.width() / 2 - column * width, self.height() / 2 - row * height, width, height
        )

    # -- Qt ---------------------------------------------------------------------------------------

    def paintEvent(self, event: Any) -> None:
        """Draw the frame, or the words."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0))
        if any(self._words):
            self._paint_words(painter)
        elif self._pixels is not None:
            grey = np.ascontiguousarray(self.grey())
            rows, columns = grey.shape
            image = QImage(grey.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self._target(), image)
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        title, text = self._words
        middle = self.height() // 2
        font = QFont(self.font())
        font.setPointSize(24)
        painter.setFont(font)
        painter.setPen(QColor("#e8eaed"))
        across = Qt.AlignmentFlag.AlignHCenter
        painter.drawText(0, middle - 60, self.width(), 50, int(across), title)
        font.setPointSize(12)
        painter.setFont(font)
        painter.setPen(QColor("#a4abb5"))
        painter.drawText(0, middle, self.width(), 60, int(across), text)

    def wheelEvent(self, event: Any) -> None:
        """Come nearer to the place under the mouse."""
        self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: Any) -> None:
        """Begin a drag."""
        self._dragged_from = event.pos()

    def mouseMoveEvent(self, event: Any) -> None:
        """Move the picture with the left button, change its greys with the right one."""
        if self._dragged_from is None or not self.n_frames:
            return
        step = event.pos() - self._dragged_from
        self._dragged_from = event.pos()
        if event.buttons() & Qt.MouseButton.RightButton:
            self.change_greys(level=step.y() / 400, width=float(np.exp(-step.x() / 400)))
        elif self.may_zoom:
            whole = self._target()
            self._look_at(
                self.centre[0] - step.y() / whole.height(),
                self.centre[1] - step.x() / whole.width(),
            )

    def mouseReleaseEvent(self, event: Any) -> None:
        """End a drag."""
        self._dragged_from = None
