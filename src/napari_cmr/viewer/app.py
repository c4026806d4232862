"""Starts napari with the workspace open: for one scan, and for the scripted tour."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from napari_cmr.scan import ScanError

SIZE = (1400, 900)
TOUR = (None, 20, 10, 4, 1)
"""Lines per frame of the scripted tour; None is every line."""

PATIENCE_S = 120.0
LOOK_MS = 2


def run_viewer(path: Path | None = None) -> None:
    """Open a window with the workspace, and a scan or session if one is given; wait for its end.

    Raises
    ------
    ScanError
        If the path holds no scan, or there is no display.
    """
    _check_path(path)
    viewer = make_window()
    if path is not None:
        from napari_cmr.viewer.opening import opener_of

        opener_of(viewer).open_path(Path(path))
    _run()


def run_demo(screenshots: Path | None = None, path: Path | None = None) -> None:
    """Show what acceleration costs, on the sample heart or on a scan of the user's.

    Parameters
    ----------
    screenshots : path, optional
        Folder for numbered pictures of the whole window; the tour then runs by itself and ends.
        Without it the window stays open.
    path : path, optional
        Scan to show; the normal sample heart by default.

    Raises
    ------
    ScanError
        If the path holds no scan, or there is no display.
    """
    _check_path(path)
    viewer = make_window()
    try:
        _demo(viewer, screenshots, path)
    except BaseException:
        viewer.close()  # Qt ends the process badly if its windows outlive it
        raise


def _demo(viewer: Any, screenshots: Path | None, path: Path | None) -> None:
    scan = _open(viewer, path)
    if screenshots is None:
        from napari_cmr.viewer.playback import player_of
        from napari_cmr.viewer.segmenting import segmentation_of
        from napari_cmr.viewer.workspace import ACQUIRE, raise_dock

        raise_dock(viewer, ACQUIRE)
        if _has_model():
            segmentation_of(viewer).set_follows(True)
        player_of(viewer).start()
        _run()
        return
    screenshots = Path(screenshots)
    screenshots.mkdir(parents=True, exist_ok=True)
    _tour(viewer, scan, screenshots)
    viewer.close()


def make_window(size: tuple[int, int] = SIZE) -> Any:
    """Open a napari window with the workspace in it.

    Raises
    ------
    ScanError
        If there is no display to open it on, or no Qt.
    """
    check_display()
    import napari

    from napari_cmr.viewer.workspace import open_workspace

    viewer = napari.Viewer(title="napari – cardiac MR", show=False, show_welcome_screen=False)
    viewer.window.resize(*size)
    open_workspace(viewer)
    viewer.window.show()
    viewer.window.resize(*size)
    return viewer


def check_display() -> None:
    """Say clearly what is missing, where Qt would end the process with a message of its own.

    Raises
    ------
    ScanError
        Without a display on Linux, or without Qt.
    """
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        raise ScanError(
            "there is no display to open a window on",
            remedy="run it on a desktop, or under a virtual display: "
            'xvfb-run -a -s "-screen 0 1920x1080x24" napari-cmr ...',
        )
    try:
        import qtpy.QtWidgets  # noqa: F401
    except ImportError as error:
        raise ScanError(
            "Qt is not installed", remedy='pip install "napari-cmr[pyqt6]" (or pyqt5)'
        ) from error


def _check_path(path: Path | None) -> None:
    """Fail before a window opens."""
    if path is not None:
        from napari_cmr.scan.opening import kind_of
        from napari_cmr.workflow.session_file import is_session_name, read_session

        if is_session_name(path):
            read_session(path)
            return

        kind_of(path)


def _open(viewer: Any, path: Path | None) -> Any:
    """Show a scan, or the sample heart, and select its dock; the window is there meanwhile."""
    from napari_cmr.viewer.opening import opener_of
    from napari_cmr.viewer.session import session_for

    opener = opener_of(viewer)
    if path is None:
        opener.open_sample("normal")
    else:
        opener.open_path(Path(path))
    run_until(lambda: not opener.is_opening)
    scan = session_for(viewer).scan
    if scan is None:
        raise ScanError(
            "the scan could not be opened", source=path, remedy="the message above says why"
        )
    return scan


def _tour(viewer: Any, scan: Any, folder: Path) -> None:
    from napari_cmr.viewer import layers
    from napari_cmr.viewer.live import live_of
    from napari_cmr.viewer.segmenting import segmentation_of
    from napari_cmr.viewer.session import session_for
    from napari_cmr.viewer.workspace import ACQUIRE, SCAN, SEGMENT, raise_dock

    session = session_for(viewer)
    live = live_of(viewer)
    segmentation = segmentation_of(viewer)

    def is_quiet() -> bool:
        return not (live.is_busy or segmentation.job.is_running)

    number = 0

    def take(name: str) -> None:
        nonlocal number
        run_until(is_quiet)
        _settle()
        number += 1
        _close_messages()
        target = folder / f"{number:02d}-{name}.png"
        viewer.screenshot(str(target), canvas_only=False, flash=False)

    run_until(is_quiet)
    raise_dock(viewer, SCAN)
    take("open")
    raise_dock(viewer, ACQUIRE)
    segmentation.set_follows(_has_model())
    for n_lines in TOUR:
        session.set_acquisition(n_lines=n_lines)
        take("full" if n_lines is None else f"{n_lines}-lines")
    session.set_acquisition(n_lines=10)
    session.set_picture("temporal_average")
    take("temporal-average")
    session.set_picture("zero_filled")
    raise_dock(viewer, SEGMENT)
    es_frame = None if session.function is None else session.function.lv.es_frame
    if es_frame is not None:
        layers.go_to(viewer, scan, frame=es_frame)
        take("end-systole")


def _has_model() -> bool:
    """Whether the default model can be run on what is opened."""
    from napari_cmr.workflow.segmenting import DEFAULT_MODEL
    from napari_cmr.zoo import find_models

    return (DEFAULT_MODEL, "live") in find_models()


def _close_messages() -> None:
    """Close what napari says about itself: it would lie over the picture."""
    from qtpy.QtWidgets import QApplication

    for widget in QApplication.allWidgets():
        if type(widget).__name__ == "NapariQtNotification":
            widget.close()
    _settle(50)


def _settle(milliseconds: int = 300) -> None:
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


def _run() -> None:
    import napari

    napari.run()
