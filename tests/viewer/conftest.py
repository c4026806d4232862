import gc

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


@pytest.fixture(autouse=True)
def short_collections():
    """Spares what is imported from the garbage collections that napari wants around each viewer."""
    gc.collect()
    gc.freeze()


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
    from napari_cmr.viewer.core.jobs import end_all
    from napari_cmr.viewer.workbench import workbench_of

    viewers = []

    def make(scan=None, *, show=False):
        viewer = make_napari_viewer(show=show)
        workbench_of(viewer)  # it adopts what comes
        viewers.append(viewer)
        if scan is not None:
            layers.show_scan(viewer, scan)
        return viewer

    yield make
    for viewer in viewers:
        workbench_of(viewer).close()
    assert end_all()


@pytest.fixture
def settle(qtbot):
    """Waits until pictures and numbers of a viewer are those of its session."""
    from napari_cmr.viewer.workbench import workbench_of

    def wait(viewer):
        bench = workbench_of(viewer)
        qtbot.wait(1)  # what was put off until the event loop runs
        qtbot.waitUntil(lambda: not bench.is_busy, timeout=30_000)

    return wait
