"""The commands that acquire a scan many times, with small networks of random weights."""

import csv
import json
import re
from pathlib import Path

import pytest
from helpers.small_scans import make_scan
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.scan import save_image, save_labels

runner = CliRunner()
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "json.md"


@pytest.fixture
def models(tmp_path, monkeypatch):
    from helpers import lively_models

    yield from lively_models.in_use(tmp_path / "models", monkeypatch)


@pytest.fixture
def heart(tmp_path) -> Path:
    scan = make_scan(n_frames=4, n_slices=2)
    save_image(tmp_path / "heart.nii.gz", scan.image, scan)
    save_labels(tmp_path / "heart_labels.nii.gz", scan.labels, scan)
    return tmp_path / "heart.nii.gz"


def run(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments])


def documented(command: str) -> set[str]:
    """Names in the section of a command, without what stands before a dot."""
    section = PAGE.read_text().split(f"## `napari-cmr {command} --json FILE`")[1].split("\n## ")[0]
    return {part for name in re.findall(r"`([^`]+)`", section) for part in name.split(".")}


def test_consistency_prints_the_spread_and_writes_every_repetition(models, heart, tmp_path) -> None:
    out = tmp_path / "out.json"
    done = run("consistency", heart, "--lines", 7, "--repeats", 2, "--seed", 5, "--json", out)
    assert done.exit_code == 0, done.output
    assert "Two readers differ by 3.4 to 6.3 %" in done.stdout
    assert "research use only" in done.stdout
    record = json.loads(out.read_text())
    assert record["seeds"] == [5, 6]
    assert record["n_lines"] == 7
    assert len(record["lv"]["ef_percent"]) == 2
    assert {*record, *record["lv"], *record["readers"]} <= documented("consistency")


def test_trade_off_answers_and_writes_json_and_csv(models, heart, tmp_path) -> None:
    out, table = tmp_path / "out.json", tmp_path / "out.csv"
    done = run(
        "trade-off", heart, "--lines", "3,full", "--seeds", 2, "--models", "pooled-net,syn-net",
        "--no-refine",
        "--map", 3, "--budget", 2, "--json", out, "--csv", table,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    record = json.loads(out.read_text())
    for model in ("pooled-net", "syn-net"):
        assert f"{model}: {record['models'][model]['sentence']}" in done.stdout
    assert record["lines"] == [3, 48]
    assert record["ef_against"] == "labels"
    assert len(record["line_map"]["effects"]) == 2
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["n_lines"] for row in rows] == ["3", "3", "48"] * 2
    names = {*record, *record["trials"][0], *record["line_map"]}
    names |= {*record["models"]["syn-net"], *record["line_map"]["effects"][0]}
    assert names - {"model"} <= documented("trade-off")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("consistency", "--lines", "many"), "neither a number of lines nor 'full'"),
        (("consistency", "--lines", "9999"), "9999"),
        (("consistency", "--model", "nobody"), "no weights for 'nobody'"),
        (("trade-off", "--lines", "1,some"), "neither a number of lines nor 'full'"),
        (("trade-off", "--models", "nobody"), "no weights for 'nobody'"),
        (("trade-off", "--budget", "5"), "--budget belongs to --map"),
    ],
)
def test_bad_input_is_one_line(models, heart, arguments, said) -> None:
    command, *options = arguments
    done = run(command, heart, *options)
    assert done.exit_code == 2
    assert said in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_no_output_replaces_the_scan(models, heart) -> None:
    before = heart.read_bytes()
    done = run("consistency", heart, "--repeats", 2, "--json", heart)
    assert done.exit_code == 2
    assert "would replace what is read" in done.output
    assert heart.read_bytes() == before


def test_trade_off_draws_chains_beside_models(models, heart, tmp_path) -> None:
    done = run(
        "trade-off", heart, "--lines", "8,full", "--seeds", 1, "--models", "pooled-net",
        "--reconstruct", "view-sharing", "--no-refine", "--json", tmp_path / "t.json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    content = json.loads((tmp_path / "t.json").read_text())
    assert list(content["models"]) == ["pooled-net", "pooled-net after view-sharing"]
    direct, chained = (
        [(one["n_lines"], one["seed"]) for one in content["trials"] if one["model"] == model]
        for model in content["models"]
    )
    assert direct == chained == [(8, 0), (48, 0)]


def test_segment_reconstructs_first_and_writes_that_down(models, heart, tmp_path) -> None:
    labels = {}
    for name, more in (("direct", ()), ("chained", ("--reconstruct", "zero-filled"))):
        record = tmp_path / f"{name}.json"
        done = run(
            "segment", heart, "-n", 8, "--model", "pooled-net", "-o", tmp_path / f"{name}.nii",
            "--json", record, *more,
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        labels[name] = (tmp_path / f"{name}.nii").read_bytes()
        made = json.loads(record.read_text())["reconstruction"]
        assert made == ({"method": "zero-filled", "settings": {}} if more else None)
    assert labels["direct"] != labels["chained"]


def test_labels_and_trials_of_several_coils_say_so(models, heart, tmp_path) -> None:
    made = {}
    for command, more in (
        ("segment", ("-n", 12, "-o", tmp_path / "labels.nii")),
        ("consistency", ("-n", 12, "--repeats", 2)),
        ("trade-off", ("-n", "12,full", "--seeds", 1, "--no-refine")),
    ):
        record = tmp_path / f"{command}.json"
        model = "--models" if command == "trade-off" else "--model"
        done = run(command, heart, model, "pooled-net", "--coils", 4, "--json", record, *more)
        assert done.exit_code == 0, done.output
        made[command] = json.loads(record.read_text())["acquisition"]["coils"]
    assert set(made.values()) == {4}


@pytest.mark.parametrize(
    "command", [("segment", "-o", "x.nii", "--reconstruct"), ("trade-off", "--reconstruct")]
)
def test_a_method_that_is_not_there_is_said_at_once(heart, command) -> None:
    name, *rest = command
    done = run(name, heart, *rest, "magic")
    assert done.exit_code == 2
    assert "no reconstruction method 'magic'" in done.output
