"""A session gives the same labels again, or says why not."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.zoo_models import on_cpu

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Geometry, Scan, ScanError, open_scan, save_image, save_labels
from napari_cmr.workflow.segment.cine import provenance_of, segment
from napari_cmr.workflow.session.file import (
    FORMAT,
    VERSION,
    SavedLabels,
    SessionFile,
    write_session,
)
from napari_cmr.workflow.session.record import ModelReference
from napari_cmr.workflow.session.replay import replay, save_replay
from napari_cmr.workflow.session.scan_link import reference_to
from napari_cmr.zoo.cards import sha256

SHAPE = (4, 2, 40, 48)
LINES = Acquisition(n_lines=9, seed=3, toggled=frozenset({(1, 4), (2, 30)}))
EDIT = (slice(0, 2), 1, slice(4, 9), slice(5, 30))


@pytest.fixture
def study(tmp_path, models) -> Path:
    """A session with labels of a model, edited; with drawn ones; and with reference labels."""
    image = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
    reference = np.zeros(SHAPE, np.uint8)
    reference[:, :, 10:20, 10:20] = 1
    scan = Scan(image, Geometry.regular((8.0, 3.0, 3.0), SHAPE[1]), kind="cine")
    folder = tmp_path / "study"
    folder.mkdir()
    save_image(folder / "cine.nii.gz", image, scan)
    save_labels(folder / "cine_labels.nii.gz", reference, scan)
    scan = open_scan(folder / "cine.nii.gz")
    found = segment(undersample(scan, LINES), on_cpu())
    base, made = found.labels, provenance_of(scan, found)
    assert made.mended  # or replaying would not show that they are mended again
    edited = base.copy()
    edited[EDIT] = 5
    path = folder / "heart.cmr-session.json"
    write_session(
        path,
        SessionFile(
            format=FORMAT,
            version=VERSION,
            scan=reference_to(scan, path),
            acquisition=Acquisition(n_lines=20),
            models=tuple(
                ModelReference(
                    name=name, preset="live", sha256=sha256(models / f"{name}-live.safetensors")
                )
                for name in ("pooled-net", "localiser")
            ),
            labels=(
                SavedLabels.of("Labels", reference, reference),
                SavedLabels.of(
                    "pooled-net",
                    edited,
                    base,
                    model="pooled-net",
                    acquisition=LINES,
                    made_from=made,
                ),
                SavedLabels.of("Drawn labels", reference),
            ),
            measured=1,
        ),
    )
    save_labels(folder / "saved.nii.gz", edited, scan, by_model=True)
    return path


def test_the_model_runs_again_and_its_edits_are_applied(study) -> None:
    result = replay(study, device="cpu")
    assert result.segmentation is not None
    assert (result.labels[EDIT] == 5).all()
    save_replay(result, study.parent / "again.nii.gz", study.parent / "again.json")
    saved = (study.parent / "saved.nii.gz").read_bytes()
    assert (study.parent / "again.nii.gz").read_bytes() == saved
    record = json.loads((study.parent / "again.json").read_text())
    assert record["model"] == "pooled-net"
    assert record["origin"] == "model"
    assert record["model_was_run"]
    assert record["edited_voxels"] > 0
    assert record["acquisition"]["toggled"] == [[1, 4], [2, 30]]
    assert record["n_phase_encodes"] == 40
    assert record["lv"]["edv_ml"] is None or record["lv"]["edv_ml"] > 0


def test_stored_labels_need_no_model(study, models) -> None:
    for weights in models.iterdir():
        weights.unlink()
    result = replay(study, stored=True)
    assert result.segmentation is None
    assert np.array_equal(result.labels, replay_saved(study))


def replay_saved(study) -> np.ndarray:
    from napari_cmr.scan import read_labels

    return read_labels(study.parent / "saved.nii.gz")


def test_missing_weights_are_an_error(study, models, monkeypatch) -> None:
    (models / "pooled-net-live.safetensors").unlink()
    monkeypatch.setattr(
        "napari_cmr.zoo.folders.model_folders", lambda: [models]
    )  # the package ships weights of that name
    with pytest.raises(ScanError, match=r"'pooled-net' \(live\) has no weights here.*--stored"):
        replay(study, device="cpu")


@pytest.mark.parametrize("name", ["pooled-net", "localiser"])
def test_other_weights_are_refused_unless_any_will_do(study, models, name) -> None:
    from safetensors.torch import load_file, save_file

    path = models / f"{name}-live.safetensors"
    save_file({key: -value for key, value in load_file(path).items()}, path)
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps(card | {"sha256": sha256(path)}))
    with pytest.raises(ScanError, match=f"'{name}' has other weights"):
        replay(study, device="cpu")
    result = replay(study, device="cpu", any_weights=True)
    assert (result.labels[EDIT] == 5).all()


def test_a_model_that_gives_other_labels_here_is_not_passed_over(study, monkeypatch) -> None:
    from napari_cmr.workflow.segment import cine as segmenting

    real = segmenting.segment

    def rounds_otherwise(*arguments, **options):
        result = real(*arguments, **options)
        result.labels[0, 0, 0, 0] ^= 1
        return result

    monkeypatch.setattr(segmenting, "segment", rounds_otherwise)
    with pytest.raises(ScanError, match=r"1 of 15360 voxels.*--stored"):
        replay(study, device="cpu")


def test_labels_are_chosen_by_name(study) -> None:
    drawn = replay(study, labels="Drawn labels")
    assert drawn.segmentation is None
    assert drawn.labels.sum() == 4 * 2 * 100
    assert replay(study, labels="Labels").saved.origin == "reference"
    with pytest.raises(ScanError, match="'pooled-net'"):
        replay(study, labels="mine")


def test_reference_labels_that_changed_are_refused(study) -> None:
    scan = open_scan(study.parent / "cine.nii.gz")
    save_labels(study.parent / "cine_labels.nii.gz", np.ones(SHAPE, np.uint8), scan)
    with pytest.raises(ScanError, match="reference labels have changed"):
        replay(study, labels="Labels")
    replay(study, labels="Drawn labels")


def test_a_changed_scan_is_refused_whatever_is_allowed(study) -> None:
    path = study.parent / "cine.nii.gz"
    scan = open_scan(path)
    save_image(path, scan.image + 1, scan)
    for options in ({"stored": True}, {"any_weights": True}):
        with pytest.raises(ScanError, match="scan has changed"):
            replay(study, **options)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["acquisition"].update(n_lines=10**9),
        lambda s: s["acquisition"].update(toggled=[[99, 0]]),
        lambda s: s["acquisition"].update(toggled=[[-1, 0]]),
        lambda s: s["labels"][1]["acquisition"].update(toggled=[[0, 10**30]]),
        lambda s: s["labels"][1].update(edits=[9, 1, 1, 3, 1, 1]),
        lambda s: s["labels"][1].update(edits=[9, 1, 77]),
        lambda s: s["scan"].update(shape=[1, 1, 1, 1]),
        lambda s: s["scan"].update(series="7"),
        lambda s: s["labels"][0].update(accepted=[[0, 2]]),
        lambda s: s["reading"]["lv"].update(ed_frame=4),
        lambda s: s.update(labels=[], measured=None),
    ],
)
def test_what_does_not_fit_the_scan_is_refused(study, change) -> None:
    content = json.loads(study.read_text())
    change(content)
    study.write_text(json.dumps(content))
    with pytest.raises(ScanError):
        replay(study, stored=True)


def test_the_scan_is_never_written_over(study) -> None:
    result = replay(study, stored=True)
    with pytest.raises(ScanError, match="would replace what is read"):
        save_replay(result, study.parent / "cine.nii.gz")


def test_slices_that_were_kept_must_be_of_the_scan() -> None:
    from helpers.small_scans import make_scan

    from napari_cmr.workflow.edit.provenance import KeptSlices, Provenance
    from napari_cmr.workflow.session.file import FORMAT, SavedLabels, ScanReference, SessionFile
    from napari_cmr.workflow.session.replay import check_on_scan

    scan = make_scan(n_frames=2, n_slices=2)

    def session(*slices: tuple[int, int]) -> SessionFile:
        made = Provenance(kept=(KeptSlices(slices=slices),))
        saved = SavedLabels.of("Mine", scan.labels, made_from=made)
        at = ScanReference(path="x.nii", name="x", shape=scan.shape, sha256="0" * 64)
        return SessionFile(format=FORMAT, version=2, scan=at, labels=(saved,))

    check_on_scan(session((1, 1)), scan)
    with pytest.raises(ScanError, match="were kept that the scan does not have"):
        check_on_scan(session((0, 0), (2, 1)), scan)
