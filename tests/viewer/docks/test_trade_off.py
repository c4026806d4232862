"""The trade-off dock in a real window, with networks of random weights."""

import numpy as np
import pytest
from helpers.colourfulness import colourfulness
from qtpy.QtCore import QPointF, Qt

from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.trade_off import MAP, TradeOffDock
from napari_cmr.viewer.widgets.parts import OLD_COLOUR, is_picture_old


@pytest.fixture
def dock(varied_models, open_viewer, small_scan, qtbot):
    viewer = open_viewer(small_scan, show=True)
    dock = TradeOffDock(viewer)
    viewer.window.add_dock_widget(dock, name="Trade-off", area="bottom")
    dock.sweeping.lines = (1, 6, None)
    dock.seeds.setValue(2)
    yield dock
    dock.sweeping.cancel()


def click(qtbot, button) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def sweep(dock, qtbot) -> None:
    click(qtbot, dock.run)
    qtbot.waitUntil(lambda: not dock.sweeping.sweeping.is_running, timeout=120_000)


def test_without_a_scan_there_is_nothing_to_sweep(varied_models, open_viewer, qtbot) -> None:
    dock = TradeOffDock(open_viewer())
    qtbot.addWidget(dock)
    assert not dock.run.isEnabled()
    assert not dock.run_map.isEnabled()
    assert "Open a scan" in dock.state.text()
    assert dock.sentence.text() == ""


def test_trials_stream_into_curves_and_a_sentence(dock, qtbot) -> None:
    sentences = set()
    dock.sweeping.changed.connect(lambda: sentences.add(dock.sentence.text()))
    sweep(dock, qtbot)
    result = dock.sweeping.result
    assert set(result.lines) >= {1, 6}
    assert len(result.trials) == 1 + 2 * (len(result.lines) - 1)  # all lines once, others twice
    assert any("so far" in text for text in sentences) or result.lines_needed("pooled-net") is None
    assert result.sentence("pooled-net") in dock.sentence.text()
    drawn = [value for _, value in dock.plots.error.dots_of(0)]
    errors = [e for n in result.lines for e in result.errors("pooled-net", n) if e is not None]
    assert sorted(drawn) == pytest.approx(sorted(errors))
    dice = dict((t.n_lines, value) for t, value in dock.plots.dice.dots_of(0))
    assert dice == {p.n_lines: pytest.approx(p.dice) for p in result.points("pooled-net")}
    assert "pooled-net, compared with the reference labels" in dock.state.text()


def test_a_click_on_a_dot_chooses_its_lines_and_its_seed(dock, qtbot) -> None:
    sweep(dock, qtbot)
    plot = dock.plots.error
    trial, value = next(one for one in plot.dots_of(0) if one[0].n_lines == 6 and one[0].seed == 1)
    column = sorted(dock.sweeping.result.lines).index(6)
    view = plot.plot.getViewBox()
    qtbot.wait(100)
    place = plot.mapFromScene(view.mapViewToScene(QPointF(column, value)))
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: dock.session.acquisition.n_lines == 6, timeout=5000)
    assert dock.session.acquisition.seed in {trial.seed, 0}
    assert not dock.sweeping.is_old
    assert plot._marker.isVisible()


def test_several_models_have_a_sentence_each(dock, qtbot) -> None:
    action = next(one for one in dock._menu.actions() if one.text() == "syn-net")
    action.trigger()
    assert dock.sweeping.models == ("pooled-net", "syn-net")
    dock.seeds.setValue(1)
    sweep(dock, qtbot)
    result = dock.sweeping.result
    assert len(result.trials) == 2 * len(result.lines) >= 6
    text = dock.sentence.text()
    assert text.index("● pooled-net") < text.index("■ syn-net")
    assert dock.plots.dice.dots_of(1)
    for one in dock._menu.actions():
        one.setChecked(False)
    assert not dock.run.isEnabled()


def test_images_have_curves_beside_the_lines_they_were_made_of(dock, qtbot) -> None:
    assert dock.methods.text() == "without images"
    actions = {one.text(): one for one in dock._methods_menu.actions()}
    assert "recnet-lge" not in actions  # learned from stills
    actions["view-sharing"].trigger()
    assert dock.methods.text() == "and after view-sharing"
    dock.seeds.setValue(1)
    sweep(dock, qtbot)
    result = dock.sweeping.result
    assert result.models == ("pooled-net", "pooled-net after view-sharing")
    direct, chained = (
        {(one.n_lines, one.seed) for one in result.trials if one.model == model}
        for model in result.models
    )
    assert direct == chained
    assert {trial.model for trial, _ in dock.plots.dice.dots_of(1)} == {result.models[1]}
    assert "pooled-net after view-sharing" in dock.sentence.text()


def test_another_kind_of_acquisition_makes_a_sweep_old(dock, qtbot) -> None:
    dock.seeds.setValue(1)
    sweep(dock, qtbot)
    dock.session.set_acquisition(noise=0.1)
    assert "Old" in dock.state.text()
    assert is_picture_old(dock.curves)
    assert colourfulness(dock.curves) < 10
    assert OLD_COLOUR in dock.sentence.text()
    dock.session.set_acquisition(noise=0.0)
    assert "Old" not in dock.state.text()
    assert colourfulness(dock.curves) > 100
    assert OLD_COLOUR not in dock.sentence.text()


def test_a_sweep_names_its_model_and_is_old_while_another_one_is_chosen(dock, qtbot) -> None:
    dock.seeds.setValue(1)
    sweep(dock, qtbot)
    assert dock.state.text().startswith("pooled-net, compared with")
    actions = {one.text(): one for one in dock._menu.actions()}
    actions["syn-net"].trigger()
    assert not is_picture_old(dock.curves), "its own model is among those chosen"
    actions["pooled-net"].trigger()
    assert dock.sweeping.models == ("syn-net",)
    assert is_picture_old(dock.curves)
    assert "Old" in dock.state.text()
    assert "pooled-net" in dock.state.text()
    actions["pooled-net"].trigger()
    assert not is_picture_old(dock.curves)
    dock.against.setCurrentIndex(1)
    assert is_picture_old(dock.curves)
    dock.against.setCurrentIndex(0)
    assert not is_picture_old(dock.curves)


def test_cancel_stops_at_once_and_keeps_what_is_there(dock, qtbot) -> None:
    dock.seeds.setValue(20)
    click(qtbot, dock.run)
    qtbot.waitUntil(lambda: dock.sweeping.result is not None, timeout=60_000)
    click(qtbot, dock.run)
    assert not dock.sweeping.sweeping.is_running
    assert dock.run.text() == "Sweep"
    n = len(dock.sweeping.result.trials)
    qtbot.wait(300)
    assert len(dock.sweeping.result.trials) == n < 41
    assert "stopped" in dock.state.text()


def test_the_map_of_lines_refines_and_grows_old(dock, qtbot) -> None:
    dock.session.set_acquisition(n_lines=6)
    click(qtbot, dock.show_map)
    assert dock.pages.currentIndex() == MAP
    dock.budget.setValue(5)
    seen = []
    dock.sweeping.changed.connect(
        lambda: seen.append(dock.sweeping.line_map and len(dock.sweeping.line_map.effects))
    )
    click(qtbot, dock.run_map)
    qtbot.waitUntil(lambda: not dock.sweeping.mapping.is_running, timeout=120_000)
    assert {0, 1, 2, 3, 4, 5} <= set(seen)
    line_map = dock.sweeping.line_map
    assert np.allclose(dock.picture.values_of(0), 100 * dock.session.mask.density)
    expected, _ = line_map.of_all_lines("contour_mm", added=True)
    assert np.array_equal(dock.picture.values_of(1), expected, equal_nan=True)
    assert "5 changes of 6 lines" in dock.map_state.text()
    dock.session.set_acquisition(n_lines=9)
    assert "Old" in dock.map_state.text()
    assert is_picture_old(dock.picture)
    assert colourfulness(dock.picture) < 10
    dock.session.set_acquisition(n_lines=6)
    assert colourfulness(dock.picture) > 100
    actions = {one.text(): one for one in dock._menu.actions()}
    for name in ("pooled-net", "syn-net"):
        actions[name].trigger()
    assert "Old" in dock.map_state.text()  # the first model draws the map
    assert is_picture_old(dock.picture)


def test_one_frame_alone_is_that_on_screen(dock, qtbot) -> None:
    layers.go_to(dock.viewer, dock.session.scan, frame=4)
    dock.session.set_acquisition(n_lines=6)
    click(qtbot, dock.show_map)
    dock.one_frame.setChecked(True)
    dock.budget.setValue(4)
    click(qtbot, dock.run_map)
    qtbot.waitUntil(lambda: not dock.sweeping.mapping.is_running, timeout=120_000)
    assert dock.sweeping.line_map.frame == 4
    assert "frame 5" in dock.map_state.text()


def test_another_scan_begins_anew(dock, qtbot, small_scan) -> None:
    dock.seeds.setValue(1)
    sweep(dock, qtbot)
    layers.show_scan(dock.viewer, small_scan.with_(name="other"))
    assert dock.sweeping.result is None
    assert dock.sentence.text() == ""
    assert dock.plots.dice.dots_of(0) == []
