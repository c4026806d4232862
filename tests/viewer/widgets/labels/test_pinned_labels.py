"""Scar is looked for in labels that stay until the user takes others."""

import pytest
from helpers.small_scans import make_scan

from napari_cmr.viewer import layers
from napari_cmr.viewer.widgets.labels.pinned_labels import PinnedLabels
from napari_cmr.viewer.widgets.parts import Dock


@pytest.fixture
def dock(open_viewer, qtbot) -> Dock:
    dock = Dock(open_viewer(make_scan("late", n_frames=1).with_(kind="lge")))
    qtbot.addWidget(dock)
    return dock


@pytest.fixture
def pinned(dock, qtbot) -> PinnedLabels:
    pinned = PinnedLabels(dock, dock.workbench.scar)
    qtbot.addWidget(pinned)
    return pinned


def names(pinned: PinnedLabels) -> list[str]:
    return [pinned.choice.itemText(k) for k in range(pinned.choice.count())]


def test_layers_that_come_go_and_change_their_names_are_listed(dock, pinned) -> None:
    first = dock.session.labels_layer
    assert names(pinned) == [first.name]
    drawn = layers.add_empty_labels(dock.viewer, dock.session.scan)
    assert set(names(pinned)) == {first.name, drawn.name}
    drawn.name = "second look"
    assert "second look" in names(pinned)
    dock.viewer.layers.remove(drawn)
    assert names(pinned) == [first.name]


def test_labels_stay_when_others_are_edited_until_the_button_takes_those(dock, pinned) -> None:
    search, first = dock.workbench.scar, dock.session.labels_layer
    assert search.labels is first
    assert pinned.take.isHidden()
    drawn = layers.add_empty_labels(dock.viewer, dock.session.scan)
    dock.session.set_labels_layer(drawn)
    assert search.labels is first
    assert pinned.choice.currentText() == first.name
    assert not pinned.take.isHidden()
    assert pinned.take.text() == f"Use {drawn.name}, which is measured now"
    pinned.take.click()
    assert search.labels is drawn
    assert pinned.choice.currentText() == drawn.name
    assert pinned.take.isHidden()


def test_labels_are_taken_from_the_list(dock, pinned) -> None:
    search, first = dock.workbench.scar, dock.session.labels_layer
    drawn = layers.add_empty_labels(dock.viewer, dock.session.scan)
    pinned.choice.activated.emit(pinned.choice.findText(drawn.name))
    assert search.labels is drawn
    pinned.choice.activated.emit(pinned.choice.findText(first.name))
    assert search.labels is first
