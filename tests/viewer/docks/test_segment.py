"""The segmentation dock in a real window, with networks of random weights."""

import re
from dataclasses import replace

import numpy as np
import pytest
from helpers import zoo_models as _zoo
from helpers.zoo_models import on_cpu
from qtpy.QtCore import QPoint, Qt

from napari_cmr.analysis import Reading
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Geometry, Label, Scan, open_scan, save_image
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels.segmentation_jobs import (
    LabelledFrames,
    LabelledSlice,
    LabelledStack,
    Located,
    Place,
    _measured,
    frames_ahead,
)
from napari_cmr.viewer.core import reconstructions
from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.viewer.docks.segment import SegmentDock
from napari_cmr.viewer.widgets.parts import OLD_COLOUR
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.segment.chain import Chain
from napari_cmr.workflow.session.file import read_session
from napari_cmr.zoo.cavity_bounds import CavityBounds
from napari_cmr.zoo.folders import MODELS_VARIABLE


@pytest.fixture
def models(tmp_path, monkeypatch):
    for name in _zoo.ARCHITECTURES:
        _zoo.write_model(tmp_path, name)
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    return tmp_path


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


def prediction(dock, model="pooled-net"):
    return layers.find_prediction(dock.viewer, dock.session.scan, model)


def wait_until_whole(dock, qtbot):
    qtbot.waitUntil(lambda: not dock.segmentation.job.is_running, timeout=120000)


def draw_in(layer):
    """Give one pixel another label than the model did."""
    place = tuple(np.array([index]) for index in (0, 0, 5, 5))
    layer.data_setitem(place, (layer.data[place] + 1) % 4)


def line_of(dock, name):
    names = [dock.table.item(line, 0).text() for line in range(dock.table.rowCount())]
    return names.index(name)


def tick(dock, name, qtbot):
    """Click the box of a model."""
    place = dock.table.visualItemRect(dock.table.item(line_of(dock, name), 0))
    point = QPoint(place.left() + 12, place.center().y())
    qtbot.mouseClick(dock.table.viewport(), Qt.MouseButton.LeftButton, pos=point)


def cell(dock, name, column):
    return dock.table.item(line_of(dock, name), column).text()


def tiles(viewer):
    """Visible pictures and labels of every tile of napari's grid."""
    grid = viewer.canvas.grid
    found = {}
    for index, layer in enumerate(viewer.layers):
        if layer.visible and layers.role_of(layer) != "cross":
            found.setdefault(grid.position(index, viewer.layers), []).append(layer)
    return [found[place] for place in sorted(found)]


def test_without_a_scan_there_is_nothing_to_run(dock) -> None:
    assert not dock.run.isEnabled()
    assert "Open a scan" in dock.state.text()
    dock.session.set_scan(cine())
    assert "Press Segment: the model sees all lines" in dock.state.text()
    dock.session.set_acquisition(n_lines=2)
    assert "the lines chosen under Acquire" in dock.state.text()
    dock.session.set_scan(None)
    names = [dock.table.item(line, 0).text() for line in range(dock.table.rowCount())]
    assert names[0] == "pooled-net"  # the default comes first
    assert "syn-net" in names
    assert names[-1] == "Reference"
    assert dock.table.isRowHidden(len(names) - 1)


def test_without_weights_the_dock_says_what_to_do(dock, models, qtbot) -> None:
    for path in models.iterdir():
        path.unlink()
    from napari_cmr.zoo import folders as paths

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "model_folders", lambda: [models])
        bare = SegmentDock(dock.viewer)
        qtbot.addWidget(bare)
        layers.show_scan(dock.viewer, cine())
    assert "napari-cmr train" in bare.about.text()
    assert not bare.run.isEnabled()


def test_a_run_is_one_step_of_undo_and_shows_its_numbers(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    qtbot.mouseClick(dock.run, Qt.MouseButton.LeftButton)
    wait_until_whole(dock, qtbot)
    layer = prediction(dock)
    found = layer.data.copy()
    assert found.shape == (4, 3, 40, 48)
    assert found.any()
    assert dock.session.labels_layer is layer
    result = dock.session.models["pooled-net"]
    assert dock.session.is_current(result)
    assert (result.device, layers.source_of(layer).acquisition) == ("cpu", dock.session.acquisition)
    ef = result.function.lv.ef_percent
    assert cell(dock, "pooled-net", 1) == ("–" if ef is None else f"{ef:.0f} %")
    assert re.fullmatch(r"\d+ ms|\d+\.\d s", cell(dock, "pooled-net", 3))
    assert dock.table.item(dock.names.index("pooled-net"), 3).toolTip() == "On cpu."
    qtbot.waitUntil(lambda: cell(dock, "Reference", 1) == "30 %", timeout=30000)
    layer.undo()
    assert not layer.data.any()
    layer.redo()
    assert np.array_equal(layer.data, found)


def test_labels_are_those_of_the_command_line(dock, qtbot) -> None:
    from napari_cmr.workflow.segment.cine import segment

    layers.show_scan(dock.viewer, cine())
    dock.session.set_acquisition(n_lines=7, seed=3)
    dock.segmentation.set_follows(True)
    wait_until_whole(dock, qtbot)
    dock.session.set_acquisition(n_lines=6)  # now from a place that is known
    wait_until_whole(dock, qtbot)
    expected = segment(undersample(dock.session.scan, Acquisition(n_lines=6, seed=3))).labels
    assert np.array_equal(prediction(dock).data, expected)


def test_a_change_of_lines_transforms_each_slice_once_for_all_models(
    dock, qtbot, monkeypatch
) -> None:
    from napari_cmr.kspace.partial_dft import LineTransform

    scan = cine()
    layers.show_scan(dock.viewer, scan)
    dock.segmentation.set_models(("pooled-net", "syn-net"))
    dock.segmentation.set_follows(True)
    wait_until_whole(dock, qtbot)
    transformed = []
    forward = LineTransform.forward

    def counted(self, image):
        transformed.append(image.shape)
        return forward(self, image)

    monkeypatch.setattr(LineTransform, "forward", counted)
    dock.session.set_acquisition(n_lines=6, seed=5)
    wait_until_whole(dock, qtbot)
    qtbot.waitUntil(lambda: dock.session.is_whole, timeout=30000)  # the pictures as well
    assert len(transformed) == scan.n_slices


def test_following_the_lines_segments_again(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    dock.follow.click()
    wait_until_whole(dock, qtbot)
    assert dock.session.run_of("pooled-net").latest.acquisition.n_lines is None
    dock.session.set_acquisition(n_lines=3)
    wait_until_whole(dock, qtbot)
    assert dock.session.run_of("pooled-net").latest.acquisition.n_lines == 3
    assert any("Fewer than 8 lines" in text for text in dock.notes.warning.text().splitlines())
    dock.follow.click()
    dock.session.set_acquisition(n_lines=4)
    assert "Fewer than 8 lines" in dock.notes.old_warning.text()
    assert not dock.notes.warning.text()
    assert not dock.segmentation.job.is_running
    assert not dock.session.is_current(dock.session.models["pooled-net"])
    assert "of other lines. Press Segment" in dock.state.text()


def test_several_models_stand_side_by_side(dock, qtbot) -> None:
    viewer = dock.viewer
    scan = cine()
    layers.show_scan(viewer, scan)
    zoom = viewer.scene.camera.zoom
    dock.session.set_acquisition(n_lines=9)
    tick(dock, "syn-net", qtbot)
    assert dock.segmentation.models == ("pooled-net", "syn-net")
    assert viewer.canvas.grid.enabled
    dock.run.click()
    wait_until_whole(dock, qtbot)
    reference, *others = tiles(viewer)
    assert [layer.name for layer in reference] == ["Reference, all 40 lines", "Labels"]
    assert reference[0].data is layers.find(viewer, scan, "image").data
    assert [[layer.name for layer in tile] for tile in others] == [
        ["pooled-net, 9 lines", "pooled-net"],
        ["syn-net, 9 lines", "syn-net"],
    ]
    zero_filled = layers.find(viewer, scan, "zero_filled")
    assert all(tile[0].data is zero_filled.data for tile in others)
    others[0][0].contrast_limits = (0.1, 0.2)
    assert others[1][0].contrast_limits == [0.1, 0.2]
    colours = [tile[1].colormap for tile in (reference, *others)]
    assert colours[0] is colours[1] is colours[2] or colours[0] == colours[1] == colours[2]
    assert set(dock.session.models) == {"pooled-net", "syn-net"}
    assert dock.session.labels_layer is others[0][1]
    dock.session.set_picture("temporal_average")
    assert np.array_equal(others[1][0].data[2], layers.find(viewer, scan, "temporal_average").data)

    dock.side_by_side.click()
    assert not viewer.canvas.grid.enabled
    assert viewer.scene.camera.zoom == pytest.approx(zoom)
    visible = {layer.name for layer in viewer.layers if layer.visible}
    assert visible == {"Temporal average", "pooled-net"}
    dock.side_by_side.click()
    assert len(tiles(viewer)) == 3
    tick(dock, "syn-net", qtbot)
    assert not viewer.canvas.grid.enabled


def test_every_tile_shows_where_the_mouse_points(dock, qtbot) -> None:
    viewer = dock.viewer
    scan = cine()
    layers.show_scan(viewer, scan)
    tick(dock, "syn-net", qtbot)
    crosses = layers.crosses(viewer, scan)
    grid = viewer.canvas.grid
    places = {grid.position(viewer.layers.index(layer), viewer.layers) for layer in crosses}
    assert len(crosses) == len(places) == len(tiles(viewer)) == 3
    dims = viewer.dims.range
    _, dy, dx = scan.spacing
    viewer.mouse_over_canvas = True
    viewer.cursor.position = (0.0, 0.0, 7 * dy, 5 * dx)
    qtbot.waitUntil(lambda: all(layer.opacity == 1 for layer in crosses), timeout=10000)
    for layer in crosses:
        assert np.allclose(layer.data[:2, 0, 1], 5)  # the vertical arms
        assert np.allclose(layer.data[2:, 0, 0], 7)
    assert viewer.dims.range == dims
    viewer.cursor.position = (0.0, 0.0, -20.0, 5 * dx)  # beside the picture
    qtbot.waitUntil(lambda: not any(layer.opacity for layer in crosses), timeout=10000)
    viewer.cursor.position = (0.0, 0.0, 7 * dy, 5 * dx)
    qtbot.waitUntil(lambda: all(layer.opacity == 1 for layer in crosses), timeout=10000)
    viewer.mouse_over_canvas = False
    qtbot.waitUntil(lambda: not any(layer.opacity for layer in crosses), timeout=10000)
    tick(dock, "syn-net", qtbot)
    assert not layers.crosses(viewer, scan)


def test_tiles_hold_when_layers_come_and_go(dock, qtbot) -> None:
    viewer = dock.viewer
    layers.show_scan(viewer, cine())
    tick(dock, "syn-net", qtbot)
    viewer.add_points(np.zeros((1, 4)), name="mine")
    viewer.layers["mine"].visible = False
    qtbot.waitUntil(lambda: [len(tile) for tile in tiles(viewer)] == [2, 2, 2], timeout=10000)
    viewer.layers.remove("syn-net")
    qtbot.waitUntil(lambda: [len(tile) for tile in tiles(viewer)] == [2, 2, 2], timeout=10000)
    other = cine().with_(name="other", labels=None, labelled_frames=())
    layers.show_scan(viewer, other)
    qtbot.waitUntil(lambda: len(tiles(viewer)) == 2, timeout=10000)
    viewer.layers.clear()
    assert not viewer.canvas.grid.enabled


def test_numbers_are_marked_as_old_until_they_are_those_of_the_labels(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    session = dock.session
    qtbot.waitUntil(lambda: session.function is not None, timeout=30000)
    states = []
    dock.segmentation.changed.connect(
        lambda: states.append(session.measuring) if session.run_of("pooled-net").latest else None
    )
    dock.follow.click()
    wait_until_whole(dock, qtbot)
    assert states[0]  # as the first slice arrives
    qtbot.waitUntil(lambda: not session.measuring, timeout=30000)
    labels = prediction(dock).data
    expected = (labels == 1).sum(axis=(1, 2, 3)) * session.scan.geometry.voxel_volume_ml
    volumes = session.function.lv.volumes_ml
    assert np.allclose(volumes[np.isfinite(volumes)], expected[np.isfinite(volumes)])


def test_a_model_that_follows_never_writes_over_what_a_person_drew(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    dock.follow.click()
    wait_until_whole(dock, qtbot)
    edited = prediction(dock)
    draw_in(edited)
    mine = edited.data.copy()
    dock.session.set_acquisition(n_lines=5)
    wait_until_whole(dock, qtbot)
    assert prediction(dock) is not edited
    assert np.array_equal(edited.data, mine)
    assert edited.name.endswith("(edited)")


def test_a_run_over_what_a_person_drew_can_be_undone(dock, qtbot, monkeypatch) -> None:
    said = []
    monkeypatch.setattr("napari_cmr.viewer.controllers.labels.segmentation.show_info", said.append)
    layers.show_scan(dock.viewer, cine())
    dock.run.click()
    wait_until_whole(dock, qtbot)
    layer = prediction(dock)
    draw_in(layer)
    mine = layer.data.copy()
    dock.session.set_acquisition(n_lines=5)
    dock.replace.setChecked(True)
    dock.run.click()
    wait_until_whole(dock, qtbot)
    assert prediction(dock) is layer
    assert "undo" in said[0]
    layer.undo()
    assert np.array_equal(layer.data, mine)


def test_a_failure_says_why_and_leaves_the_last_labels(dock, models, qtbot, monkeypatch) -> None:
    layers.show_scan(dock.viewer, cine())
    tick(dock, "syn-net", qtbot)
    dock.run.click()
    wait_until_whole(dock, qtbot)
    before = prediction(dock).data.copy()
    (models / "pooled-net-live.safetensors").write_bytes(b"x")
    shown = []
    monkeypatch.setattr("napari_cmr.viewer.core.jobs.show_error", shown.append)
    dock.session.set_acquisition(n_lines=8)
    dock.run.click()
    wait_until_whole(dock, qtbot)
    assert np.array_equal(prediction(dock).data, before)
    assert "damaged" in shown[0]
    assert "pooled-net" in dock.notes.warning.text()
    assert "damaged" in dock.notes.warning.text()
    assert not dock.session.is_current(dock.session.models["pooled-net"])
    assert dock.session.is_current(dock.session.models["syn-net"])  # the others go on


def test_cancel_stops_at_once_and_keeps_the_last_labels(dock, qtbot, monkeypatch) -> None:
    layers.show_scan(dock.viewer, cine())
    dock.run.click()
    wait_until_whole(dock, qtbot)
    before = prediction(dock).data.copy()
    dock.session.set_acquisition(n_lines=4)
    dock.run.click()
    assert dock.run.text() == "Cancel"
    qtbot.mouseClick(dock.run, Qt.MouseButton.LeftButton)
    assert not dock.segmentation.job.is_running
    assert dock.run.text() == "Segment"
    qtbot.wait(300)
    assert np.array_equal(prediction(dock).data, before)


def test_another_reading_measures_the_models_again(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    dock.run.click()
    wait_until_whole(dock, qtbot)
    heard = []
    dock.session.models_changed.connect(lambda: heard.append(1))
    reading = Reading().with_ventricle(Label.LV, ed_frame=1, es_frame=3)
    dock.session.set_reading(reading)
    qtbot.waitUntil(lambda: bool(heard), timeout=30000)
    function = dock.session.models["pooled-net"].function
    assert (function.lv.ed_frame, function.lv.es_frame) == (1, 3)
    qtbot.waitUntil(lambda: dock.session.reference.lv.ed_frame == 1, timeout=30000)


def test_a_slice_says_how_sure_the_model_is_as_long_as_its_labels_are_the_model_s(
    dock, qtbot
) -> None:
    dock.session.set_scan(cine())
    dock.segmentation.set_models(["pooled-net"])
    scan = dock.session.scan
    confidence = np.full((4, 3, 3), 0.91, np.float32)
    confidence[2, 1] = 0.9, 0.8, 0.312
    labels = scan.labels.copy()
    labels[2, 1, 20:25, 10:15], labels[2, 1, 20:25, 15:20] = Label.MYO, Label.RV
    result = ModelResult("pooled-net", Acquisition(), None, labels=labels, confidence=confidence)
    dock.segmentation.show_again(result)
    layers.go_to(dock.viewer, scan, frame=0, z=0)
    said = "Slice 1, frame 1: expected Dice LV 0.91, no MYO 0.91, no RV 0.91"
    assert dock.notes.confidence.text() == said
    layers.go_to(dock.viewer, scan, frame=2, z=1)
    assert dock.notes.confidence.text().startswith(
        "Slice 2, frame 3: expected Dice LV 0.90, MYO 0.80, RV 0.31"
    )
    assert "look here" in dock.notes.confidence.text()
    assert OLD_COLOUR not in dock.notes.confidence.styleSheet()
    dock.session.set_acquisition(n_lines=9)
    assert "look here" in dock.notes.confidence.text()
    assert OLD_COLOUR in dock.notes.confidence.styleSheet()
    assert dock.notes.confidence.toolTip().startswith("Made from all 40 lines, not from")
    dock.session.set_acquisition(n_lines=None)
    assert OLD_COLOUR not in dock.notes.confidence.styleSheet()
    layers.go_to(dock.viewer, scan, frame=0, z=0)
    draw_in(prediction(dock))
    qtbot.waitUntil(
        lambda: dock.notes.confidence.text().startswith("Slice 1, frame 1: you corrected it"),
        timeout=10000,
    )


def test_the_interval_of_an_ef_is_of_the_slices_that_count() -> None:
    scan = cine()
    counts = (scan.labels == Label.LV).sum(axis=(2, 3))
    bounds = CavityBounds(np.stack([counts - 10, counts + 10], axis=-1))
    result = ModelResult("net", Acquisition(), None, labels=scan.labels, bounds={"LV": bounds})
    found = _measured(scan, result, Reading())
    ed, es = 3 * 100, 3 * 70
    assert found.function.lv.ef_percent == pytest.approx(100 * (1 - es / ed))
    assert found.ef_intervals["LV"] == pytest.approx(
        (100 * (1 - (es + 30) / (ed - 30)), 100 * (1 - (es - 30) / (ed + 30)))
    )
    reading = Reading().with_ventricle(Label.LV, es_slices=(1, 2))
    fewer = _measured(scan, result, reading)
    low, high = fewer.ef_intervals["LV"]
    assert high == pytest.approx(100 * (1 - (140 - 20) / (ed + 30)))
    assert low <= fewer.function.lv.ef_percent <= high
    blood = Reading(papillary_in_blood=True)
    assert _measured(scan, result, blood).ef_intervals == {}
    assert _measured(scan, replace(result, bounds={}), Reading()).ef_intervals == {}
    brought_back = replace(found, bounds={})
    assert _measured(scan, brought_back, Reading()).ef_intervals == found.ef_intervals
    assert _measured(scan, brought_back, reading).ef_intervals == {}  # of another number


def test_a_model_that_is_unticked_takes_its_numbers_away_and_brings_them_back(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    tick(dock, "syn-net", qtbot)
    dock.run.click()
    wait_until_whole(dock, qtbot)
    found = dock.session.models["syn-net"]
    tick(dock, "syn-net", qtbot)
    assert set(dock.session.models) == {"pooled-net"}
    assert cell(dock, "syn-net", 1) == "–"
    tick(dock, "syn-net", qtbot)
    assert dock.session.models["syn-net"] is found  # without a new run
    assert not dock.segmentation.job.is_running


def test_the_status_bar_names_model_device_and_time(dock, qtbot) -> None:
    from napari_cmr.viewer.window.status_line import StatusLine, show_status_line

    window = dock.window()
    show_status_line(dock.viewer, window)
    show_status_line(dock.viewer, window)
    (line,) = window.statusBar().findChildren(StatusLine)
    assert line.text == "Research use only"
    layers.show_scan(dock.viewer, cine())
    dock.run.click()
    wait_until_whole(dock, qtbot)
    model, device, time, notice = line.text.split("  ·  ")
    assert (model, device, notice) == ("pooled-net", "cpu", "Research use only")
    assert re.fullmatch(r"\d+ ms a slice|\d+\.\d s a slice", time)


def test_two_viewers_do_not_share_models(dock, qtbot, make_napari_viewer) -> None:
    other = SegmentDock(make_napari_viewer())
    qtbot.addWidget(other)
    layers.show_scan(dock.viewer, cine())
    layers.show_scan(other.viewer, cine())
    tick(dock, "syn-net", qtbot)
    assert other.segmentation.models == ("pooled-net",)
    other.run.click()
    wait_until_whole(other, qtbot)
    assert not dock.session.models
    assert set(other.session.models) == {"pooled-net"}


def test_what_comes_for_a_scan_that_has_gone_is_dropped(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    dock.run.click()
    wait_until_whole(dock, qtbot)
    old = dock.session.scan
    stack = LabelledStack(old, dock.session.models["pooled-net"], in_steps=False)
    layers.show_scan(dock.viewer, cine().with_(name="new"))
    dock.segmentation._on_result(stack)
    assert prediction(dock) is None
    assert not dock.session.models


def test_few_lines_are_warned_of_beside_the_numbers(dock, qtbot) -> None:
    from napari_cmr.viewer.docks.function import FunctionDock

    layers.show_scan(dock.viewer, cine())
    function = FunctionDock(dock.viewer)
    qtbot.addWidget(function)
    dock.session.set_acquisition(n_lines=3)
    dock.run.click()
    wait_until_whole(dock, qtbot)
    qtbot.waitUntil(lambda: "Fewer than 8 lines" in function.warnings.all.text(), timeout=30000)


def test_devices_are_looked_for_when_a_person_unfolds_them(dock, qtbot) -> None:
    assert [dock.device.itemText(place) for place in range(dock.device.count())] == ["auto", "cpu"]
    dock.fold.toggleButton().click()
    qtbot.waitUntil(lambda: not dock._listing.is_running, timeout=60000)
    names = [dock.device.itemText(place) for place in range(dock.device.count())]
    assert names[0] == "auto"
    assert names[-1] == "cpu"
    dock.device.setCurrentText("cpu")
    assert dock.segmentation.device == "cpu"
    dock.precision.setCurrentText("float32")
    assert dock.segmentation.precision == "float32"


def test_what_plays_next_is_labelled_first() -> None:
    assert frames_ahead(Place(4, 0), 30, 0.2) == (4,)
    assert frames_ahead(Place(4, 0, rate=20.0), 30, 0.2) == (8, 9, 10, 11, 12)
    assert frames_ahead(Place(28, 0, rate=20.0), 30, 0.0) == (28, 29, 0, 1, 2)
    assert frames_ahead(Place(1, 0, rate=100.0), 4, 0.1) == (3, 0, 1, 2)  # never twice


def test_the_frame_on_screen_comes_first_then_its_slice(dock, qtbot) -> None:
    layers.show_scan(dock.viewer, cine())
    segmentation, session = dock.segmentation, dock.session
    layers.go_to(dock.viewer, session.scan, frame=2, z=1)
    dock.follow.setChecked(True)
    wait_until_whole(dock, qtbot)  # the heart has a place now
    came = []
    deliver = segmentation.job._deliver
    segmentation.job._deliver = lambda result: (came.append(result), deliver(result))
    session.set_acquisition(n_lines=9)
    assert not segmentation.is_on_screen("pooled-net")
    qtbot.waitUntil(lambda: segmentation.is_on_screen("pooled-net"), timeout=60000)
    wait_until_whole(dock, qtbot)
    first, second, third = came[:3]
    assert (type(first), first.frames, first.z) == (LabelledFrames, (2,), 1)
    assert (type(second), second.z) == (LabelledSlice, 1)
    assert isinstance(third, Located)
    assert isinstance(came[-1], LabelledStack)


def test_a_network_ends_when_its_run_is_cancelled(dock, qtbot, monkeypatch) -> None:
    layers.show_scan(dock.viewer, cine())
    asked = []
    monkeypatch.setattr(
        "napari_cmr.viewer.controllers.labels.segmentation_jobs.is_unwanted",
        lambda: asked.append(1) or len(asked) > 5,
    )
    qtbot.mouseClick(dock.run, Qt.MouseButton.LeftButton)
    wait_until_whole(dock, qtbot)
    assert len(asked) == 6  # the layer at which it was told, and none after
    assert not dock.segmentation.errors
    assert prediction(dock) is None


@pytest.mark.parametrize("change", [{"kind": "lge"}, {"view": "4CH"}])
def test_a_model_is_not_run_on_a_scan_that_it_is_not_for(dock, change) -> None:
    layers.show_scan(dock.viewer, cine())
    assert dock.run.isEnabled()
    layers.show_scan(dock.viewer, cine().with_(**change))
    assert not dock.run.isEnabled()
    assert not dock.follow.isEnabled()
    assert "pooled-net" not in dock.segmentation.models
    assert dock.about.text()


# -- models on the image that a method makes -------------------------------------------------------


CHAINED = "pooled-net after view-sharing"


def test_a_model_on_the_reconstruction_is_ticked_like_any_other(dock, qtbot):
    scan = cine()
    layers.show_scan(dock.viewer, scan)
    dock.session.reconstructions.choose(("view-sharing",))
    dock.session.set_acquisition(n_lines=10)
    row = dock.names.index(CHAINED)
    assert dock.table.item(row, 0).text() == "↳ view-sharing"
    assert dock.names[row - 1] == "pooled-net"
    dock.table.item(row, 0).setCheckState(Qt.CheckState.Checked)
    assert dock.segmentation.models[-1] == CHAINED
    assert dock.segmentation.plain_models == ("pooled-net",)
    dock.segmentation.set_models((CHAINED,))
    qtbot.mouseClick(dock.run, Qt.MouseButton.LeftButton)
    wait_until_whole(dock, qtbot)
    measured = undersample(scan, dock.session.acquisition)
    wanted = Chain("view-sharing", on_cpu("pooled-net")).segment(measured)
    np.testing.assert_array_equal(prediction(dock, CHAINED).data, wanted.labels)
    assert layers.source_of(prediction(dock, CHAINED)).model == CHAINED
    made = dock.session.reconstructions.runs["view-sharing"]
    assert sorted(made.slices) == [0, 1, 2], "the image that it saw can be looked at"
    assert all(one.quality for one in made.slices.values()), "and how close it is"


def test_an_image_that_is_there_is_what_the_model_sees(dock, qtbot, monkeypatch):
    layers.show_scan(dock.viewer, cine())
    dock.session.reconstructions.choose(("view-sharing",))
    dock.session.set_acquisition(n_lines=10)
    bench = workbench_of(dock.viewer)
    bench.reconstruction.run()
    qtbot.waitUntil(lambda: not bench.reconstruction.job.is_running, timeout=60_000)

    def again(*_args, **_options):
        raise AssertionError("it was made again")

    monkeypatch.setattr(reconstructions, "reconstruct", again)
    dock.segmentation.set_models((CHAINED,))
    dock.segmentation.run()
    wait_until_whole(dock, qtbot)
    assert dock.segmentation.errors == {}
    assert dock.session.run_of(CHAINED).result is not None


def test_both_ways_stand_side_by_side_each_over_what_it_saw(dock, qtbot):
    layers.show_scan(dock.viewer, cine())
    dock.session.reconstructions.choose(("view-sharing",))
    dock.session.set_acquisition(n_lines=10)
    dock.segmentation.set_models(("pooled-net", CHAINED))
    dock.segmentation.run()
    wait_until_whole(dock, qtbot)
    qtbot.wait(50)
    viewer, scan = dock.viewer, dock.session.scan
    assert layers.tiled_models(viewer, scan) == ("pooled-net", CHAINED)
    tiles = {
        layers.state_of(one).model: one for one in viewer.layers if layers.role_of(one) == "tile"
    }
    assert tiles[CHAINED].data is dock.session.reconstructions.runs["view-sharing"].image
    assert tiles["pooled-net"].data is not tiles[CHAINED].data
    results = [dock.session.run_of(name).result for name in ("pooled-net", CHAINED)]
    assert results[0].acquisition == results[1].acquisition


def test_a_session_keeps_labels_of_an_image_with_what_they_came_from(dock, qtbot, tmp_path):
    scan = cine()
    save_image(tmp_path / "cine.nii", scan.image, scan)
    scan = open_scan(tmp_path / "cine.nii")
    layers.show_scan(dock.viewer, scan)
    dock.session.reconstructions.choose(("view-sharing",))
    dock.session.set_acquisition(n_lines=10)
    dock.segmentation.set_models((CHAINED,))
    dock.segmentation.run()
    wait_until_whole(dock, qtbot)
    keeper = workbench_of(dock.viewer).keeper
    keeper.save_session(tmp_path / "x.cmr-session.json")
    qtbot.waitUntil(lambda: not keeper.job.is_running, timeout=60_000)
    (saved,) = read_session(tmp_path / "x.cmr-session.json").labels
    assert saved.made_from.model == CHAINED
    assert saved.made_from.acquisition.n_lines == 10
    assert "pooled-net" in saved.made_from.weights
    said = dock.session.run_of(CHAINED).source.warnings
    assert said  # of few lines, if nothing else
    layers.show_scan(dock.viewer, cine())
    workbench_of(dock.viewer).opener.open_path(tmp_path / "x.cmr-session.json")
    qtbot.waitUntil(lambda: dock.session.function_source.model == CHAINED, timeout=60_000)
    assert dock.session.function_source.warnings == said


def test_another_method_offers_its_image(dock, qtbot):
    layers.show_scan(dock.viewer, cine())
    dock.session.reconstructions.choose(("tv-2dt",))
    assert "fcn after tv-2dt" in dock.names
    assert "fcn after view-sharing" not in dock.names
