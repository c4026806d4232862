"""Commands that ask what can still be read in reconstructions."""

import csv

import pytest
from helpers.command_runs import failed, run
from helpers.small_atria import write_atria


@pytest.fixture
def atria(tmp_path):
    write_atria(tmp_path / "atria", ("case30", "case31"), (96, 96))
    return tmp_path / "atria"


def test_lesions_are_planted_and_looked_for(atria, tmp_path) -> None:
    out = tmp_path / "out"
    done = run(
        "evaluate-lesions", atria, "--methods", "zero-filled", "--accelerations", "1,8",
        "--diameters", "2,5", "--lesions", 2, "--slices", 1, "--out", out,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    with open(out / "planted.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = {n: [row["survives"] for row in rows if row["acceleration"] == n] for n in "18"}
    assert set(kept["1"]) == {"True"}
    assert "False" in kept["8"]
    assert "## 5 mm: invented" in (out / "lesions.md").read_text()


def test_networks_for_still_images_and_solvers_are_compared_by_default(
    atria, tmp_path, monkeypatch
) -> None:
    from napari_cmr.experiments.interpretability import refinement

    asked = []
    monkeypatch.setattr(refinement, "methods", lambda: asked.append(1) or {"zero-filled": _Known()})
    done = run("evaluate-refinement", atria / "none", "--out", tmp_path / "out")
    assert asked
    assert "is no folder of left atria" in done.stderr
    assert not (tmp_path / "out").exists()


class _Known:
    weights = None


@pytest.mark.parametrize(
    ("command", "options", "expected"),
    [
        ("evaluate-refinement", ["--methods", "grappa"], "choose one of"),
        ("evaluate-refinement", ["--methods", "kt-focuss"], "needs a cine"),
        ("evaluate-refinement", ["--split", "training"], "split"),
        ("evaluate-refinement", ["--set", "dictionary=3"], "is not METHOD.NAME=VALUE"),
        ("evaluate-refinement", ["--set", "dictionary.speed=3"], "its settings are"),
        ("evaluate-lesions", ["--methods", "grappa"], "choose one of"),
        ("evaluate-lesions", ["--accelerations", "many"], "--accelerations"),
        ("evaluate-lesions", ["--methods", "zero-filled", "--lesions", "90"], "not one lesion"),
    ],
)
def test_bad_input_is_one_line(atria, tmp_path, command, options, expected) -> None:
    said = failed(command, atria, "--out", tmp_path / "out", *options)
    assert expected in said.splitlines()[-1]
