"""The Reading dock; scores are scripted, none is that of a person."""

import pytest
from helpers.reading_studies import rate_all, small_study
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog

from napari_cmr.viewer.docks.reading import EMPTY, ReadingDock
from napari_cmr.workflow.reading.criteria import criteria_for


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path)


@pytest.fixture
def dock(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan, show=True)
    found = ReadingDock(viewer)
    viewer.window.add_dock_widget(found, name="Reading", area="bottom")
    settle(viewer)
    return found


def layer_states(viewer):
    return [(layer.name, layer.visible, layer.opacity) for layer in viewer.layers]


def test_an_empty_dock_says_what_to_do(dock) -> None:
    assert dock.study.text() == EMPTY
    assert not dock.start_button.isEnabled()
    assert not dock.code.isEnabled()
    assert not dock.criteria.isVisible()


def test_a_study_is_chosen_read_and_left(dock, study, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a, **k: str(study.path))
    qtbot.mouseClick(dock.open_button, Qt.MouseButton.LeftButton)
    assert "9 images to rate" in dock.study.text()
    assert tuple(dock.criteria.texts) == criteria_for(["cine"])
    qtbot.keyClicks(dock.code, "r1")
    qtbot.keyClick(dock.code, Qt.Key.Key_Return)
    screen = dock.screen_of_reader
    assert screen is not None
    dock.start()  # a second press opens no second screen
    assert dock.screen_of_reader is screen
    assert not dock.open_button.isEnabled(), "nobody changes the study while it is read"
    for key in (Qt.Key.Key_3, Qt.Key.Key_1):
        qtbot.keyClick(screen, key)
    qtbot.keyClick(screen, Qt.Key.Key_Escape)
    assert dock.screen_of_reader is None
    assert dock.open_button.isEnabled()
    assert dock.state.text() == "r1 has rated 2 of 9 images."
    assert dock.progress.value() == 2
    assert dock.start_button.text() == "Go on reading"


def test_nothing_of_the_session_leaks_in_or_is_lost(dock, study, qtbot) -> None:
    viewer, session = dock.viewer, dock.session
    scan, acquisition = session.scan, session.acquisition
    layers, dims = layer_states(viewer), viewer.dims.current_step
    camera = (viewer.scene.camera.zoom, tuple(viewer.scene.camera.center))
    window, player = dock.window(), dock.workbench.player
    dock.open_study(str(study.path))
    dock.code.setText("r1")
    qtbot.wait(50)  # the dock finds room for the scores
    state = (window.isVisible(), window.windowState(), window.size())
    dock.start()
    for key in (Qt.Key.Key_3, Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_U, Qt.Key.Key_W):
        qtbot.keyClick(dock.screen_of_reader, key)
    assert layer_states(viewer) == layers, "reading adds no layer, whose name could tell"
    qtbot.keyClick(dock.screen_of_reader, Qt.Key.Key_Escape)
    assert (session.scan, session.acquisition) == (scan, acquisition)
    assert (layer_states(viewer), viewer.dims.current_step) == (layers, dims)
    assert (viewer.scene.camera.zoom, tuple(viewer.scene.camera.center)) == camera
    assert (window.isVisible(), window.windowState(), window.size()) == state
    assert not player.is_playing


def test_a_playing_cine_stops_and_plays_on(dock, study, qtbot) -> None:
    player = dock.workbench.player
    player.start()
    dock.open_study(str(study.path))
    dock.code.setText("r1")
    dock.start()
    assert not player.is_playing
    qtbot.keyClick(dock.screen_of_reader, Qt.Key.Key_Escape)
    assert player.is_playing
    player.stop()


def test_what_cannot_be_opened_or_read_is_said(dock, study, tmp_path) -> None:
    dock.open_study(str(tmp_path / "none"))
    assert "no such folder" in dock.state.text()
    dock.open_study(str(study.path))
    for code in ("", "Jane Doe"):
        dock.code.setText(code)
        dock.start()
        assert "is no code of a reader" in dock.state.text()
    assert dock.screen_of_reader is None
    rate_all(study, "r2", n=2).path.write_text("{")
    dock.code.setText("r2")
    dock.start()
    assert "reader-r2.json" in dock.state.text()
    assert dock.screen_of_reader is None


def test_a_key_that_lies_in_the_study_is_warned_about(dock, study) -> None:
    dock.open_study(str(study.path))
    assert "take it out before anybody reads" in dock.state.text()
    (study.path / "key.json").unlink()
    dock.open_study(str(study.path))
    assert dock.state.text() == ""


def test_a_cancelled_choice_changes_nothing(dock, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a, **k: "")
    dock._on_open()
    assert dock.panel.folder is None


def test_readers_who_have_begun_are_listed_and_who_has_finished_is_told(dock, study) -> None:
    rate_all(study, "r1")
    dock.open_study(str(study.path))
    assert "Readers so far: r1." in dock.study.text()
    dock.panel.choose_reader("r1")
    assert dock.state.text() == "r1 has rated all 9 images."
    assert dock.start_button.text() == "Start reading"
