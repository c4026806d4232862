"""Distances between repetitions and between subjects, and their tests."""

import numpy as np
import pytest

from napari_cmr.cohort.store import Part, Result
from napari_cmr.experiments import consistency
from napari_cmr.scan import Label

pytest.importorskip("matplotlib")


pytest.importorskip("sklearn")


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
