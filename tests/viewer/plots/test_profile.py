"""The x-t picture as a plot."""

import numpy as np
from qtpy.QtCore import Qt

from napari_cmr.viewer.plots.profile import ProfilePlot

PROFILE = np.arange(40, dtype=np.float32).reshape(8, 5)


def shown(qtbot, **more):
    plot = ProfilePlot()
    qtbot.addWidget(plot)
    plot.resize(300, 200)
    plot.show()
    plot.show_profile(PROFILE, 1.5, (0.0, 40.0), "All lines", **more)
    return plot


def test_it_draws_millimetres_down_and_frames_across(qtbot):
    plot = shown(qtbot)
    np.testing.assert_array_equal(plot.profile, PROFILE)
    (left, right), (top, bottom) = plot.plot.viewRange()
    assert (left, right) == (0.5, 5.5)
    assert (top, bottom) == (0.0, 12.0)
    assert (plot.title, plot.is_old) == ("All lines", False)


def test_a_click_says_which_frame(qtbot):
    plot, frames = shown(qtbot), []
    plot.clicked.connect(frames.append)
    box = plot.plot.getViewBox().sceneBoundingRect()
    for share in (0.1, 0.5, 0.9):
        place = plot.mapFromScene(box.left() + share * box.width(), box.center().y())
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert frames == [0, 2, 4]


def test_what_is_old_is_flat(qtbot):
    plot = shown(qtbot)
    fresh = plot.grab().toImage()
    plot.show_profile(PROFILE, 1.5, (0.0, 40.0), "All lines", is_old=True)
    assert plot.is_old
    box = plot.plot.getViewBox().sceneBoundingRect()
    place = plot.mapFromScene(box.left() + 0.95 * box.width(), box.bottom() - 4)
    assert plot.grab().toImage().pixelColor(place).red() < fresh.pixelColor(place).red()
