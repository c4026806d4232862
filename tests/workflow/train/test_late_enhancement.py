"""From labelled cines to a cascade that the zoo runs."""

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from helpers.zoo_models import on_cpu
from safetensors.torch import load_file

from napari_cmr.scan import ScanError
from napari_cmr.training import register
from napari_cmr.training.data.still_batches import EnhancedSlices, PackedSlices
from napari_cmr.workflow.segment.late_enhancement import is_lge_model
from napari_cmr.workflow.train import TrainingRequest, pseudo_labels, train_model
from napari_cmr.workflow.train import late_enhancement as lge_training
from napari_cmr.workflow.train.late_enhancement import translate_slices
from napari_cmr.zoo.folders import MODELS_VARIABLE
from napari_cmr.zoo.loader import load
from napari_cmr.zoo.tasks.late_enhancement import LgeSegmenter

pytest.importorskip("lightning", reason="the extra 'train' is not installed")


@pytest.fixture
def data(tmp_path):
    """Three ACDC folders of still discs, of which 014 is held out."""
    rows, columns = np.mgrid[:40, :40]
    affine = np.diag([2.0, 2.0, 8.0, 1.0])
    for number in (1, 2, 14):
        folder = tmp_path / "data" / f"patient{number:03d}"
        folder.mkdir(parents=True)
        rng = np.random.default_rng(number)
        for frame in (1, 4):
            labels = np.zeros((40, 40, 2), np.uint8)
            labels[np.hypot(rows - 10, columns - 20) < 7] = 1  # RV in ACDC's numbers
            labels[np.hypot(rows - 22, columns - 20) < 9] = 2
            labels[np.hypot(rows - 22, columns - 20) < 6] = 3
            image = np.array([20, 180, 80, 200])[labels] + rng.normal(0, 3, labels.shape)
            stem = folder / f"{folder.name}_frame{frame:02d}"
            nib.save(nib.Nifti1Image(image.astype(np.float32), affine), f"{stem}.nii.gz")
            nib.save(nib.Nifti1Image(labels, affine), f"{stem}_gt.nii.gz")
        (folder / "Info.cfg").write_text(
            "ED: 1\nES: 4\nGroup: NOR\nHeight: 170.0\nNbFrame: 10\nWeight: 70.0\n"
        )
    return tmp_path / "data"


@pytest.fixture
def small_recipes(monkeypatch):
    """Both models of late enhancement with the tiny recipe in the place of the live one."""
    found = register.models()
    small = {
        name: model.model_copy(update={"presets": {"live": model.tiny}})
        if model.learns_from == "slices"
        else model
        for name, model in found.items()
    }
    monkeypatch.setattr(register, "models", lambda: small)


def test_training_ends_in_models_that_the_zoo_runs(
    data, tmp_path, small_recipes, monkeypatch
) -> None:
    out, said = tmp_path / "out", []
    how = {"data": data, "out": out, "style": None, "device": "cpu", "precision": "32-true"}
    cascade = TrainingRequest(model="lge-cascade", members=2, **how)
    train_model(cascade, report=said.append)
    assert [one.split(",")[0] for one in said] == [
        "packing slices",
        "cascade 1: unet-bssfp",
        *(f"cascade 1: {name}" for name in ("unet-lge", "cascade-bssfp", "cascade-lge")),
        *(f"cascade 2: {name}" for name in ("unet-lge", "cascade-bssfp", "cascade-lge")),
    ]
    monkeypatch.setenv(MODELS_VARIABLE, str(out))
    segmenter = load(on_cpu("lge-cascade"), LgeSegmenter)
    assert segmenter.n_members == 2
    assert segmenter.card.steps == 2 * (1 + 3 + 3)  # the first stage serves both members
    said.clear()
    train_model(TrainingRequest(model="lge-unet", **how), report=said.append)
    assert said == []  # it is the cascade's first stage
    assert load(on_cpu("lge-unet"), LgeSegmenter).network.members[0].second is None
    assert is_lge_model("lge-unet")
    assert not is_lge_model("pooled-net")
    said.clear()
    train_model(cascade, report=said.append)
    assert said == []  # all of it was there
    taught = train_itself(out / "lge-cascade-live.safetensors", how, tmp_path, monkeypatch)
    before, after = (load_file(one) for one in (out / taught.name, taught))
    changed = {name.split(".")[2] for name in before if not before[name].equal(after[name])}
    assert changed == {"first"}


def train_itself(cascade: Path, how: dict, tmp_path: Path, monkeypatch) -> Path:
    """The cascade after self-training on what a stand-in for its labelling gives."""
    packed = PackedSlices.load(how["out"] / "cines.npz")
    enhanced = EnhancedSlices(packed, packed.labels == 9, np.ones(len(packed.images)))
    monkeypatch.setattr(pseudo_labels, "label_enhanced", lambda *_, **__: enhanced)
    whole = how | {"model": "lge-cascade", "start_from": cascade, "out": tmp_path / "itself"}
    with pytest.raises(ScanError, match="only train itself further"):
        train_model(TrainingRequest(**whole))
    said: list[str] = []
    taught = train_model(TrainingRequest(**whole, target=tmp_path / "lge"), report=said.append)
    assert said == [
        "packing slices",
        "labelling lge by lge-cascade-live.safetensors",
        "cascade 1: unet-self, 2 steps",
        "cascade 2: unet-self, 2 steps",
    ]
    run = json.loads((tmp_path / "itself" / taught.stem / "training.json").read_text())
    assert [one["name"] for one in run["last_stages"]] == ["unet-self"] * 2
    with pytest.raises(ScanError, match="does not train itself"):
        train_model(TrainingRequest(**how, model="lge-unet", target=tmp_path / "lge"))
    return taught


def test_translations_are_packed_beside_the_cines(tmp_path, monkeypatch) -> None:
    class Negative:
        def sample_codes(self, k, seed):
            return np.full((k, 1), seed, np.float32)

        def translate(self, images, codes):
            return np.stack([1 - 2 * images] * len(codes), axis=1)

    monkeypatch.setattr("napari_cmr.zoo.load", lambda *_: Negative(), raising=False)
    images = np.random.default_rng(0).random((3, 16, 16)).astype(np.float16)
    path = tmp_path / "a.npz"
    PackedSlices(images, np.ones((3, 16, 16), np.uint8), ("a", "a", "b")).save(path)
    translate_slices(path)
    again = PackedSlices.load(path)
    assert again.synthetic.shape == (3, lge_training.STYLES, 16, 16)
    assert np.allclose(again.synthetic[:, 2], 1 - images, atol=2e-3)
    assert again.of(["b"]).synthetic.shape[0] == 1


def test_an_unknown_preset_is_refused(data, tmp_path) -> None:
    request = TrainingRequest(model="lge-cascade", data=data, out=tmp_path / "out")
    with pytest.raises(ScanError, match="no recipe"):
        train_model(request.model_copy(update={"preset": "large"}))
