"""Tables from results, checked by hand."""

import numpy as np
import pytest

from napari_cmr.cohort.store import Part, Result
from napari_cmr.experiments import accuracy, consistency, latent
from napari_cmr.experiments.published import PERCENT_ERRORS, SHAPE_DISTANCES
from napari_cmr.experiments.settings import EvaluationSettings
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


def within(model: str, subject: str, value: float) -> Result:
    distances = {"MYO": value, "RV": 2 * value}
    run = {
        "n_lines": 1,
        "mean_contour": distances,
        "hausdorff": {name: 3 * one for name, one in distances.items()},
        "missing_percent": {"MYO": 0.0, "RV": None},
    }
    return Result(subject, None, Part("consistency", model, "x"), {"runs": [run]})


def test_rank_sum_of_two_models_that_do_not_overlap() -> None:
    """Four values all below four others: rank sum 10, expected 18, SD sqrt(12)."""
    results = [within("li-net", f"s{i}", 1 + 0.1 * i) for i in range(4)]
    results += [within("syn-net", f"s{i}", 2 + 0.1 * i) for i in range(4)]
    rows = consistency.within_rows(results)
    tests = consistency.rank_sum_tests(rows)
    assert len(tests) == 4  # two labels, two metrics
    assert tests[0]["statistic"] == pytest.approx(-8 / np.sqrt(12))
    summary = consistency.distance_summary(rows)
    line = next(r for r in summary if (r["model"], r["label"]) == ("li-net", "RV"))
    assert line["MD"] == pytest.approx(2.3)
    assert line["HD"] == pytest.approx(6.9)
    assert line["missing_percent"] is None


def test_between_subject_distances_are_to_the_mean_of_all() -> None:
    """Squares of half-width 10 and 14 pixels: their mean lies 2 pixels of 1.5 mm from each."""
    results = []
    for name, half in (("small", 10), ("large", 14)):
        shape = np.zeros((2, 1, 128, 128), np.uint8)
        shape[..., 64 - half : 64 + half, 64 - half : 64 + half] = Label.RV
        results.append(Result(name, None, Part("consistency", "m", "x"), {}, {"10": shape}))
    rows = [row for row in consistency.between_rows(results) if row["label"] == "RV"]
    assert {row["subject"] for row in rows} == {"small", "large"}
    for row in rows:
        assert row["MD"] == pytest.approx(3.0, abs=0.3)
        assert row["n_lines"] == 10


def test_codes_of_two_groups_are_told_apart_and_noise_is_not() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(["A", "B"], 10).astype(object)
    codes = rng.normal(size=(20, 30))
    none = np.zeros(20, bool)
    predicted, how = latent.classify(codes + 5 * (groups == "A")[:, None], groups, none, seed=0)
    assert (predicted == groups).all()
    assert how.startswith("stratified 5-fold")
    wrong, _ = latent.classify(codes, groups, none, seed=0)
    assert np.mean(list(latent.recall_by_group(groups, wrong).values())) < 0.8


def test_the_classifier_never_learns_from_those_that_it_is_tested_on() -> None:
    """Labels of the tested are all wrong: learning from them would show."""
    groups = np.array(["A", "B"] * 6, dtype=object)
    codes = np.where(groups == "A", 1.0, -1.0)[:, None] * np.ones((12, 4))
    learn = np.arange(12) < 8
    swapped = np.where(learn, groups, np.where(groups == "A", "B", "A")).astype(object)
    predicted, how = latent.classify(codes, swapped, learn, seed=0)
    assert list(predicted[:8]) == [""] * 8
    assert list(predicted[8:]) == list(groups[8:])
    assert "learned from 8" in how


def test_too_few_subjects_are_not_classified() -> None:
    one_each = np.array(["A", "B", "B"], dtype=object)
    assert latent.classify(np.eye(3), one_each, np.zeros(3, bool), seed=0) is None


def test_balanced_accuracy_is_the_mean_of_recalls() -> None:
    groups = np.array(["A", "A", "A", "B"])
    found = latent.recall_by_group(groups, np.array(["A", "A", "B", "B"]))
    assert found == {"A": pytest.approx(2 / 3), "B": 1.0}


def test_published_tables() -> None:
    assert PERCENT_ERRORS["syn-net", "EF", 1] == 8.2
    assert PERCENT_ERRORS["li-net", "LVM", 1] == 25.0
    assert PERCENT_ERRORS["syn-net", "RV EDV", 20] == 6.5
    assert SHAPE_DISTANCES["li-net", "within", "MD", "MYO", 10] == 0.92
    assert SHAPE_DISTANCES["syn-net", "between", "HD", "RV", 10] == 15.22


def test_masks_depend_on_subject_lines_and_trial_and_on_nothing_else() -> None:
    settings = EvaluationSettings(models=("a",))
    other = EvaluationSettings(models=("b", "c"), lines=(1,))
    one = settings.acquisition("s", 10, 3)
    assert one == other.acquisition("s", 10, 3)
    seeds = {
        settings.acquisition(*case).seed
        for case in (("s", 10, 3), ("s", 10, 4), ("t", 10, 3), ("s", 9, 3))
    }
    assert len(seeds) == 4
