"""The commands that run and train networks, with the weights that ship."""

import json

import pytest
from typer.testing import CliRunner

from napari_cmr.cli.root import app

runner = CliRunner()


def run(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments])


def test_models_are_listed_with_their_licence(monkeypatch) -> None:
    listed = json.loads(run("models", "--json").stdout)["models"]
    names = {card["name"] for card in listed}
    assert {"localiser", "pooled-net"} <= names
    assert all("CC BY-NC-SA" in card["licence"] for card in listed)
    assert all(card["citation"] for card in listed)
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("models").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.split()[:1] == ["pooled-net-few"] for line in lines)  # whole in its column


@pytest.mark.parametrize(
    ("command", "folder"),
    [(("train", "pooled-net", "--data"), "empty"), (("evaluate-scar",), "empty"),
     (("evaluate-style", "empty"), "other")],
)  # fmt: skip
def test_nothing_is_made_where_there_is_no_data(tmp_path, monkeypatch, command, folder) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("empty", "other"):
        (tmp_path / name).mkdir()
    assert run(*command, folder, "--out", "a/b").exit_code == 2
    assert not (tmp_path / "a").exists()
