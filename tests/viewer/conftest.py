import os
import sys

import pytest
from helpers.small_scans import make_scan


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch):
    """Keeps what the program remembers of its users, and unsaved labels, out of their folders."""
    from qtpy.QtCore import QSettings

    monkeypatch.setenv("NAPARI_CMR_RECOVERY", str(tmp_path / "recovery"))
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings")
    )


@pytest.fixture
def needs_display():
    """Qt's offscreen platform cannot draw napari's canvas."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        pytest.skip("no display: run under xvfb-run")


@pytest.fixture
def small_scan():
    return make_scan()


@pytest.fixture
def varied_models(tmp_path, monkeypatch):
    """Folder of small random models whose labels vary."""
    from helpers import lively_models  # here, as it brings torch

    yield from lively_models.in_use(tmp_path / "models", monkeypatch)


@pytest.fixture
def open_viewer(needs_display, make_napari_viewer):
    """Makes viewers with a scan in them; their background work ends before they do."""
    from napari_cmr.viewer import layers
    from napari_cmr.viewer.controllers.annotation import annotation_of
    from napari_cmr.viewer.controllers.autosave import autosave_of
    from napari_cmr.viewer.controllers.readouts import follow, live_of
    from napari_cmr.viewer.core.jobs import end_all

    viewers = []

    def make(scan=None, *, show=False):
        viewer = make_napari_viewer(show=show)
        follow(viewer)
        viewers.append(viewer)
        if scan is not None:
            layers.show_scan(viewer, scan)
        return viewer

    yield make
    for viewer in viewers:
        for work in (live_of(viewer), annotation_of(viewer), autosave_of(viewer)):
            work.close()
    assert end_all()


@pytest.fixture
def settle(qtbot):
    """Waits until pictures and numbers of a viewer are those of its session."""
    from napari_cmr.viewer.controllers.readouts import live_of

    def wait(viewer):
        live = live_of(viewer)

        def quiet():
            return not (
                live.acquiring.is_running
                or live.measuring.is_running
                or live._look_again.isActive()
                or live._select.isActive()
            )

        qtbot.waitUntil(quiet, timeout=30_000)

    return wait
