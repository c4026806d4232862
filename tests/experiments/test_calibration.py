"""Temperatures, conformal quantiles, and cards that keep them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from helpers.zoo_models import on_cpu
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.experiments.calibration import (
    OFFSETS,
    QUANTILES,
    Run,
    calibrate,
    calibration_error,
    conformal_quantile,
    fit_temperature,
    log_loss,
    volume_errors,
    widest_quantile,
)
from napari_cmr.scan import ScanError
from napari_cmr.zoo import read_card
from napari_cmr.zoo.cards import write_card


def drawn(temperature: float, n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from probabilities, and logits that are ``temperature`` times too large."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (n, 4))
    truth = (logits + rng.gumbel(size=logits.shape)).argmax(1)
    sharp = logits * temperature
    return sharp - np.log(np.exp(sharp).sum(1, keepdims=True)), truth


@pytest.mark.parametrize("temperature", [0.6, 1.0, 2.5])
def test_the_temperature_that_was_put_in_is_found(temperature) -> None:
    logs, truth = drawn(temperature)
    assert fit_temperature(logs, truth) == pytest.approx(temperature, rel=0.05)


def test_true_probabilities_have_no_calibration_error() -> None:
    logs, truth = drawn(1.0)
    assert calibration_error(logs, truth) < 0.01
    sharp, truth = drawn(3.0)
    assert calibration_error(sharp, truth) > 0.15
    assert log_loss(sharp, truth) > log_loss(logs, truth)


def test_a_conformal_quantile_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(300):
        # A run is held by every quantile up to its own score.
        scores = rng.choice(QUANTILES, 41)
        held.append(scores[0] >= conformal_quantile(scores[1:]))
    assert np.mean(held) >= 0.88


def test_without_enough_runs_the_widest_interval_is_taken() -> None:
    assert conformal_quantile(np.array([0.4, 0.3])) == 0.3
    assert conformal_quantile(np.array([0.4, 0.0])) == QUANTILES[-1]


def slices(sure: int, possible: int) -> list[np.ndarray]:
    """One slice: pixels of LV probability .99, then of .3, then of .001."""
    cavity = np.full(100, 0.001)
    cavity[:possible] = 0.3
    cavity[:sure] = 0.99
    others = np.tile((1 - cavity) / 3, (3, 1))
    logs = np.log(np.vstack([others[:1], cavity, others[1:]])).reshape(4, 10, 10)
    return [logs]


def run(reference_ef: float) -> Run:
    nothing = np.zeros((0, 4))
    cavity = (slices(40, 60), slices(20, 30))
    return Run("a", 4, reference_ef, cavity, cavity, (50, 30), nothing, nothing[:, 0])


def test_an_offset_counts_doubtful_pixels_in_once_it_makes_up_for_the_lead_of_others() -> None:
    cavity = np.full(100, 0.001)
    cavity[:60] = 0.4
    cavity[:40] = 0.99
    muscle = 0.999 - cavity
    rest = np.full(100, 0.0005)
    logs = [np.log(np.stack([rest, cavity, muscle, rest])).reshape(4, 10, 10)]
    one = replace(run(50.0), labelled=(logs, logs), reference_pixels=(60, 0))
    lead = np.log(0.599 / 0.4)
    errors = volume_errors([one], 1.0)
    assert errors[lead > OFFSETS] == pytest.approx(100 * 20 / 60)
    assert errors[lead < OFFSETS] == pytest.approx(0.0)
    sharper = volume_errors([one], 0.5)
    assert sharper[2 * lead > OFFSETS] == pytest.approx(100 * 20 / 60)


def test_the_narrowest_interval_that_holds_the_reference_is_found() -> None:
    assert widest_quantile(run(50.0), 1.0) == QUANTILES[0]  # 40 to 20 pixels, whatever is possible
    # From 1 - 30/40 to 1 - 20/60, once pixels of 0.3 are possible.
    assert widest_quantile(run(30.0), 1.0) == 0.3
    assert widest_quantile(run(95.0), 1.0) == 0.0


def test_a_calibration_is_kept_in_the_card_and_used(cohort, models, tmp_path) -> None:
    arguments = ["calibrate", str(cohort), "--model", "syn-net", "--lines", "4,full"]
    done = CliRunner().invoke(app, [*arguments, "--device", "cpu"])
    assert done.exit_code == 0, done.output
    assert "8 acquisitions of 4 subjects" in done.output
    card = read_card(models / "syn-net-live.safetensors")
    assert card.temperature != 1.0
    assert card.lv_quantile in QUANTILES.tolist()
    assert card.cavity_offset in OFFSETS.round(3).tolist()
    told = card.metrics["calibration"]
    bare, offset = told["volume_error_percent_before_after"]
    assert offset <= bare
    assert set(told["ef_interval_coverage_by_lines"]) == {"4", "full"}
    before, after = told["pixel_log_loss_before_after"]
    assert after <= before
    # The numbers are those of the raw network: doing it again changes nothing.
    again = CliRunner().invoke(app, [*arguments, "--device", "cpu"])
    assert again.exit_code == 0
    assert read_card(models / "syn-net-live.safetensors").temperature == card.temperature

    patient = cohort / "patient014"
    target = tmp_path / "found.json"
    command = ["segment", str(patient), "--model", "syn-net", "--lines", "4", "--device", "cpu"]
    done = CliRunner().invoke(
        app, [*command, "-o", str(tmp_path / "labels.nii.gz"), "--json", str(target)]
    )
    assert done.exit_code == 0, done.output
    interval = json.loads(target.read_text())["lv_ef_interval_percent"]
    assert interval is None or 0 <= interval[0] <= interval[1] <= 100


def test_a_cohort_of_nothing_is_an_error(models, tmp_path) -> None:
    done = CliRunner().invoke(app, ["calibrate", str(tmp_path), "--model", "syn-net"])
    assert done.exit_code == 2
    assert "no subject here can be used" in done.output


def test_lines_that_a_model_did_not_learn_from_are_left_out(cohort, models) -> None:
    path = models / "syn-net-live.safetensors"
    write_card(path, read_card(path).model_copy(update={"lines": (1, 8)}))
    said: list[str] = []
    found = calibrate(cohort, on_cpu("syn-net"), lines=(4, 20, None), report=said.append)
    assert set(found.coverage_by_lines) == {"4"}
    assert [text for text in said if "left out" in text] == [
        "left out 20 lines: syn-net did not learn from these",
        "left out full lines: syn-net did not learn from these",
    ]
    with pytest.raises(ScanError, match="learned from none"):
        calibrate(cohort, on_cpu("syn-net"), lines=(20,))
