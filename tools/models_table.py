"""Writes the table of models in docs/models.md from the register: python tools/models_table.py.

With --check it writes nothing, and fails if the table is not that of the register.
"""

import sys
from pathlib import Path

from napari_cmr.training.register import for_fewer, models

PAGE = Path(__file__).parent.parent / "docs" / "models.md"
BEGIN, END = "<!-- models: begin -->\n", "<!-- models: end -->\n"


def table() -> str:
    """Markdown table of every model that this package brings."""
    lines = ["| model | does | sees | after |", "| --- | --- | --- | --- |"]
    for model in models().values():
        if model.weights is not None:  # of another package that is installed here
            continue
        few = for_fewer(model.name)
        hands = "" if few is None else f" Hands few lines to `{few.name}`."
        cells = (f"`{model.name}`", model.title + hands, model.sees, model.publication)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write or check the table."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    wanted = before + BEGIN + table() + END + after
    if "--check" in sys.argv:
        sys.exit(wanted != page and f"{PAGE} is not that of the register: make models-table")
    PAGE.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
