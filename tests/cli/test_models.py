"""The commands that run and train networks, with the weights that ship."""

import json

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
