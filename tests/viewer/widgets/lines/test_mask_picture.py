"""The lines of every frame: which cell is under the mouse, strokes without gaps, and zoom."""

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent, QWheelEvent

from napari_cmr.kspace import Acquisition, line_mask
from napari_cmr.viewer.widgets.lines.mask_picture import MAX_ZOOM, MaskPicture, _between

LEFT = Qt.MouseButton.LeftButton
MASK = line_mask(Acquisition(n_lines=8), 6, 48)


@pytest.fixture
def picture(qtbot) -> MaskPicture:
    picture = MaskPicture()
    qtbot.addWidget(picture)
    picture.resize(530, 200)
    picture.show_mask(MASK)
    return picture


def point(picture: MaskPicture, frame: int, line: int) -> QPoint:
    return picture.centre_of(frame, line).toPoint()


def move_mouse(picture: MaskPicture, place: QPointF) -> None:
    """Qt's own test mouse moves only over windows that are on screen."""
    kind, no_keys = QEvent.Type.MouseMove, Qt.KeyboardModifier.NoModifier
    picture.mouseMoveEvent(QMouseEvent(kind, place, place, LEFT, LEFT, no_keys))


def turn_wheel(picture: MaskPicture, place: QPointF, steps: int) -> None:
    for _ in range(abs(steps)):
        picture.wheelEvent(
            QWheelEvent(
                place,
                place,
                QPoint(),
                QPoint(0, 120 if steps > 0 else -120),
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
        )


def test_points_of_the_widget_are_frames_and_lines(picture) -> None:
    for cell in ((0, 0), (5, 47), (3, 20)):
        centre = picture.centre_of(*cell)
        assert picture.cell_at(centre.x(), centre.y()) == cell
    assert picture.cell_at(1, 1) is None
    picture.show_mask(None)
    assert picture.cell_at(200, 100) is None


def test_a_stroke_paints_what_its_first_cell_became_without_gaps(picture, qtbot) -> None:
    painted = []
    picture.painted.connect(lambda cells, keep, begins: painted.append((cells, keep, begins)))
    free = int(np.flatnonzero(~MASK.array[1])[0])
    qtbot.mousePress(picture, LEFT, pos=point(picture, 1, free))
    move_mouse(picture, picture.centre_of(4, free))
    qtbot.mouseRelease(picture, LEFT, pos=point(picture, 4, free))
    move_mouse(picture, picture.centre_of(5, free))
    assert painted == [
        ([(1, free)], True, True),
        ([(2, free), (3, free), (4, free)], True, False),
    ]
    kept = int(np.flatnonzero(MASK.array[0])[0])
    qtbot.mouseClick(picture, LEFT, pos=point(picture, 0, kept))
    assert painted[-1] == ([(0, kept)], False, True)


def test_a_fast_mouse_leaves_no_gaps() -> None:
    cells = [(0, 0), *_between((0, 0), (3, 10))]
    assert cells[-1] == (3, 10)
    assert np.abs(np.diff(cells, axis=0)).max() == 1
    assert _between((2, 5), (2, 5)) == []


def test_words_tell_a_line_from_the_centre_and_edits(picture) -> None:
    frame, line = (int(n) for n in np.argwhere(~MASK.array)[0])
    picture.show_mask(MASK.toggle_all({(frame, line)}), frozenset({(frame, line)}))
    said = picture._describe(frame, line)
    assert said.startswith(f"Frame {frame + 1}, line \N{MINUS SIGN}{24 - line}: measured")
    assert said.endswith("changed by hand")
    assert picture._describe(0, 24).startswith("Frame 1, line 0: ")


def test_the_wheel_zooms_in_on_the_line_under_the_mouse(picture) -> None:
    place = picture.centre_of(2, 10)
    turn_wheel(picture, place, 3)
    assert picture.cell_at(place.x(), place.y()) == (2, 10)
    assert picture.centre_of(2, 11).x() - picture.centre_of(2, 10).x() > 15
    turn_wheel(picture, place, 40)
    width = picture.centre_of(0, 1).x() - picture.centre_of(0, 0).x()
    turn_wheel(picture, place, -60)
    assert width == pytest.approx(
        MAX_ZOOM * (picture.centre_of(0, 1).x() - picture.centre_of(0, 0).x())
    )
    assert picture.cell_at(picture.centre_of(0, 0).x(), place.y()) == (2, 0)


def test_a_double_click_shows_all_lines_again_and_paints_nothing(picture) -> None:
    painted = []
    picture.painted.connect(lambda *args: painted.append(args))
    before = picture.centre_of(0, 47).x()
    turn_wheel(picture, picture.centre_of(2, 10), 5)
    picture.mouseDoubleClickEvent(None)
    assert picture.centre_of(0, 47).x() == before
    assert painted == []


def test_other_lines_of_the_same_scan_keep_the_zoom_and_another_scan_does_not(picture) -> None:
    turn_wheel(picture, picture.centre_of(2, 10), 5)
    zoomed = picture.centre_of(0, 47).x()
    picture.show_mask(line_mask(Acquisition(n_lines=20), 6, 48))
    assert picture.centre_of(0, 47).x() == zoomed
    picture.show_mask(line_mask(Acquisition(n_lines=20), 3, 48))
    assert picture.centre_of(0, 47).x() < picture.width()
