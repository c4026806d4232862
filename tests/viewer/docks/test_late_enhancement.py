"""Late enhancement in the window: its models are offered, and scar stays in named labels."""

import numpy as np
import pytest
from helpers import fake_lge
from helpers.small_atria import atrium_scan, label_bright
from helpers.small_scans import make_scan
from qtpy.QtCore import Qt

from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.function import FunctionDock
from napari_cmr.viewer.docks.scar import ScarDock
from napari_cmr.viewer.docks.segment import SegmentDock
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.segment.late_enhancement import measured_still, segment_lge
from napari_cmr.zoo.tasks.localisation import HeartLocation

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scan(monkeypatch):
    """A stack after gadolinium, and a cascade that labels it by brightness."""
    scan = fake_lge.bright_heart()
    fake_lge.in_use(monkeypatch, HeartLocation(45.0, 50.0, 0.9))
    return scan.with_(labels=None)


@pytest.fixture
def dock(open_viewer, scan):
    viewer = open_viewer(scan, show=True)
    dock = SegmentDock(viewer)
    viewer.window.add_dock_widget(dock, name="Segment")
    yield dock
    dock.segmentation.cancel()


def names(dock):
    return [card.name for card in dock.cards]


def run(dock, qtbot, settle):
    qtbot.mouseClick(dock.run, LEFT)
    qtbot.waitUntil(lambda: not dock.segmentation.job.is_running, timeout=120_000)
    settle(dock.viewer)


def test_the_cascade_is_offered_for_late_enhancement_alone(dock):
    assert names(dock)[0] == "lge-cascade"
    assert "pooled-net" not in names(dock)
    assert dock.segmentation.models == ("lge-cascade",)
    assert dock.table.isColumnHidden(1)  # one frame has no ejection fraction
    layers.show_scan(dock.viewer, make_scan())
    assert names(dock)[0] == "pooled-net"
    assert "lge-cascade" not in names(dock)
    assert dock.segmentation.models == ("pooled-net",)
    assert not dock.table.isColumnHidden(1)


def test_a_long_axis_is_offered_no_model_and_told_why(dock):
    layers.show_scan(dock.viewer, make_scan(view="4CH"))
    assert names(dock) == []
    assert dock.segmentation.models == ()
    assert "4-chamber" in dock.about.text()
    assert not dock.run.isEnabled()


def test_a_run_says_which_slice_it_is_at(dock):
    segmentation = dock.segmentation
    segmentation.done, segmentation.all = 0, 6
    assert segmentation.progress == "slice 1 of 6"
    segmentation.done = 2
    assert segmentation.progress.startswith("slice 3 of 6, about ")
    assert segmentation.progress.endswith(" s left")


def test_the_cascade_labels_the_stack_as_one_step(dock, scan, qtbot, settle):
    run(dock, qtbot, settle)
    layer = layers.find_prediction(dock.viewer, scan, "lge-cascade")
    np.testing.assert_array_equal(layer.data, segment_lge(scan).labels)
    assert set(np.unique(layer.data)) >= {Label.LV, Label.MYO, Label.RV}
    assert dock.session.labels_layer is layer
    layer.undo()
    assert not layer.data.any()


def test_labels_of_few_lines_are_made_from_few_lines(dock, scan, qtbot, settle):
    dock.session.set_acquisition(n_lines=24)
    run(dock, qtbot, settle)
    layer = layers.find_prediction(dock.viewer, scan, "lge-cascade")
    seen = measured_still(scan, dock.session.measured)
    assert seen is not scan
    np.testing.assert_array_equal(layer.data, segment_lge(seen).labels)
    assert dock.session.models["lge-cascade"].acquisition.n_lines == 24


def test_scar_stays_in_the_labels_that_it_names(dock, scan, qtbot, settle):
    run(dock, qtbot, settle)
    viewer = dock.viewer
    scar = ScarDock(viewer)
    viewer.window.add_dock_widget(scar, name="Scar")
    search = scar.search

    def found_in(name):
        found = scar.found
        return found is not None and found.labels.name == name and not search.job.is_running

    qtbot.waitUntil(lambda: found_in("lge-cascade"), timeout=60_000)
    assert scar.labels.choice.currentText() == "lge-cascade"
    assert not scar.labels.take.isVisible()
    first = search.labels
    drawn = np.roll(first.data, 3, axis=2)
    layer = layers.add_drawn_labels(viewer, scan, drawn, "Reader B")
    workbench_of(viewer).session.set_labels_layer(layer)
    settle(viewer)
    qtbot.wait(400)
    assert search.labels is first
    assert scar.labels.choice.currentText() == "lge-cascade"
    assert found_in("lge-cascade")
    assert scar.labels.take.isVisible()
    assert "Reader B" in scar.labels.take.text()
    qtbot.mouseClick(scar.labels.take, LEFT)
    assert scar.mass.is_old
    assert scar.old.text() == "⚠ Scar from lge-cascade."
    qtbot.waitUntil(lambda: found_in("Reader B"), timeout=60_000)
    assert not scar.mass.is_old
    assert scar.labels.choice.currentText() == "Reader B"
    viewer.layers.remove(layer)
    assert search.labels is first


def test_a_long_axis_withholds_the_ejection_fraction(open_viewer, settle):
    viewer = open_viewer(make_scan(view="4CH"), show=True)
    dock = FunctionDock(viewer)
    viewer.window.add_dock_widget(dock, name="Function")
    settle(viewer)
    assert dock.ef[Label.LV].text == "–"
    function = workbench_of(viewer).session.function
    assert function.lv.ef_percent is None
    assert sum("4-chamber" in one.text for one in function.warnings) == 1


def test_axial_late_enhancement_is_offered_and_labelled_by_the_network_for_atria(
    open_viewer, qtbot, settle, monkeypatch
):
    label_bright(monkeypatch)
    marked = atrium_scan("case31", (64, 72))
    viewer = open_viewer(scan := marked.with_(labels=None, labelled_frames=()), show=True)
    dock = SegmentDock(viewer)
    viewer.window.add_dock_widget(dock, name="Segment")
    first = names(dock)[0]
    assert dock.segmentation.models == (first,)
    assert "left atrium" in dock.about.text()
    run(dock, qtbot, settle)
    layer = layers.find_prediction(viewer, scan, first)
    np.testing.assert_array_equal(layer.data, marked.labels)
    result = workbench_of(viewer).session.run_of(first).result
    assert result.function.lv.ef_percent is None
    assert not result.function.warnings
