"""One table of keys, for the window that binds them, the Edit dock and the documentation."""

from typing import NamedTuple


class Key(NamedTuple):
    """A key and what it does.

    Attributes
    ----------
    key : str
        In napari's notation.
    action : str
        Name of what it does, for who binds it.
    what : str
        For people.
    """

    key: str
    action: str
    what: str


KEYS = (
    Key("K", "play", "play or pause"),
    Key("H", "previous_frame", "previous frame"),
    Key("J", "next_frame", "next frame"),
    Key("N", "next_slice", "next slice"),
    Key("U", "previous_slice", "previous slice"),
    Key("Q", "fewer_lines", "one line fewer"),
    Key("W", "more_lines", "one line more"),
    Key("Shift-D", "end_diastole", "go to end-diastole"),
    Key("Shift-S", "end_systole", "go to end-systole"),
    Key("Shift-U", "undo_lines", "undo the last edit of lines"),
    Key("Shift-H", "copy_back", "copy the labels of this slice to the previous frame"),
    Key("Shift-J", "copy_on", "copy the labels of this slice to the next frame"),
    Key("Shift-B", "copy_up", "copy the labels of this slice to the previous slice"),
    Key("Shift-N", "copy_down", "copy the labels of this slice to the next slice"),
    Key("Shift-O", "outlines", "labels as outlines, or filled again"),
    Key("Shift-X", "delete_contour", "delete the labels of this slice, or the structure chosen"),
    Key("G", "accept_slice", "accept this slice, or take that back"),
    Key("Shift-G", "accept_frame", "accept this frame, or take that back"),
)
