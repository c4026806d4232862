"""Edits of labels, their acceptance and saving, and steps between ED and ES, without a dock."""

import numpy as np
import pytest

from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels.annotation import Annotation
from napari_cmr.viewer.core.results import partial_source

WAIT = 60_000


@pytest.fixture
def make(bare):
    made = []

    def annotate(scan):
        viewer, session = bare(scan)
        written, stopped = [], []
        annotation = Annotation(
            viewer,
            session,
            labels_written=lambda: written.append(1),
            is_playing=lambda: False,
            stop_playing=lambda: stopped.append(1),
        )
        annotation.viewer, annotation.written, annotation.stopped = viewer, written, stopped
        made.append(annotation)
        return annotation

    yield annotate
    for annotation in made:
        annotation.close()


@pytest.fixture
def annotation(make, small_scan):
    return make(small_scan)


@pytest.fixture
def done(qtbot):
    return lambda one: qtbot.waitUntil(lambda: not one.is_busy, timeout=WAIT)


def test_a_copied_slice_is_written_measured_and_gone_to(annotation):
    before = annotation.layer.data.copy()
    annotation.copy(frames=2)
    np.testing.assert_array_equal(annotation.layer.data[2, 1], before[0, 1])
    assert annotation.place == (2, 1)
    assert annotation.written == [1]
    assert annotation.message == "Copied all labels to slice 2 of frame 3."
    annotation.layer.undo()
    np.testing.assert_array_equal(annotation.layer.data, before)


def test_the_chosen_structure_alone_is_deleted(annotation):
    annotation.set_options(structure=Label.RV)
    before = annotation.layer.data.copy()
    annotation.delete()
    before[0, 1][before[0, 1] == Label.RV] = 0
    np.testing.assert_array_equal(annotation.layer.data, before)


def test_accepted_slices_are_kept_unless_they_may_change(annotation, small_scan):
    touched = []
    annotation.touched.connect(touched.append)
    annotation.accept("slice")
    assert np.argwhere(annotation.accepted).tolist() == [[0, 1]]
    assert touched == [annotation.layer]
    annotation.delete()
    assert annotation.layer.data[0, 1].any()
    assert "1 accepted slice kept" in annotation.message
    assert not annotation.written
    annotation.set_options(overwrite_accepted=True)
    annotation.delete()
    assert not annotation.layer.data[0, 1].any()
    annotation.accept("slice")
    assert not annotation.accepted.any()
    annotation.session.set_labels_layer(layers.add_empty_labels(annotation.viewer, small_scan))
    assert annotation.message == ""


def test_without_labels_it_says_what_to_do_first(make, small_scan):
    annotation = make(small_scan.with_(labels=None, labelled_frames=()))
    for act in (annotation.delete, annotation.copy, lambda: annotation.accept("frame")):
        annotation.say("")
        act()
        assert annotation.message == "Add a labels layer first."
    annotation.save(None)
    assert annotation.message == "There are no labels to save."


def test_an_edit_of_all_keeps_what_is_painted_meanwhile(annotation, done):
    labels = annotation.layer.data.copy()
    labels[:, :, 24, 20] = 0
    layers.write_labels(annotation.layer, labels)
    annotation.set_options(scope="all")
    annotation.edit("fill")
    annotation.layer.data_setitem(tuple(np.array([n]) for n in (0, 0, 1, 1)), int(Label.RV))
    done(annotation)
    assert (annotation.layer.data[:, :, 24, 20] == Label.LV).all()
    assert annotation.layer.data[0, 0, 1, 1] == Label.RV
    assert annotation.message == "Filled."


def test_a_frame_is_carried_over_the_cycle(annotation, done):
    labels = annotation.layer.data.copy()
    labels[1:] = 0
    layers.write_labels(annotation.layer, labels)
    annotation.propagate("frame")
    done(annotation)
    assert annotation.layer.data.any(axis=(2, 3)).all()
    np.testing.assert_array_equal(annotation.layer.data[0], labels[0])


@pytest.mark.parametrize("paints", [False, True])
def test_an_edit_of_labels_that_a_model_replaces_meanwhile_is_dropped(
    annotation, done, paints
) -> None:
    """As it was: what was carried of the old labels went into those of other lines."""
    session, scan = annotation.session, annotation.session.scan

    def follow(labels):
        source = partial_source("net", session.acquisition)
        for z in range(scan.n_slices):
            layer = layers.show_prediction(
                annotation.viewer, scan, z, labels[:, z], name="net", source=source
            )
            session.note_labels("net", source, (slice(None), z))
            session.set_labels_layer(layer)
        return layer

    old = scan.labels.copy()
    old[1:] = 0
    first = follow(old)
    annotation.propagate("frame")
    if paints:  # then the model gets a layer of its own, and this one stays with the user
        layers.paint(first, tuple(np.array([n]) for n in (0, 0, 1, 1)), int(Label.RV))
    mine = first.data.copy()
    new = np.roll(old, 3, axis=-1)
    assert (follow(new) is first) != paints
    done(annotation)
    np.testing.assert_array_equal(annotation.layer.data, new)
    np.testing.assert_array_equal(first.data, mine if paints else new)
    assert annotation.message.startswith("The edit was dropped: ")


def test_steps_go_from_ed_to_es_and_back(annotation, qtbot):
    annotation.set_pair((1, 4))
    assert annotation.stopped
    assert annotation.place[0] == 1
    for step, arrived in ((2, 4), (5, 1), (3, 4)):  # the last is a jump, to the nearer of the two
        layers.go_to(annotation.viewer, annotation.session.scan, frame=step)
        qtbot.waitUntil(lambda frame=arrived: annotation.place[0] == frame, timeout=WAIT)
    annotation.set_pair(None)
    layers.go_to(annotation.viewer, annotation.session.scan, frame=3)
    qtbot.wait(1)
    assert annotation.place[0] == 3


def test_saved_labels_are_not_dirty_until_they_change_again(annotation, done, qtbot, tmp_path):
    annotation.delete()
    qtbot.waitUntil(
        lambda: annotation.marks is not None and annotation.marks.dirty[0, 1], timeout=WAIT
    )
    annotation.save(tmp_path / "mine.nii.gz")
    done(annotation)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ["mine.csv", "mine.json", "mine.nii.gz"]
    qtbot.waitUntil(lambda: not annotation.marks.dirty.any(), timeout=WAIT)
    assert annotation.message == "Saved mine.nii.gz, with .json and .csv beside it."
    annotation.layer.data_setitem(tuple(np.array([n]) for n in (0, 1, 1, 1)), int(Label.RV))
    qtbot.waitUntil(lambda: bool(annotation.marks.dirty[0, 1]), timeout=WAIT)
