"""Dice, percent errors and clinical parameters over subjects."""

import numpy as np
import pytest

from napari_cmr.cohort.store import Part, Result
from napari_cmr.experiments import accuracy
from napari_cmr.scan import Geometry, Label

pytest.importorskip("matplotlib")


pytest.importorskip("sklearn")


def accuracy_result(subject: str, lv: tuple[float, float | None], ef: float | None) -> Result:
    scores = [{"LV": one, "MYO": 0.5, "RV": None} for one in lv]
    measured = dict.fromkeys(accuracy.QUANTITIES, 100.0) | {"EF": ef}
    return Result(
        subject,
        "NOR",
        Part("accuracy", "syn-net", "x"),
        {
            "reference": dict.fromkeys(accuracy.QUANTITIES, 80.0) | {"EF": 50.0},
            "runs": [
                {
                    "n_lines": 10,
                    "acceleration": 4.0,
                    "dice": dict(zip(("ED", "ES"), scores, strict=True)),
                    "measured": measured,
                }
            ],
        },
    )


def test_dice_is_averaged_over_phases_then_over_subjects() -> None:
    results = [accuracy_result("a", (0.9, 0.7), 55), accuracy_result("b", (0.6, None), 40)]
    summary = {(r["phase"], r["label"]): r for r in accuracy.dice_summary(results)}
    both = summary["ED+ES", "LV"]
    assert both["mean"] == pytest.approx((0.8 + 0.6) / 2)
    assert both["sd"] == pytest.approx(np.sqrt(2) * 0.1)
    assert summary["ES", "LV"]["n"] == 1
    assert summary["ES", "LV"]["sd"] is None
    assert summary["ED", "RV"] == summary["ED", "RV"] | {"n": 0, "mean": None}


def test_percent_errors_are_of_the_reference_and_undefined_values_are_counted() -> None:
    results = [
        accuracy_result(name, (1, 1), ef) for name, ef in (("a", 55), ("b", 40), ("c", None))
    ]
    rows = accuracy.function_rows(results)
    summary = {r["quantity"]: r for r in accuracy.function_summary(rows)}
    assert summary["EF"]["mean_percent_error"] == pytest.approx((10 + 20) / 2)
    assert summary["EF"]["bias"] == pytest.approx(-2.5)
    assert (summary["EF"]["n"], summary["EF"]["undefined"]) == (2, 1)
    assert summary["LVM"]["mean_percent_error"] == pytest.approx(25.0)


def test_clinical_parameters_of_boxes() -> None:
    labels = np.zeros((2, 1, 20, 20), np.uint8)
    labels[0, 0, :10, :10] = Label.LV
    labels[1, 0, :4, :10] = Label.LV
    labels[0, 0, 12:, :5] = Label.MYO
    labels[0, 0, :5, 12:] = Label.RV
    found = accuracy.clinical_parameters(labels, Geometry.regular((10.0, 10.0, 10.0), 1))
    assert found["LV EDV"] == pytest.approx(100)
    assert found["LV ESV"] == pytest.approx(40)
    assert found["EF"] == pytest.approx(60)
    assert found["LVM"] == pytest.approx(40 * 1.05)
    assert found["RV EDV"] == pytest.approx(40)
    assert found["RV ESV"] is None  # no heart empties itself
    assert found["RV EF"] is None
