"""Models side by side: a picture, labels and a cross for each, the reference first."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.kspace import Acquisition
from napari_cmr.viewer.layers.common import find
from napari_cmr.viewer.layers.labels import find_prediction
from napari_cmr.viewer.layers.runs import mark_old, note_source
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.viewer.layers.state import role_of, state_of
from napari_cmr.viewer.layers.tiles import (
    LARGEST,
    LETTER,
    SMALLEST,
    arrange_tiles,
    fit_tile_names,
    name_tiles,
    open_tiles,
    show_picture_in_tiles,
    tiled_models,
)
from napari_cmr.workflow.edit.provenance import Provenance

SCAN = make_scan(n_frames=2, n_slices=2)


@pytest.fixture
def viewer() -> ViewerModel:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    return viewer


def pictures(viewer) -> dict:
    found = {}
    for layer in reversed(viewer.layers):
        if role_of(layer) == "tile":
            found[state_of(layer).model] = layer
    return found


def test_threes_lie_on_top_the_reference_first(viewer) -> None:
    arrange_tiles(viewer, SCAN, ["a-net", "b-net"], "image")
    top = list(viewer.layers)[-9:]
    assert [role_of(one) for one in top] == [
        *("tile", "prediction", "cross"),
        *("tile", "prediction", "cross"),
        *("tile", "labels", "cross"),
    ]
    assert list(pictures(viewer)) == [None, "a-net", "b-net"]
    assert tiled_models(viewer, SCAN) == ("a-net", "b-net")
    assert all(one.visible for one in top)
    assert not find(viewer, SCAN, "image").visible


def test_without_reference_labels_the_models_are_alone() -> None:
    viewer, bare = ViewerModel(), SCAN.with_(labels=None, labelled_frames=())
    show_scan(viewer, bare)
    arrange_tiles(viewer, bare, ["a-net"], "image")
    assert list(pictures(viewer)) == ["a-net"]


def test_a_model_that_is_not_wanted_loses_its_tile_and_keeps_its_labels(viewer) -> None:
    arrange_tiles(viewer, SCAN, ["a-net", "b-net"], "image")
    kept = pictures(viewer)["b-net"]
    arrange_tiles(viewer, SCAN, ["b-net"], "image")
    assert pictures(viewer) == {None: pictures(viewer)[None], "b-net": kept}
    assert sum(role_of(one) == "cross" for one in viewer.layers) == 2
    assert not find_prediction(viewer, SCAN, "a-net").visible


def test_the_order_is_restored_after_a_layer_has_come(viewer) -> None:
    arrange_tiles(viewer, SCAN, ["a-net"], "image")
    stranger = viewer.add_image(SCAN.image, name="other")
    arrange_tiles(viewer, SCAN, ["a-net"], "image")
    assert viewer.layers.index(stranger) < len(viewer.layers) - 6


def test_greys_are_those_of_the_picture_in_every_models_tile(viewer) -> None:
    arrange_tiles(viewer, SCAN, ["a-net", "b-net"], "image")
    find(viewer, SCAN, "image").contrast_limits = (0.1, 0.3)
    shown = pictures(viewer)
    assert [tuple(shown[name].contrast_limits) for name in ("a-net", "b-net")] == [(0.1, 0.3)] * 2


def test_an_image_that_a_model_saw_stays_in_its_tile(viewer) -> None:
    seen = 2 * SCAN.image
    arrange_tiles(viewer, SCAN, ["a-net", "b-net"], "image", {"a-net": ("tv-2d", seen)})
    shown = pictures(viewer)
    assert shown["a-net"].data is seen
    assert state_of(shown["a-net"]).method == "tv-2d"
    image = find(viewer, SCAN, "image")
    image.data = 3 * SCAN.image
    show_picture_in_tiles(viewer, SCAN, "image")
    assert shown["a-net"].data is seen
    np.testing.assert_array_equal(shown[None].data, SCAN.image)


def test_a_tile_without_labels_of_its_model_is_of_no_lines(viewer) -> None:
    """As it was: "a-net, 5 lines" over a picture that it had never labelled."""
    arrange_tiles(viewer, SCAN, ["a-net", "b-net"], "image")
    assert name_tiles(viewer, SCAN, "5 of 48 lines")  # no tile has said so
    assert pictures(viewer)["a-net"].name == "a-net, no labels of its own"
    label(viewer, "a-net")
    assert not name_tiles(viewer, SCAN, "5 of 48 lines")
    assert pictures(viewer)["a-net"].name == "a-net, 5 lines"
    assert pictures(viewer)["b-net"].name == "b-net, no labels of its own"
    mark_old(find_prediction(viewer, SCAN, "a-net"), "from 9 of 48 lines")
    assert name_tiles(viewer, SCAN, "5 of 48 lines")


def label(viewer, *models) -> None:
    made = Acquisition(n_lines=5)
    for model in models:
        note_source(find_prediction(viewer, SCAN, model), Provenance(acquisition=made))


def test_names_say_lines_or_what_is_old_and_fit_their_tiles(viewer) -> None:
    arrange_tiles(viewer, SCAN, ["a-net", "b-net"], "image")
    label(viewer, "a-net", "b-net")
    mark_old(find_prediction(viewer, SCAN, "b-net"), "from 9 lines of another scan")
    name_tiles(viewer, SCAN, "5 of 48 lines")
    shown = pictures(viewer)
    assert shown[None].name == "Reference, all 48 lines"
    assert shown["a-net"].name == "a-net, 5 lines"
    assert shown["b-net"].name == "b-net, ⚠ from 9 lines of another scan"
    open_tiles(viewer)
    for width, short, long in ((2000, LARGEST, LARGEST), (560, LARGEST, 7.3), (300, 9.6, SMALLEST)):
        viewer.canvas.size = (600, width)
        fit_tile_names(viewer, SCAN)
        sizes = [shown[name].name_overlay.font_size for name in ("a-net", "b-net")]
        assert sizes == pytest.approx([short, long], abs=0.5)
        room = viewer.canvas.viewbox_size(viewer.layers)[1]
        assert long == SMALLEST or len(shown["b-net"].name) * LETTER * sizes[1] < room
