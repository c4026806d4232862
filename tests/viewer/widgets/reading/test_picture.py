"""The image that is rated: whole and upright at first, nearer and brighter by keys and mouse."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt

from napari_cmr.viewer.widgets.reading.picture import NEAREST, ReadingPicture
from napari_cmr.workflow.reading.study import WHITE


def marked(frames=3, rows=40, columns=20):
    """Black, with a white corner at the top left, brighter frame by frame."""
    pixels = np.zeros((frames, rows, columns), np.uint16)
    for t in range(frames):
        pixels[t, : rows // 4, : columns // 4] = WHITE * (t + 1) // frames
    return pixels


@pytest.fixture
def picture(qtbot):
    found = ReadingPicture()
    qtbot.addWidget(found)
    found.resize(400, 400)
    found.show()
    found.show_image(marked(), (1.0, 1.0))
    return found


def seen(picture) -> np.ndarray:
    """Grey values on screen."""
    image = picture.grab().toImage()
    step = image.width() / picture.width()
    return np.array(
        [
            [image.pixelColor(int(x * step), int(y * step)).red() for x in range(0, 400, 10)]
            for y in range(0, 400, 10)
        ]
    )


def test_the_whole_image_is_shown_upright_in_its_own_proportions(picture) -> None:
    picture.go_to(2)
    grey = seen(picture)
    bright = np.argwhere(grey > 200)
    assert bright.min(axis=0) == pytest.approx([0, 10], abs=1)  # 40 x 20 mm: twice as high as wide
    assert bright.max(axis=0) == pytest.approx([9, 14], abs=1)
    picture.show_image(marked(), (1.0, 4.0))  # now twice as wide as high
    picture.go_to(2)
    bright = np.argwhere(seen(picture) > 200)
    assert bright.min(axis=0) == pytest.approx([10, 0], abs=1)
    assert bright.max(axis=0) == pytest.approx([14, 9], abs=1)


def test_frames_go_round(picture) -> None:
    values = []
    for _ in range(4):
        values.append(int(picture.grey().max()))
        picture.go_to(picture.frame + 1)
    assert values == pytest.approx([85, 170, 255, 85], abs=1)
    picture.go_to(-1)
    assert picture.frame == 2


def test_greys_become_brighter_and_steeper_and_go_back(picture) -> None:
    picture.go_to(1)
    first = picture.grey().copy()
    picture.change_greys(level=-0.2)
    assert picture.grey().max() > first.max()
    picture.reset_view()
    picture.change_greys(width=0.5)
    assert np.ptp(picture.grey().astype(int)) > np.ptp(first.astype(int))
    picture.reset_view()
    np.testing.assert_array_equal(picture.grey(), first)


def test_pixels_above_white_are_seen_in_other_greys(picture) -> None:
    pixels = np.full((1, 4, 4), 2 * WHITE - 1, np.uint16)
    pixels[0, 0] = WHITE + WHITE // 2
    picture.show_image(pixels, (1.0, 1.0))
    assert np.ptp(picture.grey()) == 0
    picture.change_greys(width=2.0)
    picture.change_greys(level=0.5)
    assert np.ptp(picture.grey()) > 0


def test_zoom_keeps_the_place_under_the_mouse(picture) -> None:
    before = picture._target()
    at = QPoint(150, 120)
    share = (at.y() - before.y()) / before.height(), (at.x() - before.x()) / before.width()
    picture.zoom_by(2.0, at)
    after = picture._target()
    assert picture.zoom == 2.0
    assert after.y() + share[0] * after.height() == pytest.approx(at.y(), abs=1e-6)
    assert after.x() + share[1] * after.width() == pytest.approx(at.x(), abs=1e-6)
    picture.zoom_by(1e9)
    assert picture.zoom == NEAREST
    picture.zoom_by(1e-9)
    assert (picture.zoom, picture.centre) == (1.0, (0.5, 0.5))


def test_the_image_cannot_be_moved_away(picture) -> None:
    picture.move_by(1, 1)
    assert picture.centre == (0.5, 0.5)
    picture.zoom_by(2.0)
    picture.move_by(0.1, 0)
    assert picture.centre == (pytest.approx(0.55), 0.5)
    picture.move_by(9, -9)
    assert picture.centre == (0.75, 0.25)


def test_a_drag_moves_and_the_right_button_changes_greys(picture, qtbot) -> None:
    picture.zoom_by(2.0)
    qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    move(picture, QPoint(200, 240), Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=QPoint(200, 240))
    assert picture.centre[0] == pytest.approx(0.5 - 40 / 800)
    width, level = picture.width_of_greys, picture.level
    qtbot.mousePress(picture, Qt.MouseButton.RightButton, pos=QPoint(200, 200))
    move(picture, QPoint(240, 220), Qt.MouseButton.RightButton)
    qtbot.mouseRelease(picture, Qt.MouseButton.RightButton, pos=QPoint(240, 220))
    assert picture.width_of_greys < width
    assert picture.level > level
    move(picture, QPoint(0, 0), Qt.MouseButton.NoButton)  # no button, no drag
    assert picture.centre[0] == pytest.approx(0.45)


def move(picture, to, button) -> None:
    from qtpy.QtCore import QEvent, QPointF
    from qtpy.QtGui import QMouseEvent
    from qtpy.QtWidgets import QApplication

    none, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(to), QPointF(to), none, button, keys)
    QApplication.sendEvent(picture, event)


def test_what_a_study_does_not_allow_does_nothing(picture) -> None:
    picture.may_zoom = picture.may_window = False
    before = picture.grey().copy()
    picture.zoom_by(2.0)
    picture.move_by(0.2, 0.2)
    picture.change_greys(0.2, 0.5)
    assert (picture.zoom, picture.centre) == (1.0, (0.5, 0.5))
    np.testing.assert_array_equal(picture.grey(), before)


def test_covered_by_words_nothing_of_the_image_is_seen(picture) -> None:
    picture.show_image(np.full((1, 40, 40), WHITE, np.uint16), (1.0, 1.0))
    picture.zoom_by(2.0)
    assert seen(picture).min() > 200
    picture.cover("Paused", "P goes on")
    assert np.median(seen(picture)) == 0
    assert picture.words == ("Paused", "P goes on")
    picture.uncover()
    assert seen(picture).min() > 200
    assert picture.zoom == 2.0, "as it was looked at"


def test_without_an_image_there_is_black(qtbot) -> None:
    empty = ReadingPicture()
    qtbot.addWidget(empty)
    empty.resize(400, 400)
    empty.show()
    assert empty.n_frames == 0
    empty.go_to(3)
    empty.zoom_by(2.0)
    assert seen(empty).max() == 0
