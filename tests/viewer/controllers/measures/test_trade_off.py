"""What a sweep and a map are asked for, what is kept of them, and when they are old."""

import pytest
from helpers.small_scans import make_scan

from napari_cmr.kspace import Acquisition
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.measures import trade_off
from napari_cmr.viewer.controllers.measures.trade_off import Sweeping
from napari_cmr.workflow.trials.line_map import LineMap
from napari_cmr.workflow.trials.trade_off_result import TradeOff, Trial
from napari_cmr.zoo import ModelChoice

WAIT = 60_000
TRIAL = Trial("a-net", 6, 3, 8.0, 50.0, 50.0, {}, 1.0)


@pytest.fixture
def asked(monkeypatch):
    """What the library was asked for; its trials and lines come at once."""
    calls = []

    def sweep(scan, **options):
        calls.append(options)
        yield None
        acquisition, lines = options["acquisition"], tuple(filter(None, options["lines"]))
        yield TradeOff(acquisition, ("a-net",), lines, 1, 48, "labels", "labels", 50.0, (TRIAL,))

    def map_lines(scan, acquisition, **options):
        calls.append(options)
        made = LineMap.__new__(LineMap)
        object.__setattr__(made, "acquisition", acquisition)
        object.__setattr__(made, "model", options["model"].name)
        yield None
        yield made

    monkeypatch.setattr(trade_off, "sweep", sweep)
    monkeypatch.setattr(trade_off, "map_lines", map_lines)
    return calls


@pytest.fixture
def sweeping(bare, small_scan, asked):
    viewer, session = bare(small_scan)
    made = Sweeping(viewer, session, ("a-net",), lambda name: ModelChoice(name=name))
    made.lines, made.n_seeds = (6, None), 1
    made.viewer = viewer
    yield made
    made.cancel()


def sweep(sweeping, qtbot):
    sweeping.run()
    qtbot.waitUntil(lambda: not sweeping.sweeping.is_running, timeout=WAIT)


def map_lines(sweeping, qtbot):
    sweeping.run_map()
    qtbot.waitUntil(lambda: not sweeping.mapping.is_running, timeout=WAIT)


def test_a_sweep_is_of_the_sessions_lines_and_every_way(sweeping, asked, qtbot):
    sweeping.session.set_acquisition(noise=0.1)
    sweeping.methods = ("view-sharing",)
    sweeping.against = "full"
    sweep(sweeping, qtbot)
    [options] = asked
    names = [way.name for way in options["models"]]
    assert names == ["a-net", "a-net after view-sharing"]
    assert options["acquisition"] == sweeping.session.acquisition
    assert (options["lines"], options["n_seeds"], options["against"]) == ((6, None), 1, "full")
    assert sweeping.result.trials == (TRIAL,)
    assert sweeping.steps == 2 <= sweeping.all_steps


def test_without_a_scan_or_models_nothing_begins(bare, sweeping, asked):
    sweeping.models = ()
    sweeping.run()
    sweeping.run_map()
    viewer, session = bare()
    empty = Sweeping(viewer, session, ("a-net",), lambda name: ModelChoice(name=name))
    empty.run()
    assert not sweeping.sweeping.is_running
    assert not empty.sweeping.is_running
    assert not asked


def test_lines_may_change_under_a_sweep_but_not_its_kind(sweeping, qtbot):
    images = sweeping.session.reconstructions
    sweeping.methods = ("view-sharing",)
    sweep(sweeping, qtbot)
    images.set_settings("tv-2d", {"iterations": 9})
    assert not sweeping.is_old, "no curve is of this method"
    images.set_settings("view-sharing", {"frames": 3})
    assert sweeping.is_old
    images.set_settings("view-sharing", {})
    assert not sweeping.is_old
    sweeping.load(TRIAL)
    assert (sweeping.session.acquisition.n_lines, sweeping.session.acquisition.seed) == (6, 3)
    assert not sweeping.is_old
    sweeping.session.set_acquisition(noise=0.2)
    assert sweeping.is_old
    sweeping.session.set_acquisition(noise=0.0)
    assert not sweeping.is_old
    reading = sweeping.session.reading
    sweeping.session.set_reading(reading.model_copy(update={"papillary_in_blood": True}))
    assert sweeping.is_old


def test_a_sweep_is_old_without_its_model_or_with_another_comparison(sweeping, qtbot):
    sweep(sweeping, qtbot)
    sweeping.models = ("a-net", "b-net")
    assert not sweeping.is_old
    sweeping.models = ("b-net",)
    assert sweeping.is_old
    sweeping.models, sweeping.against = ("a-net",), "full"
    assert sweeping.is_old
    sweeping.against = None
    assert not sweeping.is_old


def test_without_reference_labels_there_is_one_comparison_only(bare, asked, qtbot):
    scan = make_scan(labels=False)
    viewer, session = bare(scan)
    made = Sweeping(viewer, session, ("a-net",), lambda name: ModelChoice(name=name))
    sweep(made, qtbot)
    made.against = "full"
    assert not made.is_old


def test_a_map_is_of_the_first_model_and_the_frame_on_screen(sweeping, asked, qtbot):
    layers.go_to(sweeping.viewer, sweeping.session.scan, frame=4)
    sweeping.models, sweeping.budget, sweeping.one_frame = ("b-net", "a-net"), 7, True
    map_lines(sweeping, qtbot)
    assert asked == [{"model": ModelChoice(name="b-net"), "budget": 7, "frame": 4}]
    assert sweeping.line_map.acquisition == sweeping.session.acquisition
    assert not sweeping.is_map_old
    sweeping.models = ("a-net", "b-net")
    assert sweeping.is_map_old
    sweeping.models = ("b-net", "a-net")
    assert not sweeping.is_map_old
    sweeping.session.set_acquisition(n_lines=9)
    assert sweeping.is_map_old
    sweeping.one_frame = False
    map_lines(sweeping, qtbot)
    assert asked[-1]["frame"] is None
    assert not sweeping.is_map_old


def test_another_scan_has_no_results(sweeping, qtbot, small_scan):
    sweep(sweeping, qtbot)
    map_lines(sweeping, qtbot)
    told = []
    sweeping.changed.connect(lambda: told.append(sweeping.result))
    sweeping.session.set_scan(small_scan.with_(name="other"))
    assert sweeping.result is None
    assert sweeping.line_map is None
    assert told[-1] is None
    assert sweeping.session.acquisition == Acquisition()
