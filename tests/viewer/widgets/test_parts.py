"""Parts that docks share: numbers that agree, folds, letters for the window, lost connections."""

from typing import Any

import pytest
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QSpinBox, QWidget

from napari_cmr.scan import LABEL_COLOURS
from napari_cmr.viewer.widgets.parts import (
    COLUMN_WIDTH,
    OLD_COLOUR,
    BigFigure,
    Column,
    Dock,
    KeyFilter,
    NumberSlider,
    css,
    duration_text,
    is_picture_old,
    more,
    note,
    row,
    show_picture_old,
)

NO_KEY = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def slider(qtbot) -> NumberSlider:
    slider = NumberSlider(1, 48, "Lines for each frame.")
    qtbot.addWidget(slider)
    return slider


def test_slider_and_number_agree_and_announce_a_change_once(slider) -> None:
    announced = []
    slider.changed.connect(announced.append)
    slider.slider.setValue(12)
    assert slider.number.value() == slider.value == 12
    slider.number.setValue(30)
    assert slider.slider.value() == slider.value == 30
    assert announced == [12, 30]


def test_what_is_shown_by_the_program_is_not_announced(slider) -> None:
    announced = []
    slider.changed.connect(announced.append)
    slider.show_value(20)
    assert slider.number.value() == slider.value == 20
    slider.set_range(1, 10)
    assert slider.number.value() == slider.value == 10
    assert not announced


def test_a_page_of_the_slider_is_a_tenth_of_its_range(slider) -> None:
    slider.set_range(0, 200)
    assert slider.slider.pageStep() == 20
    slider.set_range(0, 3)
    assert slider.slider.pageStep() == 1


def test_an_old_number_is_grey_until_it_is_of_now_again(qtbot) -> None:
    figure = BigFigure("LV EF", "Ejection fraction.", "#112233")
    qtbot.addWidget(figure)
    assert figure.text == "–"
    figure.show_value("58 %")
    assert (figure.text, figure.caption) == ("58 %", "LV EF")
    figure.show_value("57 %", "LV EF of alpha")
    assert figure.caption == "LV EF of alpha"
    narrow = figure.minimumSizeHint().width()
    figure.show_value("57 %", "LV EF · from 10 of 224 lines of another acquisition")
    assert figure.minimumSizeHint().width() < 2 * narrow  # it takes lines, not width
    figure.show_old(True)
    assert figure.is_old
    assert OLD_COLOUR in figure._value.styleSheet()
    figure.show_old(False)
    assert "#112233" in figure._value.styleSheet()
    assert OLD_COLOUR not in figure._value.styleSheet()


def test_an_old_picture_has_no_colour_and_dark_parts_stay_dark(qtbot) -> None:
    inside = QLabel()
    inside.setStyleSheet("background: #e02000;")
    picture = QWidget()
    picture.setStyleSheet("background: #101010;")
    qtbot.addWidget(picture)
    picture.resize(60, 40)
    inside.setParent(picture)
    inside.setGeometry(20, 10, 20, 20)

    def colours() -> list[tuple[int, int, int]]:
        drawn = picture.grab().toImage()
        return [drawn.pixelColor(*place).getRgb()[:3] for place in ((5, 5), (30, 20))]

    assert colours() == [(16, 16, 16), (224, 32, 0)]
    show_picture_old(picture, True)
    show_picture_old(picture, True)
    dark, bright = colours()
    assert is_picture_old(picture)
    assert dark == pytest.approx((16, 16, 16), abs=2)
    assert max(bright) - min(bright) <= 2
    assert max(bright) > 50
    show_picture_old(picture, False)
    assert not is_picture_old(picture)
    assert colours() == [(16, 16, 16), (224, 32, 0)]


def test_more_is_folded_away_and_its_arrow_turns(qtbot) -> None:
    inside = QLabel("rarely needed")
    fold = more(inside)
    qtbot.addWidget(fold)
    fold.show()
    assert not fold.isExpanded()
    assert fold.text() == "▸  More"
    fold.expand()
    assert fold.text() == "▾  More"
    assert inside.isVisible()


def test_a_label_has_the_colour_of_its_layer() -> None:
    for label, rgb in LABEL_COLOURS.items():
        text = css(label)
        assert [int(text[k : k + 2], 16) / 255 for k in (1, 3, 5)] == pytest.approx(rgb, abs=0.003)


def test_a_note_shows_text_as_it_is(qtbot) -> None:
    label = note("a <b> in a file's name")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.wordWrap()


def test_buttons_share_a_row_evenly_or_by_their_texts(qtbot) -> None:
    for by_text in (False, True):
        parent = QWidget()
        qtbot.addWidget(parent)
        short, long = QPushButton("Go"), QPushButton("Propagate to all frames")
        parent.setLayout(row(short, long, by_text=by_text))
        parent.resize(300, 40)
        parent.show()
        widths = short.width(), long.width()
        assert (widths[1] > 2 * widths[0]) == by_text
        assert by_text or abs(widths[0] - widths[1]) <= 1


def test_a_column_never_scrolls_sideways(qtbot) -> None:
    column = Column()
    qtbot.addWidget(column)
    column.box.addWidget(QPushButton("a button"))
    assert column.sizeHint().width() == COLUMN_WIDTH
    assert column.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff


class Keys(QWidget):
    """A window with a list and a number, which notes the keys that reach it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.list = QComboBox(self)
        self.list.addItems(["apple", "jam"])
        self.number = QSpinBox(self)
        KeyFilter(self).filter_children()

    def event(self, event: Any) -> bool:
        if event.type() == QEvent.Type.KeyPress:
            self.seen.append(event.text())
        return bool(super().event(event))


def press(widget: QWidget, key: Qt.Key, text: str, modifiers=NO_KEY) -> None:
    QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))


def test_letters_reach_the_window_and_not_a_list_or_a_number(qtbot) -> None:
    window = Keys()
    qtbot.addWidget(window)
    press(window.list, Qt.Key.Key_J, "j")
    press(window.number, Qt.Key.Key_J, "J", Qt.KeyboardModifier.ShiftModifier)
    assert window.seen == ["j", "J"]
    assert window.list.currentText() == "apple"


def test_digits_and_arrows_stay_with_the_list_and_the_number(qtbot) -> None:
    window = Keys()
    qtbot.addWidget(window)
    press(window.list, Qt.Key.Key_Down, "")
    window.number.selectAll()
    press(window.number, Qt.Key.Key_7, "7")
    assert window.list.currentText() == "jam"
    assert window.number.value() == 7
    assert not window.seen


@pytest.mark.parametrize(
    ("key", "text", "modifiers", "kept"),
    [
        (Qt.Key.Key_J, "j", Qt.KeyboardModifier.NoModifier, True),
        (Qt.Key.Key_J, "J", Qt.KeyboardModifier.ShiftModifier, True),
        (Qt.Key.Key_C, "c", Qt.KeyboardModifier.ControlModifier, False),
        (Qt.Key.Key_5, "5", Qt.KeyboardModifier.NoModifier, False),
        (Qt.Key.Key_Down, "", Qt.KeyboardModifier.NoModifier, False),
    ],
)
def test_letters_go_to_the_window_and_nothing_else_does(qtbot, key, text, modifiers, kept) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)
    assert KeyFilter(parent).eventFilter(QComboBox(parent), event) is kept
    assert event.isAccepted() is not kept


class Listener(Dock):
    """Counts changes of the acquisition."""

    def __init__(self, viewer) -> None:
        super().__init__(viewer)
        self.n_changes = 0
        self.bind(self.session.acquisition_changed, self._count)

    def _count(self, _anything=None) -> None:
        self.n_changes += 1


def test_a_dock_hears_of_its_session_until_it_goes(open_viewer, small_scan, qtbot) -> None:
    dock = Listener(open_viewer(small_scan))
    session = dock.session
    n_before = len(session.acquisition_changed)
    session.set_acquisition(n_lines=9)
    assert dock.n_changes == 1
    with qtbot.waitSignal(dock.destroyed, timeout=10_000):
        dock.deleteLater()
    assert len(session.acquisition_changed) == n_before - 1
    session.set_acquisition(n_lines=8)
    assert dock.n_changes == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0421, "42 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (13.92, "13.9 s")],
)
def test_a_time_is_told_in_the_unit_that_suits_it(seconds, text) -> None:
    assert duration_text(seconds) == text
