"""One table of shortcuts, for the viewer, the docks and the documentation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakSet

from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.playback import player_of
from napari_cmr.viewer.core.session import session_for


@dataclass(frozen=True)
class Shortcut:
    """A key and what it does.

    Attributes
    ----------
    key : str
        In napari's notation.
    what : str
        For people.
    action : callable
        Takes the viewer.
    """

    key: str
    what: str
    action: Callable[[Any], None]


def _step(frame: int = 0, z: int = 0) -> Callable[[Any], None]:
    def go(viewer: Any) -> None:
        scan = session_for(viewer).scan
        if scan is None:
            return
        if frame:
            layers.go_to(viewer, scan, frame=layers.frame_on_screen(viewer, scan) + frame)
        if z:
            layers.go_to(viewer, scan, z=layers.slice_on_screen(viewer, scan) + z)

    return go


def _lines(change: int) -> Callable[[Any], None]:
    def go(viewer: Any) -> None:
        session = session_for(viewer)
        if session.scan is not None:
            session.set_acquisition(n_lines=session.n_lines + change)

    return go


def _phase(which: str) -> Callable[[Any], None]:
    def go(viewer: Any) -> None:
        from napari_cmr.viewer.docks.scan import phase_frame

        session = session_for(viewer)
        if session.scan is None:
            return
        frame = phase_frame(session.scan, session.function, which)
        if frame is not None:
            layers.go_to(viewer, session.scan, frame=frame)

    return go


def _play(viewer: Any) -> None:
    player_of(viewer).toggle()


def _undo_lines(viewer: Any) -> None:
    session_for(viewer).undo_edit()


def _copy(frames: int = 0, slices: int = 0) -> Callable[[Any], None]:
    def copy(viewer: Any) -> None:
        from napari_cmr.viewer.controllers.annotation import annotation_of

        annotation_of(viewer).copy(frames=frames, slices=slices)

    return copy


def _accept(scope: Literal["slice", "frame"]) -> Callable[[Any], None]:
    def accept(viewer: Any) -> None:
        from napari_cmr.viewer.controllers.annotation import annotation_of

        annotation_of(viewer).accept(scope)

    return accept


SHORTCUTS = (
    Shortcut("K", "play or pause", _play),
    Shortcut("H", "previous frame", _step(frame=-1)),
    Shortcut("J", "next frame", _step(frame=1)),
    Shortcut("N", "next slice", _step(z=1)),
    Shortcut("U", "previous slice", _step(z=-1)),
    Shortcut("Q", "one line fewer", _lines(-1)),
    Shortcut("W", "one line more", _lines(1)),
    Shortcut("Shift-D", "go to end-diastole", _phase("ed_frame")),
    Shortcut("Shift-S", "go to end-systole", _phase("es_frame")),
    Shortcut("Shift-U", "undo the last edit of lines", _undo_lines),
    Shortcut("Shift-H", "copy the labels of this slice to the previous frame", _copy(frames=-1)),
    Shortcut("Shift-J", "copy the labels of this slice to the next frame", _copy(frames=1)),
    Shortcut("Shift-B", "copy the labels of this slice to the previous slice", _copy(slices=-1)),
    Shortcut("Shift-N", "copy the labels of this slice to the next slice", _copy(slices=1)),
    Shortcut("G", "accept this slice, or take that back", _accept("slice")),
    Shortcut("Shift-G", "accept this frame, or take that back", _accept("frame")),
)

_BOUND: "WeakSet[Any]" = WeakSet()


def bind(viewer: Any) -> None:
    """Bind the table to a viewer, once."""
    if viewer in _BOUND:
        return
    _BOUND.add(viewer)
    for shortcut in SHORTCUTS:
        viewer.bind_key(shortcut.key, shortcut.action, overwrite=True)


def table() -> list[tuple[str, str]]:
    """Keys and what they do."""
    return [(shortcut.key, shortcut.what) for shortcut in SHORTCUTS]
