import subprocess
import sys

import pytest
from npe2 import PluginManifest

MANIFEST = PluginManifest.from_distribution("napari-cmr")


@pytest.mark.parametrize("command", MANIFEST.contributions.commands, ids=lambda one: one.id)
def test_every_command_leads_somewhere(command):
    pytest.importorskip("qtpy.QtWidgets")
    module, name = command.python_name.split(":")
    found = getattr(__import__(module, fromlist=[name]), name)
    assert callable(found)


def test_samples_of_the_manifest_are_those_of_the_phantom():
    from napari_cmr.phantom.samples import SAMPLES
    from napari_cmr.viewer.core.sample_titles import SAMPLE_TITLES

    keys = [sample.key for sample in MANIFEST.contributions.sample_data]
    assert keys == list(SAMPLE_TITLES)
    assert set(keys) <= set(SAMPLES)


CODE = """
import sys
from npe2 import PluginManager
manager = PluginManager()
manager.discover()
manifest = manager.get_manifest("napari-cmr")
manager.activate("napari-cmr")
from napari_cmr.viewer.plugin.readers import get_reader
assert get_reader("missing.nii.gz") is not None
import napari_cmr.viewer.plugin.samples, napari_cmr.viewer.plugin.writers
heavy = {"torch", "PyQt5", "PyQt6", "pyqtgraph", "vispy", "qtpy", "superqt"} & set(sys.modules)
assert not heavy, heavy
"""


def test_activation_imports_neither_torch_nor_qt():
    result = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_the_docks_import_no_torch():
    pytest.importorskip("qtpy.QtWidgets")
    code = (
        "import sys, napari_cmr.viewer.docks.scan, napari_cmr.viewer.docks.acquire, "
        "napari_cmr.viewer.docks.function, napari_cmr.viewer.docks.consistency, "
        "napari_cmr.viewer.docks.trade_off, napari_cmr.viewer.docks.scar, "
        "napari_cmr.viewer.window.app\n"
        "assert 'torch' not in sys.modules"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_other_peoples_files_are_not_claimed():
    """A pattern that fits everything would ask the user for a reader at every picture."""
    patterns = [
        pattern for one in MANIFEST.contributions.readers for pattern in one.filename_patterns
    ]
    assert "*" not in patterns
