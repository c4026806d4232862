"""Numbers, curves and bull's-eye of the labels on screen, beside the reference and models."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from qtpy.QtCore import QPoint, Qt

from napari_cmr.analysis import cardiac_function
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.viewer.docks.function import FunctionDock
from napari_cmr.viewer.plots.wall_segments import QUANTITIES, THICKENING, THICKNESS_ED, values_of
from napari_cmr.viewer.widgets.function.function_table import (
    difference,
)
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.edit.provenance import Provenance


def smaller(scan):
    """Labels of a model that draws the cavity too small."""
    labels = scan.labels.copy()
    labels[:, 0][labels[:, 0] == Label.LV] = Label.MYO
    return labels


def function_of(scan, labels):
    return cardiac_function(labels, scan.geometry, cycle_ms=scan.cycle_ms)


ALPHA = Provenance(model="alpha", acquisition=Acquisition())


@pytest.fixture
def dock(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan)
    dock = FunctionDock(viewer)
    viewer.window.add_dock_widget(dock, name="Function")
    settle(viewer)
    return dock


def cells(table, column):
    return [table.item(line, column).text() for line in range(table.rowCount())]


def test_one_source_has_its_numbers_and_percentiles(dock) -> None:
    function = dock.session.function
    assert [one.name for one in dock.sources()] == ["Labels"]
    assert dock.table.columnCount() == 3
    assert cells(dock.table, 0)[:2] == [
        f"{function.lv.ef_percent:.0f}", f"{function.lv.edv_ml:.0f}",
    ]  # fmt: skip
    assert cells(dock.table, 1)[-1] == ""
    assert "Petersen" in dock.table.item(0, 2).toolTip()


def test_models_of_these_lines_stand_beside_the_reference(dock, small_scan) -> None:
    session = dock.session
    session.set_acquisition(n_lines=6)
    result = function_of(small_scan, smaller(small_scan))
    session.choose_models(["alpha"])
    session.set_model_result(
        ModelResult("alpha", session.acquisition, result, {"LV": (40.0, 52.0)})
    )
    first, alpha = dock.sources()
    assert first.baseline is None
    assert (alpha.name, alpha.baseline_name) == ("alpha", "reference")
    delta = difference(result.lv.edv_ml, session.function.lv.edv_ml, 0)
    assert cells(dock.table, 2)[1] == f"{result.lv.edv_ml:.0f} ({delta})"
    assert "40 to 52 %" in dock.table.item(0, 2).toolTip()
    assert "alpha" in {name for name, _label in dock.plot._models}
    session.set_acquisition(n_lines=5)
    assert len(dock.sources()) == 1  # its result is of other lines
    assert not dock.plot._models


def test_a_models_layer_is_compared_with_the_reference_and_not_listed_twice(
    dock, small_scan, settle
) -> None:
    viewer, session = dock.viewer, dock.session
    labels = smaller(small_scan)
    for z in range(small_scan.n_slices):
        layer = layers.show_prediction(
            viewer, small_scan, z, labels[:, z], name="alpha", source=ALPHA
        )
    session.choose_models(["alpha"])
    result = ModelResult(
        "alpha", session.acquisition, function_of(small_scan, labels), {"LV": (40.0, 52.0)}
    )
    layers.note_source(layer, result.source)
    session.set_labels_layer(layer)
    settle(viewer)
    session.set_model_result(result)
    assert [one.name for one in dock.sources()] == ["alpha", "reference"]
    assert "reference" in dock.ef[Label.LV]._caption.text()
    assert "LV EF [40–52]" in dock.ef[Label.LV].caption


def test_without_reference_a_model_is_compared_with_its_own_result_of_all_lines(
    open_viewer, settle
) -> None:
    scan = make_scan()
    full, few = function_of(scan, scan.labels), function_of(scan, smaller(scan))
    unlabelled = make_scan(labels=False)
    viewer = open_viewer(unlabelled)
    dock = FunctionDock(viewer)
    viewer.window.add_dock_widget(dock, name="Function")
    session = workbench_of(viewer).session
    for z in range(scan.n_slices):
        layer = layers.show_prediction(
            viewer, unlabelled, z, scan.labels[:, z], name="alpha", source=ALPHA
        )
    session.choose_models(["alpha"])
    session.set_labels_layer(layer)
    settle(viewer)
    session.set_model_result(ModelResult("alpha", session.acquisition, full))
    assert dock.sources()[0].baseline is None
    session.set_acquisition(n_lines=4)
    session.set_function(few, Provenance(model="alpha", acquisition=session.acquisition))
    assert dock.sources()[0].baseline is full
    assert "all lines" in dock.ef[Label.LV]._caption.text()


def test_the_wall_is_measured_when_it_is_seen_and_clicked_to_be_found(
    open_viewer, small_scan, qtbot, settle
) -> None:
    viewer = open_viewer(small_scan, show=True)
    dock = FunctionDock(viewer)
    viewer.window.add_dock_widget(dock, name="Function")
    settle(viewer)
    panel = dock.segments
    qtbot.waitUntil(lambda: panel.found is not None, timeout=30_000)
    assert np.nanmean(panel.picture.values[:16]) > 0
    panel.quantity.setCurrentIndex(QUANTITIES.index(THICKNESS_ED))
    np.testing.assert_allclose(np.nanmean(panel.picture.values), 4 * 1.5, atol=1.0)
    assert "assumed" in panel.state.text()
    layers.go_to(viewer, small_scan, z=0)
    place = panel.picture.centre_of(13)
    where = QPoint(round(place.x()), round(place.y()))
    qtbot.mouseClick(panel.picture, Qt.MouseButton.LeftButton, pos=where)
    mark = layers.find(viewer, small_scan, "mark")
    assert layers.slice_on_screen(viewer, small_scan) == panel.found.model.slices_of(13)[0]
    assert "apical anterior" in mark.name
    rows = mark.data[0][:, 1]
    assert rows.min() < panel.found.model.centres[0, 0, 0] - 5  # anterior is up
    qtbot.mouseClick(panel.picture, Qt.MouseButton.LeftButton, pos=where)
    assert layers.find(viewer, small_scan, "mark") is None


def test_labels_without_muscle_say_what_the_bullseye_needs(open_viewer, qtbot, settle) -> None:
    scan = make_scan()
    labels = np.where(scan.labels == Label.MYO, 0, scan.labels)
    scan = scan.with_(labels=labels)
    viewer = open_viewer(scan, show=True)
    dock = FunctionDock(viewer)
    viewer.window.add_dock_widget(dock, name="Function")
    settle(viewer)
    dock.segments._wait.flush()
    qtbot.waitUntil(lambda: not dock.segments.job.is_running)
    assert dock.segments.found is None
    assert "ring of myocardium" in dock.segments.state.text()
    assert np.isnan(values_of(None, THICKENING)).all()


def test_many_models_stand_below_each_other_in_a_narrow_table(dock, small_scan) -> None:
    session = dock.session
    result = function_of(small_scan, smaller(small_scan))
    session.choose_models(["alpha", "beta"])
    for name in ("alpha", "beta"):
        session.set_model_result(
            ModelResult(name, session.acquisition, result, {"LV": (40.0, 52.0)})
        )
    table = dock.table
    names = [table.verticalHeaderItem(line).text() for line in range(table.rowCount())]
    assert names == ["Labels", "alpha", "beta"]
    heads = [table.horizontalHeaderItem(column).text() for column in range(table.columnCount())]
    assert heads[:3] == ["LV\nEF", "LV\nEDV", "LV\nESV"]
    delta = difference(result.lv.edv_ml, session.function.lv.edv_ml, 0)
    assert table.item(1, 1).text() == f"{result.lv.edv_ml:.0f} ({delta})"
    assert f"{delta} mL from reference" in table.item(1, 1).toolTip()
    assert "40 to 52 %" in table.item(1, 0).toolTip()
    assert len(dock.plot.points_of(Label.RV)[0]) == 0  # curves are of the left ventricle alone
    assert {label for _name, label in dock.plot._models} == {Label.LV}
    session.choose_models(["alpha"])
    assert table.rowCount() == 6  # the wide table is back
    assert len(dock.plot.points_of(Label.RV)[0]) == small_scan.n_frames
    assert {label for _name, label in dock.plot._models} == {Label.LV, Label.RV}


def test_three_models_and_the_reference_fit_the_smallest_window(open_viewer, small_scan, settle):
    from napari_cmr.viewer.window.app import SIZE
    from napari_cmr.viewer.window.event_loop import run_until
    from napari_cmr.viewer.window.workspace import FUNCTION, dock_of, open_workspace

    viewer = open_viewer(show=True)
    viewer.window.resize(*SIZE)
    open_workspace(viewer)
    layers.show_scan(viewer, small_scan)
    settle(viewer)
    dock = dock_of(viewer, FUNCTION)
    result = function_of(small_scan, smaller(small_scan))
    names = ("alpha-model", "beta-model", "gamma-model")
    dock.session.choose_models(names)
    for name in names:
        dock.session.set_model_result(ModelResult(name, dock.session.acquisition, result))
    run_until(lambda: dock.table.viewport().width() > 100)
    assert dock.table.rowCount() == 4
    run_until(lambda: dock.ef[Label.LV].x() < dock.ef[Label.RV].x())  # beside each other
    assert dock.ef[Label.LV].geometry().bottom() < dock.table.y()
    assert not dock.table.horizontalScrollBar().isVisible()
    assert not dock.table.verticalScrollBar().isVisible()


def test_all_that_is_to_know_is_in_the_list_of_warnings(dock) -> None:
    texts = [one.text for one in dock.session.function.warnings]
    assert len(texts) > 1
    assert dock.warnings.all.text().splitlines() == [f"• {text}" for text in texts]
