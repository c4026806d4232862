"""The ladder on late enhancement: every rung measured, a stopped run goes on, failures named."""

import csv
from pathlib import Path

import numpy as np
import pytest
from helpers import fake_lge as fake
from PIL import Image

from napari_cmr.experiments import lge as experiment
from napari_cmr.experiments.lge import evaluate_lge, score
from napari_cmr.scan import Label, ScanError
from napari_cmr.zoo.tasks.localisation import HeartLocation

NETWORKS = ["unet-bssfp", "unet-finetuned", "cascade", "cascade-pp", "ensemble-pp"]


def write_case(folder: Path, case: str) -> None:
    """A heart in EMIDEC's numbering, without the RV that nobody labelled there."""
    scan = fake.bright_heart((10, 1.5, 1.5), shape=(3, 128, 128), centre_mm=(96, 96))
    labels = np.where(scan.labels[0] == Label.RV, 0, scan.labels[0])
    for z in range(3):
        for kind, values in (("images", scan.image[0, z]), ("labels", labels[z])):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(values.astype(np.uint8))
            picture.save(folder / kind / f"{case}_slice{z:03d}.png")


@pytest.fixture
def cases(tmp_path, monkeypatch) -> Path:
    pytest.importorskip("matplotlib", reason="the extra 'experiments' is not installed")
    for case in ("Case_N005", "Case_P010", "Case_P011"):
        write_case(tmp_path / "data", case)
    fake.in_use(monkeypatch, HeartLocation(64.0, 64.0, 0.97))
    monkeypatch.setattr(
        experiment,
        "_weights",
        lambda _: dict.fromkeys(("localiser", "lge-unet", "lge-cascade"), "0" * 64),
    )
    monkeypatch.setattr(experiment, "_n_members", lambda: 2)
    return tmp_path / "data"


def test_every_rung_is_measured_on_the_held_out_cases(cases, tmp_path) -> None:
    page = evaluate_lge(cases, tmp_path / "out", device="cpu", command="napari-cmr evaluate-lge")
    with (tmp_path / "out" / "lge.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["case"], row["method"]) for row in rows] == [
        (case, method) for case in ("Case_N005", "Case_P010") for method in NETWORKS
    ]
    assert all(float(row["dice_lv"]) > 0.9 for row in rows)
    text = page.read_text()
    assert "no right ventricle" in text
    assert "(0.874)" in text
    assert (tmp_path / "out" / "lge.png").stat().st_size > 1000


def test_one_cascade_is_no_ensemble(cases, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(experiment, "_n_members", lambda: 1)
    page = evaluate_lge(cases, tmp_path / "out", device="cpu")
    with (tmp_path / "out" / "lge.csv").open() as file:
        assert {row["method"] for row in csv.DictReader(file)} == set(NETWORKS[:-1])
    assert "| ensemble" not in page.read_text()


def test_a_stopped_run_goes_on_and_a_bad_case_is_named(cases, tmp_path, monkeypatch) -> None:
    out, said = tmp_path / "out", []
    broken = cases / "labels" / "Case_P010_slice001.png"
    kept = broken.read_bytes()
    broken.write_bytes(b"no picture")
    page = evaluate_lge(cases, out, device="cpu", report=said.append)
    assert len(said) == len(NETWORKS)
    assert "Case_P010" in said[0]
    assert "Left out" in page.read_text()
    broken.write_bytes(kept)
    labelled = []
    original = experiment._label
    monkeypatch.setattr(
        experiment,
        "_label",
        lambda scan, *rest: (labelled.append(scan.name), original(scan, *rest))[1],
    )
    evaluate_lge(cases, out, device="cpu")
    assert labelled == ["Case_P010"] * len(NETWORKS)


def test_without_validation_cases_there_is_nothing_to_do(cases, tmp_path) -> None:
    for path in [*cases.rglob("Case_N005*"), *cases.rglob("Case_P010*")]:
        path.unlink()
    with pytest.raises(ScanError, match="no validation case"):
        evaluate_lge(cases, tmp_path / "out")


def test_scar_counts_as_muscle_and_what_is_missed_is_counted() -> None:
    scan = fake.bright_heart()
    scarred = scan.labels.copy()
    scarred[0, 0][(scarred[0, 0] == Label.MYO) & (np.indices((96, 96))[0] < 45)] = Label.SCAR
    reference = scan.with_(labels=scarred)
    perfect = score(reference, scan.labels)
    assert perfect["dice_lv"] == perfect["dice_myo"] == 1.0
    assert perfect["asd_myo_mm"] == 0.0
    nothing = score(reference, np.zeros_like(scan.labels))
    assert nothing["dice_myo"] == 0.0
    assert nothing["asd_lv_mm"] is None
    assert nothing["missed_slices_lv"] == 5
