"""The notebooks of the manual run, and show what it says that they show."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location("notebooks", ROOT / "tools" / "notebooks.py")
notebooks = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(notebooks)
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def printed(notebook):
    cells = [one for one in notebook["cells"] if one["cell_type"] == "code"]
    streams = [
        "".join(output["text"])
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "stream"
    ]
    kinds = [
        sorted(output["data"])
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "execute_result"
    ]
    return "\n".join(streams), kinds


@pytest.mark.parametrize("path", notebooks.notebooks(), ids=lambda path: path.stem)
def test_a_notebook_shows_what_the_manual_says(path: Path) -> None:
    kept = json.loads(path.read_text(encoding="utf-8"))
    now = notebooks.run(path)
    (before, kinds), (after, kinds_now) = printed(kept), printed(now)
    assert kinds == kinds_now
    renew = "run tools/notebooks.py, and read what changed"
    assert NUMBER.sub("#", after) == NUMBER.sub("#", before), renew
    numbers = [[float(one) for one in NUMBER.findall(text)] for text in (after, before)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.02, abs=1.0), renew
    assert numbers[0]


def test_a_page_has_text_code_and_what_it_shows() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["59 %\n"]}
    result = {"output_type": "execute_result", "data": {"text/plain": ["x"], "image/png": "AA=="}}
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": ["print(1)\n", "x"], "outputs": [output, result]},
    ]
    assert notebooks.page_of({"cells": cells}) == (
        "# Title\n\n```python\nprint(1)\nx\n```\n\n```text\n59 %\n```\n\n"
        "![What the cell shows](data:image/png;base64,AA==)\n"
    )


def test_pages_are_in_the_manual() -> None:
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    found = notebooks.notebooks()
    assert len(found) >= 2
    for path in found:
        assert f"notebooks/{path.stem}.md" in nav
        assert path.stat().st_size < 400_000
