"""The comparison of reconstruction methods, on small discs that beat."""

import csv

import numpy as np
import pytest
from helpers.beating_discs import disc_scan
from helpers.brightness_reader import BrightnessReader
from helpers.lively_models import write_lively_models
from helpers.reconstruction_models import write_reconstruction_model
from pydantic import ValidationError
from safetensors.numpy import load_file

from napari_cmr.experiments.interpretability import scan_scores
from napari_cmr.experiments.reconstruction import (
    ReconstructionSettings,
    Sampling,
    evaluate_reconstruction,
)
from napari_cmr.kspace import line_mask, undersample
from napari_cmr.scan import ScanError, open_scan, save_image
from napari_cmr.solvers import Solver
from napari_cmr.workflow.reconstruct.methods import find_method
from napari_cmr.zoo.folders import MODELS_VARIABLE

METHODS = ("zero-filled", "view-sharing", "low-rank-sparse")
SETTINGS = ReconstructionSettings(methods=METHODS, lines=("4x", "10"), centre_lines=2, read=False)


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("one", "two"):
        scan = disc_scan()
        save_image(folder / f"{name}.nii.gz", np.abs(scan.image), scan)
    return folder


def rows_of(out):
    with open(out / "reconstruction.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_every_scan_sampling_and_method_has_a_row(data, tmp_path):
    done = evaluate_reconstruction([data], tmp_path / "out", SETTINGS)
    rows = rows_of(tmp_path / "out")
    assert len(rows) == len(done.rows) == 2 * 2 * 2 * 3
    assert {row["n_lines"] for row in rows} == {"12", "10"}
    by_method = {name: [row for row in rows if row["method"] == name] for name in METHODS}
    for few, shared in zip(by_method["zero-filled"], by_method["view-sharing"], strict=True):
        assert float(shared["psnr"]) > float(few["psnr"])
    for row in by_method["low-rank-sparse"]:
        refused = row["pattern"] == "lattice"
        assert (row["psnr"] == "") == refused == ("lattice" in row["refused"])
    page = done.page.read_text()
    assert "| view-sharing |" in page
    assert "2 scans, middle slice, 1 mask of each pattern" in page
    assert (tmp_path / "out" / "gains.png").is_file()


def test_the_masks_are_stored_and_are_those_of_the_seed(data, tmp_path):
    evaluate_reconstruction([data / "one.nii.gz"], tmp_path, SETTINGS)
    with np.load(tmp_path / "masks" / "one.npz") as masks:
        assert len(masks.files) == 4
        acquisition = Sampling("random", "10", 2, 0).acquisition(48, 0.0)
        expected = line_mask(acquisition, 12, 48).array
        np.testing.assert_array_equal(masks["random-10-centre2-seed0"], expected)


def test_stored_masks_are_used(data, tmp_path):
    settings = ReconstructionSettings(
        methods=("average",), lines=("12",), patterns=("random",), read=False
    )
    (tmp_path / "masks").mkdir()
    full = np.ones((12, 48), dtype=bool)
    np.savez(tmp_path / "masks" / "one.npz", **{"random-12-centre4-seed0": full})
    done = evaluate_reconstruction([data / "one.nii.gz"], tmp_path, settings)
    assert done.rows[0]["nrmse"] < 1e-5


def test_the_numbers_are_those_of_a_solver_on_these_lines(data, tmp_path):
    settings = ReconstructionSettings(
        methods=("average",), lines=("12",), patterns=("random",), seed=5, slices="all", read=False
    )
    rows = evaluate_reconstruction([data / "one.nii.gz"], tmp_path, settings).rows
    assert [row["slice"] for row in rows] == [0, 1]
    scan = open_scan(data / "one.nii.gz")
    acquisition = Sampling("random", "12", 4, 5).acquisition(48, 0.0)
    full = acquisition.model_copy(update={"n_lines": None})
    one, whole = (undersample(scan, a)[1] for a in (acquisition, full))
    image = one.encoding.dc(np.repeat(one.temporal_average[None], 12, axis=0), one.lines)
    true = whole.zero_filled()
    expected = np.linalg.norm(image - true) / np.linalg.norm(true)
    assert rows[1]["nrmse"] == pytest.approx(expected, rel=1e-4)


def test_networks_are_told_by_their_size_and_how_sure_they_are(data, tmp_path, monkeypatch):
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    weights = write_reconstruction_model(tmp_path)
    methods = ("view-sharing", "unrolled-net")
    settings = ReconstructionSettings(
        methods=methods, lines=("12",), patterns=("random",), read=False
    )
    done = evaluate_reconstruction([data / "one.nii.gz"], tmp_path / "out", settings)
    free, network = done.rows
    assert (free["parameters"], free["covered"]) == (0, None)
    assert network["parameters"] == sum(one.size for one in load_file(weights).values())
    scan = open_scan(data / "one.nii.gz")
    acquisition = Sampling("random", "12", 4, 0).acquisition(48, 0.0)
    full = acquisition.model_copy(update={"n_lines": None})
    one, whole = (undersample(scan, a)[1] for a in (acquisition, full))
    answer = find_method("unrolled-net").run(one)
    error = np.abs(np.abs(answer.image) - np.abs(whole.zero_filled()))
    assert network["covered"] == pytest.approx((error <= answer.std).mean())
    section = done.page.read_text().split("## Networks")[1].split("##")[0]
    assert f"| unrolled-net | {network['parameters']:,} | {network['covered']:.2f} |" in section
    assert "view-sharing" not in section


def test_a_second_run_reconstructs_nothing_again(data, tmp_path, monkeypatch):
    first = evaluate_reconstruction([data], tmp_path, SETTINGS)
    monkeypatch.setattr(Solver, "run", lambda *_, **__: pytest.fail("reconstructed again"))
    second = evaluate_reconstruction([data], tmp_path, SETTINGS)
    assert second.rows == first.rows


def test_a_scan_that_cannot_be_opened_is_left_out_and_named(data, tmp_path):
    (data / "broken.nii.gz").write_bytes(b"nothing")
    told = []
    done = evaluate_reconstruction([data], tmp_path / "out", SETTINGS, report=told.append)
    assert [name for name, _ in done.failures] == ["broken"]
    assert "left out broken" in told[0]
    assert "## Left out" in done.page.read_text()


def test_scans_of_one_name_are_refused(data, tmp_path):
    with pytest.raises(ScanError, match="two scans are called 'one'"):
        evaluate_reconstruction([data / "one.nii.gz", data], tmp_path, SETTINGS)


@pytest.mark.parametrize("lines", ["0", "8.5x", "-3", "x", ""])
def test_other_lines_are_refused(lines):
    with pytest.raises(ValidationError, match="neither a number of lines"):
        ReconstructionSettings(methods=METHODS, lines=(lines,))


def test_what_a_segmenter_reads_is_scored_beside_the_quality(data, tmp_path, monkeypatch):
    models = tmp_path / "models"
    models.mkdir()
    write_lively_models(models)
    monkeypatch.setenv(MODELS_VARIABLE, str(models))
    monkeypatch.setattr(scan_scores, "ImageReader", BrightnessReader)
    settings = ReconstructionSettings(
        methods=("zero-filled", "low-rank-sparse"), lines=("4x", "48"), patterns=("lattice",),
        slices="all",
    )  # fmt: skip
    out = tmp_path / "out"
    done = evaluate_reconstruction([data / "one.nii.gz"], out, settings)
    few, full = ([row for row in done.rows if row["lines"] == n] for n in ("4x", "48"))
    read = [row for row in full if row["method"] == "zero-filled"]
    assert read[0]["dice_lv"] == pytest.approx(1, abs=0.02)
    assert few[0]["dice_lv"] < 0.95 < few[0]["full_dice_lv"]
    assert "dice_lv" not in next(row for row in few if "refused" in row)
    by_way = {(row["method"], row["lines"]): row for row in done.function}
    assert set(by_way) >= {("zero-filled", "4x"), ("direct", "4x"), ("direct", "48")}
    assert (
        abs(by_way["zero-filled", "48"]["LV EDV error"]) < 0.05 * by_way["direct", "48"]["LV EDV"]
    )
    page = done.page.read_text()
    assert "## Semantic interpretability score" in page
    assert "## Volumes and ejection fraction" in page
    assert (out / "function.csv").is_file()
    monkeypatch.setattr(Solver, "run", lambda *_, **__: pytest.fail("reconstructed again"))
    assert evaluate_reconstruction([data / "one.nii.gz"], out, settings).function == done.function
