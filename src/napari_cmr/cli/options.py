"""Options and small helpers that the commands share."""

import json
import shlex
import sys
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


DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda or mps")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace files that exist already")]


CsvOption = Annotated[
    Path | None, typer.Option("--csv", help="Write one row with the numbers into this file")
]


class PresetName(StrEnum):
    """Sizes of each network."""

    LIVE = "live"
    PAPER = "paper"


class PatternName(StrEnum):
    """Patterns of :class:`napari_cmr.kspace.acquisition.Acquisition`."""

    VARIABLE_DENSITY = "variable-density"
    UNIFORM = "uniform"
    GOLDEN_STEP = "golden-step"


_LINE_DIGITS = 6  # no scan has a million lines
_SHOWN = 20

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

    text = text.strip()
    if text == "full":
        return None
    if not text.isdecimal() or len(text) > _LINE_DIGITS or int(text) < 1:
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        raise ScanError(f"--lines {shown!r} is neither a number of lines nor 'full'")
    return int(text)


def line_counts(text: str) -> tuple[int | None, ...]:
    """Line counts that ``--lines`` lists, separated by commas; None for all lines.

    Raises
    ------
    ScanError
        If there is none, or one is neither a number nor ``full``.
    """
    from napari_cmr.scan import ScanError

    counts = tuple(dict.fromkeys(lines_of(part) for part in text.split(",") if part.strip()))
    if not counts:
        raise ScanError("--lines names no number of lines", remedy="give one, or 'full'")
    return counts


PatternOption = Annotated[PatternName, typer.Option(help="How the lines are chosen")]
MaskSeedOption = Annotated[int, typer.Option(help="The same seed draws the same lines again")]
CentreLinesOption = Annotated[
    int, typer.Option(min=0, help="Lines around the k-space centre that every frame keeps")
]
NoiseOption = Annotated[
    float, typer.Option(help="Noise SD as a fraction of the image's 99th percentile")
]
CoilsOption = Annotated[
    int,
    typer.Option(
        help="Receive coils of image data: 1, or an array whose lines are combined to so many "
        "virtual coils, 4 to 6 as a rule; raw data keep their own"
    ),
]
SchemeOption = Annotated[
    str | None, typer.Option(help="Numbering of the labels: napari-cmr, acdc, mnms, emidec or lasc")
]


def open_path(path: Path, **options: Any) -> "Scan":
    """Open the scan at ``path``; see :func:`napari_cmr.scan.opener.open_scan`."""
    from napari_cmr.scan.opener import open_scan

    return open_scan(path, **options)


def command_line() -> str:
    """What the user typed, for a page that others may read: of absolute paths only the name."""
    return shlex.join(["napari-cmr", *map(_without_folders, sys.argv[1:])])


def _without_folders(argument: str) -> str:
    option, equals, value = argument.rpartition("=")
    path = Path(value)
    return f"{option}{equals}{path.name or '.'}" if path.is_absolute() else argument


def printable(text: str) -> str:
    """Text without what would steer a terminal or turn it around: that is shown as an escape."""
    return "".join(
        one if one.isprintable() or one in "\n\xa0\u2009\u202f" else _escaped(one) for one in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", errors="replace").decode("ascii")


def say(text: object, *, err: bool = False) -> None:
    """Print text, which may hold names and descriptions from files."""
    typer.echo(printable(str(text)), err=err)


def tell(text: str) -> None:
    """Print text on standard error."""
    say(text, err=True)


def print_json(record: dict[str, Any]) -> None:
    """Write JSON to standard output: ASCII only, so that it survives every console and pipe."""
    typer.echo(json.dumps(record, indent=2, allow_nan=False))


def listed(text: str) -> tuple[str, ...]:
    """Parts of a list with commas, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
