"""The consistency dock in a real window, with networks of random weights."""

import numpy as np
import pytest
from helpers.colourfulness import colourfulness
from qtpy.QtCore import QPoint, Qt

from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.consistency import ConsistencyDock
from napari_cmr.viewer.widgets.parts import OLD_COLOUR, css, is_picture_old
from napari_cmr.viewer.workbench import workbench_of


@pytest.fixture
def dock(varied_models, open_viewer, small_scan, qtbot):
    viewer = open_viewer(small_scan, show=True)
    dock = ConsistencyDock(viewer)
    viewer.window.add_dock_widget(dock, name="Consistency", area="bottom")
    dock.session.set_acquisition(n_lines=7)
    dock.repeats.setValue(3)
    yield dock
    dock.repeating.cancel()


def click(qtbot, button) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def run(dock, qtbot) -> None:
    click(qtbot, dock.run)
    qtbot.waitUntil(lambda: not dock.repeating.job.is_running, timeout=120_000)


def layer_of(dock, role):
    return layers.find(dock.viewer, dock.session.scan, role)


def test_without_a_scan_there_is_nothing_to_repeat(varied_models, open_viewer, qtbot) -> None:
    dock = ConsistencyDock(open_viewer())
    qtbot.addWidget(dock)
    assert not dock.run.isEnabled()
    assert "Open a scan" in dock.state.text()


def test_repetitions_stream_in_and_everything_is_of_them(dock, qtbot) -> None:
    arrived = []
    dock.repeating.changed.connect(
        lambda: arrived.append(0 if dock.repeating.result is None else dock.repeating.result.n)
    )
    run(dock, qtbot)
    result = dock.repeating.result
    assert {1, 2, 3} <= set(arrived)
    assert result.n == 3
    assert result.is_settled
    efs = result.ef_percent(Label.LV)
    assert np.allclose(dock.ef_plot.dots_of(Label.LV), efs[np.isfinite(efs)])
    assert dock.ef.text == f"{np.median(efs):.0f} %"
    assert "two readers by 3–6 %" in dock.readers.text()
    low, high = dock.ribbon.ribbon_of(Label.LV)
    assert (low <= high).all()
    assert np.array_equal(dock.heat.values, result.mean_contour[..., 1], equal_nan=True)
    assert "3 × 7 lines" in dock.state.text()


def test_mean_contour_and_band_lie_on_the_image_and_are_measured_by_nobody(dock, qtbot) -> None:
    run(dock, qtbot)
    result, scan = dock.repeating.result, dock.session.scan
    mean, band = layer_of(dock, "mean_shape"), layer_of(dock, "disagreement")
    part = (slice(None), slice(None), result.rows, result.columns)
    assert np.array_equal(mean.data[part], result.mean)
    assert np.array_equal(band.data[part], result.disagreement)
    assert np.array_equal(mean.scale, layer_of(dock, "image").scale)
    assert "3 repetitions" in mean.name
    assert mean not in layers.labels_layers(dock.viewer, scan)
    assert dock.session.labels_layer is not mean
    click(qtbot, dock.on_image)
    assert not mean.visible
    assert not band.visible


def test_other_lines_make_the_result_old_and_stop_the_run(dock, qtbot) -> None:
    run(dock, qtbot)
    dock.session.set_acquisition(n_lines=9)
    assert dock.repeating.is_old
    assert "Old" in dock.state.text()
    assert dock.ef.is_old
    assert dock.ribbon.colour_of(Label.LV) == OLD_COLOUR
    assert is_picture_old(dock.heat)
    assert colourfulness(dock.heat) < 10
    assert "from 7 of 48 lines" in layer_of(dock, "mean_shape").name
    dock.session.set_acquisition(n_lines=7)
    assert "Old" not in dock.state.text()
    assert not dock.ef.is_old
    assert dock.ribbon.colour_of(Label.LV) == css(Label.LV)
    assert colourfulness(dock.heat) > 100
    click(qtbot, dock.run)
    dock.session.set_acquisition(n_lines=5)
    assert not dock.repeating.job.is_running


def test_another_model_makes_the_result_old_until_it_is_chosen_again(dock, qtbot) -> None:
    run(dock, qtbot)
    dock.model.setCurrentText("syn-net")
    assert "Old: 3 × 7 lines, pooled-net" in dock.state.text()
    assert dock.ef.is_old
    assert is_picture_old(dock.heat)
    assert layers.state_of(layer_of(dock, "mean_shape")).old == "by pooled-net"
    dock.model.setCurrentText("pooled-net")
    assert "Old" not in dock.state.text()
    assert not dock.ef.is_old
    assert not is_picture_old(dock.heat)
    assert layers.state_of(layer_of(dock, "mean_shape")).old == ""


def test_cancel_stops_at_once_and_keeps_what_is_there(dock, qtbot) -> None:
    dock.repeats.setValue(50)
    click(qtbot, dock.run)
    assert dock.run.text() == "Cancel"
    qtbot.waitUntil(lambda: dock.repeating.result is not None, timeout=60_000)
    click(qtbot, dock.run)
    n = dock.repeating.result.n
    assert not dock.repeating.job.is_running
    assert dock.run.text() == "Repeat"
    qtbot.wait(300)
    assert dock.repeating.result.n == n < 50
    assert "stopped" in dock.state.text()


def test_a_click_on_a_cell_leads_to_its_frame_and_slice(dock, qtbot) -> None:
    run(dock, qtbot)
    place = dock.heat.centre_of(4, 2).toPoint()
    qtbot.mouseClick(dock.heat, Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert dock.viewer.dims.current_step[:2] == (4, 2)
    dock.distance.setCurrentIndex(1)
    dock.label.setCurrentIndex(0)
    expected = dock.repeating.result.hausdorff[..., 0]
    assert np.array_equal(dock.heat.values, expected, equal_nan=True)


def test_another_scan_begins_anew(dock, qtbot, small_scan) -> None:
    run(dock, qtbot)
    layers.show_scan(dock.viewer, small_scan.with_(name="other"))
    assert dock.repeating.result is None
    assert dock.ef_plot.dots_of(Label.LV).size == 0
    assert dock.heat.values.size == 0
    assert layer_of(dock, "mean_shape") is None
    assert not any("repetitions" in layer.name for layer in dock.viewer.layers)


def test_a_dock_that_closes_leaves_the_run_to_the_next_one(dock, qtbot) -> None:
    viewer = dock.viewer
    click(qtbot, dock.run)
    viewer.window.remove_dock_widget(dock)
    again = ConsistencyDock(viewer)
    qtbot.addWidget(again)
    assert again.run.text() == "Cancel"
    qtbot.waitUntil(lambda: not again.repeating.job.is_running, timeout=120_000)
    assert again.repeating.result.n == 3
    assert workbench_of(viewer).consistency is again.repeating


def test_layers_that_a_person_removed_come_again(dock, qtbot) -> None:
    run(dock, qtbot)
    dock.viewer.layers.remove(layer_of(dock, "mean_shape"))
    run(dock, qtbot)
    assert layer_of(dock, "mean_shape").data.any()


def test_no_dock_makes_the_smallest_window_grow(varied_models, open_viewer, small_scan, qtbot):
    from napari_cmr.viewer.window.app import SIZE
    from napari_cmr.viewer.window.workspace import DOCKS, dock_of, open_workspace, raise_dock

    viewer = open_viewer(show=True)
    viewer.window.resize(*SIZE)
    docks = open_workspace(viewer)
    layers.show_scan(viewer, small_scan)
    dock = dock_of(viewer, "Consistency")
    dock.session.set_acquisition(n_lines=7)
    dock.repeats.setValue(2)
    run(dock, qtbot)
    window = docks["Scan"].window()
    for name, *_rest in DOCKS:
        raise_dock(viewer, name)
        qtbot.wait(50)
        assert (window.width(), window.height()) == SIZE, name
    dock.repeating.cancel()
