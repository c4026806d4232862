"""Runs of the command line in this process."""

import csv
from pathlib import Path

from typer.testing import CliRunner

from napari_cmr.cli.root import app

runner = CliRunner()


def run(*arguments: object):
    return runner.invoke(app, [str(one) for one in arguments])


def failed(*arguments: object) -> str:
    """The one line of a run that must fail with status 2 and nothing on standard output."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def row(path: Path) -> dict[str, str]:
    """The one row of a table."""
    with path.open(newline="", encoding="utf-8") as file:
        [one] = csv.DictReader(file)
    return one
