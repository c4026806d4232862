"""The reconstructed picture: one layer above its scan's, grey while it is of other lines."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.viewer.layers.common import find
from napari_cmr.viewer.layers.reconstructions import (
    NOW,
    OLD,
    mark_reconstructed,
    show_reconstructed,
    shown_method,
)
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.viewer.layers.state import role_of, state_of

SCAN = make_scan(n_frames=2, n_slices=1)


@pytest.fixture
def viewer() -> ViewerModel:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    return viewer


def test_it_lies_right_above_the_image_with_its_window_and_out_of_sight(viewer) -> None:
    image = find(viewer, SCAN, "image")
    image.contrast_limits = (0.125, 0.5)
    active = viewer.layers.selection.active
    picture = 0.5 * SCAN.image
    layer = show_reconstructed(viewer, SCAN, picture, "CG-SENSE")
    assert [role_of(one) for one in viewer.layers] == ["image", "reconstructed", "labels"]
    assert layer.data is picture  # shared
    assert tuple(layer.contrast_limits) == (0.125, 0.5)
    assert not layer.visible
    assert viewer.layers.selection.active is active


def test_another_method_takes_the_same_layer_and_its_name(viewer) -> None:
    assert shown_method(viewer, SCAN) is None
    first = show_reconstructed(viewer, SCAN, SCAN.image.copy(), "CG-SENSE")
    other = 2 * SCAN.image
    assert show_reconstructed(viewer, SCAN, other, "k-t FOCUSS") is first
    assert first.data is other
    assert "k-t FOCUSS" in first.name
    assert shown_method(viewer, SCAN) == "k-t FOCUSS"


def test_without_an_image_there_is_nothing_to_lie_on() -> None:
    viewer = ViewerModel()
    assert show_reconstructed(viewer, SCAN, SCAN.image, "CG-SENSE") is None
    assert not viewer.layers


def test_it_is_grey_while_it_is_old_and_says_so_once(viewer) -> None:
    assert not mark_reconstructed(viewer, SCAN, "from 5 lines")  # no layer
    layer = show_reconstructed(viewer, SCAN, SCAN.image.copy(), "CG-SENSE")
    assert mark_reconstructed(viewer, SCAN, "from 5 lines")
    assert not mark_reconstructed(viewer, SCAN, "from 5 lines")
    assert (layer.colormap.name, state_of(layer).old) == (OLD.name, "from 5 lines")
    assert mark_reconstructed(viewer, SCAN, "")
    assert (layer.colormap.name, state_of(layer).old) == (NOW.name, "")
    np.testing.assert_array_less(OLD.colors[1, :3], NOW.colors[1, :3])
