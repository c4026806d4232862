"""Table of the left-atrium comparison, from rows whose means are known."""

import pytest

from napari_cmr.experiments.interpretability.refinement import RefinementSettings
from napari_cmr.experiments.interpretability.refinement_page import (
    TABLE,
    patient_values,
    refinement_page,
    score_interval,
)
from napari_cmr.training.register import models


def rows(method: str, psnr: float, dice: float) -> list[dict]:
    return [
        {
            "patient": f"case{30 + k}",
            "method": method,
            "slice": z,
            "area_cm2": 2.0 + k,
            "psnr": psnr + k + z,
            "ssim": 0.9,
            "seconds": 0.1,
            "dice_la": dice,
            "full_dice_la": 0.75 + 0.1 * (k > 3),  # patients differ
        }
        for k in range(8)
        for z in range(2)
    ]


def test_patients_count_alike_and_scores_are_ratios() -> None:
    own = rows("m", 30, 0.6)
    assert patient_values(own, "m", "psnr")["case31"] == 31.5
    assert patient_values(own, "m", "sis")["case30"] == pytest.approx(0.8)


def test_slices_count_alike_in_the_score_of_all_whatever_patient_they_are_of() -> None:
    own = rows("m", 30, 0.6) + rows("other", 30, 0.3)
    own[0] = own[0] | {"dice_la": 0.0}
    assert own[0]["method"] == "m"
    full = (8 * 0.75 + 8 * 0.85) / 16
    score, low, high = score_interval(own, "m")
    assert score == pytest.approx(0.6 * 15 / 16 / full)
    assert low < score < high
    apart, *_ = score_interval(own, "m", "other")
    assert apart == pytest.approx(score - 0.3 / full)


def test_thirds_of_the_slices_by_their_atrium() -> None:
    page = refinement_page(rows("m", 30, 0.6), RefinementSettings(methods=("m",)), None)
    table = page.split("## By the size of the atrium")[1].splitlines()
    assert "| 2.0 to 4.0 | 0.750 | 0.600 (0.800) |" in table
    assert "| 7.0 to 9.0 | 0.850 | 0.600 (0.706) |" in table


def test_the_page_stands_beside_the_paper_and_tests_differences() -> None:
    published = {name: model.published[TABLE] for name, model in models().items()
                 if TABLE in model.published}  # fmt: skip
    assert sorted(published.values()) == [
        (28.41, 1.91, 0.812), (31.89, 2.18, 0.941), (32.46, 2.26, 0.801),
    ]  # fmt: skip
    name = next(iter(published))
    settings = RefinementSettings(
        methods=("dictionary", name), settings={"dictionary": {"rounds": 15}}
    )
    both = sorted(
        rows("dictionary", 30, 0.6) + rows(name, 29, 0.72), key=lambda row: row["patient"]
    )  # patient by patient, as they are measured
    page = refinement_page(both, settings, None)
    assert "8 test patients, 16 slices" in page
    assert "mean Dice of 0.800 over slices (paper: .796)" in page
    assert "| 31.45 ± 2.40 | 0.842 |" in page
    assert "Settings of dictionary: rounds 15." in page
    psnr, sd, sis = published[name]
    assert f"| {psnr:.2f} ± {sd:.2f} | {sis:.3f} |" in page
    line = next(one for one in page.splitlines() if one.startswith(f"| {name} | -1.00"))
    assert "-1.00 (-1.00 to -1.00)" in line
    assert "p 0.023 |" in line  # three tests, of 8 patients: 3 x 0.0078
