"""Labels are written as one step of undo, and what was accepted stays."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.layers import edits
from napari_cmr.viewer.layers.edits import (
    accepted,
    note_saved,
    origin_of,
    settle_source,
    write_labels,
)
from napari_cmr.workflow.edit.provenance import Provenance


@pytest.fixture
def viewer(small_scan):
    viewer = ViewerModel()
    layers.show_scan(viewer, small_scan)
    return viewer


def test_labels_are_written_as_one_step_of_undo(viewer, small_scan):
    layer = layers.find(viewer, small_scan, "labels")
    before = layer.data.copy()
    new = before.copy()
    new[2:4] = Label.RV
    new[5, 0, 3, 4] = Label.MYO
    assert layers.write_labels(layer, new) == (7, 0)
    np.testing.assert_array_equal(layer.data, new)
    layer.undo()
    np.testing.assert_array_equal(layer.data, before)
    layer.redo()
    np.testing.assert_array_equal(layer.data, new)


def test_accepted_slices_are_kept_unless_asked_for(viewer, small_scan):
    layer = layers.find(viewer, small_scan, "labels")
    before = layer.data.copy()
    marks = layers.accepted(layer)
    marks[1, 2] = True
    layers.set_accepted(layer, marks)
    new = np.zeros_like(before)
    assert layers.write_labels(layer, new) == (17, 1)
    np.testing.assert_array_equal(layer.data[1, 2], before[1, 2])
    assert layers.write_labels(layer, new, overwrite_accepted=True) == (1, 0)
    assert not layer.data.any()


def test_a_run_into_an_edited_layer_is_one_step_of_undo(viewer, small_scan):
    layer = layers.prediction_layer(viewer, small_scan, "some net")
    layers.write_labels(layer, np.full(small_scan.shape, Label.LV, np.uint8), from_model=True)
    layer.data_setitem((np.array([0]), np.array([0]), np.array([5]), np.array([5])), Label.RV)
    layers.write_labels(layer, np.full(small_scan.shape, Label.MYO, np.uint8), from_model=True)
    assert (layer.data == Label.MYO).all()
    layer.undo()
    assert layer.data[0, 0, 5, 5] == Label.RV
    assert (layer.data == Label.LV).sum() == layer.data.size - 1


def test_slices_to_keep_stay_whatever_a_model_says(viewer, small_scan):
    layer = layers.prediction_layer(viewer, small_scan, "some net")
    keep = np.zeros(layer.data.shape[:2], bool)
    keep[0, 1] = True
    new = np.full(small_scan.shape, Label.LV, np.uint8)
    assert write_labels(layer, new, from_model=True, keep=keep) == (17, 1)
    assert not layer.data[0, 1].any()
    assert not layers.edited_slices(layer).any()  # nothing was drawn by the user


def test_accepted_slices_that_a_run_keeps_stay_those_of_the_run_before(viewer, small_scan):
    layer = layers.prediction_layer(viewer, small_scan, "some net")
    few, fewer = (Provenance(model="some net", acquisition=Acquisition(n_lines=n)) for n in (4, 2))
    write_labels(layer, np.full(small_scan.shape, Label.LV, np.uint8), from_model=True)
    layers.note_source(layer, few)
    marks = accepted(layer)
    marks[2, 1] = True
    layers.set_accepted(layer, marks)
    write_labels(layer, np.full(small_scan.shape, Label.MYO, np.uint8), from_model=True)
    layers.note_source(layer, fewer)
    made = layers.provenance_of(layer)
    assert (made.acquisition, made.corrected) == (fewer.acquisition, ())
    [kept] = made.kept
    assert (kept.model, kept.acquisition, kept.slices) == ("some net", few.acquisition, ((2, 1),))
    assert (made.at(2, 1), made.at(0, 1)) == (kept, made)
    layer.undo()
    assert settle_source(layer)
    assert layers.provenance_of(layer) == few
    assert layers.how_kept(layer, 2, 1) == ""
    layer.redo()
    assert settle_source(layer)
    assert layers.provenance_of(layer) == made
    assert layers.how_kept(layer, 2, 1) == "kept as you accepted it"


def test_a_slice_that_several_runs_keep_stays_that_of_the_first(viewer, small_scan):
    layer = layers.prediction_layer(viewer, small_scan, "some net")
    write_labels(layer, np.full(small_scan.shape, Label.LV, np.uint8), from_model=True)
    layers.note_source(layer, Provenance(model="some net", acquisition=Acquisition(n_lines=4)))
    layers.set_accepted(layer, np.eye(*layer.data.shape[:2], dtype=bool))
    for n, label in ((3, Label.MYO), (2, Label.RV)):
        write_labels(layer, np.full(small_scan.shape, label, np.uint8), from_model=True)
        layers.note_source(layer, Provenance(model="some net", acquisition=Acquisition(n_lines=n)))
    assert np.argwhere(~layers.slices_of_lines(layer, Acquisition(n_lines=2))).tolist() == [
        [0, 0],
        [1, 1],
        [2, 2],
    ]
    assert layers.slices_of_lines(layer, Acquisition(n_lines=4)).all()
    [kept] = layers.source_of(layer).kept
    assert (kept.acquisition.n_lines, kept.slices) == (4, ((0, 0), (1, 1), (2, 2)))
    # The first lines again: nothing has to be kept.
    write_labels(layer, np.full(small_scan.shape, Label.LV, np.uint8), from_model=True)
    assert layers.source_of(layer).kept == ()


def test_labels_are_of_nothing_where_undo_leaves_none(viewer, small_scan):
    """As it was: an empty layer was said to hold labels from the lines of the run."""
    layer = layers.prediction_layer(viewer, small_scan, "some net")
    made = Provenance(model="some net", acquisition=Acquisition(n_lines=4))
    write_labels(layer, np.full(small_scan.shape, Label.LV, np.uint8), from_model=True)
    layers.note_source(layer, made)
    layer.undo()
    assert settle_source(layer)
    assert not layer.data.any()
    assert layers.provenance_of(layer) == Provenance()
    layer.redo()
    assert settle_source(layer)
    assert layers.provenance_of(layer) == made
    # By hand, all but a little: what is left is still the model's.
    others = np.ones(layer.data.shape, bool)
    others[0, 0] = False
    layers.paint(layer, np.nonzero(others), 0)
    assert not settle_source(layer)
    assert layers.provenance_of(layer).acquisition == made.acquisition


def run_often(layer, n_runs: int) -> list[np.ndarray]:
    """Let a model run with one seed after the other; returns the labels of each run."""
    seen = []
    for n in range(1, n_runs + 1):
        labels = np.full(layer.data.shape, 1 + n % 3, np.uint8)
        labels[0, 0].flat[:n] = 0
        write_labels(layer, labels, from_model=True)
        layers.note_source(layer, Provenance(model="some net", acquisition=Acquisition(seed=n)))
        seen.append(labels)
    return seen


def seed_after(step, layer) -> int:
    """Seed of which labels are said to be after an undo or redo."""
    step()
    settle_source(layer)
    return layers.provenance_of(layer).acquisition.seed


def test_many_runs_can_be_undone_one_by_one_and_done_again(viewer, small_scan):
    layer = layers.prediction_layer(viewer, small_scan, "some net")
    n_runs = 12
    seen = run_often(layer, n_runs)
    for seed in [*range(n_runs - 1, 0, -1)]:
        assert seed_after(layer.undo, layer) == seed
        np.testing.assert_array_equal(layer.data, seen[seed - 1])
        assert not layers.edited_slices(layer).any()
    for seed in range(2, n_runs + 1):
        assert seed_after(layer.redo, layer) == seed
        np.testing.assert_array_equal(layer.data, seen[seed - 1])
        assert not layers.edited_slices(layer).any()


def test_runs_that_are_kept_take_less_room_than_one_stack_of_labels(viewer, small_scan):
    layer = layers.prediction_layer(viewer, small_scan, "some net")
    run_often(layer, 12)
    kept = layers.state_of(layer).earlier
    assert len(kept) > 10
    assert sum(len(run.packed) for run in kept) < layer.data.nbytes / 4


def test_undo_reaches_no_further_than_runs_that_are_known(viewer, small_scan, monkeypatch):
    monkeypatch.setattr(edits, "KEPT_RUNS", 4)
    layer = layers.prediction_layer(viewer, small_scan, "some net")
    seen = run_often(layer, 7)
    for _ in range(8):
        seed = seed_after(layer.undo, layer)
        np.testing.assert_array_equal(layer.data, seen[seed - 1])
    assert seed < 7  # some of it is undone


def test_marks_of_acceptance_are_a_copy(viewer, small_scan):
    layer = layers.find(viewer, small_scan, "labels")
    accepted(layer)[:] = True
    assert not accepted(layer).any()
    marks = np.ones(layer.data.shape[:2], bool)
    layers.set_accepted(layer, marks)
    marks[:] = False
    accepted(layer)[:] = False
    assert accepted(layer).all()


def test_the_origin_is_the_reference_or_what_was_written_and_saved(viewer, small_scan):
    reference = layers.find(viewer, small_scan, "labels")
    assert origin_of(reference).start is small_scan.labels
    drawn = layers.add_empty_labels(viewer, small_scan)
    assert origin_of(drawn).start is None
    digests, marks = np.ones((6, 3), np.uint32), np.ones((6, 3), bool)
    note_saved(drawn, digests, marks)
    origin = origin_of(drawn)
    assert (origin.saved is digests, origin.saved_accepted is marks) == (True, True)
