"""The list of labels layers follows the viewer, and what is chosen in it is measured."""

import pytest
from helpers.small_scans import make_scan

from napari_cmr.viewer import layers
from napari_cmr.viewer.widgets.labels.labels_choice import LabelsChoice
from napari_cmr.viewer.widgets.parts import Dock


@pytest.fixture
def dock(open_viewer, small_scan, qtbot) -> Dock:
    dock = Dock(open_viewer(small_scan))
    qtbot.addWidget(dock)
    return dock


@pytest.fixture
def choice(dock, qtbot) -> LabelsChoice:
    choice = LabelsChoice(dock, 12)
    qtbot.addWidget(choice)
    return choice


def names(choice: LabelsChoice) -> list[str]:
    return [choice.itemText(k) for k in range(choice.count())]


def test_layers_that_come_go_and_change_their_names_are_listed(dock, choice) -> None:
    first = dock.session.labels_layer
    assert names(choice) == [first.name]
    drawn = layers.add_empty_labels(dock.viewer, dock.session.scan)
    assert set(names(choice)) == {first.name, drawn.name}
    drawn.name = "second look"
    assert "second look" in names(choice)
    dock.viewer.layers.remove(drawn)
    assert names(choice) == [first.name]


def test_the_layer_that_is_measured_is_the_one_shown(dock, choice) -> None:
    first = dock.session.labels_layer
    drawn = layers.add_empty_labels(dock.viewer, dock.session.scan)
    for layer in (drawn, first):
        dock.session.set_labels_layer(layer)
        assert choice.currentText() == layer.name


def test_what_is_chosen_is_measured(dock, choice) -> None:
    first = dock.session.labels_layer
    drawn = layers.add_empty_labels(dock.viewer, dock.session.scan)
    for layer in (first, drawn):
        choice.setCurrentIndex(choice.findText(layer.name))
        assert dock.session.labels_layer is layer


def test_labels_of_another_grid_are_not_offered(dock, choice) -> None:
    layers.show_scan(dock.viewer, make_scan("bare", labels=False))
    assert names(choice) == []
    assert dock.session.labels_layer is None
