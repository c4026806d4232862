"""The outline of a sector: where it runs, and that there is one at a time."""

import numpy as np
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.scan import Geometry
from napari_cmr.viewer.layers.common import layers_of
from napari_cmr.viewer.layers.marks import clear_mark, mark_sector

SCAN = make_scan(n_frames=2, n_slices=3).with_(geometry=Geometry.regular((10.0, 2.0, 1.0), 3))


def outline(angles: tuple[float, float], viewer: ViewerModel | None = None) -> np.ndarray:
    layer = mark_sector(
        viewer or ViewerModel(),
        SCAN,
        1,
        centre=(20.0, 15.0),
        angles=angles,
        radius_mm=8.0,
        name="A",
    )
    (corners,) = layer.data
    return np.asarray(corners)


def test_a_sector_runs_clockwise_from_the_right_and_back_to_its_centre() -> None:
    corners = outline((0.0, np.pi / 2))
    assert (corners[:, 0] == 1).all()  # the slice
    np.testing.assert_allclose(corners[0, 1:], (20, 23), atol=1e-5)
    np.testing.assert_allclose(corners[-2, 1:], (24, 15), atol=1e-5)  # down: rows of 2 mm
    np.testing.assert_allclose(corners[-1, 1:], (20, 15), atol=1e-5)
    from_centre = (corners[:-1, 1:] - (20, 15)) * (2.0, 1.0)
    np.testing.assert_allclose(np.hypot(*from_centre.T), 8.0, rtol=1e-5)


def test_a_whole_ring_does_not_go_through_its_centre() -> None:
    corners = outline((0.0, 2 * np.pi))
    assert np.hypot(*((corners[:, 1:] - (20, 15)) * (2.0, 1.0)).T).min() > 7.9


def test_another_mark_takes_the_place_of_the_last() -> None:
    viewer = ViewerModel()
    image = viewer.add_image(SCAN.image)
    outline((0.0, 1.0), viewer)
    outline((1.0, 2.0), viewer)
    assert len(layers_of(viewer, SCAN, "mark")) == 1
    assert viewer.layers.selection.active is image
    clear_mark(viewer, None)
    assert len(layers_of(viewer, SCAN, "mark")) == 1
    clear_mark(viewer, SCAN)
    clear_mark(viewer, SCAN)
    assert list(viewer.layers) == [image]
