"""Runs the notebooks of the manual, and makes pages of them; also a hook of mkdocs.

``python tools/notebooks.py`` runs them all and keeps what their cells show. Their code needs
nothing but napari-cmr, and what a cell shows is its last expression, as in Jupyter.
"""

import ast
import base64
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "notebooks"
KINDS = (("image/png", "_repr_png_"), ("text/html", "_repr_html_"), ("text/plain", "__repr__"))


def notebooks() -> list[Path]:
    """Notebooks of the manual."""
    return sorted(FOLDER.glob("*.ipynb"))


def run(path: Path) -> dict[str, Any]:
    """Run the cells of a notebook, in order and in one namespace.

    Returns
    -------
    dict
        The notebook with what its cells show now.
    """
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": "__main__"}
    number = 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            number += 1
            cell["execution_count"] = number
            cell["outputs"] = _outputs("".join(cell["source"]), names, f"{path.name}[{number}]")
            for output in cell["outputs"]:
                if output["output_type"] == "execute_result":
                    output["execution_count"] = number
    return notebook


def _outputs(code: str, names: dict[str, Any], where: str) -> list[dict[str, Any]]:
    tree = ast.parse(code, where)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(tree, where, "exec"), names)
        value = eval(compile(ast.Expression(last.value), where, "eval"), names) if last else None
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        text = printed.getvalue().splitlines(keepends=True)
        outputs.append({"output_type": "stream", "name": "stdout", "text": text})
    if value is not None:
        shown = {kind: _shown(value, method) for kind, method in KINDS if hasattr(value, method)}
        if "image/png" in shown:
            del shown["text/plain"]  # where it lies in memory, which is another place next time
        outputs.append({"output_type": "execute_result", "metadata": {}, "data": shown})
    return outputs


def _shown(value: Any, method: str) -> str | list[str]:
    content = getattr(value, method)()
    if isinstance(content, bytes):
        return base64.b64encode(content).decode()
    return str(content).splitlines(keepends=True)


def page_of(notebook: dict[str, Any]) -> str:
    """A notebook as Markdown; of what a cell shows, the best that a page can."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            if output["output_type"] == "stream":
                parts.append(f"```text\n{''.join(output['text']).rstrip()}\n```")
                continue
            data = output["data"]
            if "image/png" in data:
                parts.append(f"![What the cell shows](data:image/png;base64,{data['image/png']})")
            elif "text/html" in data:
                parts.append(f'<div class="shown">{"".join(data["text/html"])}</div>')
            else:
                parts.append(f"```text\n{''.join(data['text/plain'])}\n```")
    return "\n\n".join(parts) + "\n"


def on_files(files: Any, config: Any) -> Any:
    """Give mkdocs a page for each notebook."""
    from mkdocs.structure.files import File

    for path in notebooks():
        name = f"notebooks/{path.stem}.md"
        text = page_of(json.loads(path.read_text(encoding="utf-8")))
        text += f"\nThis page is the notebook [{path.name}]({path.name}).\n"
        files.append(File.generated(config, name, content=text))
    return files


def main() -> None:
    """Run all notebooks, and keep what they show."""
    for path in notebooks():
        path.write_text(json.dumps(run(path), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
