"""What the keys of the table do, and their binding to a viewer."""

from collections.abc import Callable
from functools import partial
from typing import Any

from napari_cmr.viewer import layers
from napari_cmr.viewer.core.keys import KEYS
from napari_cmr.viewer.workbench import Workbench, workbench_of


def _step(bench: Workbench, *, frame: int = 0, z: int = 0) -> None:
    viewer, scan = bench.viewer, bench.session.scan
    if scan is None:
        return
    if frame:
        layers.go_to(viewer, scan, frame=layers.frame_on_screen(viewer, scan) + frame)
    if z:
        layers.go_to(viewer, scan, z=layers.slice_on_screen(viewer, scan) + z)


def _lines(bench: Workbench, *, change: int) -> None:
    if bench.session.scan is not None:
        bench.session.set_acquisition(n_lines=bench.session.n_lines + change)


def _phase(bench: Workbench, *, which: str) -> None:
    from napari_cmr.viewer.docks.scan import phase_frame

    session = bench.session
    if session.scan is None:
        return
    frame = phase_frame(session.scan, session.function, which)
    if frame is not None:
        layers.go_to(bench.viewer, session.scan, frame=frame)


def _back(bench: Workbench, *, on: bool = False) -> None:
    """Undo or redo in the labels that are measured.

    napari does so in the layer that is selected, which comes first. After a tool or a model that is
    seldom the one with the labels.
    """
    layer = bench.session.labels_layer
    if layer is not None:
        (layers.redo if on else layers.undo)(layer)


ACTIONS: dict[str, Callable[[Workbench], None]] = {
    "play": lambda bench: bench.player.toggle(),
    "previous_frame": partial(_step, frame=-1),
    "next_frame": partial(_step, frame=1),
    "next_slice": partial(_step, z=1),
    "previous_slice": partial(_step, z=-1),
    "fewer_lines": partial(_lines, change=-1),
    "more_lines": partial(_lines, change=1),
    "end_diastole": partial(_phase, which="ed_frame"),
    "end_systole": partial(_phase, which="es_frame"),
    "undo_lines": lambda bench: bench.session.undo_edit(),
    "undo_labels": _back,
    "redo_labels": partial(_back, on=True),
    "copy_back": lambda bench: bench.annotation.copy(frames=-1),
    "copy_on": lambda bench: bench.annotation.copy(frames=1),
    "copy_up": lambda bench: bench.annotation.copy(slices=-1),
    "copy_down": lambda bench: bench.annotation.copy(slices=1),
    "outlines": lambda bench: bench.outlines.toggle(),
    "delete_contour": lambda bench: bench.annotation.delete(),
    "accept_slice": lambda bench: bench.annotation.accept("slice"),
    "accept_frame": lambda bench: bench.annotation.accept("frame"),
}


def bind(viewer: Any) -> None:
    """Bind the table to a viewer."""
    for key in KEYS:
        viewer.bind_key(key.key, _bound(key.action), overwrite=True)


def _bound(action: str) -> Callable[[Any], None]:
    """Function for napari, which asks for its name."""

    def act(viewer: Any) -> None:
        press(viewer, action)

    act.__name__ = action
    return act


def press(viewer: Any, action: str) -> None:
    """Do what a key of that action does."""
    ACTIONS[action](workbench_of(viewer))
