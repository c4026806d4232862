"""A model of another package: one module, one recipe and one card, and no other edit."""

import importlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers.cohorts import beating_heart, write_acdc
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.training import register
from napari_cmr.zoo.folders import MODELS_VARIABLE

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "developers.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```python title=\"(\w+)\"\n(.*?)```", PAGE, flags=re.DOTALL))
POINTS = re.search(r"```toml\n\[project.entry-points.\"(.+)\"\]\ntoy = \"(.+)\"\n```", PAGE)


def command(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """The package as it is installed, with the weights that five steps of training gave."""
    pytest.importorskip("lightning", reason="the extra 'train' is not installed")
    site = tmp_path_factory.mktemp("site")
    package, metadata = site / "toy_cmr", site / "toy_cmr-1.0.dist-info"
    package.mkdir()
    metadata.mkdir()
    (package / "__init__.py").write_text("")
    (package / "network.py").write_text(EXAMPLES["network"])
    (package / "recipe.py").write_text(EXAMPLES["recipe"])
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-cmr\nVersion: 1.0\n")
    group, module = POINTS.groups()
    (metadata / "entry_points.txt").write_text(f"[{group}]\ntoy = {module}\n")
    data, out = site / "data", site / "out"
    for number in (13, 14, 15):
        write_acdc(data, number, "DCM")
    with pytest.MonkeyPatch.context() as patch:
        for _ in installed(site, patch):
            how = ("--device", "cpu", "--precision", "32-true", "--phantoms", 0, "--seed", 3)
            said = command("train", "toy", "--data", data, "--out", out, "--steps", 5, *how)
            assert "toy-live.safetensors" in said
    (package / "weights").mkdir()
    for path in out.glob("toy-live.*"):
        shutil.copy(path, package / "weights")
    return site


def installed(site: Path, patch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let Python find the package for a while."""
    patch.syspath_prepend(str(site))
    patch.delenv(MODELS_VARIABLE, raising=False)
    importlib.invalidate_caches()
    register.models.cache_clear()
    yield site
    register.models.cache_clear()
    for name in [one for one in sys.modules if one.split(".")[0] == "toy_cmr"]:
        del sys.modules[name]


@pytest.fixture
def toy(trained, monkeypatch) -> Iterator[Path]:
    yield from installed(trained, monkeypatch)


def test_it_is_listed_with_its_card(toy) -> None:
    cards = {one["name"]: one for one in json.loads(command("models", "--json"))["models"]}
    assert cards["toy"]["description"] == "Labels by two convolutions."
    assert cards["toy"]["steps"] == 5
    assert cards["toy"]["recipe"]["size"] == 32
    assert list(register.models())[-1] == "toy"  # ours come first


def test_it_segments_by_the_command_line(toy, tmp_path) -> None:
    patient, numbers = toy / "data" / "patient014", tmp_path / "numbers.json"
    labels = tmp_path / "labels.nii.gz"
    command("segment", patient, "--model", "toy", "-n", 10, "-o", labels, "--json", numbers)
    assert json.loads(numbers.read_text())["model"] == "toy"


def test_it_runs_in_an_experiment(toy, tmp_path) -> None:
    for extra in ("matplotlib", "sklearn"):
        pytest.importorskip(extra, reason="the extra 'experiments' is not installed")
    how = ("--experiments", "accuracy", "--lines", "4,full", "--frames", 6, "--device", "cpu")
    command("evaluate", toy / "data", "--out", tmp_path, "--models", "toy", *how)
    page = (tmp_path / "accuracy.md").read_text()
    assert "toy" in page


def test_the_window_offers_and_runs_it(toy, needs_display, request) -> None:
    from qtpy.QtCore import QPoint, Qt

    from napari_cmr.viewer import layers
    from napari_cmr.viewer.docks.segment import SegmentDock

    # not by name: Qt would start, and end everything, before a missing display is noticed
    viewer = request.getfixturevalue("make_napari_viewer")(show=True)
    qtbot = request.getfixturevalue("qtbot")
    dock = SegmentDock(viewer)
    viewer.window.add_dock_widget(dock, name="Segment")
    layers.show_scan(viewer, beating_heart(1))
    names = [dock.table.item(line, 0).text() for line in range(dock.table.rowCount())]
    for name in (names[0], "toy"):  # the default off, the new one on
        place = dock.table.visualItemRect(dock.table.item(names.index(name), 0))
        point = QPoint(place.left() + 12, place.center().y())
        qtbot.mouseClick(dock.table.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert dock.segmentation.models == ("toy",)
    qtbot.mouseClick(dock.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "toy" in dock.session.models, timeout=60000)
    layer = layers.find_prediction(viewer, dock.session.scan, "toy")
    assert layer.data.shape == dock.session.scan.shape
    assert np.unique(layer.data).max() <= 3
    dock.segmentation.cancel()


def test_a_package_whose_recipe_is_broken_is_left_out(toy, monkeypatch, caplog) -> None:
    (toy / "toy_cmr" / "recipe.py").rename(toy / "toy_cmr" / "recipe.txt")
    try:
        register.models.cache_clear()
        importlib.invalidate_caches()
        assert "toy" not in register.models()
        assert "toy_cmr.recipe" in caplog.text
        assert "localiser" in command("models")
    finally:
        (toy / "toy_cmr" / "recipe.txt").rename(toy / "toy_cmr" / "recipe.py")
