"""Mean contour and band of a repeated acquisition, grey while the repetitions are old."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.scan import Label
from napari_cmr.viewer.layers.common import LABEL_COLORMAP, OLD_COLORMAP, find, labels_layers
from napari_cmr.viewer.layers.consistency import (
    mark_consistency_old,
    remove_consistency,
    set_consistency_visible,
    show_consistency,
)
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.viewer.layers.state import metadata

SCAN = make_scan(n_frames=2, n_slices=1)


def repeated(n: int) -> SimpleNamespace:
    """What a layer reads of a result: a crop of the picture."""
    rows, columns = slice(4, 10), slice(6, 9)
    crop = (*SCAN.shape[:2], 6, 3)
    return SimpleNamespace(
        n=n,
        rows=rows,
        columns=columns,
        disagreement=np.full(crop, 30, np.uint8),
        mean=np.full(crop, Label.MYO, np.uint8),
    )


@pytest.fixture
def viewer() -> ViewerModel:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    return viewer


def test_one_repetition_has_a_contour_and_two_have_a_band(viewer) -> None:
    assert show_consistency(viewer, SCAN, repeated(1))
    mean = find(viewer, SCAN, "mean_shape")
    assert mean.name == "Mean contour of 1 repetition"
    assert find(viewer, SCAN, "disagreement") is None
    assert show_consistency(viewer, SCAN, repeated(2))
    assert find(viewer, SCAN, "mean_shape") is mean
    assert mean.name == "Mean contour of 2 repetitions"
    assert find(viewer, SCAN, "disagreement").name == "Disagreement of 2 repetitions"


def test_a_result_is_written_where_it_was_cut_out(viewer) -> None:
    show_consistency(viewer, SCAN, repeated(3))
    for role, value in (("mean_shape", Label.MYO), ("disagreement", 30)):
        data = find(viewer, SCAN, role).data
        assert (data[:, :, 4:10, 6:9] == value).all()
        assert np.count_nonzero(data) == 2 * 6 * 3


def test_the_mean_is_nobodys_segmentation_and_takes_no_brush(viewer) -> None:
    active = viewer.layers.selection.active
    show_consistency(viewer, SCAN, repeated(2))
    mean = find(viewer, SCAN, "mean_shape")
    assert viewer.layers.selection.active is active
    assert mean not in labels_layers(viewer, SCAN)
    assert (mean.editable, mean.contour) == (False, 1)


def test_old_repetitions_are_grey_and_named(viewer) -> None:
    show_consistency(viewer, SCAN, repeated(2))
    mean, band = find(viewer, SCAN, "mean_shape"), find(viewer, SCAN, "disagreement")
    colours = band.colormap.name
    assert mark_consistency_old(viewer, SCAN, 2, "5 lines")
    assert not mark_consistency_old(viewer, SCAN, 2, "5 lines")
    assert mean.name == "Mean contour of 2 repetitions (5 lines)"
    assert mean.colormap is OLD_COLORMAP
    assert band.colormap.name != colours
    assert mark_consistency_old(viewer, SCAN, 2, "")
    assert mean.name == "Mean contour of 2 repetitions"
    assert mean.colormap is LABEL_COLORMAP
    assert band.colormap.name == colours


def test_they_are_hidden_and_removed_together(viewer) -> None:
    show_consistency(viewer, SCAN, repeated(2))
    pair = [find(viewer, SCAN, role) for role in ("disagreement", "mean_shape")]
    set_consistency_visible(viewer, SCAN, False)
    assert [one.visible for one in pair] == [False, False]
    set_consistency_visible(viewer, SCAN, True)
    assert [one.visible for one in pair] == [True, True]
    remove_consistency(viewer, SCAN)
    assert len(viewer.layers) == 2


def test_there_is_no_room_between_tiles(viewer) -> None:
    viewer.add_image(SCAN.image, metadata=metadata(SCAN, "tile", model="a-net"))
    assert not show_consistency(viewer, SCAN, repeated(2))
    assert find(viewer, SCAN, "mean_shape") is None
