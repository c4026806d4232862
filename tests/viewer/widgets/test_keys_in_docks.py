"""The viewer's keys work while a list or a number of a dock has the focus."""

from qtpy.QtCore import Qt

from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.acquire import AcquireDock
from napari_cmr.viewer.docks.edit import EditDock
from napari_cmr.viewer.window import shortcuts


def test_a_key_steps_through_the_frames_after_a_list_was_used(
    open_viewer, small_scan, settle, qtbot
) -> None:
    viewer = open_viewer(small_scan, show=True)
    shortcuts.bind(viewer)
    dock = EditDock(viewer)
    viewer.window.add_dock_widget(dock, name="Edit")
    settle(viewer)
    chosen = dock.structure
    qtbot.mouseClick(chosen, Qt.MouseButton.LeftButton)
    view = chosen.view()
    qtbot.waitUntil(view.isVisible)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(view, key)
    qtbot.waitUntil(lambda: not view.isVisible())
    assert chosen.currentIndex() == 2
    qtbot.keyClick(chosen, "j")
    assert layers.frame_on_screen(viewer, small_scan) == 1
    assert chosen.currentIndex() == 2  # no entry was jumped to
    qtbot.keyClick(chosen, Qt.Key.Key_Up)
    assert chosen.currentIndex() == 1  # what else a list does with keys it still does


def test_a_number_takes_digits_and_leaves_letters_to_the_viewer(
    open_viewer, small_scan, settle, qtbot
) -> None:
    viewer = open_viewer(small_scan, show=True)
    shortcuts.bind(viewer)
    dock = AcquireDock(viewer)
    viewer.window.add_dock_widget(dock, name="Acquire")
    settle(viewer)
    number = dock.lines.number
    qtbot.keyClick(number, "j")
    assert layers.frame_on_screen(viewer, small_scan) == 1
    number.selectAll()
    qtbot.keyClicks(number, "9")
    assert dock.session.n_lines == 9
