"""From a folder of subjects to weights that the zoo runs."""

import shutil
from pathlib import Path

import pytest
from helpers.acdc_folders import write_subject
from helpers.small_scans import make_scan

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import ScanError
from napari_cmr.training import register
from napari_cmr.training.curve import read_curve
from napari_cmr.training.time_limit import TimeLimit
from napari_cmr.workflow.segment.cine import segment as segment_cine
from napari_cmr.workflow.train import ACDC, TrainingRequest, pack_subjects, train_model
from napari_cmr.workflow.train.cines import CINE_FRAMES, prepare_cines
from napari_cmr.workflow.train.export import export
from napari_cmr.zoo import ModelChoice
from napari_cmr.zoo.cards import read_card
from napari_cmr.zoo.folders import MODELS_VARIABLE

pytest.importorskip("lightning", reason="the extra 'train' is not installed")


@pytest.fixture
def data(tmp_path):
    for number in (1, 2, 14):
        write_subject(tmp_path / "data" / f"patient{number:03d}", number)
    (tmp_path / "data" / "patient099").mkdir()
    return tmp_path / "data"


def test_a_subject_that_cannot_be_used_is_named_and_left_out(data, tmp_path) -> None:
    said: list[str] = []
    done = prepare_cines(data, tmp_path / "cines", frames=6, report=said.append)
    assert [path.stem for path in done] == ["patient001", "patient002", "patient014"]
    assert any("left out patient099" in text for text in said)
    said.clear()
    prepare_cines(data, tmp_path / "cines", frames=6, report=said.append)
    assert all("left out" in text for text in said)  # the others are there already


def test_several_processes_prepare_the_same_cines(data, tmp_path) -> None:
    alone, together = (
        prepare_cines(data, tmp_path / str(workers), frames=6, workers=workers)
        for workers in (1, 2)
    )
    assert [a.read_bytes() for a in alone] == [b.read_bytes() for b in together]


@pytest.mark.parametrize("workers", [1, 2])
def test_preparation_ends_in_time_and_goes_on_later(data, tmp_path, monkeypatch, workers) -> None:
    class OneEach(TimeLimit):
        """Has time for one subject for each process."""

        def allows(self, seconds: float = 0.0) -> bool:
            return seconds == 0

    said: list[str] = []
    limit = OneEach(8)
    with pytest.raises(ScanError) as caught:
        prepare_cines(
            data, tmp_path / "cines", frames=6, workers=workers, limit=limit, report=said.append
        )
    assert f"took all of 8 minutes: {workers} of 4 are ready" in str(caught.value)
    assert "start again, as those are kept" in str(caught.value)
    assert len(said) == workers == len(list((tmp_path / "cines").glob("*.npz")))
    done = prepare_cines(data, tmp_path / "cines", frames=6, limit=TimeLimit(60))
    assert [path.stem for path in done] == ["patient001", "patient002", "patient014"]


def test_a_training_has_the_time_that_preparation_leaves(data, tmp_path, monkeypatch) -> None:
    request = TrainingRequest(model="localiser", data=data, out=tmp_path / "out", minutes=1e-6)
    with pytest.raises(ScanError, match="preparing the subjects took all of 1e-06 minutes: 0 of 4"):
        train_model(request)
    given = []
    monkeypatch.setattr("napari_cmr.training.loop.train", lambda *_, **how: given.append(how))
    monkeypatch.setattr("napari_cmr.workflow.train.export.export", lambda *_, **__: None)
    train_model(request.model_copy(update={"minutes": 60.0, "phantoms": 0}))
    assert 0 < given[0]["minutes"] < 60


def test_a_folder_without_subjects_is_an_error(tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScanError, match="no subject folder"):
        prepare_cines(tmp_path / "empty", tmp_path / "cines")


def test_training_ends_in_weights_with_a_card(data, tmp_path) -> None:
    request = TrainingRequest(
        model="localiser",
        data=data,
        out=tmp_path / "out",
        steps=2,
        device="cpu",
        precision="32-true",
        workers=0,
    )
    weights = train_model(request)
    card = read_card(weights)
    assert (card.name, card.task, card.steps) == ("localiser", "localisation", 2)
    assert card.licence == "that of the training data"
    assert card.sampling.startswith("variable density; a fifth fully sampled, 10 % one line")
    assert f"cines of 12 to {CINE_FRAMES} frames" in card.sampling
    again = export(tmp_path / "out" / "localiser-live", tmp_path / "other", declaration=ACDC)
    assert "CC BY-NC-SA 4.0" in read_card(again).licence
    assert again.read_bytes() == weights.read_bytes()


def test_a_pack_trains_as_its_folder_does_and_within_its_time(data, tmp_path) -> None:
    pack = tmp_path / "subjects.pack"
    assert pack_subjects("localiser", data, pack) == 3
    shutil.rmtree(data)
    request = TrainingRequest(
        model="localiser",
        data=pack,
        out=tmp_path / "out",
        steps=10,
        minutes=60,  # more than the steps take
        device="cpu",
        precision="32-true",
        workers=0,
    )
    card = read_card(train_model(request))
    assert card.steps == 10
    assert len(card.curve["loss"]) == 10
    assert sorted(path.stem for path in (tmp_path / "out" / "cines").glob("patient*")) == [
        "patient001",
        "patient002",
        "patient014",
    ]


def test_models_of_other_data_have_no_pack(data, tmp_path) -> None:
    with pytest.raises(ScanError, match="does not learn from labelled cines"):
        pack_subjects("atrium-unet", data, tmp_path / "subjects.pack")
    assert not (tmp_path / "subjects.pack").exists()


def test_a_run_in_parts_moves_goes_on_and_segments(data, tmp_path, monkeypatch) -> None:
    model = register.find("pooled-net")
    tiny = model.tiny.with_(schedule="step")
    small = model.model_copy(update={"presets": {"paper": tiny}})
    monkeypatch.setitem(register.models(), model.name, small)
    pack = tmp_path / "subjects.pack"
    pack_subjects(model.name, data, pack)

    def trained(out: Path, steps: int, part_mb: float | None = 0.005) -> Path:
        request = TrainingRequest(
            model=model.name, preset="paper", data=pack, out=out, steps=steps, part_mb=part_mb,
            device="cpu", precision="32-true", workers=0, phantoms=0,
        )  # fmt: skip
        return train_model(request)

    here, there = tmp_path / "here", tmp_path / "there"
    trained(here, 2)
    run = here / "pooled-net-paper"
    files = [path for path in (*here.glob("*"), *run.rglob("*")) if path.is_file()]
    assert max(path.stat().st_size for path in files) == 5000
    assert not [path for path in files if path.suffix in (".ckpt", ".safetensors")]
    lost = next(run.glob("last.ckpt.*.00002-of-*"))
    lost.rename(tmp_path / "lost")
    with pytest.raises(ScanError, match="part 2 of"):
        trained(here, 4)
    (tmp_path / "lost").rename(lost)
    shutil.move(here, there)
    weights = trained(there, 4)
    assert read_card(weights).curve["step"] == (1, 2, 3, 4)
    last = max(there.rglob("version_*"))
    shutil.copytree(last, tmp_path / "second" / "version_0")
    assert read_curve(tmp_path / "second")["step"] == (3, 4)  # it did not begin again

    monkeypatch.setenv(MODELS_VARIABLE, str(there))
    choice = ModelChoice(name=model.name, preset="paper", device="cpu")
    measured = undersample(
        make_scan(n_frames=4, n_slices=1, shape=(32, 32)), Acquisition(n_lines=8)
    )
    found = segment_cine(measured, choice)
    assert found.labels.shape == (4, 1, 32, 32)
    # Parts are the bytes of the file: whole it is the same, and answers the same.
    digest = read_card(weights).sha256
    whole = trained(there, 4, part_mb=None)
    assert whole.is_file()
    assert read_card(whole).sha256 == digest
    assert not list(there.glob("*-of-*"))
    assert (segment_cine(measured, choice).labels == found.labels).all()
