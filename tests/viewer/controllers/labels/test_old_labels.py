"""What was made from other lines is marked as old, and not what is about to be made again."""

import numpy as np
import pytest

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels.old_labels import OldLabels
from napari_cmr.viewer.layers.common import LABEL_COLORMAP, OLD_COLORMAP
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
    marked = OldLabels(
        viewer,
        session,
        is_updating=lambda: marked.is_updating,
        is_playing=lambda: marked.is_playing,
    )
    marked.is_updating = marked.is_playing = False
    marked.viewer, marked.layer = viewer, layer
    return marked


def run_again(marked, *places):
    """Let the model run again from twelve lines, around slices that were accepted."""
    marks = layers.accepted(marked.layer)
    for place in places:
        marks[place] = True
    layers.set_accepted(marked.layer, marks)
    marked.session.set_acquisition(n_lines=12)
    new = np.full(marked.layer.data.shape, Label.MYO, np.uint8)
    layers.write_labels(marked.layer, new, from_model=True)
    twelve = Provenance(model="a-net", acquisition=Acquisition(n_lines=12))
    layers.note_source(marked.layer, twelve)
    marked.session.labels_made.emit("a-net")


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


def shown(marked):
    """What is said of every frame of the slice on screen, and in which colours."""
    found = []
    for frame in range(marked.session.scan.n_frames):
        layers.go_to(marked.viewer, marked.session.scan, frame=frame)
        found.append((old(marked), marked.layer.colormap))
    return found


def test_a_frame_that_was_kept_does_not_flash_while_the_cine_plays(marked):
    """As it was: one frame of the heart was grey, a fraction of a second in every beat."""
    run_again(marked, (2, 1), (4, 0))
    still = ("from 10 of 48 lines, kept as you accepted it", OLD_COLORMAP)
    fresh = ("", LABEL_COLORMAP)
    assert shown(marked) == [fresh, fresh, still, fresh, fresh, fresh]
    marked.is_playing = True
    marked.mark()
    assert shown(marked) == [("partly from 10 of 48 lines, kept", LABEL_COLORMAP)] * 6
    layers.go_to(marked.viewer, marked.session.scan, z=2)
    assert shown(marked) == [fresh] * 6
    # Ten lines again: most is old, and the frame that was kept does not flash in colour.
    marked.session.set_acquisition(n_lines=10)
    layers.go_to(marked.viewer, marked.session.scan, z=1)
    assert shown(marked) == [("partly from 12 of 48 lines", OLD_COLORMAP)] * 6
    marked.is_playing = False
    marked.mark()
    assert shown(marked)[1:3] == [("from 12 of 48 lines", OLD_COLORMAP), fresh]


def test_a_slice_that_was_kept_in_all_frames_is_grey_while_it_plays(marked):
    run_again(marked, *((frame, 1) for frame in range(6)))
    marked.is_playing = True
    marked.mark()
    assert shown(marked) == [("from 10 of 48 lines, kept", OLD_COLORMAP)] * 6


def test_an_undo_in_labels_that_are_not_measured_gives_back_what_they_are_of(marked):
    """As it was: ten lines' labels that came back were twelve's, and all corrected by hand."""
    told = []
    marked.session.labels_settled.connect(lambda: told.append(layers.source_of(marked.layer)))
    run_again(marked, (2, 1))
    assert marked.layer is not marked.session.labels_layer
    layers.undo(marked.layer)
    assert layers.edited_slices(marked.layer).any()
    marked._settle_soon.flush()
    assert [one.acquisition for one in told] == [TEN]
    assert not told[0].kept
    assert not layers.edited_slices(marked.layer).any()
    assert old(marked) == "from 10 of 48 lines"
    layers.undo(marked.layer)  # as it was before the first run
    marked._settle_soon.flush()
    assert told[-1].acquisition is None
    for lines in (10, 12):
        layers.redo(marked.layer)
        marked._settle_soon.flush()
        assert told[-1].acquisition == Acquisition(n_lines=lines)
    assert told[-1].kept[0].slices == ((2, 1),)
    layers.go_to(marked.viewer, marked.session.scan, frame=3)  # no undo: nothing to settle
    marked._settle_soon.flush()
    assert len(told) == 4


def test_labels_that_are_measured_are_left_to_the_measurement(marked):
    run_again(marked)
    marked.session.set_labels_layer(marked.layer)
    layers.undo(marked.layer)
    marked._settle_soon.flush()
    assert layers.source_of(marked.layer).acquisition == Acquisition(n_lines=12)


def test_tiles_are_named_again_once_their_model_has_labelled(marked):
    viewer, session = marked.viewer, marked.session
    layers.arrange_tiles(viewer, session.scan, ["a-net", "b-net"], "image")
    layers.write_notice(viewer, session.scan, session.mask)
    tile = next(one for one in viewer.layers if one.name.startswith("b-net, "))
    assert tile.name == "b-net, no labels of its own"
    layer = layers.find_prediction(viewer, session.scan, "b-net")
    layers.write_labels(layer, np.full(layer.data.shape, Label.LV, np.uint8), from_model=True)
    layers.note_source(layer, Provenance(model="b-net", acquisition=session.acquisition))
    session.labels_made.emit("b-net")
    assert tile.name == "b-net, 10 lines"
    layers.undo(layer)
    marked._settle_soon.flush()
    assert tile.name == "b-net, no labels of its own"
