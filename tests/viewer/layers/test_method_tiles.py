"""Tiles of the full scan and of reconstructed images."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_cmr.viewer import layers


@pytest.fixture
def viewer(small_scan):
    viewer = ViewerModel()
    layers.show_scan(viewer, small_scan)
    return viewer


def tiles_of(scan, *names, is_old=False):
    found = [layers.MethodTile(layers.FULL, scan.image, "All lines")]
    for name in names:
        image = np.full(scan.shape, len(name), np.float32)
        found.append(layers.MethodTile(name, image, f"{name}, 8 lines", is_old))
    return found


def pictures(viewer):
    """Methods and images from the top of the list down, as napari's grid takes them."""
    states = [(one, layers.state_of(one)) for one in reversed(viewer.layers)]
    return [(state.method, one) for one, state in states if state.role == "tile"]


def test_each_image_has_four_layers_the_full_scan_first(viewer, small_scan):
    layers.arrange_method_tiles(viewer, small_scan, tiles_of(small_scan, "average", "tv-2d"))
    assert [method for method, _ in pictures(viewer)] == [layers.FULL, "average", "tv-2d"]
    top = list(reversed(viewer.layers))[: 3 * layers.PER_METHOD_TILE]
    roles = [layers.role_of(one) for one in top]
    assert roles == 3 * ["cross", "profile", "overlay", "tile"]
    assert all(one.visible for one in top)
    assert not layers.find(viewer, small_scan, "image").visible
    assert layers.tiled_methods(viewer, small_scan) == ("average", "tv-2d")


def test_arrows_take_the_place_of_what_lies_over_the_images(viewer, small_scan):
    tiles = tiles_of(small_scan, "average")
    percent = np.ones(small_scan.shape[2:], np.float32)
    layers.show_overlay(viewer, small_scan, layers.PICTURE, percent, "error")
    for moving, over in ((False, "overlay"), (True, "motion"), (False, "overlay")):
        layers.arrange_method_tiles(viewer, small_scan, tiles, moving=moving)
        top = list(reversed(viewer.layers))[: 2 * layers.PER_METHOD_TILE]
        assert [layers.role_of(one) for one in top] == 2 * ["cross", "profile", over, "tile"]
    methods = [
        layers.state_of(one).method for one in viewer.layers if layers.role_of(one) == "overlay"
    ]
    assert sorted(methods) == sorted([layers.PICTURE, layers.FULL, "average"])


def test_other_images_come_into_the_tiles_that_are_there(viewer, small_scan):
    layers.arrange_method_tiles(viewer, small_scan, tiles_of(small_scan, "average", "tv-2d"))
    kept = dict(pictures(viewer))["average"]
    again = tiles_of(small_scan, "average")
    layers.arrange_method_tiles(viewer, small_scan, again)
    assert [method for method, _ in pictures(viewer)] == [layers.FULL, "average"]
    assert dict(pictures(viewer))["average"] is kept
    assert kept.data is again[1].image


def test_greys_are_shared_and_old_tiles_are_flat(viewer, small_scan):
    tiles = tiles_of(small_scan, "average", is_old=True)
    layers.arrange_method_tiles(viewer, small_scan, tiles)
    layers.name_method_tiles(viewer, small_scan, tiles)
    full, average = (one for _, one in pictures(viewer))
    full.contrast_limits = (0.0, 0.3)
    assert tuple(average.contrast_limits) == (0.0, 0.3)
    assert average.colormap != full.colormap
    layers.name_method_tiles(viewer, small_scan, tiles_of(small_scan, "average"))
    assert average.colormap == full.colormap


def test_closing_them_brings_the_picture_back(viewer, small_scan):
    before = layers.open_tiles(viewer, layers.PER_METHOD_TILE)
    layers.arrange_method_tiles(viewer, small_scan, tiles_of(small_scan, "average"))
    layers.close_tiles(viewer, small_scan, before, "image")
    assert not viewer.canvas.grid.enabled
    assert pictures(viewer) == []
    assert layers.find(viewer, small_scan, "overlay") is None
    assert layers.find(viewer, small_scan, "image").visible
