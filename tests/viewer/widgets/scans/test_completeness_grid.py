"""The grid of images that are there, and of those that are missing."""

import numpy as np
from qtpy.QtCore import QPoint

from napari_cmr.viewer.widgets.scans.completeness_grid import (
    CELL,
    LEFT,
    MISSING,
    PRESENT,
    CompletenessPicture,
)


def test_slices_go_down_and_phases_across(qtbot) -> None:
    picture = CompletenessPicture()
    qtbot.addWidget(picture)
    picture.resize(LEFT + 2 + 3 * 2 * CELL, 60)
    there = np.array([[True, True, False], [False, True, True]])
    picture.show_complete(there)
    image = picture.grab().toImage()
    width = 2 * CELL
    for z, t in np.ndindex(there.shape):
        middle = QPoint(LEFT + t * width + width // 2, z * CELL + CELL // 2)
        wanted = PRESENT if there[z, t] else MISSING
        assert image.pixelColor(middle).name() == wanted, (z, t)


def test_it_grows_with_its_slices_and_may_be_empty(qtbot) -> None:
    picture = CompletenessPicture()
    qtbot.addWidget(picture)
    picture.resize(300, 60)
    heights = []
    for n in (2, 12):
        picture.show_complete(np.ones((n, 30), bool))
        heights.append(picture.height())
    assert heights[1] - heights[0] == 10 * CELL
    picture.show_complete(np.zeros((0, 0), bool))
    colours = {picture.grab().toImage().pixelColor(x, 5).name() for x in range(LEFT, 290, 3)}
    assert not colours & {PRESENT, MISSING}
