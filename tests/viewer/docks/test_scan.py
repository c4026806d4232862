"""ED and ES, slices that count, papillary muscles, recent scans: real events on the Scan dock."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.notices import said
from helpers.small_scans import make_scan
from qtpy.QtCore import QPoint, Qt

from napari_cmr.analysis import AS_LABELLED
from napari_cmr.scan import Code, Label, ScanError
from napari_cmr.scan.index import Series
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.recent_scans import MAX_RECENT, Recent, title_of
from napari_cmr.viewer.docks.scan import ScanDock, series_text
from napari_cmr.viewer.workbench import workbench_of

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dock(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan, show=True)
    dock = ScanDock(viewer)
    viewer.window.add_dock_widget(dock, name="Scan")
    settle(viewer)
    return dock


def chosen(button, text):
    """Choose from a button's menu."""
    next(action for action in button.menu().actions() if text in action.text()).trigger()


def test_a_series_says_its_spacing_where_it_is_known():
    spacing, every = (10.0, 1.5, 0.83), np.ones((3, 2), bool)
    known = Series("1", 1, "cine", "SAX", "cine", "magnitude", (9, 8), spacing, every, ())
    assert series_text(known) == "cine · 0.83 × 1.50 mm, dz 10.0 mm · complete"
    later = replace(known, spacing=None, complete=np.zeros((1, 2), bool))
    assert series_text(later) == (
        "cine · spacing is estimated when it is opened · 2 images missing"
    )


def test_each_ventricle_has_its_own_ed_and_es(dock, settle):
    session, scan = workbench_of(dock.viewer).session, workbench_of(dock.viewer).session.scan
    before = session.function
    buttons = dock.phases.buttons
    assert buttons[Label.LV, "es"].text() == f"ES  frame {before.lv.es_frame + 1}"
    other = (before.rv.es_frame + 1) % scan.n_frames
    layers.go_to(dock.viewer, scan, frame=other)
    chosen(buttons[Label.RV, "es"], "frame on screen")
    settle(dock.viewer)
    assert session.function.rv.es_frame == other
    assert session.function.lv.es_frame == before.lv.es_frame
    assert session.reference.rv.es_frame == other
    assert "✎" in buttons[Label.RV, "es"].text()
    assert "✎" not in buttons[Label.LV, "es"].text()
    buttons[Label.LV, "ed"].click()
    assert layers.frame_on_screen(dock.viewer, scan) == before.lv.ed_frame
    buttons[Label.RV, "es"].click()
    assert layers.frame_on_screen(dock.viewer, scan) == other
    chosen(buttons[Label.RV, "es"], "Automatic")
    settle(dock.viewer)
    assert session.function.rv.es_frame == before.rv.es_frame
    assert session.reading == AS_LABELLED


def test_one_frame_cannot_be_both(dock, settle):
    dock.phases.set_phase(Label.LV, "ed", 2)
    dock.phases.set_phase(Label.LV, "es", 2)
    settle(dock.viewer)
    reading = workbench_of(dock.viewer).session.reading.lv
    assert (reading.ed_frame, reading.es_frame) == (None, 2)


def test_a_slice_is_left_out_by_a_click_and_the_numbers_follow(dock, qtbot, settle):
    session = workbench_of(dock.viewer).session
    dock.fold.toggleButton().click()
    settle(dock.viewer)
    table = dock.slices.table
    assert table.rowCount() == session.scan.n_slices
    before = session.function.lv
    shown = dock.slices.shares.ef_toggled_es[0]
    assert table.item(0, 4).text() == f"{shown:.0f} %"
    place = table.visualItemRect(table.item(0, 3))
    point = QPoint(place.left() + 12, place.center().y())
    qtbot.mouseClick(table.viewport(), LEFT, pos=point)
    settle(dock.viewer)
    assert session.reading.lv.es_slices == (1, session.scan.n_slices - 1)
    assert session.function.lv.ef_percent == pytest.approx(shown)
    assert session.function.lv.edv_ml == before.edv_ml
    assert said(session.function.warnings, Code.SLICES_SET_BY_HAND)
    qtbot.mouseClick(dock.slices.reset, LEFT)
    settle(dock.viewer)
    assert session.function.lv.ef_percent == pytest.approx(before.ef_percent)
    assert table.item(0, 3).checkState() == Qt.CheckState.Checked


def test_something_has_to_count(dock, settle):
    panel = dock.slices
    n_slices = workbench_of(dock.viewer).session.scan.n_slices
    for z in range(n_slices):
        panel.set_counts("ed", z, False)
    first, last = workbench_of(dock.viewer).session.reading.lv.ed_slices
    assert first <= last


def test_papillary_muscles_can_be_blood(dock, qtbot, settle):
    session = workbench_of(dock.viewer).session
    layer = session.labels_layer
    frame, z = session.function.lv.ed_frame, 1
    rows, columns = np.nonzero(layer.data[frame, z] == Label.LV)
    row, column = int(rows.mean()), int(columns.mean())
    where = (np.array([frame]), np.array([z]), np.array([row]), np.array([column]))
    layer.data_setitem(where, int(Label.MYO))
    settle(dock.viewer)
    before = session.function
    dock.fold.toggleButton().click()
    dock.slices.papillary.click()
    settle(dock.viewer)
    assert session.function.lv.edv_ml > before.lv.edv_ml
    assert session.function.lv_mass_g < before.lv_mass_g


def test_another_scan_is_read_as_labelled(dock, settle):
    session = workbench_of(dock.viewer).session
    dock.phases.set_phase(Label.LV, "es", 1)
    layers.show_scan(dock.viewer, make_scan(n_frames=4))
    settle(dock.viewer)
    assert session.reading == AS_LABELLED
    assert "✎" not in dock.phases.buttons[Label.LV, "es"].text()


def test_recent_scans_can_be_opened_and_forgotten(dock, small_scan, tmp_path, qtbot, monkeypatch):
    source = tmp_path / "heart.nii.gz"
    layers.show_scan(dock.viewer, small_scan.with_(source=source, name="heart"))
    opened = []
    monkeypatch.setattr(dock.opener, "open_path", opened.append)
    dock.recently.menu().aboutToShow.emit()
    assert dock.recently.menu().actions()[0].text() == f"heart.nii.gz  ({tmp_path.name})"
    chosen(dock.recently, "heart.nii.gz")
    assert opened == [source.resolve()]
    chosen(dock.recently, "Forget")
    assert Recent().paths == []
    dock.recently.menu().aboutToShow.emit()
    assert not dock.recently.menu().actions()[0].isEnabled()


def test_recent_paths_are_few_unique_and_nothing_else(tmp_path):
    recent = Recent()
    for number in range(MAX_RECENT + 3):
        recent.add(tmp_path / f"{number}.nii")
    recent.add(tmp_path / "5.nii")
    names = [path.name for path in Recent().paths]
    assert names[0] == "5.nii"
    assert len(names) == len(set(names)) == MAX_RECENT
    recent.remove(tmp_path / "5.nii")
    assert Recent().paths[0].name == f"{MAX_RECENT + 2}.nii"
    assert title_of(Path("/a/b/c.nii")) == "c.nii  (b)"


def test_settings_that_somebody_else_wrote_are_no_error():
    recent = Recent()
    recent._settings.setValue("recent_scans", "{not json")
    assert recent.paths == []


def test_a_folder_that_could_not_be_opened_leaves_no_list_under_the_next_patient(
    dock, qtbot
) -> None:
    class Index:
        source, default = Path("somebody"), "1"
        stacks, series = (), ()

    def listed_but_unreadable():
        yield Index()
        raise ScanError("no pictures in it")

    opener, session = dock.workbench.opener, dock.session
    opener.open_early(listed_but_unreadable)
    qtbot.waitUntil(lambda: not opener.is_opening, timeout=30_000)
    assert session.index is None
    opener.open_sample("normal")
    qtbot.waitUntil(lambda: session.scan.name.startswith("Sample"), timeout=60_000)
    qtbot.waitUntil(lambda: not opener.is_opening, timeout=60_000)
    assert session.index is None
    assert not dock.series.isVisibleTo(dock)
