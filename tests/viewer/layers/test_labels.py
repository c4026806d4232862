"""Layers to draw in and of models: who has the brush, and what counts as saved."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.scan import Label
from napari_cmr.viewer.core.label_marks import digests_of
from napari_cmr.viewer.layers.common import find
from napari_cmr.viewer.layers.edits import accepted, set_accepted, write_labels
from napari_cmr.viewer.layers.labels import (
    add_empty_labels,
    add_saved_labels,
    brush_of,
    find_prediction,
    holds_reference,
    model_of,
    paint_with,
    prediction_layer,
    show_frames,
    show_prediction,
    start_painting,
    stop_painting,
    unedited_prediction,
)
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.viewer.layers.state import is_edited, role_of, source_of, state_of
from napari_cmr.workflow.edit.provenance import Provenance

SCAN = make_scan(n_frames=3, n_slices=2)
SOURCE = Provenance(model="a-net")


@pytest.fixture
def viewer() -> ViewerModel:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    return viewer


def test_only_labels_that_came_with_a_scan_are_its_reference(viewer) -> None:
    assert holds_reference(find(viewer, SCAN, "labels"))
    assert not holds_reference(find(viewer, SCAN, "image"))
    assert not holds_reference(None)
    drawn = add_empty_labels(viewer, SCAN)
    assert not holds_reference(drawn)
    assert drawn.selected_label == Label.LV


def test_labels_from_disk_hide_others_and_are_saved_as_they_are(viewer) -> None:
    labels = SCAN.labels.copy()
    labels[0] = 0
    layer = add_saved_labels(viewer, SCAN, labels, "from disk")
    assert not find(viewer, SCAN, "labels").visible
    assert not is_edited(layer)
    np.testing.assert_array_equal(state_of(layer).saved, digests_of(labels))
    layer.data[0, 0, 0, 0] = 1
    assert is_edited(layer)


def test_the_brush_is_a_label_the_eraser_or_nothing(viewer) -> None:
    layer = add_empty_labels(viewer, SCAN)
    other = find(viewer, SCAN, "labels")
    paint_with(viewer, layer, Label.RV)
    assert (brush_of(viewer, layer), brush_of(viewer, other)) == (Label.RV, None)
    paint_with(viewer, layer, Label.BACKGROUND)
    assert brush_of(viewer, layer) == Label.BACKGROUND
    start_painting(viewer, layer)
    assert brush_of(viewer, layer) == Label.RV
    layer.selected_label = 77
    assert brush_of(viewer, layer) is None
    layer.selected_label = int(Label.LV)
    stop_painting(viewer, layer, SCAN)
    assert brush_of(viewer, layer) is None
    assert viewer.layers.selection.active is find(viewer, SCAN, "image")
    assert layer.mode == "pan_zoom"


def test_a_model_has_one_layer_made_without_taking_the_brush(viewer) -> None:
    active = viewer.layers.selection.active
    assert find_prediction(viewer, SCAN, "a-net") is None
    layer = prediction_layer(viewer, SCAN, "a-net")
    assert prediction_layer(viewer, SCAN, "a-net") is layer
    assert find_prediction(viewer, SCAN, "b-net") is None
    assert find_prediction(viewer, None, "a-net") is None
    assert model_of(layer) == "a-net"
    assert model_of(find(viewer, SCAN, "labels")) is None
    assert not find(viewer, SCAN, "labels").visible
    assert viewer.layers.selection.active is active


def test_what_a_model_writes_into_its_layer_is_not_edited(viewer) -> None:
    plane = np.full((3, 48, 40), Label.MYO, np.uint8)
    layer = show_prediction(viewer, SCAN, 1, plane, name="a-net", source=SOURCE)
    show_frames(viewer, SCAN, ((0, 2), 0), plane[:2], name="a-net", source=SOURCE)
    filled = (layer.data == Label.MYO).all(axis=(2, 3))
    assert filled.tolist() == [[True, True], [False, True], [True, True]]
    assert not is_edited(layer)
    assert source_of(layer) == SOURCE


def test_no_undo_mixes_labels_of_a_slider_with_those_before(viewer) -> None:
    """Nor does it take the brush out of the user's hand."""
    plane = np.full((3, 48, 40), Label.MYO, np.uint8)
    layer = prediction_layer(viewer, SCAN, "a-net")
    write_labels(layer, np.full(SCAN.shape, Label.LV, np.uint8), from_model=True)
    layer.data_setitem(np.nonzero(layer.data), Label.RV)
    layer.undo()
    paint_with(viewer, layer, Label.RV)
    for z in range(2):
        show_prediction(viewer, SCAN, z, plane, name="a-net", source=SOURCE)
    assert brush_of(viewer, layer) == Label.RV
    for step in (layer.undo, layer.redo):
        step()
        assert (layer.data == Label.MYO).all()
    layer.data_setitem(np.nonzero(layer.data), Label.RV)  # a stroke of now can be undone
    layer.undo()
    assert (layer.data == Label.MYO).all()


def test_labels_that_were_accepted_do_not_follow_a_slider(viewer) -> None:
    plane = np.full((3, 48, 40), Label.MYO, np.uint8)
    layer = show_prediction(viewer, SCAN, 1, plane, name="a-net", source=SOURCE)
    marks = accepted(layer)
    marks[2, 1] = True
    set_accepted(layer, marks)
    fresh = show_prediction(viewer, SCAN, 1, 2 * plane, name="a-net", source=SOURCE)
    assert (layer.name, role_of(layer), layer.visible) == ("a-net (accepted)", "drawn", False)
    assert (layer.data[:, 1] == Label.MYO).all()
    assert not accepted(fresh).any()


def test_a_layer_that_was_drawn_in_is_kept_as_the_users(viewer) -> None:
    plane = np.full((3, 48, 40), Label.MYO, np.uint8)
    edited = show_prediction(viewer, SCAN, 1, plane, name="a-net", source=SOURCE)
    assert unedited_prediction(viewer, SCAN, "a-net") is edited
    edited.data[0, 0, 0, 0] = Label.LV
    fresh = show_prediction(viewer, SCAN, 0, plane, name="a-net", source=SOURCE)
    assert fresh is not edited
    assert (edited.name, role_of(edited), edited.visible) == ("a-net (edited)", "drawn", False)
    assert model_of(edited) is None
    assert edited.data[0, 0, 0, 0] == Label.LV
    assert not fresh.data[:, 1].any()
