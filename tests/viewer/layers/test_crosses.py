"""The cross of every tile: one for each model, at the mouse, and never outside of the scan."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.viewer.layers.crosses import ARM_MM, GAP_MM, cross_of_tile, crosses, place_crosses

SCAN = make_scan(n_frames=1, n_slices=1)  # 48 rows, 40 columns, pixels of 1.5 mm


def test_every_tile_has_one_cross_which_takes_nobodys_brush() -> None:
    viewer = ViewerModel()
    image = viewer.add_image(SCAN.image)
    first = cross_of_tile(viewer, SCAN, "a-net")
    reference = cross_of_tile(viewer, SCAN, None)
    assert cross_of_tile(viewer, SCAN, "a-net") is first
    assert crosses(viewer, SCAN) == [first, reference]
    assert crosses(viewer, make_scan()) == []
    assert viewer.layers.selection.active is image
    assert (first.opacity, reference.opacity) == (0, 0)


def test_arms_begin_beside_the_place_and_end_at_their_length() -> None:
    viewer = ViewerModel()
    layers = [cross_of_tile(viewer, SCAN, model) for model in (None, "a-net")]
    place_crosses(viewer, SCAN, (0.0, 0.0, 30.0, 27.0))
    for layer in layers:
        assert layer.opacity == 1
        starts, directions = layer.data[:, 0], layer.data[:, 1]
        from_place = (starts - (20, 18)) * 1.5
        np.testing.assert_allclose(np.hypot(*from_place.T), GAP_MM, rtol=1e-5)
        np.testing.assert_allclose(np.hypot(*directions.T * 1.5), ARM_MM - GAP_MM, rtol=1e-5)
        assert len({tuple(np.sign(row)) for row in directions}) == 4


def test_arms_stay_in_the_picture() -> None:
    viewer = ViewerModel()
    layer = cross_of_tile(viewer, SCAN, None)
    place_crosses(viewer, SCAN, (0.0, 58.5))
    ends = layer.data.sum(axis=1)
    for corners in (layer.data[:, 0], ends):
        assert (corners >= 0).all()
        assert (corners <= (47, 39)).all()


@pytest.mark.parametrize("place", [None, (-1.0, 9.0), (9.0, 61.0), (72.0, 9.0)])
def test_no_cross_is_seen_outside_of_the_scan(place) -> None:
    viewer = ViewerModel()
    layer = cross_of_tile(viewer, SCAN, "a-net")
    place_crosses(viewer, SCAN, (9.0, 9.0))
    assert layer.opacity == 1
    place_crosses(viewer, SCAN, place)
    assert layer.opacity == 0
