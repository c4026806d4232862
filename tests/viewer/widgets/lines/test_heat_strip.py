"""A strip of colours: bright is high, blank is nothing, and a click says which place."""

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_cmr.viewer.widgets.lines.heat_strip import HeatPicture, colours_of

VALUES = np.array([[0.1, 0.2], [0.3, np.nan], [0.1, 9.0]])


@pytest.fixture
def picture(qtbot) -> HeatPicture:
    picture = HeatPicture("mm")
    qtbot.addWidget(picture)
    picture.resize(300, 150)
    picture.show_values(VALUES)
    return picture


def test_colours_rise_with_the_value_and_nothing_is_blank() -> None:
    low, middle, high, beyond, blank = colours_of(np.array([0.0, 1.0, 2.0, 50.0, np.nan]), 2.0)
    greens = [(int(one) >> 8) & 0xFF for one in (low, middle, high)]
    assert greens == sorted(greens)
    assert len(set(greens)) == 3
    assert beyond == high
    assert int(high) >> 24 == 0xFF
    assert blank == 0


def test_points_of_the_widget_are_frames_and_slices(picture) -> None:
    for cell in np.ndindex(3, 2):
        centre = picture.centre_of(*cell)
        assert picture.cell_at(centre.x(), centre.y()) == cell
    assert picture.cell_at(1, 1) is None
    picture.show_values(np.zeros((0, 0)))
    assert picture.cell_at(100, 50) is None


def test_a_click_leads_to_its_place(picture, qtbot) -> None:
    chosen = []
    picture.chosen.connect(lambda *cell: chosen.append(cell))
    place = picture.centre_of(2, 1).toPoint()
    qtbot.mouseClick(picture, Qt.MouseButton.RightButton, pos=place)
    qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [(2, 1)]


def test_one_place_far_off_does_not_darken_the_others(qtbot) -> None:
    picture = HeatPicture("mm")
    qtbot.addWidget(picture)
    picture.resize(300, 150)
    values = np.ones((40, 1))
    values[7] = 1000.0
    picture.show_values(values)
    usual = picture.grab().toImage().pixelColor(picture.centre_of(3, 0).toPoint())
    picture.show_values(values, high=1000.0)
    dark = picture.grab().toImage().pixelColor(picture.centre_of(3, 0).toPoint())
    assert usual.lightness() > dark.lightness() + 50
