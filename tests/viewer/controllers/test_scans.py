"""Scans, and labels of the scan that is open: by file, by drop, by napari's own Open."""

import numpy as np
import pytest
from helpers.drops import canvas_of, drop
from helpers.small_scans import make_scan
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog

from napari_cmr.scan import Code, Notice, open_scan, save_image, save_labels
from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.compare import CompareDock
from napari_cmr.viewer.docks.scan import ScanDock
from napari_cmr.viewer.window.drops import DropFilter
from napari_cmr.viewer.window.workspace import open_workspace
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.edit.annotation_files import save_annotation
from napari_cmr.workflow.edit.provenance import Provenance


@pytest.fixture
def files(tmp_path):
    """A cine without labels, and what two readers drew on it, in folders of their own."""
    scan = make_scan(labels=False)
    save_image(tmp_path / "cine.nii.gz", scan.image, scan)
    drawn = make_scan().labels
    other = np.roll(drawn, 2, axis=3)
    for name, labels in (("a", drawn), ("b", other)):
        (tmp_path / name).mkdir()
        save_labels(tmp_path / name / f"reader {name}.nii.gz", labels, scan)
    return tmp_path


@pytest.fixture
def viewer(open_viewer, files, settle):
    viewer = open_viewer(open_scan(files / "cine.nii.gz"), show=True)
    settle(viewer)
    return viewer


@pytest.fixture
def opened(qtbot, settle):
    def wait(viewer):
        bench = workbench_of(viewer)
        qtbot.waitUntil(lambda: not bench.opener.is_opening, timeout=30_000)
        settle(viewer)
        return bench.session

    return wait


def label_names(viewer):
    scan = workbench_of(viewer).session.scan
    return [layer.name for layer in layers.labels_layers(viewer, scan)]


def test_a_label_file_opens_onto_the_scan(viewer, files, qtbot, opened, monkeypatch):
    dock = ScanDock(viewer)
    viewer.window.add_dock_widget(dock, name="Scan")
    scan = dock.session.scan
    chosen = str(files / "a" / "reader a.nii.gz")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (chosen, ""))
    qtbot.mouseClick(dock.open_file, Qt.MouseButton.LeftButton)
    session = opened(viewer)
    assert session.scan is scan
    assert label_names(viewer) == ["reader a"]
    assert session.labels_layer.name == "reader a"
    np.testing.assert_array_equal(session.labels_layer.data, make_scan().labels)
    assert session.function is not None


def test_two_readers_are_dropped_and_compared(viewer, files, qtbot, opened):
    open_workspace(viewer)
    dock = CompareDock(viewer)
    viewer.window.add_dock_widget(dock, name="Two readers")
    target = canvas_of(viewer)
    qtbot.waitUntil(lambda: target.findChild(DropFilter) is not None, timeout=30_000)
    drop(viewer, files / "a" / "reader a.nii.gz", files / "b" / "reader b.nii.gz")
    session = opened(viewer)
    assert label_names(viewer) == ["reader b", "reader a"]
    assert session.labels_layer.name == "reader b"
    assert [layer.visible for layer in layers.labels_layers(viewer, session.scan)] == [True, False]
    dock.first.setCurrentIndex(dock.first.findText("reader a"))
    dock.second.setCurrentIndex(dock.second.findText("reader b"))
    qtbot.waitUntil(
        lambda: dock.comparison is not None and not dock.comparing.job.is_running, timeout=30_000
    )
    assert 0.5 < dock.comparison.to_dict()["labels"]["lv"]["dice"] < 1


def test_naparis_open_puts_labels_onto_the_scan(viewer, files, opened):
    scan = workbench_of(viewer).session.scan
    viewer.open(str(files / "a" / "reader a.nii.gz"), plugin="napari-cmr")
    viewer.open(str(files / "b" / "reader b.nii.gz"), plugin="napari-cmr")
    assert opened(viewer).scan is scan
    assert label_names(viewer) == ["reader b", "reader a"]


def test_opened_labels_are_not_unsaved(viewer, files, opened, qtbot):
    bench = workbench_of(viewer)
    bench.opener.open_path(files / "a" / "reader a.nii.gz")
    opened(viewer)
    annotation = bench.annotation
    qtbot.waitUntil(lambda: annotation.marks is not None, timeout=30_000)
    assert annotation.marks.labelled.any()
    assert not annotation.marks.dirty.any()
    bench.session.labels_layer.data_setitem(tuple(np.array([[0], [0], [1], [1]])), 1)
    qtbot.waitUntil(lambda: bool(annotation.marks.dirty.any()), timeout=30_000)


@pytest.mark.parametrize("way", ["image", "labels", "napari"])
def test_labels_that_a_model_made_come_with_their_scan_and_say_where_from(
    open_viewer, files, opened, qtbot, way
):
    scan = open_scan(files / "cine.nii.gz")
    drawn = make_scan().labels
    path = files / "cine_labels.nii.gz"
    made = Provenance(
        model="pooled-net",
        weights={"pooled-net": "a" * 64},
        warnings=(Notice(Code.MENDED, "RV: stray pieces.", "RV", (0,), (1,)),),
        corrected=((0, 1),),
    )
    save_annotation(scan, drawn, path, provenance=made)
    viewer = open_viewer()
    bench = workbench_of(viewer)
    if way == "napari":
        viewer.open(str(files / "cine.nii.gz"), plugin="napari-cmr")
    else:
        bench.opener.open_path(path if way == "labels" else files / "cine.nii.gz")
    session = opened(viewer)
    qtbot.waitUntil(lambda: label_names(viewer) == ["cine_labels"], timeout=30_000)
    assert session.scan.labels is None
    assert session.reference is None
    np.testing.assert_array_equal(session.labels_layer.data, drawn)
    assert layers.provenance_of(session.labels_layer) == made


def test_labels_that_do_not_fit_change_nothing(viewer, tmp_path, opened):
    other = make_scan(n_slices=5)
    save_labels(tmp_path / "elsewhere.nii.gz", other.labels, other)
    scan = workbench_of(viewer).session.scan
    workbench_of(viewer).opener.open_path(tmp_path / "elsewhere.nii.gz")
    assert opened(viewer).scan is scan
    assert label_names(viewer) == []


def test_without_a_scan_labels_stand_for_themselves(open_viewer, files, opened):
    viewer = open_viewer()
    workbench_of(viewer).opener.open_path(files / "a" / "reader a.nii.gz")
    assert opened(viewer).scan.name == "reader a"


def test_labels_of_one_frame_open_onto_the_frame_on_screen_and_say_so(
    viewer, tmp_path, opened, monkeypatch
):
    said = []
    monkeypatch.setattr("napari_cmr.viewer.controllers.scans.show_info", said.append)
    bench = workbench_of(viewer)
    scan = bench.session.scan
    drawn = make_scan().labels[1:2]
    one = scan.with_(image=scan.image[:1], labels=None, frame_times_ms=None)
    save_labels(tmp_path / "mine.nii.gz", drawn, one)
    layers.go_to(viewer, scan, frame=2)
    bench.opener.open_path(tmp_path / "mine.nii.gz")
    session = opened(viewer)
    assert session.scan is scan
    np.testing.assert_array_equal(session.labels_layer.data[2], drawn[0])
    assert not session.labels_layer.data[[0, 1, 3]].any()
    assert "frame 3, which is shown" in said[0]
