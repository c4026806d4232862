"""Every contribution of the manifest, used from a real napari window."""

import pytest
from helpers.dicom_files import write_cine
from helpers.drops import drop
from helpers.scan_files import write_acdc
from napari.plugins import _initialize_plugins
from napari.plugins._npe2 import file_extensions_string_for_layers, get_readers
from napari.settings import get_plugin_settings
from npe2 import PluginManager, PluginManifest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QMenuBar,
    QRadioButton,
)

from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.function import FunctionDock
from napari_cmr.viewer.docks.segment import SegmentDock
from napari_cmr.viewer.window.workspace import DOCKS
from napari_cmr.viewer.workbench import workbench_of

MANIFEST = PluginManifest.from_distribution("napari-cmr")
GIVEN = MANIFEST.contributions
NAME = "Cardiac MR"
MENU_NAMES = {
    "napari/file/io_utilities": "File > IO Utilities",
    "napari/file/acquire": "File > Acquire",
    "napari/layers/measure": "Layers > Measure",
}


@pytest.fixture
def viewer(open_viewer, npe2pm):
    """A napari window that has found its plugins, as at any start."""
    PluginManager.discover(npe2pm)  # what tests use refuses to look for plugins by itself
    _initialize_plugins()
    return open_viewer(show=True)


def entries():
    """Actions of the window's menus by their path, such as ``File > Acquire > ...``."""
    found = {}

    def walk(menu, path):
        menu.aboutToShow.emit()
        for action in menu.actions():
            title = action.text().replace("&", "")
            if action.menu() is not None:
                walk(action.menu(), (*path, title))
            elif title:
                found[" > ".join((*path, title))] = action

    bars = [one for one in QApplication.allWidgets() if isinstance(one, QMenuBar) and one.actions()]
    for action in bars[0].actions():
        walk(action.menu(), (action.text().replace("&", ""),))
    return found


def test_everything_is_where_the_manifest_puts_it(viewer):
    commands = {one.id: one.title for one in GIVEN.commands}
    widgets = {one.command: one.display_name for one in GIVEN.widgets}
    expected = {f"Plugins > {NAME} > {title} ({NAME})" for title in widgets.values()}
    expected |= {f"File > Open Sample > {NAME} > {one.display_name}" for one in GIVEN.sample_data}
    for menu, items in GIVEN.menus.items():
        for item in items:
            title = widgets.get(item.command, commands[item.command])
            expected.add(f"{MENU_NAMES[menu]} > {title} ({NAME})")
    assert expected - set(entries()) == set()


def test_the_workspace_opens_from_its_menu(viewer):
    entries()[f"File > IO Utilities > Open cardiac MR workspace ({NAME})"].trigger()
    assert {name for name, *_ in DOCKS} <= set(viewer.window.dock_widgets)


def test_a_widget_opens_from_its_menu(viewer):
    entries()[f"Plugins > {NAME} > Function ({NAME})"].trigger()
    assert any(isinstance(dock, FunctionDock) for dock in viewer.window.dock_widgets.values())


def test_a_sample_opens_from_its_menu(viewer, settle):
    path = f"File > Open Sample > {NAME} > Infarct, late gadolinium (synthetic)"
    entries()[path].trigger()
    settle(viewer)
    assert workbench_of(viewer).session.scan.kind == "lge"


def test_napari_offers_the_readers_and_writers(viewer, small_scan, tmp_path):
    for reader in GIVEN.readers:
        for pattern in reader.filename_patterns:
            assert "napari-cmr" in get_readers(str(tmp_path / pattern.replace("*", "heart")))
    assert "napari-cmr" in get_readers(str(tmp_path))
    layers.show_scan(viewer, small_scan)
    for layer, writer in zip(viewer.layers, ("image", "labels"), strict=True):
        offered, _ = file_extensions_string_for_layers([layer])
        assert f"{NAME} {writer} (NIfTI)" in offered


def test_settings_stand_on_a_page_of_their_own_and_are_used(viewer, plugin_settings, small_scan):
    entries()["File > Preferences"].trigger()
    dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog)]
    dialog, pages = next(
        (one, pages) for one in dialogs for pages in one.findChildren(QListWidget) if pages.count()
    )
    titles = [pages.item(line).text() for line in range(pages.count())]
    assert NAME in titles
    dialog.close()
    settings = get_plugin_settings("napari-cmr")
    settings.models.device, settings.models.model = "cpu", "syn-net"
    settings.models.n_lines = 12
    layers.show_scan(viewer, small_scan)
    bench = workbench_of(viewer)
    assert bench.session.n_lines == 12
    dock = SegmentDock(viewer)
    assert (bench.segmentation.models, bench.segmentation.device) == (("syn-net",), "cpu")
    assert dock.device.currentText() == "cpu"
    assert dock.table.item(0, 0).text() == "syn-net"


def choose_first_reader():
    """Press OK in napari's question, whose first answer is in alphabetical order."""

    def answer():
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(20, answer)
            return
        buttons = [one.text() for one in dialog.findChildren(QRadioButton) if one.isChecked()]
        assert buttons == [NAME]
        dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()

    QTimer.singleShot(20, answer)


@pytest.mark.parametrize("kind", ["acdc", "dicom"])
def test_a_folder_opens_with_this_plugin(viewer, tmp_path, kind, settle):
    """As after ``napari PATH``: napari asks for the reader, and this one is chosen already."""
    folder = tmp_path / "patient007"
    if kind == "acdc":
        write_acdc(folder)
    else:
        write_cine(folder, n_slices=3, n_frames=4)
    choose_first_reader()
    drop(viewer, folder)
    settle(viewer)
    assert workbench_of(viewer).session.scan.source == folder
    assert layers.find(viewer, workbench_of(viewer).session.scan, "image") is not None
