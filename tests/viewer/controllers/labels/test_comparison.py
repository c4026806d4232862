"""Which labels are compared, and what happens to the result when they change."""

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import Label
from napari_cmr.viewer import layers
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
