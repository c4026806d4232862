"""The line on the image and its x-t pictures, by real events in a real window."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt

from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.profile import ProfileDock
from napari_cmr.workflow.reconstruct.line_profile import line_profile, line_through_motion

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dock(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan, show=True)
    dock = ProfileDock(viewer)
    viewer.window.add_dock_widget(dock, name="Profile", area="bottom")
    dock.reconstruction.set_methods(("view-sharing",))
    dock.session.set_acquisition(n_lines=8)
    settle(viewer)
    return dock


def show(dock, qtbot):
    qtbot.mouseClick(dock.shown, LEFT, pos=QPoint(8, dock.shown.height() // 2))
    assert dock.line.is_shown


def reconstruct(dock, qtbot):
    dock.reconstruction.run()
    qtbot.waitUntil(lambda: not dock.reconstruction.job.is_running, timeout=60_000)


def pictures(dock):
    return [plot for plot in dock.plots if plot.isVisibleTo(dock)]


def test_without_a_scan_and_without_a_line_it_says_what_to_do(open_viewer, small_scan) -> None:
    viewer = open_viewer()
    dock = ProfileDock(viewer)
    assert "Open a scan" in dock.state.text()
    assert not dock.shown.isEnabled()
    layers.show_scan(viewer, small_scan)
    assert dock.shown.isEnabled()
    assert "A line through the heart" in dock.state.text()
    assert pictures(dock) == []


def test_the_line_begins_where_the_heart_moves_and_shows_all_lines(dock, qtbot) -> None:
    show(dock, qtbot)
    scan = dock.session.scan
    ends = dock.session.reconstructions.profile
    np.testing.assert_array_equal(ends, line_through_motion(scan.image[:, 1]))
    (picture,) = pictures(dock)
    assert picture.title == "All lines"
    np.testing.assert_allclose(picture.profile, line_profile(scan.image[:, 1], ends))
    assert "Reconstruct, to compare" in dock.state.text()


def test_a_reconstruction_comes_beside_it_and_greys_with_its_lines(dock, qtbot) -> None:
    show(dock, qtbot)
    reconstruct(dock, qtbot)
    full, made = pictures(dock)
    image = dock.session.reconstructions.runs["view-sharing"].image[:, 1]
    ends = dock.session.reconstructions.profile
    np.testing.assert_allclose(made.profile, line_profile(image, ends))
    assert (made.title, made.is_old) == ("view-sharing", False)
    dock.session.set_acquisition(n_lines=20)
    assert (made.title, made.is_old) == ("⚠ view-sharing", True)
    assert not full.is_old
    assert made.toolTip() == "Made from 8 of 48 lines."


def test_another_slice_another_frame_and_a_click(dock, qtbot) -> None:
    show(dock, qtbot)
    scan, ends = dock.session.scan, dock.session.reconstructions.profile
    layers.go_to(dock.viewer, scan, z=2)
    np.testing.assert_allclose(pictures(dock)[0].profile, line_profile(scan.image[:, 2], ends))
    picture = pictures(dock)[0]
    box = picture.plot.getViewBox().sceneBoundingRect()
    place = picture.mapFromScene(box.left() + 0.75 * box.width(), box.center().y())
    qtbot.mouseClick(picture.viewport(), LEFT, pos=place)
    assert layers.frame_on_screen(dock.viewer, scan) == 4


def test_the_line_lies_in_every_tile_and_goes_when_it_is_not_wanted(dock, qtbot) -> None:
    show(dock, qtbot)
    dock.reconstruction.set_methods(("view-sharing", "average"))
    reconstruct(dock, qtbot)
    dock.reconstruction.look()

    def lines():
        viewer = dock.viewer
        found = [one for one in viewer.layers if layers.role_of(one) == "profile" and one.visible]
        return [(tuple(one.data[0, 0]), one.opacity) for one in found]

    start = tuple(np.float32(dock.session.reconstructions.profile[0]))
    assert len(lines()) == 3
    assert all(place == pytest.approx(start) and opacity > 0 for place, opacity in lines())
    qtbot.mouseClick(dock.shown, LEFT, pos=QPoint(8, dock.shown.height() // 2))
    assert all(opacity == 0 for _, opacity in lines())
    assert pictures(dock) == []
