"""Pages of an evaluation: numbers beside the published ones, and where they came from."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from napari_cmr.cohort.store import Part, Result
from napari_cmr.experiments import accuracy
from napari_cmr.experiments.published import PERCENT_ERRORS
from napari_cmr.experiments.reports import (
    Evaluation,
    _dice_table,
    _error_table,
    _provenance,
    write_reports,
)
from napari_cmr.experiments.settings import EvaluationSettings

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")


def result(subject: str, lv: float) -> Result:
    scores = {"LV": lv, "MYO": 0.5, "RV": None}
    return Result(
        subject,
        "NOR",
        Part("accuracy", "syn-net", "x"),
        {
            "reference": dict.fromkeys(accuracy.QUANTITIES, 80.0),
            "runs": [
                {
                    "n_lines": n_lines,
                    "acceleration": 4.0,
                    "dice": {"ED": scores, "ES": scores},
                    "ef_intervals": {},
                    "slices": {"LV": [[0.9, lv], [0.4, 0.2], [0.8, 0.7]]},
                    "measured": dict.fromkeys(accuracy.QUANTITIES, 100.0),
                }
                for n_lines in (20, None)
            ],
        },
    )


RESULTS = [result("a", 0.9), result("b", 0.7)]


def evaluation(**more) -> Evaluation:
    card = SimpleNamespace(name="syn-net", preset="live", sha256="a1b2")
    finder = SimpleNamespace(name="localiser", preset="live", sha256="c3d4")
    fields = {
        "settings": EvaluationSettings(models=("syn-net",), seed=5),
        "cards": {"syn-net": card},
        "localiser": finder,
        "split": "validation",
        "subjects": ("a", "b", "c"),
        "training": frozenset(),
        "failures": (),
        "results": tuple(RESULTS),
    }
    return Evaluation(**(fields | more))


def row_of(table: str, lines: str) -> list[str]:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    return next(row for row in rows if row[1] == lines)


def test_dice_is_a_mean_with_its_spread_and_a_dash_where_nothing_is_known() -> None:
    table = _dice_table(accuracy.dice_summary(RESULTS))
    model, _lines, n, lv, myo, rv = row_of(table, "20")
    assert (model, n) == ("syn-net", "2")
    assert lv == "0.800 ± 0.141"
    assert myo == "0.500 ± 0.000"
    assert rv == "– ± –"


def test_errors_stand_beside_those_that_were_published_for_so_many_lines() -> None:
    summary = accuracy.function_summary(accuracy.function_rows(RESULTS))
    cells = row_of(_error_table(summary), "20")
    published = PERCENT_ERRORS["syn-net", "LV ESV", 20]
    assert cells[2] == f"25.0 ({published})"


def test_only_experiments_with_results_have_a_page(tmp_path: Path) -> None:
    pages = write_reports(evaluation(command="napari-cmr evaluate X"), tmp_path)
    assert pages == [tmp_path / "accuracy.md"]
    text = pages[0].read_text("utf-8")
    assert text.startswith("# Accuracy")
    assert "napari-cmr evaluate X" in text
    for name in ("accuracy_dice.csv", "accuracy_function.csv", "accuracy_dice.png"):
        assert (tmp_path / name).stat().st_size > 0
    assert not (tmp_path / "consistency.csv").exists()


def test_a_page_says_what_it_is_of() -> None:
    text = _provenance(evaluation(failures=(("c", "no ED"),)), RESULTS)
    assert "2 of 3 subjects, split *validation*" in text
    assert "Left out: c (no ED)." in text
    assert "seed 5" in text
    for sha in ("a1b2", "c3d4"):
        assert f"`{sha}`" in text
    assert "training part" not in text
    assert "For research use only" in text


def test_subjects_that_the_models_have_seen_are_told() -> None:
    text = _provenance(evaluation(training=frozenset({"b", "z"})), RESULTS)
    assert "**1 of these subjects belong to the training part**" in text
