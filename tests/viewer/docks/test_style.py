"""The slice on screen in several styles, and back."""

import numpy as np
import pytest
from helpers import style_models
from helpers.small_scans import make_scan
from qtpy.QtCore import Qt

from napari_cmr.scan import Label, save_image
from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.style import MOST_STYLES, StyleDock
from napari_cmr.workflow.style.translation import StyleLabels


@pytest.fixture
def dock(open_viewer, qtbot, settle, tmp_path, monkeypatch):
    for _folder in style_models.in_use(tmp_path / "models", monkeypatch):
        viewer = open_viewer(make_scan(), show=True)
        dock = StyleDock(viewer)
        viewer.window.add_dock_widget(dock, name="Style", area="right")
        settle(viewer)
        dock.samples.number.setValue(3)
        yield dock


def press(qtbot, dock, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    quiet(qtbot, dock)


def quiet(qtbot, dock):
    def is_quiet():
        dock.styling.wait.flush()
        return not (dock.styling.job.is_running or dock.styling.reader.is_running)

    qtbot.waitUntil(is_quiet, timeout=60_000)


def tiles(dock):
    scan = dock.session.scan
    return [
        layer
        for layer in reversed(layers.style_layers(dock.viewer, scan))
        if type(layer).__name__ == "Image"
    ]


def test_a_button_shows_styles_and_goes_back(dock, qtbot) -> None:
    viewer = dock.viewer
    before = [(layer.name, layer.visible) for layer in viewer.layers]
    zoom = viewer.scene.camera.zoom
    press(qtbot, dock, dock.show_button)
    assert dock.styling.is_shown
    assert viewer.canvas.grid.enabled
    pictures = tiles(dock)
    assert len(pictures) == 4
    synthetic = [layer for layer in pictures if layer.name.startswith("SYNTHETIC")]
    assert len(synthetic) == 3
    assert all(layers.state_of(layer).synthetic for layer in synthetic)
    assert "SYNTHETIC" in viewer.canvas.overlays.text.text
    shown = [layer for layer in viewer.layers if layer.visible]
    assert {layers.role_of(layer) for layer in shown} == {"style"}
    assert np.abs(synthetic[0].data - synthetic[1].data).mean() > 1e-3
    press(qtbot, dock, dock.show_button)
    assert not dock.styling.is_shown
    assert not viewer.canvas.grid.enabled
    assert [(layer.name, layer.visible) for layer in viewer.layers] == before
    assert viewer.scene.camera.zoom == pytest.approx(zoom)
    assert "SYNTHETIC" not in viewer.canvas.overlays.text.text


def test_each_style_stands_in_a_tile_of_its_own_with_its_labels(dock, qtbot) -> None:
    """As the canvas divides itself: what napari draws into each of its boxes."""
    viewer = dock.viewer
    press(qtbot, dock, dock.show_button)
    grid = viewer.canvas.grid
    n_visible = len(layers.style_layers(viewer, dock.session.scan))
    in_tiles: dict = {}
    for place, layer in enumerate(viewer.layers):
        if layers.role_of(layer) == "style":
            in_tiles.setdefault(grid.position(place, viewer.layers), []).append(layer)
    assert n_visible == 8  # the scan and three styles
    assert len(in_tiles) == 4
    for shown in in_tiles.values():
        picture, labels = sorted(shown, key=lambda layer: layer.name)
        assert labels.name == f"{picture.name}, labels"
        assert picture.visible
        assert labels.visible


def test_number_slice_and_sliders_change_the_tiles(dock, qtbot) -> None:
    press(qtbot, dock, dock.show_button)
    first = [layer.data for layer in tiles(dock)]
    press(qtbot, dock, dock.new)
    other = [layer.data for layer in tiles(dock)]
    np.testing.assert_array_equal(first[0], other[0])  # the scan itself
    assert not np.allclose(first[1], other[1], atol=1e-3)
    dock.samples.number.setValue(2)
    quiet(qtbot, dock)
    assert len(tiles(dock)) == 3
    np.testing.assert_array_equal(tiles(dock)[1].data, other[1])
    dock.shifts[0].setValue(30)
    quiet(qtbot, dock)
    moved = tiles(dock)[1].data
    assert not np.allclose(moved, other[1], atol=1e-3)
    assert moved.mean() > other[1].mean()  # to the right is brighter
    dock.viewer.dims.set_current_step(1, 0)
    quiet(qtbot, dock)
    assert dock.session.derived.styles.z == 0
    np.testing.assert_array_equal(
        tiles(dock)[0].data, np.abs(dock.session.scan.image[dock.session.derived.styles.frame, 0])
    )


def test_the_style_of_a_file_comes_first(dock, qtbot, tmp_path) -> None:
    real = make_scan("late", n_frames=1).with_(kind="lge", labels=None, labelled_frames=())
    save_image(tmp_path / "late_lge.nii.gz", real.image, real)
    dock.take_style_of(tmp_path / "late_lge.nii.gz")
    qtbot.waitUntil(lambda: dock.styling.is_shown, timeout=60_000)
    quiet(qtbot, dock)
    assert tiles(dock)[1].name == "SYNTHETIC 1, chosen"
    assert len(tiles(dock)) == 4
    middle = tiles(dock)[1].data
    assert dock.real_slice.value == real.n_slices // 2 + 1
    assert "late_lge" in dock.real_name.text()
    dock.real_slice.number.setValue(1)
    quiet(qtbot, dock)
    assert not np.array_equal(tiles(dock)[1].data, middle)
    dock.reset.click()  # folded away
    quiet(qtbot, dock)
    assert tiles(dock)[1].name == "SYNTHETIC 1"


def test_labels_lie_over_each_style_and_numbers_say_how_far_they_move(
    dock, qtbot, monkeypatch
) -> None:
    def label_styles(scan, made):
        labels = np.zeros((len(made.images), *scan.shape[2:]), np.uint8)
        for k, plane in enumerate(labels):
            plane[10:30, 10 : 20 + 5 * k] = Label.LV  # 200, 300 and 400 pixels of 1.5 mm
            plane[30:40, 10:30] = Label.MYO
        return StyleLabels(labels, {"labeller": "a" * 64})

    monkeypatch.setattr("napari_cmr.workflow.style.rendering.has_lge_model", lambda: True)
    monkeypatch.setattr("napari_cmr.workflow.style.rendering.label_styles", label_styles)
    press(qtbot, dock, dock.show_button)
    drawn = {
        layer.name: layer.data
        for layer in layers.style_layers(dock.viewer, dock.session.scan)
        if type(layer).__name__ == "Labels"
    }
    for k in range(3):
        area = (drawn[f"SYNTHETIC {k + 1}, labels"] == Label.LV).sum()
        assert area == 200 + 100 * k
    overlap = np.mean([2 * 200 / 500, 2 * 200 / 600, 2 * 300 / 700])
    assert dock.lv.text == f"{overlap:.2f}"
    assert dock.myo.text == "1.00"
    assert "LV 6.8 cm² (4.5–9.0)" in dock.areas.text()
    styled = dock.session.derived.styles
    assert set(styled.weights) >= {"munit", "labeller"}
    assert not dock.lv.is_old
    press(qtbot, dock, dock.show_button)  # back to the scan
    dock.viewer.dims.set_current_step(1, 0)
    assert dock.lv.is_old
    assert dock.old.text() == "⚠ Of slice 2, frame 1."
    dock.viewer.dims.set_current_step(1, 1)
    assert not dock.lv.is_old
    dock.samples.number.setValue(4)
    assert dock.old.text() == "⚠ Of 3 other styles."


def test_a_cine_has_no_style_to_give(dock, qtbot, tmp_path) -> None:
    cine = make_scan("cine")
    save_image(tmp_path / "cine.nii.gz", cine.image, cine)
    dock.take_style_of(tmp_path / "cine.nii.gz")
    quiet(qtbot, dock)
    assert not dock.styling.is_shown
    assert "late enhancement" in dock.warnings.text()


def test_without_a_model_for_labels_the_dock_says_so(dock, qtbot, monkeypatch) -> None:
    for module in ("workflow.style.rendering", "viewer.docks.style"):
        monkeypatch.setattr(f"napari_cmr.{module}.has_lge_model", lambda: False)
    press(qtbot, dock, dock.show_button)
    assert "none is installed" in dock.areas.text()
    assert dock.lv.text == "–"


def test_late_enhancement_and_no_scan_are_refused(dock) -> None:
    scan = dock.session.scan
    assert dock.controls.isVisibleTo(dock)
    dock.session.set_scan(scan.with_(kind="lge"))
    assert not dock.controls.isVisibleTo(dock)
    assert "already" in dock.state.text()
    dock.session.set_scan(None)
    assert "Open a cine" in dock.state.text()
    assert dock.samples.number.maximum() == MOST_STYLES
