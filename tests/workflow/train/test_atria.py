"""A U-net for left atria, from a folder of patients to weights with their card."""

from pathlib import Path

import pytest
from helpers.small_atria import atrium_scan, write_atria

from napari_cmr.scan import Label, ScanError
from napari_cmr.training import register
from napari_cmr.training.register import default
from napari_cmr.workflow.train import LASC, TrainingRequest, train_model
from napari_cmr.zoo import load, read_card
from napari_cmr.zoo.choice import ModelChoice
from napari_cmr.zoo.folders import MODELS_VARIABLE
from napari_cmr.zoo.tasks.atrium import AtriumSegmenter

pytest.importorskip("lightning", reason="the extra 'train' is not installed")


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch) -> str:
    """The model, whose presets are tiny."""
    model = default("left atrium")
    tiny = model.tiny.with_(steps=200, batch_size=4, learning_rate=1e-2)
    small = model.model_copy(update={"presets": {"live": tiny, "paper": tiny}})
    monkeypatch.setitem(register.models(), model.name, small)
    return model.name


def request(name: str, data: Path, out: Path) -> TrainingRequest:
    return TrainingRequest(
        model=name, data=data, out=out, declaration=LASC, device="cpu", workers=0,
        precision="32-true",
    )  # fmt: skip


def test_it_learns_from_training_patients_and_labels_another(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_atria(tmp_path / "data", ("case01", "case02", "case23", "case30"))
    told: list[str] = []
    weights = train_model(request(name, tmp_path / "data", tmp_path / "out"), told.append)
    assert told == ["2 patients to learn from, 1 to validate on"]
    card = read_card(weights)
    assert card.task == "atrium-segmentation"
    assert "NC-SA" in card.licence
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path / "out"))
    segmenter = load(ModelChoice(name=name, device="cpu"), AtriumSegmenter)
    scan = atrium_scan("case31", (44, 52))
    found = segmenter.segment(scan.image[0], scan.spacing[1:]).labels
    truth = scan.labels[0]
    both = ((found == Label.LA) & (truth == Label.LA)).sum()
    assert 2 * both / ((found > 0).sum() + (truth > 0).sum()) > 0.7


def test_a_folder_without_both_parts_or_with_other_names_is_refused(
    name: str, tmp_path: Path
) -> None:
    write_atria(tmp_path / "some", ("case01",))
    with pytest.raises(ScanError, match="no left atria to learn from and to validate on"):
        train_model(request(name, tmp_path / "some", tmp_path / "out"))
    write_atria(tmp_path / "some", ("case23", "mine"))
    with pytest.raises(ScanError, match="'mine' is no patient"):
        train_model(request(name, tmp_path / "some", tmp_path / "out"))
