"""The grid of what is labelled, accepted and not saved."""

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor

from napari_cmr.viewer.widgets.labels.annotation_grid import (
    ACCEPTED,
    LABELLED,
    UNSAVED,
    AnnotationPicture,
)

LABELS, DONE, DIRTY = (np.zeros((4, 3), bool) for _ in range(3))
LABELS[:2] = True
DONE[1, 2] = True
DIRTY[0, 0] = True


@pytest.fixture
def picture(qtbot) -> AnnotationPicture:
    picture = AnnotationPicture()
    qtbot.addWidget(picture)
    picture.resize(300, 100)
    picture.show_marks(LABELS, DONE, DIRTY)
    return picture


def test_a_slice_is_described_by_all_that_is_known_of_it(picture) -> None:
    assert picture.describe((0, 0)) == "Frame 1, slice 1: labelled, not saved"
    assert picture.describe((1, 2)) == "Frame 2, slice 3: labelled, accepted"
    assert picture.describe((3, 1)) == "Frame 4, slice 2: empty"


def test_a_click_says_which_frame_and_slice(picture, qtbot) -> None:
    clicked = []
    picture.clicked.connect(lambda *place: clicked.append(place))
    for place in ((0, 0), (3, 2)):
        centre = picture.cell(*place).center()
        assert picture.place_at(centre.x(), centre.y()) == place
        qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=centre.toPoint())
    assert clicked == [(0, 0), (3, 2)]
    assert picture.place_at(2, 2) is None
    assert picture.place_at(picture.cell(3, 0).right() + 3, 2) is None


def test_colours_say_what_the_words_say(picture) -> None:
    picture.show_place((3, 0), None)
    image = picture.grab().toImage()

    def colour(frame: int, z: int) -> str:
        return image.pixelColor(picture.cell(frame, z).center().toPoint()).name()

    assert colour(0, 1) == QColor(LABELLED).name()
    assert colour(1, 2) == QColor(ACCEPTED).name()
    assert colour(3, 1) not in (QColor(LABELLED).name(), QColor(ACCEPTED).name())
    corner = picture.cell(0, 0).topRight()
    assert image.pixelColor(int(corner.x()) - 3, int(corner.y()) + 2).name() == UNSAVED


def test_frames_outside_of_a_pair_are_dimmed(picture) -> None:
    def labelled() -> list[str]:
        image = picture.grab().toImage()
        return [image.pixelColor(picture.cell(t, 1).center().toPoint()).name() for t in (0, 1)]

    picture.show_place((3, 0), (1, 3))
    first, second = labelled()
    assert second == LABELLED
    assert first != LABELLED
    picture.show_place((3, 0), None)
    assert labelled() == [LABELLED, LABELLED]


def test_it_is_as_high_as_its_slices(picture) -> None:
    low = picture.height()
    many = np.zeros((4, 8), bool)
    picture.show_marks(many, many, many)
    assert picture.height() - low == 5 * picture.cell(0, 0).height()
