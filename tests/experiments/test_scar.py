import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from napari_cmr.experiments.scar import SETTINGS, CaseScar, evaluate, markdown
from napari_cmr.scan import ScanError
from napari_cmr.zoo import ModelChoice


def write_case(folder: Path, case: str, scar_depth: int) -> None:
    """Draw a ring at 100 with a bright part of the wall, in two slices."""
    from PIL import Image

    rng = np.random.default_rng(scar_depth)
    y, x = np.indices((64, 64)) - 31.5
    radius = np.hypot(y, x)
    labels = np.zeros((64, 64), dtype=np.uint8)
    labels[radius < 22] = 2
    labels[(radius < 14 + scar_depth) & (x > 0)] = 3
    labels[radius < 14] = 1
    grey = np.choose(labels, (90, 160, 100, 180)) + rng.normal(0, 4, labels.shape)
    for z in range(2):
        for kind, values in (("images", grey), ("labels", labels)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(values.astype(np.uint8))
            picture.save(folder / kind / f"{case}_slice{z:03d}.png")


def test_every_case_and_method_has_a_row_and_the_methods_agree_with_clear_scar(
    tmp_path: Path,
) -> None:
    for case, depth in (("Case_N001", 0), ("Case_P002", 2), ("Case_P005", 4), ("Case_P010", 7)):
        write_case(tmp_path / "data", case, depth)
    page = evaluate(tmp_path / "data", tmp_path / "out", spacing=(10, 1.5, 1.5))
    rows = list(csv.DictReader((tmp_path / "out" / "scar.csv").open()))
    assert len(rows) == 4 * len(SETTINGS)
    five = {row["case"]: float(row["scar_g"]) for row in rows if row["method"] == "5-SD"}
    assert five["Case_N001"] == 0
    assert five["Case_P002"] < five["Case_P005"] < five["Case_P010"]
    assert [row["case"] for row in rows if row["is_validation"] == "True"][:: len(SETTINGS)] == [
        "Case_P005",
        "Case_P010",
    ]
    line = next(one for one in page.read_text().splitlines() if one.startswith("| FWHM | all"))
    assert float(line.split("|")[3]) > 0.95


def test_the_myocardium_of_a_model_takes_the_place_of_the_readers(tmp_path, monkeypatch) -> None:
    for case, depth in (("Case_P002", 2), ("Case_P005", 4), ("Case_P010", 7)):
        write_case(tmp_path / "data", case, depth)

    def segment(scan, model):
        labels = scan.labels.copy()
        labels[labels > 2] = 2  # a model knows no scar
        if scan.name.endswith("P002"):
            labels[:] = 0
        assert model == ModelChoice(name="a-model")
        return SimpleNamespace(labels=labels)

    monkeypatch.setattr("napari_cmr.workflow.segment.late_enhancement.segment_lge", segment)
    left_out: list[str] = []
    for name, model in (("own", None), ("model", ModelChoice(name="a-model"))):
        evaluate(tmp_path / "data", tmp_path / name, model=model, report=left_out.append)
    own, theirs = (
        {(row["case"], row["method"]): row for row in csv.DictReader((tmp_path / n).open())}
        for n in ("own/scar.csv", "model/scar.csv")
    )
    assert left_out == ["left out Case_P002: a-model found no myocardium"]
    assert set(theirs) == {key for key in own if key[0] != "Case_P002"}
    assert all(row == own[key] for key, row in theirs.items())


def test_numbers_that_do_not_exist_are_not_made_up() -> None:
    row = CaseScar("Case_N005", "5-SD", True, True, 0, 0, 0, 0, 0, 0, float("nan"))
    assert "nan" in markdown([row])


def test_cases_without_labels_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_case(data, "Case_P002", 3)
    for path in (data / "labels").iterdir():
        path.unlink()
    with pytest.raises(ScanError, match="no labels"):
        evaluate(data, tmp_path / "out")


def test_earlier_results_are_kept_unless_they_may_be_replaced(tmp_path: Path) -> None:
    data, page = tmp_path / "data", tmp_path / "out" / "scar.md"
    write_case(data, "Case_P002", 3)
    page.parent.mkdir()
    page.write_text("precious")
    with pytest.raises(ScanError, match="exists already"):
        evaluate(data, tmp_path / "out")
    assert page.read_text() == "precious"
    assert "5-SD" in evaluate(data, tmp_path / "out", overwrite=True).read_text()
