"""Opening a window from Python: of a scan, of a path, or empty."""

from helpers.small_scans import make_scan

import napari_cmr
from napari_cmr.scan import save_image
from napari_cmr.viewer.window import app
from napari_cmr.viewer.workbench import workbench_of


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
