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
    assert without == set(), "write a test file for these"


LAYER_FIELDS = {
    *("data", "visible", "opacity", "metadata", "selected_label", "mode", "contour", "colormap"),
    *("brush_size", "editable", "contrast_limits", "gamma", "blending", "interpolation2d"),
    *("n_edit_dimensions", "preserve_labels"),
}
LAYER_CALLS = {
    *("add_layer", "add_labels", "add_image", "add_points", "add_shapes", "add_vectors"),
    *("data_setitem", "undo", "redo"),
}
LIST_CALLS = {"append", "clear", "extend", "insert", "move", "pop", "remove"}


def written(target: ast.expr) -> Iterator[ast.Attribute]:
    """Attributes that an assignment writes, or writes into."""
    if isinstance(target, ast.Tuple | ast.List):
        for one in target.elts:
            yield from written(one)
    elif isinstance(target, ast.Subscript | ast.Starred):
        yield from written(target.value)
    elif isinstance(target, ast.Attribute):
        yield target


def changes_of_layers(tree: ast.AST) -> Iterator[str]:
    """Statements that change napari's layers, or their list, in a module."""
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in (part for one in targets for part in written(one)):
            owner = ast.unparse(target.value)
            named = target.attr == "name" and "layer" in owner
            chosen = target.attr == "active" and owner.endswith("selection")
            if owner != "self" and (target.attr in LAYER_FIELDS or named or chosen):
                yield ast.unparse(node)
                break
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            of_layer = node.func.attr == "refresh" and owner.split(".")[-1] == "layer"
            of_list = node.func.attr in LIST_CALLS and owner.endswith("viewer.layers")
            called = node.func.attr in LAYER_CALLS and owner != "layers"  # our own room
            if called or of_layer or of_list:
                yield ast.unparse(node)


def test_layers_alone_change_the_layers_of_napari():
    found = {
        name: list(changes_of_layers(ast.parse(path.read_text("utf-8"))))
        for name, path in MODULES.items()
        if name.startswith("napari_cmr.viewer.") and ".viewer.layers" not in name
    }
    assert {name: changes for name, changes in found.items() if changes} == {}


@pytest.mark.parametrize(
    "change",
    [
        "layer.visible = on",
        "layer.data[0] = labels",
        "layer.metadata['napari_cmr'] = state",
        "self.viewer.layers.remove(layer)",
        "viewer.layers.selection.active = layer",
        "viewer.add_labels(labels)",
        "first.opacity, second.opacity = (1, 0)",
        "layer.name = 'Labels'",
        "layer.refresh()",
        "layer.data_setitem(where, 1)",
    ],
)
def test_a_change_of_a_layer_is_seen(change):
    assert list(changes_of_layers(ast.parse(change))) == [change]


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


def test_the_manifest_of_the_package_is_that_of_the_top_level() -> None:
    """A link, so that an editor that writes one of them writes both."""
    manifest = ROOT / "src" / "napari_cmr" / "napari.yaml"
    assert manifest.is_symlink()
    assert manifest.resolve() == ROOT / "napari.yaml"
