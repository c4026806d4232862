"""The workspace builds what the user sees, and the picture comes before it."""

import pytest

from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.acquire import AcquireDock
from napari_cmr.viewer.widgets.lazy_dock import LazyDock
from napari_cmr.viewer.window import app
from napari_cmr.viewer.window.workspace import (
    ACQUIRE,
    CONSISTENCY,
    FUNCTION,
    SCAN,
    dock_of,
    open_workspace,
    raise_dock,
)
from napari_cmr.viewer.workbench import workbench_of


def built(viewer):
    docks = viewer.window.dock_widgets
    return {name for name, dock in docks.items() if isinstance(dock, LazyDock) and dock.is_built}


def test_only_what_is_in_front_is_built(open_viewer, small_scan, qtbot, settle):
    viewer = open_viewer(small_scan, show=True)
    open_workspace(viewer)
    assert built(viewer) == set()
    qtbot.waitUntil(lambda: built(viewer) == {SCAN, FUNCTION}, timeout=30_000)
    qtbot.wait(100)
    assert built(viewer) == {SCAN, FUNCTION}
    settle(viewer)


def test_a_dock_is_built_when_its_tab_is_chosen(open_viewer, small_scan, qtbot, settle):
    viewer = open_viewer(small_scan, show=True)
    open_workspace(viewer)
    qtbot.waitUntil(lambda: SCAN in built(viewer), timeout=30_000)
    viewer.window.dock_widgets[ACQUIRE].parent().raise_()
    qtbot.waitUntil(lambda: ACQUIRE in built(viewer), timeout=30_000)
    dock = dock_of(viewer, ACQUIRE)
    assert isinstance(dock, AcquireDock)
    qtbot.waitUntil(dock.isVisible)
    assert dock.lines.value == 48  # it knows of the scan that was there before it
    assert CONSISTENCY not in built(viewer)
    settle(viewer)


def test_a_dock_can_be_had_before_anybody_saw_it(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan)
    open_workspace(viewer)
    assert raise_dock(viewer, ACQUIRE) is dock_of(viewer, ACQUIRE)
    assert built(viewer) == {ACQUIRE}
    viewer.window.remove_dock_widget(viewer.window.dock_widgets[ACQUIRE])
    assert dock_of(viewer, ACQUIRE) is None
    settle(viewer)


@pytest.mark.usefixtures("needs_display", "make_napari_viewer")  # an application of its own
def test_the_picture_comes_before_labels_and_docks(shared_data, qtbot):
    viewer = app.open_window(shared_data / "acdc" / "patient001")
    try:
        session = workbench_of(viewer).session
        seen = []
        session.scan_changed.connect(lambda scan: seen.append(("image", built(viewer))))
        session.labels_layer_changed.connect(
            lambda layer: layer is not None and seen.append(("labels", built(viewer)))
        )
        opener = workbench_of(viewer).opener
        assert opener.is_opening
        qtbot.waitUntil(lambda: not opener.is_opening, timeout=60_000)
        assert seen == [("image", set()), ("labels", set())]
        qtbot.waitUntil(lambda: built(viewer) == {SCAN, FUNCTION}, timeout=30_000)
        assert layers.role_of(viewer.layers.selection.active) == "image"  # a click does not paint
    finally:
        viewer.close()
