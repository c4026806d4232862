"""The command that cross-validates variants of a recipe."""

import json

import pytest
from helpers.cohorts import write_acdc
from typer.testing import CliRunner

from napari_cmr.cli.root import app

pytest.importorskip("lightning", reason="the extra 'train' is not installed")
runner = CliRunner()


def tune(*arguments):
    return runner.invoke(app, ["tune", *map(str, arguments)])


@pytest.fixture
def data(tmp_path):
    for number in (1, 2):
        write_acdc(tmp_path / "data", number, "NOR")
    return tmp_path / "data"


def test_a_table_of_variants_is_written_and_kept(data, tmp_path) -> None:
    out = tmp_path / "out"
    options = (
        "dc-cnn", "--data", data, "--out", out, "--folds", 2, "--steps", 1, "--device", "cpu",
        "--search", "random", "--draws", 1, "--set", "architecture.cascades=1",
        "--set", "learning_rate=1e-4..1e-2",
    )  # fmt: skip
    done = tune(*options)
    assert done.exit_code == 0, done.output
    assert "best: architecture.cascades=1, learning_rate=" in done.stdout
    record = json.loads((out / "tuning.json").read_text())
    assert sorted(map(tuple, record["folds"])) == [("patient001",), ("patient002",)]
    assert record["command"].startswith("napari-cmr")
    first = (out / "tuning.csv").read_bytes()
    assert tune(*options).exit_code == 0
    assert (out / "tuning.csv").read_bytes() == first  # nothing was trained again


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--set", "speed=3"), "recipe of dc-cnn: speed is no field"),
        (("--set", "steps=many"), "should be a valid integer"),
        (("--set", "steps=1", "--folds", 3), "2 patients cannot be dealt to 3 folds"),
        (("--set", "steps=1..9"), "only a random search"),
        (("--set", "steps"), "names no values"),
        (("--set", "steps=1", "--scheduler", "here"), "no address of a dask scheduler"),
    ],
)
def test_bad_input_is_one_line(data, tmp_path, options, said) -> None:
    done = tune("dc-cnn", "--data", data, "--out", tmp_path / "out", *options)
    assert done.exit_code == 2
    assert said in done.stderr.strip().splitlines()[-1]
    assert not (tmp_path / "out" / "tuning.md").exists()


def test_a_model_that_is_not_there_is_named(tmp_path) -> None:
    done = tune("dream-net", "--out", tmp_path / "out", "--set", "steps=1")
    assert done.exit_code == 2
    assert "no recipe for 'dream-net'" in done.stderr
