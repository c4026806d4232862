"""What lies over a reconstructed image."""

import numpy as np

from napari_cmr.viewer import layers

ENDS = np.array([[10.0, 5.0], [30.0, 25.0]])


def found(viewer, role, method):
    states = ((one, layers.state_of(one)) for one in viewer.layers)
    return [one for one, state in states if (state.role, state.method) == (role, method)]


def test_an_overlay_is_made_once_and_cleared_where_there_is_nothing(open_viewer, small_scan):
    viewer = open_viewer(small_scan)
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


def test_nothing_is_made_to_show_nothing(open_viewer, small_scan):
    viewer = open_viewer(small_scan)
    layers.show_overlay(viewer, small_scan, "tv-2dt", None, "none")
    assert found(viewer, "overlay", "tv-2dt") == []


def test_the_line_lies_between_its_ends_with_a_stroke_across_each(open_viewer, small_scan):
    viewer = open_viewer(small_scan)
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


def test_the_picture_keeps_its_own_when_tiles_go(open_viewer, small_scan):
    viewer = open_viewer(small_scan)
    for method in (layers.PICTURE, "average"):
        layers.line_of_tile(viewer, small_scan, method)
    layers.remove_overlays(viewer, small_scan, (layers.PICTURE,))
    assert len(found(viewer, "profile", layers.PICTURE)) == 1
    assert found(viewer, "profile", "average") == []
    layers.show_picture_overlay(viewer, small_scan, False)
    assert not found(viewer, "profile", layers.PICTURE)[0].visible
