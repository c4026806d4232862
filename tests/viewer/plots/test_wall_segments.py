"""What a segment of the wall shows, and how it is found in the image."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.analysis.aha import N_SEGMENTS, SEGMENT_NAMES
from napari_cmr.viewer import layers
from napari_cmr.viewer.plots.wall_segments import (
    BEYOND_THE_WALL_MM,
    MOTION,
    QUANTITIES,
    THICKENING,
    THICKNESS_ED,
    THICKNESS_ES,
    show_segment,
    values_of,
)

SCAN = make_scan(n_frames=3, n_slices=3)


def found(es_frame: int | None) -> SimpleNamespace:
    frames = np.arange(3.0)[:, None] + np.zeros(N_SEGMENTS)
    return SimpleNamespace(
        ed_frame=0,
        es_frame=es_frame,
        thickness_mm=10 + frames,
        motion_mm=20 + frames,
        thickening_percent=np.full(N_SEGMENTS, 33.0),
    )


@pytest.mark.parametrize(
    ("quantity", "value"),
    [(THICKNESS_ED, 10), (THICKNESS_ES, 12), (MOTION, 22), (THICKENING, 33)],
)
def test_each_quantity_is_of_its_own_frame(quantity, value) -> None:
    assert (values_of(found(2), quantity) == value).all()


def test_nothing_is_known_of_a_wall_that_was_not_measured() -> None:
    for quantity in QUANTITIES:
        assert np.isnan(values_of(None, quantity)).all()
    still = found(None)
    assert (values_of(still, THICKNESS_ED) == 10).all()
    assert np.isnan(values_of(still, THICKNESS_ES)).all()
    assert np.isnan(values_of(still, MOTION)).all()


def model(slices: tuple[int, ...]) -> SimpleNamespace:
    """Segments of which only those of the first frame are known."""
    centres = np.full((3, 3, 2), np.nan)
    centres[0] = (20.0, 18.0)
    segments = np.zeros((3, 3, 48, 40), int)
    segments[0, :, 20, 28] = 1  # 10 pixels of 1.5 mm from the centre
    return SimpleNamespace(
        slices_of=lambda _segment: slices,
        centres=centres,
        segments=segments,
        spacing=(1.5, 1.5),
        sector=lambda _segment, _z, _t: (0.0, 1.0),
    )


def test_a_segment_is_outlined_on_a_slice_that_has_it() -> None:
    viewer = ViewerModel()
    layers.show_scan(viewer, SCAN)
    layers.go_to(viewer, SCAN, frame=2, z=0)
    assert show_segment(viewer, SCAN, model((1, 2)), 1, 0)
    assert layers.slice_on_screen(viewer, SCAN) == 2
    assert layers.frame_on_screen(viewer, SCAN) == 2
    mark = layers.find(viewer, SCAN, "mark")
    assert mark.name == f"Segment 1, {SEGMENT_NAMES[0]}"
    (outline,) = mark.data
    away = np.hypot(*((outline[:, 1:] - (20, 18)) * 1.5).T)
    assert away.max() == pytest.approx(15 + BEYOND_THE_WALL_MM, rel=1e-5)


def test_the_slice_on_screen_is_kept_where_it_has_the_segment() -> None:
    viewer = ViewerModel()
    layers.show_scan(viewer, SCAN)
    layers.go_to(viewer, SCAN, z=1)
    assert show_segment(viewer, SCAN, model((0, 1, 2)), 1, 0)
    assert layers.slice_on_screen(viewer, SCAN) == 1
    assert not show_segment(viewer, SCAN, model(()), 1, 0)
