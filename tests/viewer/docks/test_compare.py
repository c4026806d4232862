"""The comparison dock in a real window."""

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication

from napari_cmr.scan import Geometry, Label, Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.compare import CompareDock
from napari_cmr.viewer.widgets.labels.comparison_text import shown
from napari_cmr.viewer.widgets.parts import OLD_COLOUR
from napari_cmr.workflow.edit.provenance import Provenance

SHAPE = (4, 3, 40, 40)
ED, ES = 0, 2


def square(frame_sizes: dict[int, int]) -> np.ndarray:
    labels = np.zeros(SHAPE, np.uint8)
    for frame, n in frame_sizes.items():
        labels[frame, :, 10 : 14 + n, 10 : 14 + n] = Label.MYO
        labels[frame, :, 12 : 12 + n, 12 : 12 + n] = Label.LV
    return labels


@pytest.fixture
def scan() -> Scan:
    image = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
    labels = square({ED: 12, ES: 8})
    geometry = Geometry.regular((10.0, 2.0, 2.0), SHAPE[1])
    return Scan(image, geometry, labels=labels, labelled_frames=(ED, ES))


@pytest.fixture
def dock(open_viewer, scan):
    viewer = open_viewer(scan, show=True)
    dock = CompareDock(viewer)
    viewer.window.add_dock_widget(dock, name="Compare")
    yield dock
    dock.comparing.job.cancel()


@pytest.fixture
def compared(dock, qtbot):
    """Waits until the dock shows how its layers differ now."""

    def wait():
        def is_quiet():
            dock.comparing.look_again.flush()
            return not dock.comparing.job.is_running

        qtbot.waitUntil(is_quiet, timeout=30_000)
        qtbot.wait(20)
        qtbot.waitUntil(lambda: is_quiet() and not dock.workbench.is_busy, timeout=30_000)

    return wait


def second_reader(dock, labels=None):
    drawn = square({ED: 12, ES: 6}) if labels is None else labels
    return layers.add_drawn_labels(dock.viewer, dock.session.scan, drawn, "Reader B")


def texts(table):
    return [
        [table.item(line, column).text() for column in range(table.columnCount())]
        for line in range(table.rowCount())
    ]


def test_one_label_set_cannot_be_compared(dock) -> None:
    assert dock.controls.isHidden()
    assert "Two labels layers" in dock.empty.text()


def test_a_reader_is_compared_with_the_reference(dock, compared) -> None:
    second_reader(dock)
    compared()
    assert not dock.controls.isHidden()
    assert dock.first.currentText() == "Labels"  # the reference
    assert dock.second.currentText() == "Reader B"
    lv = texts(dock.summary)[0]
    assert lv[0] == f"{2 * (144 + 36) / (144 + 144 + 64 + 36):.2f}"
    assert "EF +19.4 points" in dock.function.text()
    assert "EDV 0 mL   ESV −3 mL" in dock.function.text()
    assert len(texts(dock.table)) == 3
    assert texts(dock.table)[0][5] == "−1.1"  # 28 pixels of 40 mm3 at ES


def test_a_click_leads_to_the_worst_contour(dock, compared, scan) -> None:
    drawn = square({ED: 12, ES: 8})
    drawn[ES, 1, 12:20, 20:30] = Label.LV
    second_reader(dock, drawn)
    compared()
    assert dock.worst.text().startswith("LV in slice 2, frame 3: 20.0 mm")
    layers.go_to(dock.viewer, scan, frame=0, z=0)
    dock.jump.click()
    assert layers.frame_on_screen(dock.viewer, scan) == ES
    assert layers.slice_on_screen(dock.viewer, scan) == 1
    layers.go_to(dock.viewer, scan, frame=1, z=2)
    dock.table.cellClicked.emit(1, 0)
    assert layers.frame_on_screen(dock.viewer, scan) == ES


def test_the_table_is_of_one_frame_if_asked(dock, compared, scan) -> None:
    second_reader(dock)
    compared()
    dock.here.click()
    layers.go_to(dock.viewer, scan, frame=ED)
    assert texts(dock.table)[0][1:6] == ["1.00", "1.00", "–", "0.0", "0.0"]
    layers.go_to(dock.viewer, scan, frame=1)  # nobody labelled it
    assert texts(dock.table) == []


def test_numbers_follow_the_brush_and_an_undo(dock, compared) -> None:
    layer = second_reader(dock, square({ED: 12, ES: 8}))
    compared()
    assert texts(dock.summary)[0][0] == "1.00"
    assert dock.old.isHidden()
    layer.data_setitem((np.array([ES]), np.array([0]), np.array([12]), np.array([12])), 0)
    assert dock.old.text() == "⚠ Differences before Reader B was edited."
    assert dock.summary.item(0, 0).foreground().color().name() == OLD_COLOUR
    compared()
    assert dock.old.isHidden()
    assert texts(dock.summary)[0][2] != "0.0"
    layer.undo()
    compared()
    assert texts(dock.summary)[0][2] == "0.0"


def test_differences_are_laid_over_the_image(dock, compared, scan) -> None:
    second_reader(dock)
    compared()
    before = dock.viewer.layers.selection.active
    dock.overlay.click()
    layer = layers.find(dock.viewer, scan, "difference")
    assert (layer.data == layers.differences(scan.labels, square({ED: 12, ES: 6}))).all()
    assert layer not in layers.labels_layers(dock.viewer, scan)  # it is nobody's labels
    assert dock.viewer.layers.selection.active is before
    assert {1, 3} <= set(np.unique(layer.data).tolist())
    dock.overlay.click()
    assert layers.find(dock.viewer, scan, "difference") is None


def test_a_layer_removed_from_under_the_dock(dock, compared) -> None:
    layer = second_reader(dock)
    compared()
    dock.viewer.layers.remove(layer)
    compared()
    assert dock.controls.isHidden()
    assert dock.comparison is None


def test_sets_without_a_common_frame_are_said_to_be_so(dock, compared) -> None:
    second_reader(dock, square({1: 9}))
    compared()
    assert "no frame is labelled in both" in dock.old.text()  # above the empty tables
    assert dock.old.isVisible()
    assert not dock.jump.isEnabled()


def run(dock, scan, sizes):
    """Let a model have drawn squares from the lines that are chosen."""
    layer = layers.prediction_layer(dock.viewer, scan, "net")
    layers.write_labels(layer, square(sizes), from_model=True)
    layers.note_source(layer, Provenance(model="net", acquisition=dock.session.acquisition))
    return layer


def test_slices_of_other_lines_are_told_where_they_are_compared(dock, compared, scan) -> None:
    """As it was: a slice of all lines lay in the numbers of ten, and nothing was said."""
    layer = run(dock, scan, {ED: 11, ES: 6, 1: 9})
    marks = layers.accepted(layer)
    marks[ED, 1] = marks[1, 0] = True  # the other frame is not labelled in the reference
    layers.set_accepted(layer, marks)
    dock.session.set_acquisition(n_lines=10)
    run(dock, scan, {ED: 10, ES: 5, 1: 8})
    compared()
    assert dock.session.derived.comparison.comparison.frames == (ED, ES)
    assert dock.old.text() == "⚠ In net, 1 slice from all 40 lines: kept"
    assert dock.old.isVisible()
    assert "10 of 40 lines are chosen now" in dock.old.toolTip()
    dock.copy.click()
    copied = QApplication.clipboard().text().splitlines()
    assert copied[1:3] == [
        "made from\tnet\t10 of 40 lines, variable-density, seed 0",
        "made from (2 slices kept)\tnet\tall 40 lines",
    ]
    assert dock.summary.item(0, 0).foreground().color().name() != OLD_COLOUR
    dock.session.set_acquisition(n_lines=None)
    assert dock.old.text() == "⚠ Differences from 10 of 40 lines."
    assert dock.old.toolTip() == ""
    dock.session.set_acquisition(n_lines=10)
    assert "kept" in dock.old.text()
    layers.set_accepted(layer, np.zeros_like(marks))
    run(dock, scan, {ED: 10, ES: 5, 1: 8})
    compared()
    assert dock.old.isHidden()


def test_an_undone_run_is_compared_as_what_it_has_brought_back(dock, compared, scan) -> None:
    """As it was: the labels of all lines that came back were said to be of ten."""
    layer = run(dock, scan, {ED: 11, ES: 6})
    dock.session.set_acquisition(n_lines=10)
    run(dock, scan, {ED: 10, ES: 5})
    compared()
    assert layer is not dock.session.labels_layer
    assert dock.old.isHidden()
    layers.undo(layer)
    dock.workbench.old_labels._settle_soon.flush()
    compared()
    assert dock.old.text() == "⚠ Differences from all 40 lines."


def test_the_table_is_copied_for_a_spreadsheet(dock, compared, qapp) -> None:
    second_reader(dock)
    compared()
    dock.copy.click()
    lines = qapp.clipboard().text().splitlines()
    assert lines[0] == "Reader B beside Labels, second minus first"
    assert lines[1].split("\t")[:3] == ["frame", "slice", "label"]
    assert len(lines) == 2 + 2 * 3 * 2 + 2
    assert lines[-1] == "Research use only"


def test_another_scan_ends_the_comparison(dock, compared) -> None:
    second_reader(dock)
    compared()
    image = np.random.default_rng(1).random((2, 2, 16, 16), dtype=np.float32)
    layers.show_scan(dock.viewer, Scan(image, Geometry.regular((8.0, 2.0, 2.0), 2)))
    compared()
    assert dock.comparison is None


def test_numbers_are_as_short_as_they_may_be() -> None:
    assert shown(-1.05, "+.1f") == "−1.1"
    assert shown(0.02, "+.1f") == "0.0"
    assert shown(None, "+.1f") == "–"


def test_an_empty_table_says_that_the_comparison_is_under_way_or_why_there_is_none(
    dock, compared, monkeypatch
) -> None:
    second_reader(dock)
    assert dock.comparison is None
    assert dock.old.text() == "Comparing…"
    compared()
    assert dock.old.isHidden()

    def fail(*_given, **_named):
        raise MemoryError("on purpose")

    monkeypatch.setattr("napari_cmr.viewer.controllers.labels.comparison.compare_labels", fail)
    layers.add_drawn_labels(dock.viewer, dock.session.scan, square({ED: 11, ES: 9}), "Reader C")
    third = dock.comparing.offered[0]
    dock.session.derived.set_comparison(None)
    dock.comparing.choose(dock.comparing.chosen[0], third)
    compared()
    assert dock.old.text() == dock.comparing.problem != ""
