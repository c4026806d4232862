"""The panel of other scans of a patient follows what is at hand, and says how things go."""

import pytest
from helpers.small_scans import make_scan

from napari_cmr.viewer.controllers.companion import Companion, Other
from napari_cmr.viewer.widgets.parts import Dock
from napari_cmr.viewer.widgets.scans.companion_panel import CompanionPanel

OPEN, CLOSED = Other("late (late enhancement)", make_scan("late")), Other("cine 2", key="2")


@pytest.fixture
def panel(open_viewer, small_scan, qtbot):
    dock = Dock(open_viewer(small_scan))
    panel = CompanionPanel(dock)
    for widget in (dock, panel):
        qtbot.addWidget(widget)
    panel.dock = dock  # which lives as long as the panel
    return panel


def offer(panel: CompanionPanel, *others: Other) -> None:
    panel.companion.others = list(others)
    panel.companion.changed.emit()


def test_where_there_is_no_other_scan_nothing_is_shown(panel) -> None:
    assert panel.isHidden()
    offer(panel, OPEN)
    assert not panel.isHidden()
    offer(panel)
    assert panel.isHidden()


def test_other_scans_are_listed_and_chosen(panel) -> None:
    offer(panel, OPEN, CLOSED)
    titles = [panel.choice.itemText(k) for k in range(panel.choice.count())]
    assert titles == [OPEN.title, CLOSED.title]
    assert panel.choice.currentIndex() == 0
    panel.choice.activated.emit(1)
    assert panel.companion.chosen is CLOSED
    assert panel.choice.currentIndex() == 1


def test_only_what_is_open_can_be_closed(panel) -> None:
    offer(panel, OPEN, CLOSED)
    assert panel.forget.isEnabled()
    panel.choice.activated.emit(1)
    assert not panel.forget.isEnabled()


def test_while_it_works_it_says_so_and_carries_nothing_else_over(panel, monkeypatch) -> None:
    offer(panel, OPEN)
    assert panel.message.isHidden()
    monkeypatch.setattr(Companion, "is_running", True)
    panel.companion.job.running_changed.emit(True)
    assert panel.message.text() == "working…"
    assert not panel.carry.isEnabled()
    monkeypatch.setattr(Companion, "is_running", False)
    panel.companion.message = "The slices do not meet."
    panel.companion.job.running_changed.emit(False)
    assert panel.message.text() == "The slices do not meet."
    assert not panel.message.isHidden()
    assert panel.carry.isEnabled()


def test_the_box_shows_whether_the_picture_is_seen_without_asking_for_it(
    panel, monkeypatch
) -> None:
    asked = []
    monkeypatch.setattr(Companion, "has_picture", True)
    monkeypatch.setattr(panel.companion._seeing, "request", lambda *_what: asked.append(_what))
    offer(panel, OPEN)
    assert panel.picture.isChecked()
    assert asked == []
    panel.picture.setChecked(False)
    panel.picture.setChecked(True)
    assert len(asked) == 1
