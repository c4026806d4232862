"""Plays a cine at the speed of the heart."""

from time import perf_counter
from typing import Any
from weakref import ref

from qtpy.QtCore import QObject, Qt, QTimer, Signal

from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.session import Session

ASSUMED_CYCLE_MS = 1000.0
"""Where a scan does not tell its heart rate it is played at 60 beats a minute, and says so."""

SPEEDS = (0.1, 0.25, 0.5, 1.0)


class Player(QObject):
    """Steps through the frames with its own timer.

    Every frame is shown as long as the machine keeps up; when it falls more than a frame behind,
    frames are skipped, so that the heart keeps its rate.

    Attributes
    ----------
    speed : float
        1 is the heart's own rate.
    """

    playing_changed = Signal(bool)
    rate_measured = Signal(float)
    """Frames shown per second, once a second."""

    def __init__(self, viewer: Any, session: Session) -> None:
        super().__init__()
        self._viewer = ref(viewer)
        self._session = session
        self.speed = 1.0
        self._playing = False
        self._due = 0.0
        self._shown = 0
        self._counted_from = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._advance)
        self._session.scan_changed.connect(self._on_scan)

    @property
    def is_playing(self) -> bool:
        """Whether frames are stepping."""
        return self._playing

    @property
    def rate(self) -> float:
        """Frames per second, as wanted; 0 while it is paused."""
        scan = self._session.scan
        return 1.0 / self._step_s(scan) if self._playing and scan is not None else 0.0

    def toggle(self) -> None:
        """Play, or pause."""
        if self.is_playing:
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Play from the frame on screen; a still image stays still."""
        scan = self._session.scan
        if scan is None or scan.n_frames < 2 or self.is_playing:
            return
        now = perf_counter()
        self._due = now + self._step_s(scan)
        self._shown, self._counted_from = 0, now
        self._playing = True
        self._timer.start(round(1000 * self._step_s(scan)))
        self.playing_changed.emit(True)

    def stop(self) -> None:
        """Pause."""
        self._timer.stop()
        if self._playing:
            self._playing = False
            self.playing_changed.emit(False)

    def set_speed(self, speed: float) -> None:
        """Play at a fraction of the heart's rate."""
        self.speed = speed
        self._due = perf_counter()

    def _step_s(self, scan: Scan) -> float:
        return cycle_ms_for(scan) / scan.n_frames / self.speed / 1000.0

    def _advance(self) -> None:
        viewer, scan = self._viewer(), self._session.scan
        if viewer is None or scan is None:
            self.stop()
            return
        step = self._step_s(scan)
        frames = max(1, 1 + int((perf_counter() - self._due) / step))
        self._due += frames * step
        layers.go_to(viewer, scan, frame=layers.frame_on_screen(viewer, scan) + frames)
        self._shown += 1
        now = perf_counter()
        if now - self._counted_from >= 1.0:
            self.rate_measured.emit(self._shown / (now - self._counted_from))
            self._shown, self._counted_from = 0, now
        self._timer.start(max(1, round(1000 * (self._due - perf_counter()))))

    def _on_scan(self, scan: Scan | None) -> None:
        self.stop()


def cycle_ms_for(scan: Scan) -> float:
    """Length of one played cycle at full speed, in ms."""
    step = layers.time_step_ms(scan)
    return step * scan.n_frames if step else ASSUMED_CYCLE_MS
