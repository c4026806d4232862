"""Where labels came from survives saving, a crash, a session and a report."""

import csv
import json

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label, save_image, save_labels
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.measure.function import measure_scan

WAIT = 60_000
WEIGHTS = {"pooled-net": "ab" * 32}
TEN = Acquisition(n_lines=10, seed=7)


@pytest.fixture
def heart(tmp_path):
    scan = make_scan("heart", labels=False)
    save_image(tmp_path / "heart.nii.gz", scan.image, scan)
    return tmp_path / "heart.nii.gz"


@pytest.fixture
def opened(open_viewer, heart, settle, qtbot):
    def open_(*, with_labels=True):
        viewer = open_viewer()
        bench = workbench_of(viewer)
        bench.opener.open_path(heart)
        qtbot.waitUntil(lambda: bench.session.scan is not None, timeout=WAIT)
        qtbot.waitUntil(lambda: not bench.opener.is_opening, timeout=WAIT)
        if with_labels:
            bench.session.set_acquisition(n_lines=10, seed=7)
            labels = make_scan().labels.copy()
            function = measure_scan(bench.session.scan, labels=labels)
            result = ModelResult("pooled-net", TEN, function, labels=labels, weights=WEIGHTS)
            bench.segmentation.set_models(["pooled-net"])
            bench.segmentation.show_again(result)
            settle(viewer)
            correct(bench.session.labels_layer)
            settle(viewer)
        return bench

    return open_


def correct(layer):
    where = np.nonzero(layer.data[2, 1] == Label.LV)
    n = len(where[0])
    layer.data_setitem((np.full(n, 2), np.full(n, 1), *where), int(Label.MYO))


def keep(bench, settle, frame=1, z=2):
    """Let the model run again, from other lines, around a slice that was accepted."""
    marks = np.zeros(bench.session.scan.shape[:2], bool)
    marks[frame, z] = True
    layers.set_accepted(bench.session.labels_layer, marks)
    bench.session.set_acquisition(n_lines=9)
    labels = np.roll(make_scan().labels, 2, axis=3)
    function = measure_scan(bench.session.scan, labels=labels)
    now = bench.session.acquisition
    bench.segmentation.show_again(
        ModelResult("pooled-net", now, function, labels=labels, weights=WEIGHTS)
    )
    settle(bench.viewer)
    layers.go_to(bench.viewer, bench.session.scan, frame=frame, z=z)
    assert "⚠ labels from 10 of 48 lines, kept as you accepted it" in notice(bench)


def notice(bench) -> str:
    return bench.viewer.canvas.overlays.text.text


def test_a_slice_that_was_kept_stays_what_it_was_in_a_session(
    opened, open_viewer, settle, tmp_path, qtbot
) -> None:
    """As it was: it came back as corrected by hand, of the lines of the run that kept it."""
    bench = opened()
    keep(bench, settle)
    layer, made = bench.session.labels_layer, layers.provenance_of(bench.session.labels_layer)
    assert {one.slices for one in made.kept} == {((1, 2), (2, 1))}  # this one was corrected
    assert made.corrected == ((2, 1),)
    path = tmp_path / "heart.cmr-session.json"
    bench.keeper.save_session(path)
    qtbot.waitUntil(path.exists, timeout=WAIT)
    qtbot.waitUntil(lambda: not bench.keeper.job.is_running, timeout=WAIT)

    again = workbench_of(open_viewer())
    again.opener.open_path(path)
    qtbot.waitUntil(lambda: again.session.labels_layer is not None, timeout=WAIT)
    settle(again.viewer)
    came = again.session.labels_layer
    np.testing.assert_array_equal(came.data, layer.data)
    back = layers.provenance_of(came)
    assert (back.acquisition, back.corrected, back.kept) == (
        made.acquisition, made.corrected, made.kept
    )  # fmt: skip
    assert "⚠ labels from 10 of 48 lines, kept as you accepted it" in notice(again)
    assert np.argwhere(again.session.corrections.edited).tolist() == [[2, 1]]
    came.undo()  # what the model itself gave
    settle(again.viewer)
    assert layers.provenance_of(came).kept == ()
    assert "⚠" not in notice(again)


def test_a_slice_that_was_kept_stays_what_it_was_after_a_crash(opened, settle, qtbot) -> None:
    first = opened()
    keep(first, settle)
    made = layers.provenance_of(first.session.labels_layer)
    first.keep_unsaved()
    first.close()
    second = opened(with_labels=False)
    autosave = second.keep_unsaved()
    qtbot.waitUntil(lambda: bool(autosave.offers), timeout=WAIT)
    second.session.set_acquisition(n_lines=9, seed=7)
    autosave.restore(autosave.offers[0])
    qtbot.waitUntil(lambda: second.session.labels_layer is not None, timeout=WAIT)
    settle(second.viewer)
    assert layers.provenance_of(second.session.labels_layer) == made
    layers.go_to(second.viewer, second.session.scan, frame=1, z=2)
    assert "⚠ labels from 10 of 48 lines, kept as you accepted it" in notice(second)


def test_saved_labels_say_model_lines_and_corrected_slices(opened, tmp_path, qtbot) -> None:
    bench = opened()
    bench.annotation.save(tmp_path / "labels.nii.gz")
    qtbot.waitUntil((tmp_path / "labels.json").exists, timeout=WAIT)
    qtbot.waitUntil(lambda: not bench.annotation.is_busy, timeout=WAIT)
    made = json.loads((tmp_path / "labels.json").read_text())["made_from"]
    assert made["model"] == "pooled-net"
    assert made["weights"] == WEIGHTS
    assert (made["acquisition"]["n_lines"], made["acquisition"]["seed"]) == (10, 7)
    assert made["corrected"] == [[2, 1]]
    with (tmp_path / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    corrected = [(row["frame"], row["slice"]) for row in rows if row["corrected"] == "yes"]
    assert corrected == [("3", "2")]


def test_labels_that_are_opened_again_know_what_lies_beside_their_file(
    opened, tmp_path, qtbot
) -> None:
    bench = opened()
    marks = np.zeros(bench.session.scan.shape[:2], bool)
    marks[2, 1] = True
    layers.set_accepted(bench.session.labels_layer, marks)
    file = tmp_path / "labels.nii.gz"
    bench.annotation.save(file)
    qtbot.waitUntil(lambda: not bench.annotation.is_busy, timeout=WAIT)
    made = layers.provenance_of(bench.session.labels_layer)
    held = layers.held_in(bench.session.labels_layer)
    assert made.corrected
    assert held is not None

    def open_labels():
        again = opened(with_labels=False)
        again.opener.open_path(file)
        qtbot.waitUntil(lambda: again.session.labels_layer is not None, timeout=WAIT)
        qtbot.waitUntil(lambda: again.session.function is not None, timeout=WAIT)
        qtbot.waitUntil(lambda: not again.is_busy, timeout=WAIT)
        return again.session

    session = open_labels()
    layer = session.labels_layer
    assert layers.provenance_of(layer) == made
    np.testing.assert_array_equal(layers.accepted(layer), marks)
    assert layers.held_in(layer) == held
    assert session.function.to_dict() == bench.session.function.to_dict()
    assert session.old_text(session.function_source) == "from 10 of 48 lines"
    # Another program has changed the labels: what was known is of others now.
    changed = np.asarray(layer.data).copy()
    changed[0, 0, 0, 0] = Label.LV
    save_labels(file, changed, session.scan)
    layer = open_labels().labels_layer
    assert layers.provenance_of(layer).model is None
    assert not layers.accepted(layer).any()


def test_labels_that_are_restored_know_what_they_were_made_from(opened, tmp_path, qtbot) -> None:
    first = opened()
    first.keep_unsaved()
    first.close()  # what is not saved is kept
    second = opened(with_labels=False)
    autosave = second.keep_unsaved()
    qtbot.waitUntil(lambda: bool(autosave.offers), timeout=WAIT)
    autosave.restore(autosave.offers[0])
    qtbot.waitUntil(lambda: second.session.labels_layer is not None, timeout=WAIT)
    layer = second.session.labels_layer
    source = layers.source_of(layer)
    assert (source.model, source.acquisition) == ("pooled-net", TEN)
    assert layers.provenance_of(layer).corrected == ((2, 1),)
    qtbot.waitUntil(lambda: second.session.function is not None, timeout=WAIT)
    # All lines are chosen in the new window, and the labels are of ten.
    assert second.session.old_text(second.session.function_source) == "from 10 of 48 lines"
    second.keeper.save_report(tmp_path / "report.html")
    qtbot.waitUntil(lambda: not second.keeper.job.is_running, timeout=WAIT)
    page = (tmp_path / "report.html").read_text()
    assert "labels were not made from undersampled lines" not in page
    assert "seed 7" in page


def test_a_session_brings_the_source_of_edited_labels_back(opened, tmp_path, qtbot) -> None:
    first = opened()
    layer = first.session.labels_layer
    layers.state.note(layer, role="drawn")  # as when a model goes on beside corrected labels
    first.keeper.save_session(tmp_path / "s.cmr-session.json")
    qtbot.waitUntil(lambda: not first.keeper.job.is_running, timeout=WAIT)
    second = opened(with_labels=False)
    second.opener.open_path(tmp_path / "s.cmr-session.json")
    qtbot.waitUntil(lambda: second.session.labels_layer is not None, timeout=WAIT)
    made = layers.provenance_of(second.session.labels_layer)
    assert (made.model, made.acquisition, made.corrected) == ("pooled-net", TEN, ((2, 1),))
    assert made.weights == WEIGHTS
