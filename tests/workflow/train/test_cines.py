"""From a folder of subjects to weights that the zoo runs."""

import shutil

import pytest
from helpers.acdc_folders import write_subject

from napari_cmr.scan import ScanError
from napari_cmr.workflow.train import ACDC, TrainingRequest, pack_subjects, train_model
from napari_cmr.workflow.train.cines import CINE_FRAMES, prepare_cines
from napari_cmr.workflow.train.export import export
from napari_cmr.zoo.cards import read_card

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
    with pytest.raises(ScanError, match="preparing the subjects took all"):
        train_model(request.model_copy(update={"minutes": 1e-6}))
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
