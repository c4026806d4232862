"""The grid of every layer of a scan, its window of grey values, and how layers are found."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.scan import LABEL_COLOURS, Label
from napari_cmr.viewer.layers.common import (
    LABEL_COLORMAP,
    OLD_COLORMAP,
    contrast_limits,
    find,
    grid,
    labels_tuple,
    layers_of,
    time_step_ms,
)
from napari_cmr.viewer.layers.stack import show_scan

SCAN = make_scan(n_frames=6, n_slices=2)


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({}, 150.0),
        ({"cycle_ms": None, "frame_times_ms": np.arange(6) * 40.0}, 40.0),
        ({"cycle_ms": None, "frame_times_ms": np.zeros(6)}, None),
        ({"cycle_ms": None}, None),
        ({"n_beats": 2.0}, None),
    ],
)
def test_the_step_in_time_is_known_or_one(changes, step) -> None:
    scan = SCAN.with_(**changes)
    assert time_step_ms(scan) == step
    found = grid(scan)
    assert found["scale"] == (step or 1.0, 10.0, 1.5, 1.5)
    assert found["units"] == ("ms", "mm", "mm", "mm")


def test_the_window_goes_from_air_to_bright_blood_and_is_never_empty() -> None:
    image = np.linspace(10, 110, 10_000).reshape(1, 1, 100, 100)
    low, high = contrast_limits(image)
    assert low == 0
    assert high == pytest.approx(109.5, abs=1)
    assert contrast_limits(image - 60)[0] == -50
    assert contrast_limits(np.zeros((1, 1, 4, 4))) == (0, 1)
    assert contrast_limits(np.full((1, 1, 4, 4), -3.0)) == (-3, -2)


def test_labels_have_their_colours_and_strays_are_loud() -> None:
    for label, rgb in LABEL_COLOURS.items():
        np.testing.assert_allclose(LABEL_COLORMAP.color_dict[int(label)][:3], rgb, atol=1e-6)
    assert LABEL_COLORMAP.color_dict[0][3] == 0
    stray = LABEL_COLORMAP.map(np.array([99]))[0]
    assert stray[0] > 0.8
    assert stray[1] < 0.2
    red, green, blue, _ = OLD_COLORMAP.color_dict[int(Label.LV)]
    assert red == green == blue


def test_layers_are_found_by_their_scan_and_role() -> None:
    viewer, other = ViewerModel(), make_scan(n_frames=6, n_slices=2)
    show_scan(viewer, SCAN)
    show_scan(viewer, other)
    assert len(viewer.layers) == 4
    assert find(viewer, SCAN, "image") is viewer.layers[0]
    assert find(viewer, other, "labels") is viewer.layers[3]
    assert find(viewer, SCAN, "tile") is None
    assert find(viewer, None, "image") is None
    assert layers_of(viewer, other, "image") == [viewer.layers[2]]
    assert layers_of(viewer, None, "image") == []
    values, keywords, kind = labels_tuple(SCAN, SCAN.labels, "mine", "drawn")
    assert (kind, keywords["name"], values is SCAN.labels) == ("labels", "mine", True)
