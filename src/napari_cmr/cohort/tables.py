"""Rows as CSV files and as Markdown tables."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from napari_cmr.scan import save_csv

Row = dict[str, Any]


def shown_lines(n_lines: int | None) -> str:
    """``full`` or the number, as tables say it."""
    return "full" if n_lines is None else str(n_lines)


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as :func:`~napari_cmr.scan.save_csv`; a line count of None is ``full``."""
    save_csv(
        path,
        [
            {name: shown_lines(x) if name == "n_lines" else x for name, x in row.items()}
            for row in rows
        ],
    )


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown table; all but the first column to the right."""
    rule = ["---", *["---:"] * (len(columns) - 1)]
    lines = [columns, rule, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float | None, digits: int = 1) -> str:
    """Rounded number, or a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def beside(value: float | None, published: float | None, digits: int = 1) -> str:
    """Our number, and the paper's behind it in brackets where it has one."""
    ours = number(value, digits)
    return ours if published is None else f"{ours} ({published:.{digits}f})"


def line_order(n_lines: int | None) -> float:
    """Key that sorts line counts with ``full`` at the end."""
    return float("inf") if n_lines is None else float(n_lines)
