"""Cards keep a calibration, and models use it."""

import json

from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.experiments.certainty.calibration_runs import OFFSETS, QUANTILE, SHARPENINGS
from napari_cmr.zoo import read_card
from napari_cmr.zoo.cards import by_lines


def test_a_calibration_is_kept_in_the_card_and_used(cohort, models, tmp_path) -> None:
    arguments = ["calibrate", str(cohort), "--model", "syn-net", "--lines", "4,full"]
    done = CliRunner().invoke(app, [*arguments, "--device", "cpu"])
    assert done.exit_code == 0, done.output
    assert "8 acquisitions of 4 subjects" in done.output
    card = read_card(models / "syn-net-live.safetensors")
    assert card.temperature != 1.0
    assert card.lv_quantile == card.rv_quantile == QUANTILE
    (few, at_few), (most, at_most) = card.cavity_offset
    assert few < most
    assert {at_few, at_most} <= set(OFFSETS.round(3).tolist())
    for numbers in (card.temperature, card.lv_widening, card.rv_widening):
        assert [beat for beat, _ in numbers] == [few, most]
        assert all(number > 0 for _, number in numbers)
    assert card.rv_offset == ((few, 0.0), (most, 0.0))  # none makes these networks draw one
    assert "\nRV offset +0.00 at" in done.output
    assert by_lines(card.cavity_offset, few) == at_few
    assert by_lines(card.cavity_offset, None) == at_most
    assert {amount for _, amount in card.sharpening} <= set(SHARPENINGS)
    told = card.metrics["calibration"]
    assert {side: set(by) for side, by in told["ef_by_lines"].items()} == {
        "LV": {"4", "full"},
        "RV": {"4", "full"},
    }
    assert set(told["ef_by_lines"]["LV"]["4"]) == {"coverage", "width", "bias", "error"}
    assert set(told["ef_by_lines"]["RV"]["4"]) == {"coverage", "width"}
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
    record = json.loads(target.read_text())
    for side in ("lv", "rv"):
        interval = record[f"{side}_ef_interval_percent"]
        assert interval is None or 0 <= interval[0] <= interval[1] <= 100
