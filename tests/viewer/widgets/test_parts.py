"""Parts of the docks: numbers that say when they are old, and a slider with its number."""

import pytest
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QComboBox, QWidget

from napari_cmr.scan import LABEL_COLOURS, Label
from napari_cmr.viewer.widgets.parts import OLD_COLOUR, BigFigure, KeyFilter, NumberSlider, css


def test_a_slider_and_its_number_say_the_same_once(qtbot) -> None:
    both, told = NumberSlider(1, 50, "Lines"), []
    qtbot.addWidget(both)
    both.changed.connect(told.append)
    both.slider.setValue(7)
    assert both.number.value() == 7
    both.number.setValue(9)
    assert both.value == both.slider.value() == 9
    assert told == [7, 9]


def test_what_is_shown_is_not_announced(qtbot) -> None:
    both, told = NumberSlider(1, 50, "Lines"), []
    qtbot.addWidget(both)
    both.changed.connect(told.append)
    both.show_value(20)
    both.set_range(1, 10)
    assert (both.value, both.number.value()) == (10, 10)
    assert told == []


def test_a_figure_is_grey_while_it_is_old(qtbot) -> None:
    figure = BigFigure("LV EF", "Ejection fraction", css(Label.LV))
    qtbot.addWidget(figure)
    figure.show_value("55 %", "LV EF, 5 lines")
    assert (figure.text, figure.caption, figure.is_old) == ("55 %", "LV EF, 5 lines", False)
    figure.show_value("56 %")
    assert figure.caption == "LV EF, 5 lines"
    figure.show_old(True)
    assert figure.is_old
    assert OLD_COLOUR in figure._value.styleSheet()
    figure.show_old(False)
    assert css(Label.LV) in figure._value.styleSheet()


def test_colours_of_labels_are_written_for_qt() -> None:
    for label, rgb in LABEL_COLOURS.items():
        text = css(label)
        assert [int(text[k : k + 2], 16) / 255 for k in (1, 3, 5)] == pytest.approx(rgb, abs=0.003)


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
