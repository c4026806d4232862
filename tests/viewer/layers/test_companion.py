"""Another scan's picture lies over the image, under the labels, and only its pixels change."""

import numpy as np
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.viewer.layers.companion import show_companion
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.viewer.layers.state import role_of

SCAN = make_scan(n_frames=2, n_slices=2)


def test_it_lies_between_image_and_labels() -> None:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    active = viewer.layers.selection.active
    layer = show_companion(viewer, SCAN, SCAN.image[0], "LGE")
    assert [role_of(one) for one in viewer.layers] == ["image", "companion", "labels"]
    assert viewer.layers.selection.active is active
    np.testing.assert_allclose(layer.scale, SCAN.spacing)


def test_another_picture_is_shown_in_the_same_layer_with_its_own_window() -> None:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    first = show_companion(viewer, SCAN, SCAN.image[0], "LGE")
    first.visible = False
    brighter = 5 * SCAN.image[1]
    again = show_companion(viewer, SCAN, brighter, "T2")
    assert again is first
    assert (again.name, again.visible, len(viewer.layers)) == ("T2", True, 3)
    np.testing.assert_array_equal(again.data, brighter)
    assert again.contrast_limits[1] > 4
