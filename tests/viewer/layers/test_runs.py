"""Labels of models: what the user has corrected in them, and what they were made from."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel
from napari.layers import Image

from napari_cmr.kspace import Acquisition
from napari_cmr.viewer.layers.common import (
    FADED_COLORMAP,
    LABEL_COLORMAP,
    OLD_COLORMAP,
    find,
)
from napari_cmr.viewer.layers.difference import DIFFERENCE_COLORMAP, show_difference
from napari_cmr.viewer.layers.labels import add_empty_labels, prediction_layer
from napari_cmr.viewer.layers.runs import (
    corrected_before,
    edited_slices,
    made_by_models,
    mark_old,
    note_source,
    predictions,
    provenance_of,
    show_labels_of,
)
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.viewer.layers.state import note, state_of
from napari_cmr.workflow.edit.provenance import Provenance

SCAN = make_scan(n_frames=3, n_slices=2)


@pytest.fixture
def viewer() -> ViewerModel:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    return viewer


def test_slices_are_edited_where_they_differ_from_what_a_model_wrote(viewer) -> None:
    layer = prediction_layer(viewer, SCAN, "a-net")
    assert not edited_slices(layer).any()
    layer.data[2, 1, 5, 5] = 1
    assert np.argwhere(edited_slices(layer)).tolist() == [[2, 1]]
    drawn = add_empty_labels(viewer, SCAN)
    drawn.data[0, 0, 5, 5] = 1
    assert not edited_slices(drawn).any()  # nobody wrote it


def test_corrections_of_now_and_of_before_are_told_together(viewer) -> None:
    layer = prediction_layer(viewer, SCAN, "a-net")
    assert not corrected_before(layer).any()
    before = np.zeros((3, 2), bool)
    before[0, 1] = True
    note(layer, corrected=before)
    layer.data[2, 0, 5, 5] = 1
    assert provenance_of(layer).corrected == ((0, 1), (2, 0))


def test_a_reference_that_was_drawn_in_is_corrected(viewer) -> None:
    reference = find(viewer, SCAN, "labels")
    assert provenance_of(reference).corrected == ()
    reference.data[1, 1, 0, 0] = 3
    assert provenance_of(reference).corrected == ((1, 1),)


def test_old_labels_are_grey_or_pale_while_they_are_corrected(viewer) -> None:
    layer = prediction_layer(viewer, SCAN, "a-net")
    assert mark_old(layer, "from 5 lines")
    assert layer.colormap is OLD_COLORMAP
    assert not mark_old(layer, "from 5 lines", is_corrected=True)
    assert layer.colormap is FADED_COLORMAP
    assert state_of(layer).old == "from 5 lines"
    assert mark_old(layer, "")
    assert layer.colormap is LABEL_COLORMAP


def test_differences_get_their_own_colours_back_and_pictures_keep_theirs(viewer) -> None:
    layer = show_difference(viewer, SCAN, np.zeros(SCAN.shape, np.uint8))
    mark_old(layer, "before")
    mark_old(layer, "")
    assert layer.colormap is DIFFERENCE_COLORMAP
    picture = Image(SCAN.image, colormap="gray")
    assert mark_old(picture, "before")
    assert picture.colormap.name == "gray"


def test_labels_that_were_corrected_are_still_made_by_their_model(viewer) -> None:
    layer = prediction_layer(viewer, SCAN, "a-net")
    assert predictions(viewer, SCAN) == [layer]
    assert made_by_models(viewer, SCAN) == []
    note_source(layer, Provenance(model="a-net", acquisition=Acquisition(n_lines=5)))
    note(layer, role="drawn")
    assert predictions(viewer, SCAN) == []
    assert made_by_models(viewer, SCAN) == [layer]


def test_labels_of_one_model_are_seen_or_the_topmost(viewer) -> None:
    reference = find(viewer, SCAN, "labels")
    first, second = (prediction_layer(viewer, SCAN, name) for name in ("a-net", "b-net"))

    def seen() -> list[bool]:
        return [one.visible for one in (reference, first, second)]

    show_labels_of(viewer, SCAN, "a-net")
    assert seen() == [False, True, False]
    show_labels_of(viewer, SCAN, "no such net")
    assert seen() == [False, False, True]
