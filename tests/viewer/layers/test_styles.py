"""Tiles of synthetic late enhancement: named as such, in order, and gone without a trace."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel
from napari.layers import Image, Labels

from napari_cmr.viewer.layers.common import find
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.viewer.layers.state import state_of
from napari_cmr.viewer.layers.styles import (
    SOURCE,
    WATERMARK,
    View,
    has_styles,
    remove_styles,
    show_styles,
    source_tile,
    style_layers,
    synthetic_tile,
)

SCAN = make_scan(n_frames=2, n_slices=1)
PICTURE, DRAWN = SCAN.image[0, 0], SCAN.labels[0, 0]


@pytest.fixture
def viewer() -> ViewerModel:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    return viewer


def tiles(*numbers: int) -> list:
    return [
        source_tile(PICTURE, DRAWN),
        *(synthetic_tile(n, "", PICTURE / 2, DRAWN) for n in numbers),
    ]


def test_a_tile_says_that_it_is_synthetic_and_counts_from_one() -> None:
    tile = synthetic_tile(0, "dark blood", PICTURE, None)
    assert tile.name == f"{WATERMARK} 1, dark blood"
    assert synthetic_tile(2, "", PICTURE, None).name == f"{WATERMARK} 3"
    assert tile.labels.shape == PICTURE.shape
    assert not tile.labels.any()


def test_the_source_has_the_window_of_its_own_grey_values() -> None:
    tile = source_tile(PICTURE, DRAWN)
    assert tile.number == SOURCE
    assert tile.limits == (0.0, pytest.approx(np.percentile(PICTURE, 99.5)))
    assert source_tile(np.zeros((4, 4)), np.zeros((4, 4), np.uint8)).limits[1] > 0


def test_the_first_tile_is_topmost_and_all_else_is_hidden(viewer) -> None:
    show_styles(viewer, SCAN, tiles(0, 1))
    top = list(viewer.layers)[-6:]
    assert [state_of(one).number for one in top] == [1, 1, 0, 0, SOURCE, SOURCE]
    assert [type(one) for one in top] == [Image, Labels] * 3
    assert [one.visible for one in viewer.layers] == [False, False, *[True] * 6]
    assert [state_of(one).synthetic for one in top] == [True] * 4 + [False] * 2


def test_tiles_are_filled_again_and_those_that_are_not_wanted_go(viewer) -> None:
    show_styles(viewer, SCAN, tiles(0, 1))
    before = {state_of(one).number: one for one in style_layers(viewer, SCAN)}
    changed = synthetic_tile(0, "late", PICTURE / 4, None)
    show_styles(viewer, SCAN, [tiles()[0], changed])
    left = style_layers(viewer, SCAN)
    assert len(left) == 4
    assert before[0] in left
    assert before[1] not in left
    picture = next(one for one in left if state_of(one).number == 0 and isinstance(one, Image))
    np.testing.assert_array_equal(picture.data, PICTURE / 4)
    assert picture.name == changed.name


def test_they_go_and_what_was_hidden_comes_back(viewer) -> None:
    image, labels = find(viewer, SCAN, "image"), find(viewer, SCAN, "labels")
    show_styles(viewer, SCAN, tiles(0))
    assert has_styles(viewer, SCAN)
    viewer.layers.remove(labels)
    remove_styles(viewer, SCAN, [image, labels])
    assert not has_styles(viewer, SCAN)
    assert list(viewer.layers) == [image]
    assert image.visible


def test_a_view_is_where_the_camera_was(viewer) -> None:
    camera = viewer.scene.camera
    camera.center, camera.zoom = (0.0, 12.0, 7.0), 3.0
    view = View.of(viewer)
    camera.center, camera.zoom = (0.0, 0.0, 0.0), 1.0
    view.restore(viewer)
    assert (tuple(camera.center), camera.zoom) == ((0.0, 12.0, 7.0), 3.0)
