"""Differences of two label sets: of three kinds, and shown where nobody draws."""

import numpy as np
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.viewer.layers.common import find
from napari_cmr.viewer.layers.difference import differences, hide_difference, show_difference
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.viewer.layers.state import is_edited

SCAN = make_scan(n_frames=2, n_slices=1)


def test_the_difference_of_three_kinds() -> None:
    first, second = np.array([0, 1, 1, 0, 2]), np.array([0, 1, 0, 3, 1])
    assert differences(first, second).tolist() == [0, 0, 1, 2, 3]


def test_they_are_shown_on_top_and_take_nobodys_brush() -> None:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    active = viewer.layers.selection.active
    where = differences(SCAN.labels, np.zeros_like(SCAN.labels))
    layer = show_difference(viewer, SCAN, where)
    assert viewer.layers[-1] is layer
    assert viewer.layers.selection.active is active
    assert not layer.editable
    assert not is_edited(layer)


def test_others_are_shown_in_the_same_layer_until_it_is_hidden() -> None:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    first = show_difference(viewer, SCAN, np.zeros(SCAN.shape, np.uint8))
    where = np.full(SCAN.shape, 2, np.uint8)
    assert show_difference(viewer, SCAN, where) is first
    np.testing.assert_array_equal(first.data, where)
    assert not is_edited(first)
    assert not first.editable
    hide_difference(viewer, None)
    assert find(viewer, SCAN, "difference") is first
    hide_difference(viewer, SCAN)
    assert find(viewer, SCAN, "difference") is None
    hide_difference(viewer, SCAN)
