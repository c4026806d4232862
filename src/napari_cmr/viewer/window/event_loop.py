"""Runs the window until something is done, for the tour, the tests and the benchmarks."""

from collections.abc import Callable
from time import monotonic

from napari_cmr.scan import ScanError

PATIENCE_S = 120.0
LOOK_MS = 2


def close_messages() -> None:
    """Close what napari says about itself: it would lie over the picture."""
    from qtpy.QtWidgets import QApplication

    for widget in QApplication.allWidgets():
        if type(widget).__name__ == "NapariQtNotification":
            widget.close()
    settle(50)


def settle(milliseconds: int = 300) -> None:
    """Let the window draw."""
    end = monotonic() + milliseconds / 1000
    run_until(lambda: monotonic() >= end)


def run_until(is_done: Callable[[], bool], patience_s: float = PATIENCE_S) -> float:
    """Run the window until something is done.

    Returns
    -------
    float
        Longest time in s for which the window did nothing but one thing.

    Raises
    ------
    ScanError
        If it takes too long for anybody to wait for.
    """
    from qtpy.QtCore import QEventLoop, Qt, QTimer

    loop, timer = QEventLoop(), QTimer()
    start = last = monotonic()
    longest = 0.0
    done = False

    def look() -> None:
        nonlocal last, longest, done
        now = monotonic()
        longest, last = max(longest, now - last), now
        done = done or is_done()  # asked once more after the loop, it may be otherwise again
        if done or now - start > patience_s:
            loop.quit()

    # Asleep between two looks: a loop that spins would keep Python's lock from those who work.
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    loop.exec()
    timer.stop()
    if not done:
        raise ScanError(f"the window did not get ready within {patience_s:.0f} s")
    return longest
