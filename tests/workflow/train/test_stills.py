"""Networks for still images of few lines, from a folder to weights with their card."""

from pathlib import Path

import numpy as np
import pytest
from helpers.small_atria import write_atria
from safetensors.torch import load_file
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Geometry, Scan, ScanError, open_scan, save_image
from napari_cmr.training import register
from napari_cmr.workflow.reconstruct.methods import find_method
from napari_cmr.workflow.train import LASC, TrainingRequest, train_model
from napari_cmr.workflow.train.stills import still_data
from napari_cmr.zoo import read_card
from napari_cmr.zoo.folders import MODELS_VARIABLE

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

REFINED = next(
    one for one in register.models().values() if one.first_stage and one.learns_from == "stills"
)


@pytest.fixture
def refined(monkeypatch: pytest.MonkeyPatch) -> str:
    """The refined network and its first stage, whose presets are tiny and fit each other."""
    first = register.find(REFINED.first_stage)
    architecture = REFINED.tiny.architecture["reconstruction"]
    for model, tiny in ((REFINED, REFINED.tiny), (first, first.tiny)):
        changed = tiny.with_(steps=4) if model is REFINED else tiny.with_(
            steps=4, architecture=architecture
        )  # fmt: skip
        small = model.model_copy(update={"presets": {"live": changed, "paper": changed}})
        monkeypatch.setitem(register.models(), model.name, small)
    return REFINED.name


def request(name: str, data: Path, out: Path, **more) -> TrainingRequest:
    return TrainingRequest(
        model=name, data=data, out=out, declaration=LASC, device="cpu", workers=0,
        precision="32-true", **more,
    )  # fmt: skip


def test_both_stages_are_trained_and_reconstruct_a_slice(
    refined: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_atria(tmp_path / "data", ("case01", "case02", "case23", "case30"))
    told: list[str] = []
    weights = train_model(request(refined, tmp_path / "data", tmp_path / "out"), told.append)
    assert told.count("2 stacks to learn from, 1 to validate on") == 2
    assert told[0].startswith(f"first {REFINED.first_stage}")
    card = read_card(weights)
    assert card.task == "reconstruction"
    assert "NC-SA" in card.licence
    assert card.recipe["started_from"] == f"{REFINED.first_stage}-live.safetensors"
    first = load_file(tmp_path / "out" / f"{REFINED.first_stage}-live.safetensors")
    second = load_file(weights)
    assert all(np.allclose(second[f"predictor.{name}"], one) for name, one in first.items())
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path / "out"))
    scan = open_scan(tmp_path / "data" / "case30.npz")
    measured = undersample(scan, Acquisition(n_lines=12, centre_lines=4))
    answer = find_method(refined).run(measured[0])
    assert answer.image.shape == (1, *scan.image.shape[2:])


def test_a_file_of_another_network_is_one_line_before_anything_is_trained(tmp_path: Path) -> None:
    write_atria(tmp_path / "data", ("case01", "case23"))
    other = tmp_path / "other.npz"
    np.savez(other, weight=np.zeros(3))
    arguments = ["train", REFINED.name, "--data", tmp_path / "data", "--out", tmp_path / "out"]
    arguments += ["--perceptual", other]
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == 2
    assert "no network whose features are known" in done.output
    assert not list((tmp_path / "out").rglob("*.ckpt"))


def test_a_model_that_compares_no_images_takes_no_network_that_does(tmp_path: Path) -> None:
    write_atria(tmp_path / "data", ("case01", "case23"))
    with pytest.raises(ScanError, match="does not learn from a network that compares"):
        train_model(
            request(
                REFINED.first_stage,
                tmp_path / "data",
                tmp_path / "out",
                perceptual=tmp_path / "any.npz",
            )
        )


def test_test_patients_are_never_learned_from(tmp_path: Path) -> None:
    write_atria(tmp_path, ("case01", "case29", "case30", "case37"))
    data = still_data(tmp_path, lambda _: None)
    assert [one.subject for one in data.training] == ["case01"]
    assert [one.subject for one in data.validation] == ["case29"]


def test_any_still_images_will_do_and_cines_are_left_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, frames in (("a", 1), ("b", 1), ("cine", 4)):
        image = rng.random((frames, 2, 24, 20)).astype(np.float32)
        scan = Scan(image, Geometry.regular((8.0, 1.5, 1.5), 2), name=name)
        save_image(tmp_path / f"{name}.nii.gz", scan.image, scan)
    told: list[str] = []
    data = still_data(tmp_path, told.append)
    assert len(data.training) == len(data.validation) == 1
    assert data.training[0].image.shape == (2, 24, 20)
    assert any("cine.nii.gz" in one and "4 frames" in one for one in told)


def test_a_folder_of_nothing_to_learn_from_is_refused(tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    with pytest.raises(ScanError, match="no two still stacks"):
        still_data(tmp_path / "some", lambda _: None)
    write_atria(tmp_path / "some", ("case01", "mine"))
    with pytest.raises(ScanError, match="'mine' is no patient"):
        still_data(tmp_path / "some", lambda _: None)
