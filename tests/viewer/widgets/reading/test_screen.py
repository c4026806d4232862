"""Reading with a keyboard alone, by scripted key presses: no score here is that of a person."""

import json
import shutil
from types import SimpleNamespace

import pytest
from helpers.reading_studies import METHODS, small_study
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QApplication, QLabel, QMainWindow, QWidget

from napari_cmr.viewer.core.keys import READING_KEYS
from napari_cmr.viewer.core.study_reading import ReadingPanel
from napari_cmr.viewer.widgets.reading.screen import ReadingScreen, action_of
from napari_cmr.workflow.reading.ratings import PanelReading, ratings_path
from napari_cmr.workflow.reading.study import StudyFolder, read_key

Key = Qt.Key


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("made"))


@pytest.fixture
def panel(qapp, made, tmp_path):
    shutil.copytree(made.path, tmp_path / "study")
    player = SimpleNamespace(is_playing=False, start=lambda: None, stop=lambda: None)
    found = ReadingPanel(lambda: player)
    found.open_study(tmp_path / "study")
    found.choose_reader("r1")
    return found


@pytest.fixture
def window(qtbot):
    main = QMainWindow()
    qtbot.addWidget(main)
    main.show()
    return main


@pytest.fixture
def screen(panel, window, needs_display):
    found = ReadingScreen(panel, window)
    found.open()
    yield found
    if panel.is_reading:
        found.close()


def ratings(panel):
    return [one.score for one in PanelReading(panel.folder, "r1").ratings]


def press(screen, key, modifiers=Qt.KeyboardModifier.NoModifier, *, held=False):
    event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers, "", held)
    QApplication.sendEvent(screen, event)


def said(screen) -> str:
    return " ".join(one.text() for one in screen.findChildren(QLabel))


def test_one_keystroke_rates_and_shows_the_next_image(screen, panel) -> None:
    assert screen.progress.text() == "Image 1 of 9"
    first = panel.item
    press(screen, Key.Key_3)
    assert ratings(panel) == [3]
    assert screen.progress.text() == "Image 2 of 9"
    assert panel.item != first
    assert "Last score: 3, good." in screen.message.text()
    for n in (1, 2, 4):
        press(screen, getattr(Key, f"Key_{n}"))
    assert ratings(panel) == [3, 1, 2, 4]
    assert screen.bar.value() == 4


def test_the_screen_covers_the_screen_and_takes_the_keys(screen, qtbot) -> None:
    assert screen.windowState() & Qt.WindowState.WindowFullScreen
    qtbot.waitUntil(lambda: screen.geometry() == screen.screen().geometry(), timeout=5000)
    override = QKeyEvent(
        QEvent.Type.ShortcutOverride, Key.Key_3, Qt.KeyboardModifier.NoModifier, "3"
    )
    override.ignore()
    QApplication.sendEvent(screen, override)
    assert override.isAccepted(), "no shortcut of the window behind may take a key"


def test_digits_of_a_keypad_and_with_shift_are_digits(screen, panel) -> None:
    press(screen, Key.Key_2, Qt.KeyboardModifier.KeypadModifier)
    press(screen, Key.Key_4, Qt.KeyboardModifier.ShiftModifier)  # as on French keyboards
    assert ratings(panel) == [2, 4]


def test_a_key_that_is_held_down_rates_once(screen, panel) -> None:
    press(screen, Key.Key_3)
    for _ in range(5):
        press(screen, Key.Key_3, held=True)
        press(screen, Key.Key_Backspace, held=True)
    assert ratings(panel) == [3]


def test_other_keys_rate_nothing(screen, panel) -> None:
    for key in (Key.Key_5, Key.Key_9, Key.Key_Space, Key.Key_Return, Key.Key_Q, Key.Key_F1):
        press(screen, key)
    assert panel.reading.n_rated == 0
    assert panel.is_reading


def test_the_last_score_is_taken_back(screen, panel) -> None:
    press(screen, Key.Key_1)
    before = panel.item
    press(screen, Key.Key_2)
    press(screen, Key.Key_Backspace)
    assert ratings(panel) == [1]
    assert panel.item == before
    assert screen.progress.text() == "Image 2 of 9"
    press(screen, Key.Key_Backspace)
    press(screen, Key.Key_Backspace)  # nothing more to take back
    assert ratings(panel) == []


def test_a_pause_hides_the_image_and_goes_on(screen, panel) -> None:
    press(screen, Key.Key_Plus)
    press(screen, Key.Key_P)
    assert screen.picture.words[0] == "Paused"
    assert not screen.is_playing
    press(screen, Key.Key_3)
    press(screen, Key.Key_K)
    assert panel.reading.n_rated == 0
    assert not screen.is_playing
    press(screen, Key.Key_P)
    assert screen.picture.words == ("", "")
    assert screen.is_playing
    assert screen.picture.zoom > 1
    press(screen, Key.Key_3)
    assert ratings(panel) == [3]


def test_esc_leaves_and_the_reader_goes_on_later(panel, window, needs_display, qtbot) -> None:
    screen = ReadingScreen(panel, window)
    screen.open()
    press(screen, Key.Key_4)
    with qtbot.waitSignal(screen.left):
        press(screen, Key.Key_Escape)
    assert not panel.is_reading
    again = ReadingScreen(panel, window)
    again.open()
    assert again.progress.text() == "Image 2 of 9"
    again.close()
    assert ratings(panel) == [4]


def test_at_the_end_it_says_so_and_the_last_score_can_be_taken_back(screen, panel) -> None:
    for _ in range(9):
        press(screen, Key.Key_2)
    assert screen.progress.text() == "All 9 images are rated"
    assert screen.picture.words[0].startswith("Done")
    press(screen, Key.Key_2)
    assert len(ratings(panel)) == 9
    press(screen, Key.Key_Backspace)
    assert screen.picture.words == ("", "")
    assert screen.progress.text() == "Image 9 of 9"


def test_a_cine_plays_stops_and_steps(screen, qtbot) -> None:
    assert screen.is_playing
    seen = set()
    qtbot.waitUntil(lambda: seen.add(screen.picture.frame) or len(seen) > 2, timeout=20_000)
    press(screen, Key.Key_K)
    frame = screen.picture.frame
    qtbot.wait(300)
    assert screen.picture.frame == frame
    press(screen, Key.Key_J)
    assert screen.picture.frame == (frame + 1) % 4
    press(screen, Key.Key_H, held=True)
    press(screen, Key.Key_H, held=True)
    assert screen.picture.frame == (frame - 1) % 4
    press(screen, Key.Key_K)
    assert screen.is_playing


def test_keys_change_the_view_and_each_image_begins_as_at_first(screen) -> None:
    picture = screen.picture
    for key in (Key.Key_Plus, Key.Key_Equal, Key.Key_Up, Key.Key_Right):
        press(screen, key)
    press(screen, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert picture.zoom == pytest.approx(1.44)
    assert picture.centre[0] > 0.5
    assert picture.level < 0.5
    assert picture.width_of_greys < 1
    press(screen, Key.Key_0)
    assert (picture.zoom, picture.level, picture.width_of_greys) == (1.0, 0.5, 1.0)
    press(screen, Key.Key_Plus)
    press(screen, Key.Key_3)
    assert picture.zoom == 1.0


def test_a_fixed_view_stays_and_its_keys_are_not_offered(panel, window, needs_display) -> None:
    study = panel.folder.study.model_copy(update={"may_zoom": False, "may_window": False})
    panel.folder = StudyFolder(panel.folder.path, study)
    screen = ReadingScreen(panel, window)
    text = said(screen)
    assert not any(word in text for word in ("nearer", "brighter", "contrast", "move the picture"))
    assert "play or stop the cine" in text
    assert not screen.picture.may_zoom
    assert not screen.picture.may_window


def test_a_study_of_still_images_offers_no_keys_of_a_cine(panel, window, needs_display) -> None:
    study = panel.folder.study
    still = tuple(one.model_copy(update={"shape": (1, *one.shape[1:])}) for one in study.items)
    panel.folder = StudyFolder(panel.folder.path, study.model_copy(update={"items": still}))
    text = said(ReadingScreen(panel, window))
    assert "cine" not in text
    assert "frame" not in text
    assert "nearer" in text


def test_what_may_be_invented_is_told_of_the_study_not_of_an_image(
    panel, window, needs_display
) -> None:
    study = panel.folder.study.model_copy(update={"may_invent": True})
    panel.folder = StudyFolder(panel.folder.path, study)
    assert "Details of some images may be invented." in said(ReadingScreen(panel, window))


def test_nothing_on_screen_tells_method_case_or_repeat(screen, panel) -> None:
    key = read_key(panel.folder)
    words = {*METHODS, *(one.title for one in key.methods), "Doe", "jane", "again", "repeat"}
    words |= {one.id for one in panel.folder.study.items}
    while panel.item is not None:
        shown = said(screen) + screen.windowTitle() + " ".join(screen.picture.words)
        shown += "".join(one.toolTip() for one in screen.findChildren(QWidget))
        assert not any(word in shown for word in words)
        press(screen, Key.Key_3)


def test_an_image_that_is_damaged_is_said_and_cannot_be_rated(panel, window, needs_display) -> None:
    path = panel.folder.path / "images" / f"{panel.item.id}.npy"
    path.write_bytes(path.read_bytes()[:-2] + b"\1\1")
    screen = ReadingScreen(panel, window)
    screen.open()
    assert screen.picture.words[0] == "This image cannot be shown"
    assert "is not the image that was made" in screen.message.text()
    press(screen, Key.Key_3)
    assert panel.reading.n_rated == 0
    screen.close()


def test_a_rating_that_cannot_be_written_stays_undone_and_is_said(screen, panel) -> None:
    press(screen, Key.Key_3)
    path = ratings_path(panel.folder, "r1")
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"ratings": []}))  # as by another window
    item = panel.item
    press(screen, Key.Key_4)
    assert "was changed while this window was reading" in screen.message.text()
    assert panel.item == item


def test_the_window_behind_goes_with_its_screen(panel, needs_display, qtbot) -> None:
    main = QMainWindow()
    main.show()
    screen = ReadingScreen(panel, main)
    screen.open()
    gone = []
    screen.destroyed.connect(lambda: gone.append(True))
    main.deleteLater()
    qtbot.waitUntil(lambda: bool(gone), timeout=5000)


def test_every_key_of_the_table_does_something(screen) -> None:
    assert {key.action for key in READING_KEYS} == set(screen.actions_by_name)
    for key in READING_KEYS:
        assert action_of(event_of(key.key)) == key.action
    text = said(screen)
    for key in READING_KEYS[4:]:
        name = "Shift + arrows" if key.key.startswith("Shift") else key.key
        assert name in text


def event_of(name: str) -> SimpleNamespace:
    """Event of a key as Qt names it."""
    shift = name.startswith("Shift+")
    names = {"+": "Plus", "-": "Minus", "Esc": "Escape"}
    bare = name.removeprefix("Shift+")
    key = getattr(Key, f"Key_{names.get(bare, bare)}")
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    return SimpleNamespace(key=lambda: key, modifiers=lambda: modifier)
