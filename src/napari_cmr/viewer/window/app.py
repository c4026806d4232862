"""Starts napari with the workspace open: for one scan, and for the scripted tour."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from napari_cmr.scan import ScanError, output_folder
from napari_cmr.viewer.window.event_loop import run_until
from napari_cmr.zoo.folders import own_models

SIZE = (1400, 900)


def run_viewer(path: Path | None = None) -> None:
    """Open a window with the workspace, and a scan or session if one is given; wait for its end.

    Raises
    ------
    ScanError
        If the path holds no scan, or there is no display.
    """
    open_window(path)
    _run()


def view(what: Any = None, *, wait: bool = True) -> Any:
    """Open the workspace from Python.

    Parameters
    ----------
    what : Scan or path, optional
        An empty workspace if none is given.
    wait : bool
        Go on only when the window is closed. In IPython with ``%gui qt`` it stays open beside the
        prompt anyway.

    Returns
    -------
    napari.Viewer

    Raises
    ------
    ScanError
        If the path holds no scan, or there is no display.
    """
    if what is None or isinstance(what, str | os.PathLike):
        viewer = open_window(None if what is None else Path(what))
    else:
        from napari_cmr.viewer import layers

        viewer = make_window()
        layers.show_scan(viewer, what)
    if wait:
        _run()
    return viewer


def open_window(path: Path | None = None) -> Any:
    """Open a window with the workspace, in which a scan or session is shown as soon as it is read.

    Raises
    ------
    ScanError
        If the path holds no scan, or there is no display.
    """
    _check_path(path)
    if path is None:
        return make_window()
    check_display()
    from napari_cmr.viewer.controllers.scans import read_early
    from napari_cmr.viewer.workbench import workbench_of

    reading = read_early(Path(path))  # the disk is slow, and so is the start of a window
    viewer = make_window()
    workbench_of(viewer).opener.open_early(reading)
    return viewer


def run_reading(study: Path, reader: str | None = None) -> None:
    """Open a window with a reading study, and cover the screen with it if a reader is given.

    Parameters
    ----------
    study : path
    reader : str, optional
        Code of who reads.

    Raises
    ------
    ScanError
        If the study or the reader's ratings cannot be used, or there is no display.
    """
    open_reading(study, reader)
    _run()


def open_reading(study: Path, reader: str | None = None) -> Any:
    """Open the window of :func:`run_reading`, without waiting for its end.

    Returns
    -------
    napari.Viewer
    """
    from napari_cmr.viewer.window.workspace import READING, raise_dock
    from napari_cmr.workflow.reading.ratings import PanelReading
    from napari_cmr.workflow.reading.study import open_study

    folder = open_study(study)  # before a window opens
    if reader is not None:
        PanelReading(folder, reader)
    viewer = make_window()
    dock = raise_dock(viewer, READING)
    dock.open_study(str(study))
    if reader is not None:
        dock.code.setText(reader)
        dock.start()
    return viewer


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
    with nullcontext() if screenshots is None else output_folder(screenshots, inputs=[path]):
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
        from napari_cmr.viewer.window.workspace import ACQUIRE, raise_dock
        from napari_cmr.viewer.workbench import workbench_of

        raise_dock(viewer, ACQUIRE)
        if _models():
            workbench_of(viewer).segmentation.set_follows(True)
        workbench_of(viewer).player.start()
        _run()
        return
    from napari_cmr.viewer.window.tour import Tour

    Tour(viewer, scan, Path(screenshots), _models()).run()
    viewer.close()


def make_window(size: tuple[int, int] = SIZE) -> Any:
    """Open a napari window with the workspace in it.

    Raises
    ------
    ScanError
        If there is no display to open it on, no Qt, or a folder of models that does not exist.
    """
    own_models()  # fail before a window opens
    check_display()
    import napari

    from napari_cmr.viewer.window.workspace import open_workspace

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
        from napari_cmr.scan.opener import kind_of
        from napari_cmr.workflow.session.file import is_session_name, read_session

        if is_session_name(path):
            read_session(path)
            return

        kind_of(path)


def _open(viewer: Any, path: Path | None) -> Any:
    """Show a scan, or the sample heart, and select its dock; the window is there meanwhile."""
    from napari_cmr.viewer.workbench import workbench_of

    opener = workbench_of(viewer).opener
    if path is None:
        opener.open_sample("normal")
    else:
        opener.open_path(Path(path))
    run_until(lambda: not opener.is_opening)
    scan = workbench_of(viewer).session.scan
    if scan is None:
        raise ScanError(
            "the scan could not be opened", source=path, remedy="the message above says why"
        )
    return scan


def _models() -> tuple[str, ...]:
    """Models that segment, the default one first; none where the default is not installed."""
    from napari_cmr.viewer.core.model_choice import default_model, segmentation_models

    found, first = segmentation_models(), default_model()
    if first not in found:
        return ()
    return (first, *(name for name in found if name != first))


def _run() -> None:
    import napari

    napari.run()
