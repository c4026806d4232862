"""What was made from other lines is marked as old, and not what is about to be made again."""

import numpy as np
import pytest

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels.old_labels import OldLabels
from napari_cmr.workflow.edit.provenance import Provenance

WAIT = 60_000
TEN = Acquisition(n_lines=10)


@pytest.fixture
def marked(bare, small_scan):
    """Marks of a viewer with labels that a model gave from ten lines, which are chosen."""
    viewer, session = bare(small_scan)
    layer = layers.prediction_layer(viewer, small_scan, "a-net")
    layers.write_labels(layer, np.full(small_scan.shape, Label.LV, np.uint8), from_model=True)
    layers.note_source(layer, Provenance(model="a-net", acquisition=TEN))
    session.set_acquisition(n_lines=10)
    marked = OldLabels(viewer, session, lambda: marked.is_updating)
    marked.is_updating = False
    marked.viewer, marked.layer = viewer, layer
    return marked


def old(marked):
    return layers.state_of(marked.layer).old


def test_labels_are_old_while_other_lines_are_chosen(marked):
    marked.mark()
    assert old(marked) == ""
    fresh = marked.layer.colormap
    marked.session.set_acquisition(n_lines=12)
    assert old(marked) == "from 10 of 48 lines"
    assert marked.layer.colormap is not fresh
    marked.session.set_acquisition(n_lines=10)
    assert old(marked) == ""
    assert marked.layer.colormap is fresh


def test_labels_that_came_with_the_scan_are_never_old(marked):
    marked.session.set_acquisition(n_lines=12)
    own = layers.find(marked.viewer, marked.session.scan, "labels")
    assert layers.state_of(own).old == ""


def test_while_models_follow_what_does_not_come_is_marked_after_a_while(marked, qtbot):
    marked.is_updating = True
    marked.session.set_acquisition(n_lines=12)
    assert old(marked) == ""
    qtbot.waitUntil(lambda: old(marked) == "from 10 of 48 lines", timeout=WAIT)


def test_labels_that_have_come_lose_their_mark_at_once(marked):
    marked.session.set_acquisition(n_lines=12)
    marked.is_updating = True
    layers.note_source(marked.layer, Provenance(model="a-net", acquisition=Acquisition(n_lines=12)))
    marked.session.labels_made.emit("a-net")
    assert old(marked) == ""


def test_a_mark_that_goes_while_it_is_waited_for_is_not_made(marked, qtbot):
    marked.is_updating = True
    marked.session.set_acquisition(n_lines=12)
    marked.session.set_acquisition(n_lines=10)
    marked._mark_soon.flush()
    assert old(marked) == ""
