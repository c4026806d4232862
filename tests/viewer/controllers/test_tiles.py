"""The grid opens for several models or images, and closes again as it was."""

import numpy as np
import pytest

from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.tiles import Tiling

WAIT = 60_000


@pytest.fixture
def tiling(bare, small_scan):
    viewer, session = bare(small_scan)
    tiling = Tiling(viewer, session)
    tiling.viewer = viewer
    return tiling


def models(tiling):
    return layers.tiled_models(tiling.viewer, tiling.session.scan)


def images(scan, *names):
    blank = np.zeros(scan.shape, np.float32)
    full = layers.MethodTile(layers.FULL, scan.image, "All lines")
    return (full, *(layers.MethodTile(name, blank, name) for name in names))


def test_two_models_have_tiles_and_one_has_none(tiling):
    before = [(layer.name, layer.visible) for layer in tiling.viewer.layers]
    tiling.set_models(("a-net",))
    assert not tiling.is_shown
    tiling.set_models(("a-net", "b-net"))
    assert tiling.is_shown
    assert tiling.viewer.canvas.grid.enabled
    assert models(tiling) == ("a-net", "b-net")
    tiling.set_models(("a-net",))
    assert not tiling.is_shown
    assert not tiling.viewer.canvas.grid.enabled
    names = {name for name, _visible in before}
    assert names <= {layer.name for layer in tiling.viewer.layers}
    assert not any(layers.role_of(layer) == "tile" for layer in tiling.viewer.layers)


def test_models_lie_over_each_other_where_tiles_are_not_wanted(tiling):
    told = []
    tiling.changed.connect(lambda: told.append(tiling.is_shown))
    tiling.set_models(("a-net", "b-net"))
    tiling.set_wanted(False)
    tiling.set_wanted(False)
    assert told == [False]
    tiling.set_wanted(True)
    assert told == [False, True]


def test_images_take_the_place_of_models_and_give_it_back(tiling):
    scan = tiling.session.scan
    tiling.set_models(("a-net", "b-net"))
    tiling.set_images(images(scan, "average", "tv-2d"))
    assert layers.tiled_methods(tiling.viewer, scan) == ("average", "tv-2d")
    assert models(tiling) == ()
    tiling.set_images(())
    assert layers.tiled_methods(tiling.viewer, scan) == ()
    assert models(tiling) == ("a-net", "b-net")


def test_tiles_make_way_while_something_else_fills_the_canvas(tiling):
    scan = tiling.session.scan
    tiling.set_images(images(scan, "average", "tv-2d"))
    tiling.cover(True)
    tiling.set_images(images(scan, "average", "cg-sense", "tv-2d"))  # a run goes on
    assert not tiling.is_shown
    assert not any(layers.role_of(layer) == "tile" for layer in tiling.viewer.layers)
    tiling.cover(False)
    assert layers.tiled_methods(tiling.viewer, scan) == ("average", "cg-sense", "tv-2d")
    assert tiling.viewer.canvas.grid.enabled


def test_a_layer_that_comes_goes_below_the_tiles(tiling, qtbot):
    tiling.set_models(("a-net", "b-net"))
    stranger = tiling.viewer.add_image(tiling.session.scan.image, name="other")
    top = tiling.viewer.layers

    def is_below():
        first = min(top.index(one) for one in top if layers.role_of(one) == "tile")
        return top.index(stranger) < first

    qtbot.waitUntil(is_below, timeout=WAIT)


def test_another_scan_closes_the_grid(tiling, small_scan):
    tiling.set_images(images(tiling.session.scan, "average", "tv-2d"))
    assert tiling.is_shown
    tiling.session.set_scan(small_scan.with_(name="other"))
    assert not tiling.is_shown
    assert not tiling.viewer.canvas.grid.enabled
