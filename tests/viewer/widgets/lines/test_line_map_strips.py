"""Strips of a map of lines: which line lies where, in which colour, and what is said of it."""

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QToolTip

from napari_cmr.kspace import Acquisition, line_mask
from napari_cmr.viewer.core.mouse import signed
from napari_cmr.viewer.widgets.lines.line_map_strips import (
    STRIPS,
    LineMapPicture,
    signed_colours,
)
from napari_cmr.workflow.trials.line_map import LineEffect, LineMap

N_LINES = 48
FRAMES, ADDED_CONTOUR, ADDED_EF = 0, 1, 2
ACQUISITION = Acquisition(n_lines=6, seed=2)


@pytest.fixture
def line_map() -> LineMap:
    mask = line_mask(ACQUISITION, 4, N_LINES)
    line = int(np.flatnonzero(~mask.array.all(axis=0))[5])
    effect = LineEffect(line=line, added=True, n_frames=3, ef_change=-2.0, contour_mm=0.4)
    return LineMap(
        ACQUISITION, "alpha", None, (1,), budget=4, mask=mask, ef_percent=55.0, effects=(effect,)
    )


@pytest.fixture
def picture(qtbot) -> LineMapPicture:
    picture = LineMapPicture()
    qtbot.addWidget(picture)
    picture.resize(700, 160)
    return picture


def colour_at(picture, strip, line):
    return picture.grab().toImage().pixelColor(picture.centre_of(strip, line).toPoint())


def test_points_of_the_widget_are_strips_and_lines(picture, line_map) -> None:
    assert picture.cell_at(300, 20) is None
    picture.show_map(line_map)
    for strip in range(len(STRIPS)):
        for line in (0, 24, N_LINES - 1):
            centre = picture.centre_of(strip, line)
            assert picture.cell_at(centre.x(), centre.y()) == (strip, line)
    assert picture.cell_at(2, 20) is None  # where the names are
    picture.show_map(None)
    assert picture.cell_at(300, 20) is None


def test_strips_show_the_density_and_what_was_tried(picture, line_map) -> None:
    picture.show_map(line_map)
    np.testing.assert_allclose(picture.values_of(FRAMES), 100 * line_map.mask.density)
    line = line_map.effects[0].line
    assert picture.values_of(ADDED_CONTOUR)[line] == 0.4
    assert picture.values_of(ADDED_EF)[line] == -2.0
    assert np.isnan(picture.values_of(3)).all()  # no line was left out


def test_a_lower_ef_is_painted_blue_and_a_higher_one_red(picture, line_map) -> None:
    line = line_map.effects[0].line
    picture.show_map(line_map)
    lower = colour_at(picture, ADDED_EF, line)
    assert lower.blue() > lower.red() + 50
    picture.show_map(replace(line_map, effects=(replace(line_map.effects[0], ef_change=2.0),)))
    higher = colour_at(picture, ADDED_EF, line)
    assert higher.red() > higher.blue() + 50


def test_the_mouse_is_told_the_line_and_its_effect(picture, line_map, monkeypatch) -> None:
    said = []
    monkeypatch.setattr(QToolTip, "showText", lambda _where, text, *_more: said.append(text))
    picture.show_map(line_map)
    line = line_map.effects[0].line
    none, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    for at in (line, line + 1, N_LINES - 1):
        where = picture.centre_of(ADDED_EF, at)
        move = QMouseEvent(QEvent.Type.MouseMove, where, none, none, keys)
        picture.mouseMoveEvent(move)
    tried, beside, far = said
    assert tried == f"Line {signed(line - N_LINES // 2)}, added: EF: -2.0 points"
    assert "-2.0 points (of the nearest line that was tried)" in beside
    assert far.endswith("nothing")


def test_signed_colours_are_blue_below_and_red_above() -> None:
    values = np.array([-2.0, 0.0, 2.0, 9.0, np.nan])
    below, none, above, beyond, blank = signed_colours(values, 2.0)
    assert (below & 0xFF) > (below >> 16 & 0xFF)
    assert (above >> 16 & 0xFF) > (above & 0xFF)
    assert (none & 0xFF) == (none >> 16 & 0xFF)
    assert beyond == above
    assert blank == 0
