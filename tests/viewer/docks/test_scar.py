"""The threshold of scar moves, and the picture and the numbers follow."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.small_scans import make_scan
from qtpy.QtWidgets import QApplication

from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.scar import ScarDock
from napari_cmr.viewer.layers.common import LABEL_COLORMAP, OLD_COLORMAP
from napari_cmr.viewer.widgets.parts import OLD_COLOUR
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.edit.provenance import Provenance
from napari_cmr.workflow.measure.scar import measure_scar


def make_lge():
    """A still ring with a bright right half of its wall."""
    scan = make_scan("late", n_frames=1, n_slices=4)
    labels, image = scan.labels.copy(), scan.image.copy()
    _, x = np.indices(labels.shape[2:])
    bright = (labels == Label.MYO) & (x > 20)
    image[bright] += 0.8
    return scan.with_(image=image, kind="lge"), bright


@pytest.fixture
def dock(open_viewer, qtbot, settle):
    scan, _bright = make_lge()
    viewer = open_viewer(scan, show=True)
    dock = ScarDock(viewer)
    viewer.window.add_dock_widget(dock, name="Scar", area="right")
    settle(viewer)
    qtbot.waitUntil(
        lambda: dock.found is not None and not dock.search.job.is_running, timeout=30_000
    )
    return dock


def quiet(qtbot, dock):
    dock.search.wait.flush()
    qtbot.waitUntil(lambda: not dock.search.job.is_running, timeout=30_000)


def choose(dock, method):
    dock.method.setCurrentIndex(dock.method.findData(method))


def test_the_dock_shows_what_the_workflow_measures(dock) -> None:
    scan = dock.session.scan
    wanted = measure_scar(scan, ScarSettings())
    layer = layers.find(dock.viewer, scan, "scar")
    np.testing.assert_array_equal(layer.data[0], wanted.scar.labels)
    assert dock.mass.text == f"{wanted.extent.scar_g:.0f} g"
    assert 40 < wanted.extent.scar_percent < 60
    np.testing.assert_array_equal(dock.picture.values, wanted.extent.transmurality_percent)
    assert dock.session.labels_layer is not layer
    assert not dock.session.labels_layer.visible


def test_another_threshold_or_method_changes_layer_and_numbers(dock, qtbot) -> None:
    scan, blood = dock.session.scan, dock.form.widgets["blood_part"].native
    assert not dock.n_slider.isEnabled()
    for change, settings in (
        (lambda: choose(dock, "nsd"), ScarSettings(method="nsd")),
        (lambda: dock.n_number.setValue(2.0), ScarSettings(method="nsd", n=2)),
        (lambda: choose(dock, "fwhm"), ScarSettings(method="fwhm")),
        (lambda: blood.setValue(0.9), ScarSettings(method="fwhm", blood_part=0.9)),
    ):
        change()
        quiet(qtbot, dock)
        wanted = measure_scar(scan, settings)
        layer = layers.find(dock.viewer, scan, "scar")
        np.testing.assert_array_equal(layer.data[0], wanted.scar.labels)
    assert not dock.n_slider.isEnabled()


def test_scar_that_a_person_has_edited_is_kept(dock, qtbot) -> None:
    from napari_cmr.viewer.core.label_marks import marks_of

    viewer, scan = dock.viewer, dock.session.scan
    first = layers.find(viewer, scan, "scar")
    choose(dock, "nsd")
    dock.n_number.setValue(3.0)
    quiet(qtbot, dock)
    assert layers.find(viewer, scan, "scar") is first
    assert not marks_of(first.data, layers.origin_of(first)).dirty.any()
    first.data_setitem(np.nonzero(first.data == Label.SCAR), int(Label.MYO))
    dock.n_number.setValue(4.0)
    quiet(qtbot, dock)
    assert layers.find(viewer, scan, "scar") is not first
    assert first.name == "Scar (edited)"
    assert not (first.data == Label.SCAR).any()


def test_remote_muscle_is_drawn_and_taken_back(dock, qtbot) -> None:
    viewer, scan = dock.viewer, dock.session.scan
    dock.draw.click()
    quiet(qtbot, dock)
    layer = layers.find(viewer, scan, "remote")
    assert viewer.layers.selection.active is layer
    assert layer.data.any()
    assert layer not in layers.labels_layers(viewer, scan)  # nobody measures volumes in it
    cells = np.nonzero((scan.labels[0] == Label.MYO) & (np.indices(layer.data.shape)[2] > 21))
    layer.data_setitem(cells, 1)
    quiet(qtbot, dock)
    assert dock.found.measurement.scar.remote.given
    automatic = measure_scar(scan, dock.search.settings).extent.scar_g
    assert dock.beside.text() == f"With automatic remote muscle: {automatic:.0f} g."
    assert dock.found.measurement.extent.scar_g < 1  # what is called remote is no scar
    layer.data_setitem(np.nonzero(layer.data), 0)
    quiet(qtbot, dock)
    assert "remote region holds" in dock.state.text()
    assert dock.mass.is_old  # the last that was found, and of which remote muscle
    assert "remote muscle drawn by hand" in dock.old.text()
    dock.automatic.click()
    quiet(qtbot, dock)
    assert not dock.found.measurement.scar.remote.given
    assert layers.find(viewer, scan, "remote") is None


def test_a_segment_is_found_and_the_table_copied(dock) -> None:
    viewer, scan = dock.viewer, dock.session.scan
    dock.picture.clicked.emit(9)
    assert "mid inferoseptal" in layers.find(viewer, scan, "mark").name
    dock.picture.clicked.emit(9)
    assert layers.find(viewer, scan, "mark") is None
    dock.copy.click()
    text = QApplication.clipboard().text()
    assert f"scar_g\t{dock.found.measurement.extent.scar_g:.2f}" in text
    assert "n\tscar (g)" in text
    assert text.endswith("Research use only")


def test_scar_is_grey_once_its_labels_were_edited_out_of_sight(dock, qtbot) -> None:
    viewer, scan = dock.viewer, dock.session.scan
    labels, overlay = dock.search.labels, layers.find(viewer, scan, "scar")
    shown = dock.mass.text
    dock.hide()
    labels.data_setitem(np.nonzero(labels.data == Label.MYO), int(Label.BACKGROUND))
    assert dock.mass.is_old
    assert dock.mass.text == shown
    assert dock.old.text() == "⚠ Scar before Labels was edited."
    assert overlay.colormap is OLD_COLORMAP
    assert "scar before Labels was edited" in viewer.canvas.overlays.text.text
    labels.undo()
    qtbot.waitUntil(lambda: not dock.mass.is_old, timeout=10_000)
    assert overlay.colormap is LABEL_COLORMAP
    labels.data_setitem(np.nonzero(labels.data[:, :2] == Label.MYO), int(Label.BACKGROUND))
    dock.show()
    quiet(qtbot, dock)
    assert not dock.mass.is_old
    assert dock.mass.text != shown


def test_scar_of_labels_of_other_lines_says_so(dock) -> None:
    result = dock.found
    few = Provenance(model="lge-net", acquisition=Acquisition(n_lines=10))
    used = replace(result.labels, source=few)
    dock.session.derived.set_scar(replace(result, labels=used))
    assert dock.old.text() == "⚠ Scar from 10 of 48 lines."
    assert dock.mass.is_old
    assert OLD_COLOUR in dock.others.styleSheet()
    dock.session.set_acquisition(n_lines=10)
    assert OLD_COLOUR not in dock.others.styleSheet()
    assert not dock.mass.is_old
    assert dock.old.isHidden()


def test_scar_in_slices_of_other_lines_says_so(dock, qtbot) -> None:
    """As it was: muscle of all lines was searched as that of ten, and nothing was said."""
    session, scan = dock.session, dock.session.scan
    layer = layers.prediction_layer(dock.viewer, scan, "lge-net")

    def run(labels):
        layers.write_labels(layer, labels, from_model=True)
        made = Provenance(model="lge-net", acquisition=session.acquisition)
        layers.note_source(layer, made)

    run(scan.labels)
    marks = layers.accepted(layer)
    marks[0, 1:3] = True
    layers.set_accepted(layer, marks)
    session.set_acquisition(n_lines=10)
    run(np.roll(scan.labels, 1, axis=3))
    dock.search.take_labels(layer)
    quiet(qtbot, dock)
    assert dock.found.labels.layer() is layer
    assert dock.old.text() == "⚠ 2 slices from all 48 lines: kept"
    assert "10 of 48 lines are chosen now" in dock.old.toolTip()
    assert dock.old.isVisible()
    assert not dock.mass.is_old
    dock.copy.click()
    copied = QApplication.clipboard().text().splitlines()
    assert copied[2:4] == [
        "made from\tlge-net\t10 of 48 lines, variable-density, seed 0",
        "made from (2 slices kept)\tlge-net\tall 48 lines",
    ]
    layers.undo(layer)  # all slices are of all lines again
    dock.workbench.old_labels._settle_soon.flush()
    quiet(qtbot, dock)
    assert dock.old.text() == "⚠ Scar from all 48 lines."
    assert dock.mass.is_old
    session.set_acquisition(n_lines=None)
    assert dock.old.isHidden()


def test_it_says_what_is_missing(open_viewer, settle) -> None:
    viewer = open_viewer()
    dock = ScarDock(viewer)
    viewer.window.add_dock_widget(dock, name="Scar", area="right")
    assert "Open a late" in dock.state.text()
    assert dock.controls.isHidden()
    layers.show_scan(viewer, make_scan())
    settle(viewer)
    assert workbench_of(viewer).session.scan is not None
    assert "This is a cine" in dock.state.text()
    scan, _ = make_lge()
    layers.show_scan(viewer, scan.with_(labels=None, labelled_frames=()))
    settle(viewer)
    assert "draw the LV cavity" in dock.state.text()
