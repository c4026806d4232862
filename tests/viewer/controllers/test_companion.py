"""A cine and a late enhancement stack of one heart in one viewer."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_cmr.phantom import heart_scan
from napari_cmr.phantom.parameters import Protocol
from napari_cmr.scan import Geometry, Label, Subject
from napari_cmr.scan.index import ScanIndex, Series
from napari_cmr.scan.study import Study
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.companion import same_patient
from napari_cmr.viewer.docks.scan import ScanDock
from napari_cmr.viewer.workbench import workbench_of

PROTOCOL = Protocol(
    n_rows=96, n_columns=96, pixel_mm=2.8, acquired_pixel_mm=3.5, slice_distance_mm=20.0
)


@pytest.fixture(scope="module")
def pair():
    cine = heart_scan("infarct", n_frames=6, protocol=PROTOCOL).with_(name="cine")
    lge = heart_scan("infarct", lge=True, protocol=PROTOCOL).with_(name="lge")
    return cine, lge


def without_labels(scan):
    return scan.with_(labels=None, labelled_frames=())


@pytest.fixture
def dock(open_viewer, pair, settle):
    viewer = open_viewer(pair[0], show=True)
    dock = ScanDock(viewer)
    viewer.window.add_dock_widget(dock, name="Scan")
    settle(viewer)
    return dock


def wait(dock, qtbot):
    qtbot.waitUntil(lambda: not workbench_of(dock.viewer).companion.is_running, timeout=60_000)


def test_the_cine_stays_at_hand_when_late_enhancement_is_opened(dock, pair, qtbot, settle) -> None:
    cine, lge = pair
    viewer, session = dock.viewer, workbench_of(dock.viewer).session
    assert dock.companion.isHidden()
    layer = session.labels_layer
    layer.data_setitem(tuple(np.array([k]) for k in (0, 2, 5, 5)), 3)
    edited = layer.data.copy()
    marks = layers.accepted(layer)
    marks[1, 1] = True
    layers.set_accepted(layer, marks)
    layers.show_scan(viewer, lge)
    settle(viewer)
    assert not dock.companion.isHidden()
    assert dock.companion.choice.currentText() == "cine (cine)"
    qtbot.mouseClick(dock.companion.switch, Qt.MouseButton.LeftButton)
    settle(viewer)
    assert session.scan is cine
    np.testing.assert_array_equal(session.labels_layer.data, edited)  # as it was left
    assert session.labels_layer.visible
    assert layers.accepted(session.labels_layer)[1, 1]
    assert [layers.role_of(one) for one in viewer.layers].count("labels") == 1
    session.labels_layer.undo()
    np.testing.assert_array_equal(session.labels_layer.data, cine.labels)
    assert dock.companion.choice.currentText() == "lge (late enhancement)"
    images = [one for one in viewer.layers if layers.role_of(one) == "image"]
    assert len(images) == 1  # one at a time


def test_contours_come_over_as_a_start(dock, pair, qtbot, settle) -> None:
    _cine, lge = pair
    viewer, session = dock.viewer, workbench_of(dock.viewer).session
    bare = without_labels(lge)
    layers.show_scan(viewer, bare)
    settle(viewer)
    assert session.labels_layer is None
    qtbot.mouseClick(dock.companion.carry, Qt.MouseButton.LeftButton)
    wait(dock, qtbot)
    settle(viewer)
    layer = session.labels_layer
    assert layer.name == "From cine"
    assert layers.role_of(layer) == "drawn"
    assert layer.data.shape == bare.shape
    both = (layer.data == Label.LV) & (lge.labels == Label.LV)
    assert both.sum() > 0.9 * (lge.labels == Label.LV).sum()
    assert "a start" in dock.companion.message.text()
    assert "frame 6" in dock.companion.message.text()  # 0.82 of the cycle
    assert np.nanmax(session.function.lv.volumes_ml) > 0


def test_contours_go_back_to_the_frame_of_the_same_phase(open_viewer, pair, qtbot, settle) -> None:
    cine, lge = pair
    viewer = open_viewer(lge)
    companion, session = workbench_of(viewer).companion, workbench_of(viewer).session
    settle(viewer)
    layers.show_scan(viewer, without_labels(cine))
    companion.carry()
    qtbot.waitUntil(lambda: not companion.is_running, timeout=60_000)
    settle(viewer)
    labels = session.labels_layer.data
    assert np.flatnonzero(labels.any(axis=(1, 2, 3))).tolist() == [5]
    assert layers.frame_on_screen(viewer, session.scan) == 5
    assert not np.isin(labels, (Label.SCAR, Label.NO_REFLOW)).any()


def test_the_picture_of_the_other_is_seen_on_these_slices(dock, pair, qtbot, settle) -> None:
    _cine, lge = pair
    viewer = dock.viewer
    layers.show_scan(viewer, lge)
    settle(viewer)
    dock.companion.picture.click()
    wait(dock, qtbot)
    layer = layers.find(viewer, lge, "companion")
    assert layer.data.shape == lge.shape[1:]
    assert layer.name == "cine, frame 6"
    order = [layers.role_of(one) for one in viewer.layers]
    assert order.index("image") < order.index("companion") < order.index("labels")
    dock.companion.picture.click()
    assert not layer.visible
    assert not dock.companion.picture.isChecked()
    qtbot.mouseClick(dock.companion.forget, Qt.MouseButton.LeftButton)
    assert layers.find(viewer, lge, "companion") is None
    assert dock.companion.isHidden()


def test_scans_that_lie_nowhere_say_so(dock, pair, qtbot, settle) -> None:
    _cine, lge = pair
    guessed = lge.with_(geometry=Geometry.regular(lge.spacing, lge.n_slices))
    layers.show_scan(dock.viewer, guessed)
    settle(dock.viewer)
    dock.companion.carry.click()
    wait(dock, qtbot)
    assert "where its slices lie" in dock.companion.message.text()
    assert dock.companion.carry.isEnabled()


def test_another_cine_takes_the_place_of_the_first(dock, pair, settle) -> None:
    cine, lge = pair
    viewer, companion = dock.viewer, workbench_of(dock.viewer).companion
    layers.show_scan(viewer, cine.with_(name="another"))
    assert companion.other is None
    layers.show_scan(viewer, lge)
    assert companion.other.name == "another"
    layers.show_scan(viewer, lge.with_(name="second"))
    assert companion.other is None
    settle(viewer)


def test_only_one_folder_tells_that_it_is_one_patient(dock, pair, settle, tmp_path) -> None:
    cine, _lge = pair
    viewer, panel = dock.viewer, dock.companion
    for scan in pair:
        layers.show_scan(viewer, scan.with_(source=tmp_path / "study"))
    settle(viewer)
    assert panel.title.text() == "Same patient"
    assert panel.doubt.isHidden()
    layers.show_scan(viewer, cine.with_(source=tmp_path / "elsewhere"))
    settle(viewer)
    assert panel.title.text() == "Open before"
    assert not panel.doubt.isHidden()


@pytest.mark.parametrize(("sort", "second"), [("EMIDEC", 1), ("DICOM", 2)])
def test_cases_of_one_folder_are_other_patients(dock, pair, settle, sort, second) -> None:
    _cine, lge = pair
    folder = Path("cases")
    viewer, session = dock.viewer, workbench_of(dock.viewer).session
    for name in ("one", "two"):
        layers.show_scan(viewer, lge.with_(name=name, source=folder))
        cases = tuple(
            replace(entry(lge, key), patient=n) for key, n in (("one", 1), ("two", second))
        )
        session.set_index(ScanIndex(folder, sort, cases, (), "one"))
        settle(viewer)
        assert [one.title for one in workbench_of(viewer).companion.others] == ["cine (cine)"]


def test_scans_of_subjects_that_differ_are_of_two_patients(pair) -> None:
    cine, lge = pair
    heavy = lge.with_(subject=Subject(weight_kg=90.0, sex="male"))
    assert same_patient(cine.with_(subject=Subject(sex="male")), heavy)
    assert not same_patient(cine.with_(subject=Subject(weight_kg=60.0)), heavy)
    assert not same_patient(cine.with_(subject=Subject(sex="female")), heavy)
    assert not same_patient(cine.with_(synthetic=False), lge)


def entry(scan, key):
    """What the headers of a scan say of it."""
    return Series(
        key=key,
        number=1,
        description=key,
        view=scan.view,
        kind=scan.kind,
        component="magnitude",
        shape=scan.shape[2:],
        spacing=scan.spacing,
        complete=np.ones(scan.shape[1::-1], bool),
        members=(key,),
    )


def test_every_scan_of_a_study_is_at_hand_before_it_was_opened(
    dock, pair, qtbot, settle, tmp_path
) -> None:
    cine, lge = pair
    long_axis = cine.with_(name="four chambers", view="4CH", source=tmp_path)
    scans = {"late": lge.with_(source=tmp_path), "long": long_axis, "sax": cine}
    study = Study(
        tmp_path,
        tuple(entry(scan, key) for key, scan in scans.items()),
        (),
        scans.__getitem__,
    )
    viewer, companion = dock.viewer, workbench_of(dock.viewer).companion
    layers.show_scan(viewer, cine.with_(source=tmp_path))
    settle(viewer)
    companion._on_study(study)
    choice = dock.companion.choice
    assert [choice.itemText(k) for k in range(choice.count())] == [
        "late (short axis late enhancement, not opened yet)",
        "long (4-chamber cine, not opened yet)",
    ]
    assert not dock.companion.forget.isEnabled()
    dock.companion.picture.click()
    wait(dock, qtbot)
    assert layers.find(viewer, companion.session.scan, "companion").name == "lge"
    choice.activated.emit(1)
    qtbot.mouseClick(dock.companion.switch, Qt.MouseButton.LeftButton)
    wait(dock, qtbot)
    settle(viewer)
    assert companion.session.scan is long_axis
    assert [one.title for one in companion.others] == [
        "cine (cine)",  # with its labels, as it was open
        "late (short axis late enhancement, not opened yet)",
    ]
    assert companion.chosen.labels is not None
