"""The line of the x-t pictures, dragged on the canvas of a real window."""

import numpy as np
import pytest
from helpers.canvas_drags import drag_on_canvas

from napari_cmr.viewer import layers
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.reconstruct.line_profile import line_profile


@pytest.fixture
def bench(open_viewer, small_scan):
    """Workbench with a line over the scan."""
    found = workbench_of(open_viewer(small_scan, show=True))
    found.line_over_time.set_shown(True)
    return found


def drag(bench, start, by):
    """Drag on the canvas from a place, in rows and columns of the scan."""
    places = [start + share * np.asarray(by) for share in (0.0, 0.3, 0.7, 1.0)]
    drag_on_canvas(bench.viewer, bench.session.scan, places)


def test_ends_and_the_whole_line_are_dragged_on_the_canvas(bench):
    images = bench.session.reconstructions
    start, end = images.profile.copy()
    centre = tuple(bench.viewer.scene.camera.center)
    by = np.array([-8.0, 3.0])
    drag(bench, end, by)
    np.testing.assert_allclose(images.profile, [start, end + by], atol=0.7)
    before = images.profile.copy()
    by = np.array([6.0, 1.0])
    drag(bench, before.mean(axis=0), by)
    np.testing.assert_allclose(images.profile, before + by, atol=0.7)
    assert tuple(bench.viewer.scene.camera.center) == centre, "the picture stays"
    wanted = line_profile(bench.session.scan.image[:, 1], images.profile)
    np.testing.assert_allclose(bench.line_over_time.profiles()[layers.FULL], wanted)


def test_beside_the_line_a_drag_moves_the_picture(bench):
    ends = bench.session.reconstructions.profile.copy()
    centre = tuple(bench.viewer.scene.camera.center)
    drag(bench, ends.mean(axis=0) + np.array([15.0, 0.0]), (5.0, 5.0))
    np.testing.assert_array_equal(bench.session.reconstructions.profile, ends)
    assert tuple(bench.viewer.scene.camera.center) != centre


def test_the_line_stays_inside_of_the_image(bench):
    images = bench.session.reconstructions
    drag(bench, images.profile[0], (100.0, -100.0))
    start = images.profile[0]
    assert start[0] == bench.session.scan.shape[2] - 1
    assert start[1] == 0


def test_places_are_as_far_apart_as_the_line_is_long(bench):
    images, scan = bench.session.reconstructions, bench.session.scan
    images.set_profile(np.array([[10.0, 5.0], [10.0, 25.0]]))
    profile = bench.line_over_time.profiles()[layers.FULL]
    assert len(profile) == 21
    assert bench.line_over_time.step_mm(21) == pytest.approx(scan.spacing[2])
    bench.line_over_time.set_shown(False)
    assert bench.line_over_time.profiles() == {}
