"""Offsets, conformal quantiles, and cards that keep them."""

import os
from dataclasses import replace

import numpy as np
import pytest
from helpers.calibration_runs import counts, run
from helpers.zoo_models import on_cpu
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.experiments.certainty.calibration import (
    WIDEST,
    Drawing,
    calibrate,
    conformal_quantile,
    fit,
    fit_drawings,
    volume_error,
)
from napari_cmr.experiments.certainty.calibration_runs import (
    OFFSETS,
    Run,
)
from napari_cmr.experiments.certainty.sizes import CavitySize
from napari_cmr.experiments.certainty.temperature import tempered
from napari_cmr.scan import ScanError
from napari_cmr.zoo import read_card
from napari_cmr.zoo.cards import write_card


def test_a_conformal_quantile_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(300):
        scores = rng.exponential(size=41).tolist()
        held.append(scores[0] <= conformal_quantile(scores[1:], 0.9))
    assert 0.85 <= np.mean(held) <= 0.97


def test_without_enough_runs_the_widest_interval_is_taken() -> None:
    assert conformal_quantile([0.4, 0.3], 0.9) == 0.4
    assert conformal_quantile([0.4, float("inf")], 0.9) == WIDEST


def test_volumes_err_by_the_pixels_that_an_offset_leaves_out_or_takes_in() -> None:
    # errors of 0 and a third, then of a sixth and 0
    assert volume_error([run(50.0)], {4: 0.9}) == pytest.approx(100 / 6)
    assert volume_error([run(50.0)], {4: 1.1}) == pytest.approx(100 / 12)


def test_each_line_count_gets_the_offset_with_which_the_ejection_fraction_errs_least() -> None:
    too_low = run(66.7, n_lines=10, lead=0.5)
    too_high = run(57.1, n_lines=None, lead=0.5)
    found = fit_drawings([too_low, too_high])
    assert found[10].lv_offset < 0.5 < found[None].lv_offset
    assert too_low.ejection_fraction(found[10].lv_offset) == pytest.approx(66.7, abs=0.1)
    assert too_high.ejection_fraction(found[None].lv_offset) == pytest.approx(57.1, abs=0.1)


def test_each_line_count_is_sharpened_as_far_as_that_helps_its_ejection_fraction() -> None:
    def both(reference_ef: float, n_lines: int | None, *, bare: int, sharp: int) -> list[Run]:
        return [
            replace(
                run(reference_ef, n_lines=n_lines, sharpening=amount),
                counts={"LV": np.stack([counts(60, 0, 0.0), counts(es, 0, 0.0)])[:, None]},
                reference_ef={"LV": reference_ef},
            )
            for amount, es in ((0.0, bare), (0.3, sharp))
        ]

    blurred = both(60.0, 10, bare=30, sharp=24)
    sharp_enough = both(50.0, None, bare=30, sharp=24)
    alike = both(50.0, 20, bare=30, sharp=30)
    found = fit_drawings([*blurred, *sharp_enough, *alike])
    assert {n: one.sharpening for n, one in found.items()} == {10: 0.3, None: 0.0, 20: 0.0}
    done = fit([*blurred, *sharp_enough])
    assert done.runs == 2  # of each acquisition the one as it is drawn
    assert done.sharpening == ((100.0, 0.0), (100.0, 0.3))
    assert done.by_lines["LV"]["10"]["error"] == pytest.approx(0.0)
    assert set(done.widenings) == {"LV"}  # no reference has an RV


def test_few_lines_have_numbers_of_their_own_and_a_cavity_of_the_right_size() -> None:
    def at(n_lines: int | None, beat: int, *, ef: float, sharp: float) -> list[Run]:
        rng = np.random.default_rng(0)
        shares = rng.dirichlet(np.ones(4), 200)
        logs = tempered(np.log(shares), 1 / sharp)
        truth = np.array([rng.choice(4, p=one) for one in shares])
        return [
            replace(
                run(ef, subject=str(one), n_lines=n_lines, lead=0.1),
                beat_lines=beat,
                reference_pixels=(70, 30),
                pixels=logs,
                truth=truth,
            )
            for one in range(3)
        ]

    runs = [
        *at(2, 50, ef=55.0, sharp=2.0),
        *at(10, 250, ef=66.7, sharp=1.0),
        *at(None, 6400, ef=57.1, sharp=1.0),
    ]
    drawings = fit_drawings(runs)
    assert drawings[10].lv_offset < 0.1 < drawings[None].lv_offset
    # With the doubtful pixels it is as large as the reference, though its EF then errs more.
    assert drawings[2].lv_offset == pytest.approx(0.15)
    assert drawings[2].rv_offset == 0.0  # which nobody measured
    assert fit_drawings([one for one in runs if one.n_lines == 2]) == {2: drawings[2]}

    done = fit(runs)
    (_, at_two), (_, at_ten), (_, at_all) = done.temperature
    assert at_ten == at_all == pytest.approx(1.0, abs=0.2)
    assert at_two == pytest.approx(2.0, abs=0.4)
    (beat, at_two), (_, at_ten), (_, at_all) = done.widenings["RV"]
    assert beat == 50
    assert at_ten == at_all < at_two < WIDEST  # 57.1 and 55 lie 9.6 and 11.7 points below
    assert isinstance(fit([one for one in runs if one.n_lines != 2]).temperature, float)


def test_the_right_ventricle_of_few_lines_has_the_offset_of_its_sizes() -> None:
    sizes = [
        CavitySize("a", n, np.where(np.isclose(OFFSETS, right), 100, 0), 100)
        for n, right in ((1, 0.2), (2, -0.2))
    ]
    runs = [run(60.0, subject=one, n_lines=n) for n in (1, 2, None) for one in "ab"]
    done = fit(runs, sizes)
    assert [offset for _, offset in done.rv_offset] == [-0.2, 0.0, 0.2]  # of one beat, sorted


def test_the_interval_of_a_right_ventricle_lies_around_what_is_drawn_with_its_offset() -> None:
    drawn = Drawing(0.0, lv_offset=0.4, rv_offset=1.5)
    assert [drawn.offset("LV"), drawn.offset("RV")] == [0.4, 1.5]
    temperature = fit([run(57.1)]).temperature
    assert isinstance(temperature, float)
    runs = [run(57.1, subject=one, lead=0.7 * temperature) for one in "ab"]
    sizes = [CavitySize(one, 4, np.where(OFFSETS > 0.72, 100, 1), 100) for one in "ab"]
    assert fit(runs).widenings["RV"] == WIDEST  # without the doubtful pixels, which are too far off
    assert fit(runs, sizes).widenings["RV"] < 1.0


def test_one_heart_that_is_far_off_does_not_drag_the_others_along() -> None:
    # with the doubtful pixels left out
    right = [run(100 * 2 / 3, n_lines=10, lead=0.5) for _ in range(9)]
    assert fit_drawings([*right, run(59.7, n_lines=10, lead=0.5)])[10].lv_offset < 0.5
    # where most are too high, doubtful pixels count
    too_high = [run(57.1, n_lines=10, lead=0.5)] * 8
    assert fit_drawings([*right[:2], *too_high])[10].lv_offset > 0.5


def test_no_subject_helps_to_choose_the_interval_it_is_told() -> None:
    easy = [run(100 * 2 / 3, subject=str(i), lead=0.1) for i in range(12)]
    hard = run(55.0, subject="hard", lead=0.1)
    found = fit([*easy, hard])
    for side in ("LV", "RV"):
        assert found.coverage[side] == pytest.approx(12 / 13)
        assert found.by_lines[side]["4"]["coverage"] == pytest.approx(12 / 13)
        assert found.widenings[side] > 0.5  # of all of them, it too
    assert found.by_lines["LV"]["4"]["error"] == pytest.approx((200 / 3 - 55) / 13, abs=0.2)


def test_a_cohort_of_nothing_is_an_error(models, tmp_path) -> None:
    done = CliRunner().invoke(app, ["calibrate", str(tmp_path), "--model", "syn-net"])
    assert done.exit_code == 2
    assert "no subject here can be used" in done.output


def test_a_card_that_cannot_be_written_is_said_first(models, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode, **_: mode != os.W_OK)
    done = CliRunner().invoke(app, ["calibrate", str(tmp_path), "--model", "syn-net"])
    assert done.exit_code == 2
    assert "nothing can be written into" in done.output


def test_lines_that_a_model_did_not_learn_from_are_left_out(cohort, models) -> None:
    path = models / "syn-net-live.safetensors"
    write_card(path, read_card(path).model_copy(update={"lines": (1, 8)}))
    said: list[str] = []
    found = calibrate(cohort, on_cpu("syn-net"), lines=(4, 20, None), report=said.append)
    assert set(found.by_lines["LV"]) == {"4"}
    assert [text for text in said if "left out" in text] == [
        "left out 20 lines: syn-net did not learn from these",
        "left out full lines: syn-net did not learn from these",
    ]
    with pytest.raises(ScanError, match="learned from none"):
        calibrate(cohort, on_cpu("syn-net"), lines=(20,))
