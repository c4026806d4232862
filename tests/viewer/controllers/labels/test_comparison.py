"""Which labels are compared, and what happens to the result when they change."""

from threading import Event

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels import comparison as controller
from napari_cmr.viewer.workbench import workbench_of


@pytest.fixture
def bench(open_viewer, settle):
    scan = make_scan()
    viewer = open_viewer(scan)
    settle(viewer)
    return workbench_of(viewer)


@pytest.fixture
def quiet(bench, qtbot):
    def wait():
        comparing = bench.comparing

        def is_quiet():
            comparing.look_again.flush()
            return not comparing.job.is_running

        qtbot.waitUntil(is_quiet, timeout=30_000)

    return wait


def names(bench):
    return tuple(layer.name for layer in bench.comparing.chosen)


def test_the_reference_judges_what_lies_on_top(bench, quiet) -> None:
    scan, viewer = bench.session.scan, bench.viewer
    quiet()
    assert bench.session.derived.comparison is None
    assert bench.comparing.problem == "Choose two different layers."
    layers.add_drawn_labels(viewer, scan, scan.labels, "Reader B")
    assert names(bench) == ("Labels", "Reader B")
    third = layers.add_drawn_labels(viewer, scan, np.roll(scan.labels, 1, axis=3), "Reader C")
    assert names(bench) == ("Labels", "Reader B")  # what was compared stays
    quiet()
    bench.comparing.choose(third, bench.comparing.chosen[0])
    quiet()
    result = bench.session.derived.comparison
    assert tuple(one.name for one in result.labels) == ("Reader C", "Labels")
    layers.remove(viewer, third)
    assert names(bench) == ("Reader B", "Labels")


def test_an_edit_that_is_undone_leaves_the_result_as_new_as_it_was(bench, quiet) -> None:
    scan = bench.session.scan
    layer = layers.add_drawn_labels(bench.viewer, scan, scan.labels, "Reader B")
    quiet()
    result = bench.session.derived.comparison
    layers.paint(layer, np.nonzero(scan.labels == Label.MYO), np.uint8(0))
    assert bench.session.derived.old_text("comparison") == "before Reader B was edited"
    layers.undo(layer)
    quiet()
    assert bench.session.derived.old_text("comparison") == ""
    assert bench.session.derived.comparison is result


@pytest.fixture
def held(bench, quiet, monkeypatch):
    """A second reader like the first, and a comparison that waits before and after its work."""

    class Held:
        begun, may_begin, done, may_end = (Event() for _ in range(4))
        layer = layers.add_drawn_labels(
            bench.viewer, bench.session.scan, bench.session.scan.labels, "Reader B"
        )

        @classmethod
        def paint_muscle_away(cls):
            layers.paint(cls.layer, np.nonzero(cls.layer.data == Label.MYO), np.uint8(0))

    quiet()
    compare = controller.compare_labels

    def late(*given, **named):
        Held.begun.set()
        assert Held.may_begin.wait(60)
        found = compare(*given, **named)
        Held.done.set()
        assert Held.may_end.wait(60)
        return found

    monkeypatch.setattr(controller, "compare_labels", late)
    yield Held
    Held.may_begin.set()
    Held.may_end.set()


def myocardium(bench):
    return bench.session.derived.comparison.comparison.overall_dice[1]


def test_an_edit_that_is_undone_before_it_was_compared_is_not_what_is_shown(
    bench, quiet, held
) -> None:
    """As it was: differences of labels that were no more stood there as those of now."""
    held.may_begin.set()
    held.paint_muscle_away()
    bench.comparing.look_again.flush()
    assert held.done.wait(60)
    layers.undo(held.layer)
    bench.comparing.look_again.flush()
    held.may_end.set()
    quiet()
    assert myocardium(bench) == 1
    assert bench.session.derived.old_text("comparison") == ""


def test_an_edit_while_labels_are_compared_does_not_mix_with_them(bench, quiet, held, qtbot):
    comparing = bench.comparing
    held.may_end.set()
    held.layer.name = "Reader C"
    comparing.look_again.flush()
    assert held.begun.wait(60)
    held.paint_muscle_away()
    comparing.look_again.cancel()  # the hand is still on the mouse
    held.may_begin.set()
    qtbot.waitUntil(lambda: not comparing.job.is_running, timeout=30_000)
    assert myocardium(bench) == 1
    assert bench.session.derived.old_text("comparison") == "before Reader C was edited"
    layers.undo(held.layer)
    quiet()
    assert myocardium(bench) == 1
    assert bench.session.derived.old_text("comparison") == ""
