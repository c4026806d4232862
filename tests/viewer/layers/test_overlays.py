"""What lies over a reconstructed image."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_cmr.motion.tracking import TissueMotion
from napari_cmr.viewer import layers

ENDS = np.array([[10.0, 5.0], [30.0, 25.0]])


@pytest.fixture
def viewer(small_scan):
    viewer = ViewerModel()
    layers.show_scan(viewer, small_scan)
    return viewer


def found(viewer, role, method):
    states = ((one, layers.state_of(one)) for one in viewer.layers)
    return [one for one, state in states if (state.role, state.method) == (role, method)]


def test_an_overlay_is_made_once_and_cleared_where_there_is_nothing(viewer, small_scan):
    percent = np.full(small_scan.shape[2:], 10.0, np.float32)
    layers.show_overlay(viewer, small_scan, "tv-2dt", percent, "error")
    layers.show_overlay(viewer, small_scan, "tv-2dt", 2 * percent, "uncertainty")
    (layer,) = found(viewer, "overlay", "tv-2dt")
    np.testing.assert_array_equal(layer.data, 2 * percent)
    assert layer.colormap.name == "uncertainty"
    assert tuple(layer.contrast_limits) == (0.5, 5.0)
    layers.show_overlay(viewer, small_scan, "tv-2dt", percent, "error")
    assert tuple(layer.contrast_limits) == (2.0, 20.0)
    layers.show_overlay(viewer, small_scan, "tv-2dt", percent - 20, "added")
    assert tuple(layer.contrast_limits) == (-15.0, 15.0)
    assert layer.colormap.map(np.array([0.5]))[0, 3] == 0  # nothing added, nothing seen
    assert viewer.layers.selection.active is not layer
    layers.show_overlay(viewer, small_scan, "tv-2dt", None, "none")
    assert not layer.data.any()


def test_nothing_is_made_to_show_nothing(viewer, small_scan):
    layers.show_overlay(viewer, small_scan, "tv-2dt", None, "none")
    assert found(viewer, "overlay", "tv-2dt") == []


def test_the_line_lies_between_its_ends_with_a_stroke_across_each(viewer, small_scan):
    layer = layers.line_of_tile(viewer, small_scan, layers.PICTURE)
    assert layer.opacity == 0
    layers.place_lines(viewer, small_scan, ENDS)
    line, *strokes = layer.data
    np.testing.assert_allclose(line, [ENDS[0], ENDS[1] - ENDS[0]])
    for (start, across), end in zip(strokes, ENDS, strict=True):
        np.testing.assert_allclose(start + across / 2, end, atol=1e-4)
        assert abs(np.dot(across, ENDS[1] - ENDS[0])) < 1e-3
    layers.place_lines(viewer, small_scan, None)
    assert layer.opacity == 0


def test_the_picture_keeps_its_own_when_tiles_go(viewer, small_scan):
    motion = moved(small_scan, [0.0] * small_scan.n_frames)
    for method in (layers.PICTURE, "average"):
        layers.line_of_tile(viewer, small_scan, method)
        layers.show_arrows(viewer, small_scan, method, motion, 1)
    layers.remove_overlays(viewer, small_scan, (layers.PICTURE,))
    assert len(found(viewer, "profile", layers.PICTURE)) == 1
    assert found(viewer, "profile", "average") == []
    assert len(found(viewer, "motion", layers.PICTURE)) == 1
    assert found(viewer, "motion", "average") == []
    layers.show_picture_overlay(viewer, small_scan, False)
    assert not found(viewer, "profile", layers.PICTURE)[0].visible


def moved(scan, mm):
    """One place that has come so far along X in each frame."""
    way = np.zeros((scan.n_frames, 1, 2), np.float32)
    way[:, 0, 1] = mm
    return TissueMotion(0, np.array([[20.0, 12.0]], np.float32), way)


def test_arrows_are_as_long_as_the_way_and_short_ones_are_left_out(viewer, small_scan):
    mm = np.zeros(small_scan.n_frames)
    mm[1:4] = 0.5, 3.0, 40.0
    motion = moved(small_scan, mm)
    assert layers.show_arrows(viewer, small_scan, "average", motion, 2)
    (layer,) = found(viewer, "motion", "average")
    np.testing.assert_allclose(layer.data[:, 0], [(2, 2, 20, 12), (3, 2, 20, 12)])
    dx = small_scan.spacing[2]
    np.testing.assert_allclose(layer.data[:, 1], [(0, 0, 0, 3 / dx), (0, 0, 0, 40 / dx)])
    np.testing.assert_allclose(layer.edge_color[1, :3], layers.ARROW_COLOURS[-1], atol=1e-5)
    assert layer.edge_color[0, 2] > layer.edge_color[1, 2]
    assert tuple(layer.scale) == tuple(layers.find(viewer, small_scan, "image").scale)
    assert not layers.show_arrows(viewer, small_scan, "average", motion, 2)
    assert layers.show_arrows(viewer, small_scan, "average", None, 2)
    assert len(layer.data) == 0
    assert not layers.show_arrows(viewer, small_scan, "tv-2d", None, 2)
    assert found(viewer, "motion", "tv-2d") == []
