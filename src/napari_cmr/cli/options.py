"""Options and small helpers that the commands share."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from napari_cmr.scan import Scan

RESEARCH_USE_ONLY = "For research use only; not a medical device."

ScanPath = Annotated[
    Path,
    typer.Argument(
        help="NIfTI file, ACDC patient folder, DICOM file or folder, CMRxRecon .mat or ISMRMRD .h5"
    ),
]
SeriesOption = Annotated[
    str | None,
    typer.Option(
        help="Series or stack of a DICOM folder, by its key in 'info'; else what 'info' "
        "marks with *"
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output, nothing else")]


ForceOption = Annotated[bool, typer.Option("--force", help="Replace files that exist already")]


class PatternName(StrEnum):
    """Patterns of :class:`napari_cmr.kspace.acquisition.Acquisition`."""

    VARIABLE_DENSITY = "variable-density"
    UNIFORM = "uniform"
    GOLDEN_STEP = "golden-step"


LinesOption = Annotated[
    str, typer.Option("--lines", "-n", help="k-space lines kept in every frame, or 'full'")
]


def lines_of(text: str) -> int | None:
    """Lines per frame that ``--lines`` means; None for all of them.

    Raises
    ------
    ScanError
        If it is neither a number nor ``full``.
    """
    from napari_cmr.scan import ScanError

    if text == "full":
        return None
    if not text.isdecimal():
        raise ScanError(f"--lines {text!r} is neither a number of lines nor 'full'")
    return int(text)


PatternOption = Annotated[PatternName, typer.Option(help="How the lines are chosen")]


def open_path(path: Path, **options: Any) -> "Scan":
    """Open the scan at ``path``; see :func:`napari_cmr.scan.opener.open_scan`."""
    from napari_cmr.scan.opener import open_scan

    return open_scan(path, **options)


def print_json(record: dict[str, Any]) -> None:
    """Write JSON to standard output: ASCII only, so that it survives every console and pipe."""
    typer.echo(json.dumps(record, indent=2, allow_nan=False))
