"""The left-atrium comparison: same lines for all methods, and scores that are known."""

import csv

import numpy as np
import pytest
from helpers.small_atria import write_atria
from helpers.still_methods import method, offer

from napari_cmr.analysis.image_quality import image_quality
from napari_cmr.experiments.interpretability import refinement
from napari_cmr.experiments.interpretability.refinement import (
    RefinementSettings,
    atria_of,
    evaluate_refinement,
)
from napari_cmr.kspace import undersample
from napari_cmr.scan import Label, ScanError, open_scan
from napari_cmr.workflow.reconstruct.image_reader import ImageReader

SETTINGS = RefinementSettings(methods=("whole", "few", "black"), acceleration=4, every=2)


class Bright(ImageReader):
    """Takes what is bright for the atrium."""

    weights = {}  # noqa: RUF012

    def read(self, images):
        shown = np.abs(images)[list(self.frames)]
        return np.where(shown > 130, np.uint8(Label.LA), np.uint8(0))


@pytest.fixture
def data(tmp_path, monkeypatch):
    write_atria(tmp_path / "data", ("case01", "case23", "case30", "case31"), (48, 56))

    def whole(one):
        return open_scan(tmp_path / "data" / "case30.npz").image[:, one.z]

    offer(
        monkeypatch,
        (refinement,),
        method("whole", whole),
        method("few", lambda one: one.zero_filled()),
        method("black", lambda one: 0 * one.zero_filled() + 1),
        method("cine", lambda one: one.zero_filled(), "series"),
    )
    monkeypatch.setattr(refinement, "ImageReader", Bright)
    return tmp_path / "data"


def test_every_patient_slice_and_method_has_a_row_and_scores_are_those_known(data, tmp_path):
    done = evaluate_refinement(data, tmp_path / "out", SETTINGS, command="napari-cmr x")
    assert len(done.rows) == 2 * 2 * 3  # patients, every second of four slices, methods
    of = {(row["patient"], row["method"]): row for row in done.rows}
    assert of["case30", "whole"]["dice_la"] == of["case30", "whole"]["full_dice_la"] == 1
    assert of["case30", "black"]["dice_la"] == 0
    assert of["case30", "whole"]["psnr"] > 100 > of["case30", "few"]["psnr"]
    page = done.page.read_text()
    assert "2 test patients, 4 slices that show the atrium (each 2th)" in page
    assert "| all lines | ∞ | 1 | 1 | 1.000 |" in page
    row = next(line for line in page.splitlines() if line.startswith("| black |"))
    assert "0.000 (0.000 to 0.000)" in row
    with open(tmp_path / "out" / "refinement.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(done.rows)
    assert {p.name for p in (tmp_path / "out" / "pictures").iterdir()} == {
        "case30.png", "case31.png",
    }  # fmt: skip


def test_lines_are_drawn_for_each_slice_and_are_the_same_for_all_methods(data, tmp_path):
    few = SETTINGS.model_copy(update={"methods": ("few",)})
    rows = evaluate_refinement(data, tmp_path / "out", few).rows
    scan = open_scan(data / "case31.npz")
    place, _ = atria_of(data, "test")["case31"]
    assert place == 3  # whichever part is taken, a patient's lines are the same
    for row in [one for one in rows if one["patient"] == "case31"]:
        acquisition = few.acquisition(scan, place, row["slice"])
        assert acquisition.n_lines == 12
        one, full = (
            undersample(scan, a, slices=(row["slice"],))[0].zero_filled()
            for a in (acquisition, acquisition.model_copy(update={"n_lines": None}))
        )
        assert row["psnr"] == pytest.approx(image_quality(one, full).psnr)
    assert few.acquisition(scan, 3, 1).seed != few.acquisition(scan, 3, 2).seed


def test_a_second_run_measures_nothing_again(data, tmp_path, monkeypatch):
    first = evaluate_refinement(data, tmp_path / "out", SETTINGS)
    monkeypatch.setattr(refinement._Patient, "measure", lambda *_: pytest.fail("measured again"))
    assert evaluate_refinement(data, tmp_path / "out", SETTINGS).rows == first.rows


def test_what_cannot_be_compared_is_refused(data, tmp_path):
    cine = SETTINGS.model_copy(update={"methods": ("cine",)})
    with pytest.raises(ScanError, match="cine needs a cine"):
        evaluate_refinement(data, tmp_path / "out", cine)
    with pytest.raises(ScanError, match="no folder of left atria"):
        evaluate_refinement(data / "case30.npz", tmp_path / "out", SETTINGS)
    for name in ("case30", "case31"):
        (data / f"{name}.npz").unlink()
    with pytest.raises(ScanError, match="no patient of the test part"):
        evaluate_refinement(data, tmp_path / "out", SETTINGS)
    (data / "case01.npz").rename(data / "mine.npz")
    with pytest.raises(ScanError, match="'mine' is no patient"):
        evaluate_refinement(data, tmp_path / "out", SETTINGS)
