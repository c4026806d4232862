"""A session saved in the window comes back in the window, and on the command line to the byte."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from napari_cmr.analysis import Reading
from napari_cmr.analysis.interpretation import VentricleReading
from napari_cmr.cli.root import app
from napari_cmr.scan import Geometry, Scan, ScanError, save_image, save_labels
from napari_cmr.viewer import layers
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.session.file import read_session
from napari_cmr.zoo import find_weights, read_card
from napari_cmr.zoo.cards import write_card

SHAPE = (4, 3, 40, 48)
BOX = np.s_[1:3, 1, 4:9, 5:30]


@pytest.fixture
def heart(tmp_path):
    """A scan on disk, with reference labels beside it."""
    image = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
    labels = np.zeros(SHAPE, np.uint8)
    labels[:, :, 10:20, 10:20] = 1
    labels[2, :, 10:13, 10:20] = 0
    scan = Scan(image, Geometry.regular((8.0, 3.0, 3.0), SHAPE[1]), kind="cine")
    folder = tmp_path / "study"
    folder.mkdir()
    save_image(folder / "heart.nii.gz", image, scan)
    save_labels(folder / "heart_labels.nii.gz", labels, scan)
    return folder / "heart.nii.gz"


@pytest.fixture
def quiet(qtbot):
    """Waits until nothing runs in a viewer any more."""

    def wait(viewer):
        def is_quiet():
            return not (
                workbench_of(viewer).is_busy
                or workbench_of(viewer).segmentation.job.is_running
                or workbench_of(viewer).opener.is_opening
                or workbench_of(viewer).keeper.job.is_running
            )

        qtbot.waitUntil(is_quiet, timeout=60_000)

    return wait


def edited_session(viewer, heart, quiet, precision="auto"):
    """Opens the scan, chooses lines, runs a model, and draws in its labels."""
    workbench_of(viewer).opener.open_path(heart)
    quiet(viewer)
    session = workbench_of(viewer).session
    session.set_acquisition(n_lines=9, seed=4)
    session.edit_lines([(0, 2), (1, 39)], True, stroke=True)
    workbench_of(viewer).segmentation.set_device("cpu")
    workbench_of(viewer).segmentation.set_precision(precision)
    workbench_of(viewer).segmentation.run()
    quiet(viewer)
    layer = layers.find_prediction(viewer, session.scan, "pooled-net")
    drawn = np.asarray(layer.data).copy()
    drawn[BOX] = 5
    layers.write_labels(layer, drawn)
    quiet(viewer)
    return layer


def test_replay_gives_the_bytes_that_the_window_saved(
    varied_models, open_viewer, heart, quiet, tmp_path
) -> None:
    viewer = open_viewer()
    layer = edited_session(viewer, heart, quiet)
    saved, again = heart.parent / "saved.nii.gz", heart.parent / "again.nii.gz"
    assert layer.save(str(saved), plugin="napari-cmr")
    path = heart.parent / "heart.cmr-session.json"
    workbench_of(viewer).keeper.save_session(path)
    quiet(viewer)
    written = read_session(path)
    assert written.scan.path == "heart.nii.gz"
    assert {one.name for one in written.models} == {"pooled-net", "localiser"}
    assert len(written.acquisition.toggled) in (1, 2)
    result = CliRunner().invoke(
        app, ["replay", str(path), "-o", str(again), "--json", str(tmp_path / "r.json")]
    )
    assert result.exit_code == 0, result.output
    assert again.read_bytes() == saved.read_bytes()
    record = json.loads((tmp_path / "r.json").read_text())
    assert record["model_was_run"]
    assert record["edited_voxels"] > 0
    assert record["lv"]["ef_percent"] == pytest.approx(
        workbench_of(viewer).session.function.lv.ef_percent
    )


def test_a_session_names_what_found_the_heart_when_the_model_ran(
    varied_models, open_viewer, heart, quiet
) -> None:
    viewer = open_viewer()
    edited_session(viewer, heart, quiet)
    weights = find_weights("localiser")
    ran = read_card(weights)
    write_card(weights, ran.model_copy(update={"sha256": "f" * 64}))  # others were installed since
    path = heart.parent / "heart.cmr-session.json"
    workbench_of(viewer).keeper.save_session(path)
    quiet(viewer)
    digests = {one.name: one.sha256 for one in read_session(path).models}
    assert digests["localiser"] == ran.sha256


def test_a_session_keeps_the_precision_that_a_person_chose(
    varied_models, open_viewer, heart, quiet, monkeypatch
) -> None:
    import torch

    from napari_cmr.zoo.tasks import segmentation as predictor

    used = []
    label = predictor.Segmenter.segment

    def noted(self, *given, **named):
        used.append(next(self.network.parameters()).dtype)
        return label(self, *given, **named)

    monkeypatch.setattr(predictor.Segmenter, "segment", noted)
    viewer = open_viewer()
    edited_session(viewer, heart, quiet, "float32")
    assert set(used) == {torch.float32}
    path = heart.parent / "heart.cmr-session.json"
    workbench_of(viewer).keeper.save_session(path)
    quiet(viewer)
    saved = [one for one in read_session(path).labels if one.model == "pooled-net"]
    assert [one.precision for one in saved] == ["float32"]
    used.clear()
    result = CliRunner().invoke(app, ["replay", str(path), "-o", str(heart.parent / "a.nii.gz")])
    assert result.exit_code == 0, result.output
    assert set(used) == {torch.float32}


def test_the_window_comes_back_as_it_was(varied_models, open_viewer, heart, quiet) -> None:
    first = open_viewer()
    layer = edited_session(first, heart, quiet)
    session = workbench_of(first).session
    session.set_reading(Reading(lv=VentricleReading(ed_frame=1)))
    layer.opacity = 0.7
    layers.find(first, session.scan, "zero_filled").contrast_limits = (0.05, 0.5)
    layers.go_to(first, session.scan, frame=3, z=2)
    marks = np.zeros(SHAPE[:2], bool)
    marks[1, 1] = True
    layers.set_accepted(layer, marks)
    quiet(first)
    path = heart.parent / "heart.cmr-session.json"
    workbench_of(first).keeper.save_session(path)
    quiet(first)

    second = open_viewer()
    workbench_of(second).opener.open_path(path)
    quiet(second)
    again = workbench_of(second).session
    assert again.acquisition == session.acquisition
    assert np.array_equal(again.mask.array, session.mask.array)
    assert again.picture == "zero_filled"
    assert again.reading == session.reading
    other = again.labels_layer
    assert other.name == layer.name
    assert layers.model_of(other) == "pooled-net"
    assert np.array_equal(other.data, layer.data)
    assert other.opacity == pytest.approx(0.7)
    assert np.array_equal(layers.accepted(other), marks)
    assert layers.frame_on_screen(second, again.scan) == 3
    assert layers.slice_on_screen(second, again.scan) == 2
    zero_filled = layers.find(second, again.scan, "zero_filled")
    assert tuple(zero_filled.contrast_limits) == pytest.approx((0.05, 0.5))
    assert [one.visible for one in second.layers] == [one.visible for one in first.layers]
    assert again.function.to_dict() == session.function.to_dict()
    assert again.reference.to_dict() == session.reference.to_dict()
    assert "pooled-net" in again.models
    said = session.run_of("pooled-net").source.warnings
    assert said  # of few lines, if nothing else
    assert again.run_of("pooled-net").source.warnings == said
    assert again.function_source == session.function_source
    other.undo()  # the edits are one step: what the model gave comes back
    assert np.array_equal(other.data, again.models["pooled-net"].labels)
    other.redo()

    workbench_of(second).keeper.save_session(heart.parent / "again.cmr-session.json")
    quiet(second)
    before, after = read_session(path), read_session(heart.parent / "again.cmr-session.json")
    assert after.labels == before.labels
    assert after.acquisition == before.acquisition


def test_drawn_and_reference_labels_come_back_without_a_model(
    open_viewer, heart, quiet, qtbot
) -> None:
    first = open_viewer()
    workbench_of(first).opener.open_path(heart)
    quiet(first)
    scan = workbench_of(first).session.scan
    reference = layers.find(first, scan, "labels")
    edited = reference.data.copy()
    edited[0, 0, 0, :9] = 3
    layers.write_labels(reference, edited)
    drawn = np.zeros(SHAPE, np.uint8)
    drawn[2, 1, 3:9, 3:9] = 2
    layers.add_drawn_labels(first, scan, drawn, "Mine")
    quiet(first)
    path = heart.parent / "x.cmr-session.json"
    workbench_of(first).keeper.save_session(path)
    quiet(first)
    assert [one.origin for one in read_session(path).labels] == ["reference", "empty"]

    second = open_viewer()
    second.open(str(path), plugin="napari-cmr")  # as a file that is dropped on the window
    quiet(second)
    qtbot.waitUntil(lambda: workbench_of(second).session.reference is not None, timeout=30_000)
    labels = layers.labels_layers(second, workbench_of(second).session.scan)
    assert [one.name for one in labels] == ["Mine", "Labels"]
    assert np.array_equal(labels[0].data, drawn)
    assert np.array_equal(labels[1].data, edited)
    # the reference is that of the data set, not what was drawn in it
    assert workbench_of(second).session.reference.rv.edv_ml is None
    assert np.array_equal(workbench_of(second).session.scan.labels, scan.labels)


def test_a_session_takes_the_place_of_its_scan_that_is_open(
    open_viewer, heart, quiet, qtbot
) -> None:
    """As it was: the image was called "heart [1]", and labels made by napari were there twice."""
    viewer = open_viewer()
    bench = workbench_of(viewer)
    bench.opener.open_path(heart)
    quiet(viewer)
    autosave, scan = bench.keep_unsaved(), bench.session.scan
    drawn = np.zeros(SHAPE, np.uint8)
    drawn[2, 1, 3:9, 3:9] = 2
    image = layers.find(viewer, scan, "image")
    viewer.add_labels(drawn.copy(), name="napari's", scale=image.scale, units=image.units)
    mine = layers.add_drawn_labels(viewer, scan, np.roll(drawn, 1, axis=0), "Mine")
    quiet(viewer)
    path = heart.parent / "x.cmr-session.json"
    bench.keeper.save_session(path)
    quiet(viewer)

    def open_again():
        before = bench.session.scan
        bench.opener.open_path(path)
        qtbot.waitUntil(lambda: bench.session.scan is not before, timeout=60_000)
        quiet(viewer)
        for job in (autosave.keeping, autosave.looking):
            qtbot.waitUntil(lambda job=job: not job.is_running, timeout=60_000)
        assert layers.scan_of(layers.find(viewer, bench.session.scan, "image")) is not before
        return sorted(one.name for one in viewer.layers)

    names = ["Labels", "Mine", "heart", "napari's"]
    assert open_again() == names
    assert autosave.offers == []  # all of it was in the session
    assert open_again() == names
    # What was drawn since the session was saved is not lost, and offered at once.
    mine = next(one for one in viewer.layers if one.name == "Mine")
    layers.paint(mine, tuple(np.array([n]) for n in (0, 0, 30, 30)), 3)
    quiet(viewer)
    assert open_again() == names
    qtbot.waitUntil(lambda: bool(autosave.offers), timeout=60_000)
    assert [one.layer_name for one in autosave.offers] == ["Mine"]
    # The image was removed, and labels of it stayed.
    viewer.layers.remove(layers.find(viewer, bench.session.scan, "image"))
    assert bench.session.scan is None
    assert open_again() == names


def test_a_sample_comes_back(open_viewer, quiet, tmp_path) -> None:
    viewer = open_viewer()
    workbench_of(viewer).opener.open_sample("infarct-lge")
    quiet(viewer)
    path = tmp_path / "x.cmr-session.json"
    workbench_of(viewer).keeper.save_session(path)
    quiet(viewer)
    assert read_session(path).scan.sample == "infarct-lge"
    viewer.layers.remove(layers.find(viewer, workbench_of(viewer).session.scan, "labels"))
    workbench_of(viewer).opener.open_path(path)  # over the same scan
    quiet(viewer)
    assert workbench_of(viewer).session.labels_layer is not None
    assert np.array_equal(
        workbench_of(viewer).session.labels_layer.data, workbench_of(viewer).session.scan.labels
    )


def test_a_session_that_cannot_be_opened_changes_nothing(
    open_viewer, heart, quiet, monkeypatch
) -> None:
    said = []
    monkeypatch.setattr("napari_cmr.viewer.core.jobs.show_error", said.append)
    viewer = open_viewer()
    workbench_of(viewer).opener.open_path(heart)
    quiet(viewer)
    path = heart.parent / "x.cmr-session.json"
    workbench_of(viewer).keeper.save_session(path)
    quiet(viewer)
    before = [layer.name for layer in viewer.layers]
    content = json.loads(path.read_text())
    for change in ({"path": "../x.nii.gz"}, {"path": "gone.nii.gz"}, {"sha256": "0" * 64}):
        path.write_text(json.dumps(content | {"scan": content["scan"] | change}))
        workbench_of(viewer).opener.open_path(path)
        quiet(viewer)
    path.write_text("{")
    workbench_of(viewer).opener.open_path(path)
    quiet(viewer)
    assert [layer.name for layer in viewer.layers] == before
    assert len(said) == 4
    for text, words in zip(said, ("outside", "missing", "changed", "JSON"), strict=True):
        assert words in text


def test_other_weights_are_told_of_and_labels_are_kept(
    varied_models, open_viewer, heart, quiet, monkeypatch
) -> None:
    warned = []
    monkeypatch.setattr(
        "napari_cmr.viewer.controllers.sessions.session_restore.show_warning", warned.append
    )
    viewer = open_viewer()
    layer = edited_session(viewer, heart, quiet)
    path = heart.parent / "x.cmr-session.json"
    workbench_of(viewer).keeper.save_session(path)
    quiet(viewer)
    content = json.loads(path.read_text())
    content["models"][0]["sha256"] = "0" * 64
    path.write_text(json.dumps(content))
    workbench_of(viewer).opener.open_path(path)
    quiet(viewer)
    assert len(warned) == 1
    assert "other weights" in warned[0]
    assert np.array_equal(workbench_of(viewer).session.labels_layer.data, layer.data)


def test_a_report_is_of_the_labels_that_are_measured(open_viewer, heart, quiet) -> None:
    viewer = open_viewer()
    workbench_of(viewer).opener.open_path(heart)
    quiet(viewer)
    workbench_of(viewer).keeper.save_report(heart.parent / "r.html")
    quiet(viewer)
    page = (heart.parent / "r.html").read_text()
    assert "30 %" in page
    assert "layer Labels" in page


def test_what_cannot_be_saved_is_said(open_viewer, heart, quiet) -> None:
    viewer = open_viewer()
    with pytest.raises(ScanError, match="open a scan first"):
        workbench_of(viewer).keeper.snapshot()
    workbench_of(viewer).opener.open_path(heart)
    quiet(viewer)
    labels = workbench_of(viewer).session.labels_layer
    labels.data[0, 0, 0, 0] = 9
    with pytest.raises(ScanError, match="no label"):
        workbench_of(viewer).keeper.snapshot()
