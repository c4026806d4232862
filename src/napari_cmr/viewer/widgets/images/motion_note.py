"""What the arrows of motion say: their colours in mm, the longest one, how far methods are off."""

from collections.abc import Callable
from typing import Any

from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.images.motion import LiveMotion
from napari_cmr.viewer.core.reconstructions import ALL_LINES
from napari_cmr.viewer.core.slice_images import SliceMotion
from napari_cmr.viewer.widgets.parts import note, row

BAR_HEIGHT = 10


class MotionNote(QWidget):
    """Shown while motion is laid over the images.

    Parameters
    ----------
    motion : LiveMotion
    old_text : callable
        What the image of a method and a slice came from, where that is not what is chosen now;
        empty where it is.
    """

    def __init__(self, motion: LiveMotion, old_text: Callable[[str, int], str]) -> None:
        super().__init__()
        self.motion = motion
        self._old_text = old_text
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        bar = QLabel()
        bar.setFixedHeight(BAR_HEIGHT)
        bar.setStyleSheet(f"background: {_gradient()}; border-radius: 2px;")
        bar.setToolTip("Colour of an arrow by its length, which is the true one.")
        scale = row(QLabel("0"), bar, QLabel(f"{layers.LONG_MM:.0f} mm or more"))
        scale.setStretch(1, 1)
        box.addLayout(scale)
        self.text = note()
        box.addWidget(self.text)
        self.hide()

    def show_motion(self, _what: Any = None) -> None:
        """Say what is on screen now."""
        wanted = self.motion.is_wanted and self.motion.session.scan is not None
        self.setVisible(wanted)
        if wanted:
            self.text.setText(self._text())

    def _text(self) -> str:
        scan = self.motion.session.scan
        if scan is not None and scan.n_frames == 1:
            return "A still image has no motion."
        shown = self.motion.shown()
        lines = [*self._reach(shown), *self._errors(shown)]
        if self.motion.job.is_running:
            lines.append(f"finding motion: {100 * self.motion.share:.0f} %")
        return "\n".join(lines)

    def _reach(self, shown: dict[str, SliceMotion]) -> list[str]:
        """How far tissue has come in the frame on screen."""
        if not shown:
            return []
        motions = {name: one.motion for name, one in shown.items()}
        since = next(iter(motions.values())).reference + 1
        if not next(iter(motions.values())).places.size:
            return ["Nothing moves in this slice."]
        frame = self.motion.frame_on_screen
        far = ", ".join(
            f"{self._titled(name)} {one.distance[frame].max():.1f} mm"
            for name, one in motions.items()
        )
        return [f"Largest displacement since frame {since}: {far}."]

    def _errors(self, shown: dict[str, SliceMotion]) -> list[str]:
        """How far each method is off, on average."""
        known = {name: one.error_mm for name, one in shown.items() if name != ALL_LINES}
        parts = [
            f"{self._titled(name)} {error:.1f} mm"
            for name, error in known.items()
            if error is not None
        ]
        if not parts:
            return []
        return [f"Mean error over the cycle, against all lines: {', '.join(parts)}."]

    def _titled(self, method: str) -> str:
        """Name of a method, and what its image is of where that is not what is chosen now."""
        if method == ALL_LINES:
            return "all lines"
        old = self._old_text(method, self.motion.slice_on_screen)
        return f"{method} ({old})" if old else method


def _gradient() -> str:
    """The colours from no motion to the longest arrows, for a style sheet."""
    last = len(layers.ARROW_COLOURS) - 1
    stops = (
        f"stop:{place / last} rgb({','.join(str(round(255 * part)) for part in colour)})"
        for place, colour in enumerate(layers.ARROW_COLOURS)
    )
    return f"qlineargradient(x1:0, y1:0, x2:1, y2:0, {', '.join(stops)})"
