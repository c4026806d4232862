"""The tables of keys: for who binds them, what shows them, and the documentation."""

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
    Key("Ctrl-Z", "undo_labels", "undo the last edit of the labels"),
    Key("Ctrl-Shift-Z", "redo_labels", "do it again"),
    Key("Shift-H", "copy_back", "copy the labels of this slice to the previous frame"),
    Key("Shift-J", "copy_on", "copy the labels of this slice to the next frame"),
    Key("Shift-B", "copy_up", "copy the labels of this slice to the previous slice"),
    Key("Shift-N", "copy_down", "copy the labels of this slice to the next slice"),
    Key("Shift-O", "outlines", "labels as outlines, or filled again"),
    Key("Shift-X", "delete_contour", "delete the labels of this slice, or the structure chosen"),
    Key("G", "accept_slice", "accept this slice, or take that back"),
    Key("Shift-G", "accept_frame", "accept this frame, or take that back"),
)

READING_KEYS = (
    Key("1", "rate_1", "very poor"),
    Key("2", "rate_2", "poor"),
    Key("3", "rate_3", "good"),
    Key("4", "rate_4", "very good"),
    Key("Backspace", "take_back", "take the last score back"),
    Key("P", "pause", "pause, or go on"),
    Key("Esc", "leave", "leave; go on later"),
    Key("K", "play", "play or stop the cine"),
    Key("H", "previous_frame", "previous frame"),
    Key("J", "next_frame", "next frame"),
    Key("+", "zoom_in", "nearer"),
    Key("-", "zoom_out", "farther"),
    Key("Shift+Left", "move_left", "move the picture"),
    Key("Shift+Right", "move_right", "move the picture"),
    Key("Shift+Up", "move_up", "move the picture"),
    Key("Shift+Down", "move_down", "move the picture"),
    Key("Up", "brighter", "brighter"),
    Key("Down", "darker", "darker"),
    Key("Right", "more_contrast", "more contrast"),
    Key("Left", "less_contrast", "less contrast"),
    Key("0", "reset_view", "whole picture, first contrast"),
)
"""Of the full screen of the reading panel, in Qt's notation."""
