"""Opening a window from Python: of a scan, of a path, or empty."""

import pytest
from helpers.reading_studies import small_study
from helpers.small_scans import make_scan

import napari_cmr
from napari_cmr.scan import ScanError, save_image
from napari_cmr.viewer.window import app
from napari_cmr.viewer.window.workspace import READING, dock_of, open_workspace
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.zoo.folders import MODELS_VARIABLE


def test_python_opens_a_scan_a_path_or_nothing(open_viewer, settle, tmp_path, monkeypatch) -> None:
    scan = make_scan()
    save_image(tmp_path / "heart.nii.gz", scan.image, scan)
    waited = []
    monkeypatch.setattr(app, "_run", lambda: waited.append(True))
    monkeypatch.setattr(app, "make_window", open_viewer)
    viewer = napari_cmr.view(scan)
    settle(viewer)
    assert workbench_of(viewer).session.scan is scan
    assert waited == [True]
    viewer = napari_cmr.view(tmp_path / "heart.nii.gz", wait=False)
    opener = workbench_of(viewer).opener
    app.run_until(lambda: not opener.is_opening)
    assert workbench_of(viewer).session.scan.name == "heart"
    assert workbench_of(napari_cmr.view(wait=False)).session.scan is None
    assert waited == [True]


def test_a_mistyped_folder_of_models_is_named_before_a_window_opens(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path / "mistyped"))
    for opened in (app.make_window, lambda: open_workspace(None)):
        with pytest.raises(ScanError, match="names no folder"):
            opened()


def test_a_study_opens_and_covers_the_screen_for_a_reader(
    open_viewer, tmp_path, monkeypatch
) -> None:
    study = small_study(tmp_path).path

    def make_window():
        viewer = open_viewer(show=True)
        open_workspace(viewer)
        return viewer

    monkeypatch.setattr(app, "make_window", make_window)
    dock = dock_of(app.open_reading(study), READING)
    assert dock.panel.folder.path == study
    assert dock.screen_of_reader is None
    dock = dock_of(app.open_reading(study, "r1"), READING)
    assert dock.panel.reading.reader == "r1"
    dock.screen_of_reader.close()
    monkeypatch.setattr(app, "make_window", lambda: pytest.fail("a window was opened"))
    with pytest.raises(ScanError, match="no such folder"):
        app.open_reading(tmp_path / "none")
    with pytest.raises(ScanError, match="no code of a reader"):
        app.open_reading(study, "Jane Doe")
