"""The shape of the house: no circles, no room too full, no torch where it is not needed."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "napari_cmr"
MODULES = {
    ".".join(("napari_cmr", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
MOST_LINES, MOST_MODULES = 400, 22
FLOW = (
    ast.If, ast.For, ast.While, ast.Try, ast.IfExp, ast.BoolOp, ast.Match, ast.comprehension,
)  # fmt: skip
#: Modules whose tests stand in files of other names; the list may only become shorter.
UNMIRRORED = ROOT / "tests" / "unmirrored.txt"
TORCH_FREE = ("scan", "kspace", "motion", "analysis", "phantom", "cohort")


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules of the package that are imported anywhere in a module, but for its type hints."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("napari_cmr"):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in MODULES else str(node.module)
        yield from imported(node)


def test_no_module_imports_itself_through_others():
    graph = {
        name: {other for other in imported(ast.parse(path.read_text("utf-8"))) if other != name}
        for name, path in MODULES.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_file_is_too_long():
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_no_folder_holds_too_many_modules():
    folders = Counter(str(path.parent.relative_to(PACKAGE)) for path in MODULES.values())
    assert {folder: n for folder, n in folders.items() if n > MOST_MODULES} == {}


def test_every_module_says_in_its_first_line_what_is_in_it():
    silent = [
        name
        for name, path in MODULES.items()
        if not (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n")[0]
    ]
    assert silent == []


def has_logic(module: ast.AST) -> bool:
    """Whether anything in the functions of a module branches or repeats."""
    functions = (one for one in ast.walk(module) if isinstance(one, ast.FunctionDef))
    return any(isinstance(one, FLOW) for function in functions for one in ast.walk(function))


def test_every_module_with_logic_has_a_test_file_of_its_name():
    without = set()
    for path in MODULES.values():
        name = path.relative_to(PACKAGE)
        if name.stem not in ("__init__", "__main__") and has_logic(ast.parse(path.read_text())):
            mirror = ROOT / "tests" / name.parent / f"test_{name.stem.lstrip('_')}.py"
            if not mirror.exists():
                without.add(name.as_posix())
    known = set(UNMIRRORED.read_text().split())
    assert without - known == set(), "write a test file for these"
    assert known - without == set(), f"take these out of {UNMIRRORED.name}"


def test_rooms_without_torch_load_without_it():
    names = [name for name in MODULES if name.split(".")[1:2] and name.split(".")[1] in TORCH_FREE]
    assert len(names) > 50
    code = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
        "    assert 'torch' not in sys.modules, name\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
