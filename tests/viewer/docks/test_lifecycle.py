"""Docks come and go without leaving anything behind, whatever is running meanwhile."""

import gc
import os
import subprocess
import sys
import weakref
from importlib import import_module
from pathlib import Path

import pytest
from helpers.small_scans import make_scan
from npe2 import PluginManifest

from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import end_all
from napari_cmr.viewer.docks.acquire import AcquireDock
from napari_cmr.viewer.workbench import workbench_of

TIMES = 3


def dock_classes():
    contributions = PluginManifest.from_distribution("napari-cmr").contributions
    commands = {one.id: one.python_name for one in contributions.commands}
    return [commands[one.command] for one in contributions.widgets]


def make_of(python_name):
    module, _, name = python_name.partition(":")
    return getattr(import_module(module), name)


def listeners(viewer):
    """How many listen to the viewer and its session."""
    session = workbench_of(viewer).session
    signals = [
        value for name in dir(type(session))
        if hasattr(value := getattr(session, name), "emit") and hasattr(value, "connect")
    ]  # fmt: skip
    emitters = [viewer.dims.events.current_step, viewer.events.theme, viewer.layers.events.inserted]
    # napari forgets those of objects that have gone when it next has something to tell
    heard = [callback for one in emitters for callback in one.callbacks]
    gone = [one for one in heard if isinstance(one, tuple) and one[0]() is None]
    return sum(map(len, signals)) + len(heard) - len(gone)


@pytest.mark.parametrize("python_name", dock_classes(), ids=lambda name: name.rpartition(":")[2])
def test_nothing_is_left_of_a_dock_that_was_closed(
    open_viewer, small_scan, qtbot, settle, python_name
):
    viewer = open_viewer(small_scan)
    settle(viewer)
    make = make_of(python_name)
    gone, counts = [], []
    for _ in range(TIMES):
        dock = make(viewer)
        viewer.window.add_dock_widget(dock, name="dock")
        qtbot.wait(20)
        viewer.window.remove_dock_widget(dock)
        gone.append(weakref.ref(dock))
        del dock
        qtbot.wait(50)
        gc.collect()
        counts.append(listeners(viewer))
    assert counts[-1] == counts[0]  # the first may start what the viewer keeps
    alive = sum(one() is not None for one in gone[:-1])  # napari itself may still name the last
    assert alive == 0


def test_a_window_can_be_closed_while_everything_runs(open_viewer, small_scan, qtbot):
    viewer, other = open_viewer(small_scan, show=True), open_viewer(make_scan(name="other"))
    dock = AcquireDock(viewer)
    viewer.window.add_dock_widget(dock, name="Acquire")
    workbench_of(viewer).session.set_acquisition(n_lines=5)
    workbench_of(other).session.set_acquisition(n_lines=6)
    assert workbench_of(viewer).pictures.job.is_running
    viewer.close()
    qtbot.waitUntil(lambda: workbench_of(other).session.is_whole, timeout=30_000)
    assert layers.find(other, workbench_of(other).session.scan, "zero_filled").data.any()
    assert end_all()


FORGETFUL = """
from helpers.small_scans import make_scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.window.app import make_window
from napari_cmr.viewer.window.event_loop import settle

viewer = make_window()
layers.show_scan(viewer, make_scan())
settle(500)
"""


@pytest.mark.usefixtures("qapp")
def test_a_program_that_never_closes_its_window_ends_well():
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, "-c", FORGETFUL],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
