"""Jobs of annotation: edits of the places that were asked for, and files that are written."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.analysis import AS_LABELLED
from napari_cmr.scan import Code, Label, Notice
from napari_cmr.viewer.controllers.labels.annotation_jobs import (
    Wanted,
    edit,
    label_files,
    look,
    propagate,
    save,
)
from napari_cmr.viewer.core.label_marks import Origin, digests_of
from napari_cmr.workflow.edit.provenance import Provenance

SCAN = make_scan(n_frames=3, n_slices=3)


def holed() -> np.ndarray:
    labels = SCAN.labels.copy()
    labels[:, :, 24, 20] = 0  # in the middle of the cavity
    return labels


def test_holes_are_filled_where_it_was_asked_for_and_the_rest_is_left() -> None:
    before = holed()
    (done,) = edit("fill", before, [(0, 1), (2, 0)], SCAN.spacing, Label.LV)
    assert done.what == "fill"
    assert done.before is before
    changed = (done.after != before).any(axis=(2, 3))
    assert np.argwhere(changed).tolist() == [[0, 1], [2, 0]]
    assert done.after[0, 1, 24, 20] == Label.LV


def test_missing_slices_are_interpolated_in_the_first_frame_asked_for() -> None:
    before = SCAN.labels.copy()
    before[:, 1] = 0
    (done,) = edit("interpolate", before, [(1, 1), (2, 1)], SCAN.spacing, None)
    changed = (done.after != before).any(axis=(2, 3))
    assert np.argwhere(changed).tolist() == [[1, 1]]


@pytest.mark.parametrize(
    ("what", "structure"), [("largest", Label.RV), ("largest", None), ("smooth", None)]
)
def test_a_stray_pixel_goes_and_other_frames_are_left(what, structure) -> None:
    before = SCAN.labels.copy()
    before[:, 1, 40, 36] = Label.RV
    (done,) = edit(what, before, [(1, 1)], SCAN.spacing, structure)
    assert done.after[1, 1, 40, 36] == 0
    np.testing.assert_array_equal(done.after[[0, 2]], before[[0, 2]])


def test_propagation_tells_of_its_steps_and_ends_with_all_frames() -> None:
    before = np.zeros_like(SCAN.labels)
    before[0] = SCAN.labels[0]
    *steps, done = propagate(SCAN, before, [0])
    assert steps == [None] * len(steps) != []
    assert done.what == "propagate"
    assert done.after.any(axis=(2, 3)).all()
    np.testing.assert_array_equal(done.after[0], before[0])


@pytest.mark.parametrize(("typed", "written"), [("a.nii", "a.nii"), ("a.b", "a.b.nii.gz")])
def test_an_ending_is_added_where_there_is_none(tmp_path, typed, written) -> None:
    assert tmp_path / written in label_files(tmp_path / typed)


def test_what_is_saved_is_on_disk_and_known_to_be(tmp_path: Path) -> None:
    labels, path = holed(), tmp_path / "drawn.nii.gz"
    accepted = np.zeros((3, 3), bool)
    layer = object()
    made = Provenance(model="net", warnings=(Notice(Code.FEW_LINES_PER_BEAT, "Few lines."),))
    wanted = Wanted(SCAN, layer, labels, accepted, AS_LABELLED, made, path)
    (saved,) = save(wanted)
    assert json.loads((tmp_path / "drawn.json").read_text())["warnings"][0] == "Few lines."
    assert path.exists()
    assert {one for one in tmp_path.iterdir()} <= set(label_files(path))
    assert (saved.layer is layer, saved.path) == (True, path)
    np.testing.assert_array_equal(saved.digests, digests_of(labels))
    (marks,) = look(labels, Origin(SCAN.labels, saved.digests, saved.accepted))
    assert marks.labelled.all()
