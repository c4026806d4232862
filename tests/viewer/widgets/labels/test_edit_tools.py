"""Brushes, the pair of ED and ES, and the offer of unsaved labels, each outside its dock."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from helpers.small_scans import make_scan
from qtpy.QtWidgets import QLabel

from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.keys import KEYS
from napari_cmr.viewer.core.recovery import Kept
from napari_cmr.viewer.widgets.labels.edit_tools import (
    BrushChoice,
    PairChoice,
    RecoveryOffer,
    keys_table,
)
from napari_cmr.viewer.widgets.parts import Dock


@pytest.fixture
def make(open_viewer, qtbot):
    """Makes a part on a scan, or without one; its dock lives as long as the test."""
    docks = []

    def build(kind, scan):
        dock = Dock(open_viewer(scan))
        part = kind(dock)
        for widget in (dock, part):
            qtbot.addWidget(widget)
        docks.append(dock)
        return dock, part

    return build


def test_a_button_takes_its_brush_and_look_puts_it_away(make, small_scan) -> None:
    dock, brush = make(BrushChoice, small_scan)
    layer = dock.session.labels_layer
    brush.buttons[Label.RV].click()
    assert (layer.mode, layer.selected_label) == ("paint", int(Label.RV))
    brush.buttons[Label.BACKGROUND].click()
    assert layer.mode == "erase"
    brush.buttons[None].click()
    assert layer.mode == "pan_zoom"
    assert dock.viewer.layers.selection.active is not layer


def test_the_brush_in_hand_is_shown_whoever_chose_it(make, small_scan) -> None:
    dock, brush = make(BrushChoice, small_scan)
    layer = dock.session.labels_layer
    dock.viewer.layers.selection.active = layer
    layer.mode, layer.selected_label = "paint", int(Label.MYO)
    assert [one for one, button in brush.buttons.items() if button.isChecked()] == [Label.MYO]
    layer.mode = "erase"
    assert [one for one, button in brush.buttons.items() if button.isChecked()] == [
        Label.BACKGROUND
    ]


def test_scar_is_painted_on_late_enhancement_only(make, small_scan) -> None:
    dock, brush = make(BrushChoice, small_scan)
    assert brush.buttons[Label.SCAR].isHidden()
    late = make_scan("late", n_frames=1).with_(kind="lge")
    layers.show_scan(dock.viewer, late)
    assert not brush.buttons[Label.SCAR].isHidden()
    assert not brush.buttons[Label.NO_REFLOW].isHidden()


def test_a_layer_that_comes_later_is_watched(make, small_scan) -> None:
    dock, brush = make(BrushChoice, small_scan)
    drawn = layers.add_empty_labels(dock.viewer, small_scan)
    dock.session.set_labels_layer(drawn)
    dock.viewer.layers.selection.active = drawn
    drawn.mode, drawn.selected_label = "paint", int(Label.LV)
    assert brush.buttons[Label.LV].isChecked()


def test_the_pair_is_set_by_hand_and_let_go(make, small_scan) -> None:
    dock, pair = make(PairChoice, small_scan)
    annotation = dock.workbench.annotation
    assert not pair.ed.isEnabled()
    pair.only.setChecked(True)
    assert pair.es.isEnabled()
    assert annotation.pair == (pair.ed.value() - 1, pair.es.value() - 1)
    pair.es.setValue(5)
    assert annotation.pair[1] == 4
    pair.only.setChecked(False)
    assert annotation.pair is None


def test_a_pair_set_elsewhere_is_shown_and_stays_in_the_cycle(make, small_scan) -> None:
    dock, pair = make(PairChoice, small_scan)
    dock.workbench.annotation.set_pair((1, 4))
    assert pair.only.isChecked()
    assert (pair.ed.value(), pair.es.value()) == (2, 5)
    assert pair.ed.maximum() == small_scan.n_frames


@pytest.mark.parametrize("scan", [None, make_scan(n_frames=1)], ids=["none", "still"])
def test_there_is_no_pair_without_several_frames(make, scan) -> None:
    _dock, pair = make(PairChoice, scan)
    assert not pair.isEnabled()


def kept(tmp_path: Path, name: str, source: Path | None = None) -> Kept:
    when = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)
    return Kept(tmp_path / f"{name}.json", name, "Drawn", source, "0" * 64, when)


def offer(dock: Dock, *kept_labels: Kept) -> None:
    dock.workbench.autosave.offers = list(kept_labels)
    dock.workbench.autosave.offers_changed.emit()


def test_nothing_left_behind_is_no_offer(make, small_scan, tmp_path) -> None:
    dock, recovery = make(RecoveryOffer, small_scan)
    assert recovery.isHidden()
    one = kept(tmp_path, "alpha")
    offer(dock, one, kept(tmp_path, "beta"))
    assert not recovery.isHidden()
    assert recovery.text.text() == (
        f"Labels of alpha from {one.local_time} were not saved. 1 older one waits after these."
    )
    offer(dock)
    assert recovery.isHidden()


def test_labels_are_restored_where_their_scan_can_be_had(make, tmp_path) -> None:
    dock, recovery = make(RecoveryOffer, None)
    offer(dock, kept(tmp_path, "alpha", tmp_path / "gone.nii.gz"))
    assert not recovery.restore.isEnabled()
    assert "Open the scan that they were drawn on" in recovery.text.text()
    there = tmp_path / "there.nii.gz"
    there.touch()
    offer(dock, kept(tmp_path, "alpha", there))
    assert recovery.restore.isEnabled()
    assert recovery.restore.text() == "Open and restore"


def test_the_buttons_are_about_the_newest_labels(make, small_scan, tmp_path, monkeypatch) -> None:
    dock, recovery = make(RecoveryOffer, small_scan)
    newest, older = kept(tmp_path, "alpha"), kept(tmp_path, "beta")
    offer(dock, newest, older)
    assert recovery.restore.text() == "Restore"
    restored = []
    monkeypatch.setattr(dock.workbench.autosave, "restore", restored.append)
    recovery.restore.click()
    assert restored == [newest]
    recovery.discard.click()
    assert dock.workbench.autosave.offers == [older]
    assert "beta" in recovery.text.text()


def test_the_table_has_every_key(qtbot) -> None:
    table = keys_table()
    qtbot.addWidget(table)
    text = " ".join(one.text() for one in table.findChildren(QLabel))
    for key, _action, what in KEYS:
        assert f"<b>{key}</b>" in text
        assert what in text
