"""Acquisitions of an experiment depend on subject, lines and trial alone; published numbers."""

import pytest

from napari_cmr.cohort.store import Part, Result
from napari_cmr.experiments.published import PERCENT_ERRORS, SHAPE_DISTANCES
from napari_cmr.experiments.settings import EvaluationSettings

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
