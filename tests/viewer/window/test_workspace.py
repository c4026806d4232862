"""Playing, the Scan dock and the scripted tour."""

import pytest
from helpers.small_scans import make_scan
from qtpy.QtCore import Qt

from napari_cmr.scan import ScanError
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers import playback
from napari_cmr.viewer.docks.scan import ScanDock, facts
from napari_cmr.viewer.window import app
from napari_cmr.viewer.workbench import workbench_of


def test_a_machine_that_keeps_up_shows_every_frame(open_viewer, qtbot, monkeypatch):
    scan = make_scan(n_frames=5).with_(cycle_ms=1000.0)
    viewer = open_viewer(scan)
    player = workbench_of(viewer).player
    monkeypatch.setattr(playback, "perf_counter", lambda: player._due)  # no frame is late
    seen = []
    viewer.dims.events.current_step.connect(lambda event: seen.append(event.value[0]))
    player.start()
    qtbot.waitUntil(lambda: len(seen) >= 6, timeout=30_000)
    player.stop()
    assert not player.is_playing
    assert seen[:6] == [1, 2, 3, 4, 0, 1]


def test_a_still_image_does_not_play(open_viewer):
    viewer = open_viewer(make_scan(n_frames=1))
    workbench_of(viewer).player.toggle()
    assert not workbench_of(viewer).player.is_playing


def test_playing_stops_when_the_scan_goes(open_viewer, small_scan):
    viewer = open_viewer(small_scan)
    player = workbench_of(viewer).player
    player.start()
    assert player.is_playing
    viewer.layers.clear()
    assert not player.is_playing


def test_facts_say_what_is_loaded(small_scan):
    told = facts(small_scan)
    assert told["Matrix"] == "40 × 48 × 3"
    assert told["Spacing"] == "1.50 × 1.50 mm, dz 10.0 mm"
    assert told["Frames"] == "6, every 150 ms"
    assert told["Heart rate"] == "67 bpm"
    assert told["Subject"] == "male, 180 cm, 80 kg"
    assert "still" in facts(make_scan(n_frames=1))["Heart rate"]


def test_a_study_lists_its_series_and_opens_another(open_viewer, shared_data, qtbot, settle):
    viewer = open_viewer()
    dock = ScanDock(viewer)
    viewer.window.add_dock_widget(dock, name="Scan")
    session = workbench_of(viewer).session
    workbench_of(viewer).opener.open_path(shared_data / "bivme" / "dicom" / "patient1")
    qtbot.waitUntil(lambda: session.index is not None, timeout=120_000)
    assert session.scan.shape == (25, 6, 208, 256)
    assert dock.table.rowCount() == len(session.index.stacks) + len(session.index.series)
    last = dock.table.rowCount() - 1
    dock.table.selectRow(last)
    qtbot.mouseClick(dock.open_series, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.scan.n_slices == 1, timeout=120_000)
    settle(viewer)
    assert len([layer for layer in viewer.layers if layers.role_of(layer) == "image"]) == 1


def test_a_folder_without_a_scan_leaves_the_scan_that_is_there(
    open_viewer, small_scan, tmp_path, qtbot
):
    viewer = open_viewer(small_scan)
    opener = workbench_of(viewer).opener
    opener.open_path(tmp_path)
    qtbot.waitUntil(lambda: not opener.is_opening, timeout=30_000)
    assert workbench_of(viewer).session.scan is small_scan


def test_no_display_is_said_in_words(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(ScanError, match="no display"):
        app.check_display()


def test_a_missing_path_fails_before_a_window_opens(tmp_path):
    with pytest.raises(ScanError, match="no such file"):
        app.run_viewer(tmp_path / "nothing")


def test_arranging_the_docks_does_not_write_napari_settings_to_disk(open_viewer, monkeypatch):
    from napari.settings import get_settings

    from napari_cmr.viewer.window.workspace import open_workspace

    viewer, settings, written = open_viewer(), get_settings(), []
    monkeypatch.setattr(type(settings), "save", lambda self, *_a, **_k: written.append(1))
    before = settings.config_path
    open_workspace(viewer)
    assert not written
    assert settings.config_path == before
