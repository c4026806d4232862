"""What is installed is whole: the manifest, its commands, the versions, the dependencies."""

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

import napari_cmr

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
QT = {"pyqt5", "pyqt6", "pyside2", "pyside6"}

FIND_MANIFEST = """
import sys
from npe2 import PluginManifest
manifest = PluginManifest.from_distribution("napari-cmr")
import napari_cmr
print(napari_cmr.__file__)
print(manifest.display_name, len(manifest.contributions.commands), manifest.package_version)
"""
IMPORT_EVERY_COMMAND = """
import importlib, sys
from npe2 import PluginManifest
manifest = PluginManifest.from_distribution("napari-cmr")
heavy = {"torch", "qtpy", "napari"} & set(sys.modules)
assert not heavy, f"reading the manifest imports {heavy}"
for command in manifest.contributions.commands:
    module, _, name = command.python_name.partition(":")
    assert callable(getattr(importlib.import_module(module), name)), command.python_name
assert "torch" not in sys.modules, "a command of the manifest imports torch at module level"
"""


def python(code: str, *, path: Path | None = None) -> str:
    """Run `code` in a Python of its own, with `path` before all that is installed."""
    start = f"import sys; sys.path.insert(0, {str(path)!r})\n" if path else ""
    done = subprocess.run(
        [sys.executable, "-c", start + code],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def requirements(extra: str | None = None) -> list[Requirement]:
    """Declared requirements, of the base install or of one extra."""
    declared = PROJECT["dependencies"] if extra is None else PROJECT["optional-dependencies"][extra]
    return [Requirement(line) for line in declared]


@pytest.fixture(scope="module")
def wheel_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder into which a freshly built wheel is installed."""
    wheels = tmp_path_factory.mktemp("wheels")
    site = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    offline = ["--no-deps", "--no-index", "--quiet"]
    for command in (
        [*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", wheels, ROOT],
        [*pip, "install", *offline, "--find-links", wheels, "--target", site, "napari-cmr"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return site


def test_manifest_is_found_in_the_installed_package() -> None:
    where, what = python(FIND_MANIFEST).splitlines()
    assert Path(where) == Path(napari_cmr.__file__)
    assert what.startswith("Cardiac MR ")


def test_manifest_is_found_in_a_built_wheel(wheel_site: Path) -> None:
    where, what = python(FIND_MANIFEST, path=wheel_site).splitlines()
    assert Path(where) == wheel_site / "napari_cmr" / "__init__.py"
    assert what == python(FIND_MANIFEST).splitlines()[1]


def test_wheel_holds_every_file_of_the_package(wheel_site: Path) -> None:
    def files(root: Path) -> set[str]:
        paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        return {str(path) for path in paths if "__pycache__" not in path.parts}

    assert files(wheel_site / "napari_cmr") == files(ROOT / "src" / "napari_cmr")
    manifest = wheel_site / "napari_cmr" / "napari.yaml"
    assert not manifest.is_symlink()
    assert manifest.read_text() == (ROOT / "napari.yaml").read_text()


def test_manifest_is_valid_and_each_command_can_be_imported() -> None:
    command = [sys.executable, "-m", "npe2", "validate", "--imports", "napari-cmr"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_neither_manifest_nor_commands_import_torch() -> None:
    python(IMPORT_EVERY_COMMAND)


def test_version_has_one_source() -> None:
    assert "version" not in PROJECT
    assert importlib.metadata.version("napari-cmr") == napari_cmr.__version__


def test_base_install_has_no_qt_binding() -> None:
    assert not {one.name.lower() for one in requirements()} & QT
    for binding in ("pyqt5", "pyqt6"):
        assert [one.name.lower() for one in requirements(binding)] == [binding]


def test_torch_is_free_in_the_metadata_and_pinned_in_the_constraints() -> None:
    torch = next(one for one in requirements() if one.name == "torch")
    assert str(torch.specifier) == ">=2.5"
    pins = (ROOT / "constraints.txt").read_text()
    assert re.findall(r"^torch==.*$", pins, flags=re.MULTILINE) == ["torch==2.13.0"]


def test_constraints_pin_every_declared_requirement() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    pinned = {canonical(name): version for name, version in pins.items()}
    for extra in (None, *PROJECT["optional-dependencies"]):
        for one in requirements(extra):
            assert one.specifier.contains(pinned[canonical(one.name)]), f"{extra}: {one}"


@pytest.mark.parametrize("name", ["torchvision", "torchaudio"])
def test_unwanted_packages_are_not_pulled_in(name: str) -> None:
    pins = (ROOT / "constraints.txt").read_text().lower()
    assert not re.search(rf"^{name}==", pins, flags=re.MULTILINE)


@pytest.mark.parametrize("module", ["scan", "kspace", "analysis", "phantom"])
def test_rooms_below_the_networks_import_no_torch(module: str) -> None:
    python(f"import sys, napari_cmr.{module}; assert 'torch' not in sys.modules")


def test_no_model_imports_triton(tmp_path: Path) -> None:
    """Its LLVM and that of Mesa's renderer do not get along in one process."""
    stand_in = tmp_path / "triton"  # found by whoever looks for it, also where there is none
    stand_in.mkdir()
    (stand_in / "__init__.py").write_text("__version__ = '3.0.0'\n")
    code = (
        f"import sys; sys.path.append({str(tmp_path)!r}); import napari_cmr;"
        "from napari_cmr.phantom import heart_scan;"
        "scan = heart_scan('normal', n_frames=2).select_slices((4, 5, 6));"
        "napari_cmr.segment(scan, 20, device='cpu');"
        "print('torch' in sys.modules, 'triton' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_demo_says_how_to_open_a_real_scan_and_opens_it():
    def demo(scan):
        command = ["sh", str(ROOT / "tools" / "with_window.sh"), "demo", "echo", scan]
        done = subprocess.run(
            command, env=os.environ | {"DISPLAY": ":0"}, capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()

    told, opened = demo("")
    assert opened == "demo"
    assert "make demo SCAN=" in told
    assert "https://" in told
    assert demo("my scan") == ["demo my scan"]
