"""The segmentation dock in a real window, with networks of random weights."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from napari_cmr.scan import Geometry, Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.segment_dock import SegmentDock
from napari_cmr.workflow.segmenting import forget_models
from napari_cmr.zoo.paths import MODELS_VARIABLE

_spec = importlib.util.spec_from_file_location(
    "zoo_models", Path(__file__).parents[1] / "zoo" / "conftest.py"
)
_zoo = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_zoo)


@pytest.fixture
def models(tmp_path, monkeypatch):
    for name in _zoo.ARCHITECTURES:
        _zoo.write_model(tmp_path, name)
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    forget_models()
    yield tmp_path
    forget_models()


@pytest.fixture
def dock(needs_display, models, make_napari_viewer, qtbot):
    viewer = make_napari_viewer(show=True)
    dock = SegmentDock(viewer)
    viewer.window.add_dock_widget(dock, name="Segment")
    yield dock
    dock.segmentation.cancel()


def cine() -> Scan:
    image = np.random.default_rng(0).random((4, 3, 40, 48), dtype=np.float32)
    labels = np.zeros(image.shape, np.uint8)
    labels[:, :, 10:20, 10:20] = 1
    labels[2, :, 10:13, 10:20] = 0
    return Scan(image, Geometry.regular((8.0, 3.0, 3.0), 3), labels=labels, name="cine")


def prediction(dock):
    return layers.find(dock.viewer, dock.session.scan, "prediction")


def wait_until_whole(dock, qtbot):
    qtbot.waitUntil(lambda: not dock.segmentation.job.is_running, timeout=60000)


def test_without_a_scan_there_is_nothing_to_run(dock) -> None:
    assert not dock.run.isEnabled()
    assert "Open a scan" in dock.state.text()
    assert dock.model.findText("pooled-net") >= 0
    assert dock.model.findText("localiser") < 0


def test_a_run_writes_labels_and_shows_its_ef(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    dock.run.click()
    wait_until_whole(dock, qtbot)
    layer = prediction(dock)
    assert layer.data.shape == (4, 3, 40, 48)
    assert layer.data.any()
    assert dock.session.labels_layer is layer
    assert "ms for the 4 frames" in dock.state.text()
    assert "reference 30 %" in dock.ef[1]._caption.text()


def test_following_the_lines_segments_again(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    dock.follow.click()
    wait_until_whole(dock, qtbot)
    assert dock.segmentation.latest.acquisition.n_lines is None
    dock.session.set_acquisition(n_lines=3)
    wait_until_whole(dock, qtbot)
    assert dock.segmentation.latest.acquisition.n_lines == 3


def test_numbers_are_marked_as_old_until_they_are_those_of_the_labels(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    session = dock.session
    qtbot.waitUntil(lambda: session.function is not None, timeout=30000)
    states = []
    dock.segmentation.changed.connect(
        lambda: states.append(session.measuring) if dock.segmentation.latest else None
    )
    dock.run.click()
    wait_until_whole(dock, qtbot)
    assert states[0]  # as the first slice arrives
    qtbot.waitUntil(lambda: not session.measuring, timeout=30000)
    labels = prediction(dock).data
    expected = (labels == 1).sum(axis=(1, 2, 3)) * session.scan.geometry.voxel_volume_ml
    volumes = session.function.lv.volumes_ml
    assert np.allclose(volumes[np.isfinite(volumes)], expected[np.isfinite(volumes)])


def test_edited_labels_are_never_overwritten(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    dock.run.click()
    wait_until_whole(dock, qtbot)
    edited = prediction(dock)
    edited.data_setitem((np.array([0]), np.array([0]), np.array([5]), np.array([5])), 3)
    mine = edited.data.copy()
    dock.session.set_acquisition(n_lines=5)
    dock.run.click()
    wait_until_whole(dock, qtbot)
    assert prediction(dock) is not edited
    assert np.array_equal(edited.data, mine)
    assert edited.name.endswith("(edited)")


def test_damaged_weights_leave_the_last_labels(dock, models, qtbot, monkeypatch) -> None:
    layers.show_scan(dock.viewer, cine())
    dock.run.click()
    wait_until_whole(dock, qtbot)
    before = prediction(dock).data.copy()
    (models / "pooled-net-live.safetensors").write_bytes(b"x")
    forget_models()
    shown = []
    monkeypatch.setattr("napari_cmr.viewer.jobs.show_error", shown.append)
    dock.run.click()
    wait_until_whole(dock, qtbot)
    assert np.array_equal(prediction(dock).data, before)
    assert "damaged" in shown[0]


def test_few_lines_are_warned_of_beside_the_numbers(dock, qtbot) -> None:
    from napari_cmr.viewer.function_dock import FunctionDock

    layers.show_scan(dock.viewer, cine())
    function = FunctionDock(dock.viewer)
    qtbot.addWidget(function)
    dock.session.set_acquisition(n_lines=3)
    dock.run.click()
    wait_until_whole(dock, qtbot)
    qtbot.waitUntil(lambda: "Fewer than 8 lines" in function.state.text(), timeout=30000)
