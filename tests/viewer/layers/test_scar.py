"""The layer of scar follows its sliders, unless the user has drawn in it."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.scan import Label
from napari_cmr.viewer.layers.common import find
from napari_cmr.viewer.layers.scar import draw_remote, is_found_scar, show_remote, show_scar
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.viewer.layers.state import role_of

SCAN = make_scan(n_frames=1, n_slices=2)
FIRST = np.where(SCAN.labels[0] == Label.MYO, Label.SCAR, SCAN.labels[0]).astype(np.uint8)


@pytest.fixture
def viewer() -> ViewerModel:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    return viewer


def test_the_first_scar_hides_other_labels_and_later_ones_do_not(viewer) -> None:
    labels = find(viewer, SCAN, "labels")
    layer = show_scar(viewer, SCAN, FIRST)
    assert (layer.visible, labels.visible) == (True, False)
    labels.visible = True
    assert show_scar(viewer, SCAN, SCAN.labels[0]) is layer
    np.testing.assert_array_equal(layer.data[0], SCAN.labels[0])
    assert labels.visible
    layer.data_setitem(np.nonzero(layer.data), Label.SCAR)
    layer.undo()
    show_scar(viewer, SCAN, FIRST)
    layer.redo()  # the stroke was over scar that is no more
    assert is_found_scar(layer)  # what a slider wrote is not drawn
    assert FIRST.max() == Label.SCAR  # what was given is not written into


def test_scar_that_was_drawn_in_is_kept_under_another_name(viewer) -> None:
    drawn = show_scar(viewer, SCAN, FIRST)
    drawn.data[0, 0, 0, 0] = Label.SCAR
    assert not is_found_scar(drawn)
    new = show_scar(viewer, SCAN, SCAN.labels[0])
    assert new is not drawn
    assert is_found_scar(new)
    assert (drawn.name, drawn.visible, role_of(drawn)) == ("Scar (edited)", False, "drawn")
    assert drawn.data[0, 0, 0, 0] == Label.SCAR


def test_remote_muscle_is_shown_without_a_brush_and_drawn_with_one(viewer) -> None:
    active = viewer.layers.selection.active
    mask = SCAN.labels[0] == Label.MYO
    layer = show_remote(viewer, SCAN, mask)
    assert viewer.layers.selection.active is active
    np.testing.assert_array_equal(layer.data, mask)
    layer.visible = False
    assert draw_remote(viewer, SCAN, ~mask) is layer
    np.testing.assert_array_equal(layer.data, mask)  # what was drawn is not lost
    assert viewer.layers.selection.active is layer
    assert (layer.mode, layer.selected_label, layer.visible) == ("paint", 1, True)
