"""What was made from other lines than those that are chosen says so wherever it is seen."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from qtpy.QtCore import Qt

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.viewer.docks.acquire import AcquireDock
from napari_cmr.viewer.docks.function import FunctionDock
from napari_cmr.viewer.docks.segment import SegmentDock
from napari_cmr.viewer.layers.common import FADED_COLORMAP, LABEL_COLORMAP, OLD_COLORMAP
from napari_cmr.viewer.widgets.parts import OLD_COLOUR, is_picture_old
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.edit.provenance import Provenance
from napari_cmr.workflow.measure.function import measure_scan

FULL = Acquisition()
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bench(open_viewer, settle):
    scan = make_scan(labels=False)
    viewer = open_viewer(scan, show=True)
    bench = workbench_of(viewer)
    bench.segmentation.set_models(["net"])
    settle(viewer)
    return bench


@pytest.fixture
def dock(bench):
    dock = FunctionDock(bench.viewer)
    bench.viewer.window.add_dock_widget(dock, name="Function")
    return dock


@pytest.fixture
def acquire(bench):
    dock = AcquireDock(bench.viewer)
    bench.viewer.window.add_dock_widget(dock, name="Acquire")
    return dock


INTERVALS = {"LV": (40.0, 52.0), "RV": (30.0, 61.0)}


def give(bench, acquisition, settle, *, smaller=0, intervals=INTERVALS):
    """Let the model have segmented the scan from these lines."""
    scan = bench.session.scan
    labels = make_scan().labels.copy()
    if smaller:
        labels[0][labels[0] == Label.LV] = 0
        labels[0, :, 20 : 30 - smaller, 20:30] = Label.LV
    function = measure_scan(scan, labels=labels)
    result = ModelResult("net", acquisition, function, intervals, labels=labels)
    bench.segmentation.show_again(result)
    settle(bench.viewer)
    return result


def foreground(dock):
    return dock.table.item(0, 0).foreground().color().name()


def test_numbers_and_labels_of_all_lines_are_marked_the_moment_ten_are_chosen(
    bench, dock, acquire, settle, qtbot
) -> None:
    """As it was: "LV EF 63 % · all lines 63 % (±0)" under 10 lines that nobody had segmented."""
    give(bench, FULL, settle)
    layer = layers.predictions(bench.viewer, bench.session.scan)[0]
    shown = dock.ef[Label.LV].text
    assert "LV EF [40–52]" in dock.ef[Label.LV].caption
    assert "RV EF [30–61]" in dock.ef[Label.RV].caption
    assert not dock.old.isVisible()
    assert foreground(dock) != OLD_COLOUR

    qtbot.mouseClick(acquire.presets["10"], LEFT)
    assert dock.ef[Label.LV].text == shown
    assert dock.ef[Label.LV].is_old
    assert dock.ef[Label.LV].caption == "LV EF · from all 48 lines"
    assert "±0" not in dock.table.item(0, 0).text()
    assert foreground(dock) == OLD_COLOUR
    assert dock.old.isVisible()
    assert "Made from all 48 lines; 10 of 48 lines are chosen" in dock.old.toolTip()
    assert is_picture_old(dock.segments)
    assert layer.colormap is OLD_COLORMAP
    assert "⚠ labels from all 48 lines" in bench.viewer.canvas.overlays.text.text

    qtbot.mouseClick(acquire.presets["Full"], LEFT)
    assert not dock.ef[Label.LV].is_old
    assert not is_picture_old(dock.segments)
    assert not dock.old.isVisible()
    assert layer.colormap is LABEL_COLORMAP
    assert "⚠" not in bench.viewer.canvas.overlays.text.text


def test_labels_of_ten_lines_are_marked_when_others_are_chosen(
    bench, dock, acquire, settle, qtbot
) -> None:
    give(bench, FULL, settle)
    qtbot.mouseClick(acquire.presets["10"], LEFT)
    ten = give(bench, bench.session.acquisition, settle, smaller=4, intervals={})
    assert not dock.ef[Label.LV].is_old
    assert "all lines" in dock.ef[Label.LV].caption  # now it may be compared
    assert "[" not in dock.table.item(0, 0).text()  # the interval went with its number
    qtbot.mouseClick(acquire.presets["20"], LEFT)
    assert dock.ef[Label.LV].caption == "LV EF · from 10 of 48 lines"
    qtbot.mouseClick(acquire.reroll, LEFT)
    qtbot.mouseClick(acquire.presets["10"], LEFT)
    assert dock.ef[Label.LV].caption == "LV EF · from 10 of 48 lines of another acquisition"
    bench.session.set_acquisition(seed=ten.acquisition.seed)
    assert not dock.ef[Label.LV].is_old


def test_an_interval_is_not_shown_for_a_number_that_it_is_not_of(
    bench, dock, settle, qtbot
) -> None:
    give(bench, FULL, settle)
    assert dock.sources()[0].ef_intervals == INTERVALS
    layer = bench.session.labels_layer
    es = bench.session.function.lv.es_frame
    where = np.nonzero(layer.data == Label.LV)
    there = tuple(axis[where[0] == es][:30] for axis in where)
    layer.data_setitem(there, 0)
    settle(bench.viewer)
    assert dock.sources()[0].ef_intervals == {"RV": (30.0, 61.0)}  # that number stands
    layer.undo()
    settle(bench.viewer)
    assert dock.sources()[0].ef_intervals == INTERVALS


def test_labels_that_are_only_partly_of_these_lines_say_so(bench, dock, settle) -> None:
    give(bench, FULL, settle)
    bench.session.set_acquisition(n_lines=10)
    now, scan = bench.session.acquisition, bench.session.scan
    source = Provenance(model="net", acquisition=now, is_whole=False)
    labels = make_scan().labels[:, 1]
    layer = layers.show_prediction(bench.viewer, scan, 1, labels, name="net", source=source)
    bench.session.note_labels("net", source, (slice(None), 1))
    assert layers.state_of(layer).old == "only in part from 10 of 48 lines"


def test_copied_numbers_say_what_they_are_from(bench, dock, settle) -> None:
    from napari_cmr.viewer.widgets.function.function_table import table_text

    give(bench, FULL, settle)
    bench.session.set_acquisition(n_lines=10)
    assert "made from\tnet\tall 48 lines" in table_text(dock.sources(), {})


def test_the_band_of_repetitions_is_marked_on_the_image(bench, settle) -> None:
    viewer, scan = bench.viewer, bench.session.scan
    bench.session.set_acquisition(n_lines=10)

    class Result:
        n, disagreement, mean = 2, make_scan().labels[:, :, 10:20, 10:20], 1
        rows = columns = slice(10, 20)

    layers.show_consistency(viewer, scan, Result())
    band = layers.find(viewer, scan, "disagreement")
    coloured = band.colormap.name
    old = bench.session.old_text(Provenance(model="net", acquisition=FULL))
    assert layers.mark_consistency_old(viewer, scan, 2, old)
    assert "from all 48 lines" in band.name
    assert band.colormap.name != coloured
    assert layers.mark_consistency_old(viewer, scan, 2, "")
    assert band.colormap.name == coloured


def correct(layer, frame, z):
    """Paint the LV of a slice away, as a brush would."""
    where = np.nonzero(layer.data[frame, z] == Label.LV)
    n = len(where[0])
    layer.data_setitem((np.full(n, frame), np.full(n, z), *where), int(Label.MYO))


def test_segmenting_again_keeps_what_was_corrected_and_undo_brings_the_rest_back(
    bench, settle
) -> None:
    give(bench, FULL, settle)
    layer = bench.session.labels_layer
    correct(layer, 2, 1)
    corrected = layer.data.copy()
    bench.session.set_acquisition(n_lines=10)
    again = give(bench, bench.session.acquisition, settle, smaller=4)
    assert layer is bench.session.labels_layer
    np.testing.assert_array_equal(layer.data[2, 1], corrected[2, 1])
    others = np.ones(layer.data.shape[:2], bool)
    others[2, 1] = False
    np.testing.assert_array_equal(layer.data[others], again.labels[others])
    layer.undo()
    np.testing.assert_array_equal(layer.data, corrected)


def test_an_undone_run_gives_back_the_lines_that_its_labels_are_of(bench, dock, settle) -> None:
    """As it was: labels of all lines came back, and were shown as those of the ten chosen."""
    give(bench, FULL, settle)
    session, layer = bench.session, bench.session.labels_layer
    session.set_acquisition(n_lines=10)
    give(bench, session.acquisition, settle, smaller=4)
    assert not dock.ef[Label.LV].is_old
    layer.undo()
    settle(bench.viewer)
    assert layers.source_of(layer).acquisition == FULL
    assert not session.corrections.frames
    assert dock.ef[Label.LV].caption == "LV EF · from all 48 lines"
    assert layer.colormap is OLD_COLORMAP
    layer.redo()
    settle(bench.viewer)
    assert layers.source_of(layer).acquisition == session.acquisition
    assert not session.corrections.frames
    assert not dock.ef[Label.LV].is_old


def test_corrections_are_replaced_when_asked_and_undo_brings_them_back(bench, settle) -> None:
    give(bench, FULL, settle)
    layer = bench.session.labels_layer
    correct(layer, 2, 1)
    corrected = layer.data.copy()
    bench.segmentation.replaces_corrected = True
    again = give(bench, FULL, settle)
    np.testing.assert_array_equal(layer.data, again.labels)
    layer.undo()
    np.testing.assert_array_equal(layer.data, corrected)


def test_labels_under_correction_fade_on_the_image_too_and_can_still_be_told_apart(
    bench, settle
) -> None:
    viewer, session = bench.viewer, bench.session
    give(bench, FULL, settle)
    layer = layers.predictions(viewer, session.scan)[0]
    session.set_acquisition(n_lines=10)
    assert layer.colormap is OLD_COLORMAP
    layers.paint(layer, tuple(np.array([n]) for n in (0, 1, 5, 5)), int(Label.MYO))
    settle(viewer)
    assert layer.colormap is FADED_COLORMAP
    assert "labels from all 48 lines" in viewer.canvas.overlays.text.text
    colours = [FADED_COLORMAP.color_dict[int(label)] for label in (Label.LV, Label.MYO, Label.RV)]
    for one in range(3):
        assert np.abs(colours[one] - colours[one - 1]).max() > 0.15
        assert np.ptp(colours[one][:3]) < 0.4  # pale beside the full colours
    session.set_acquisition(n_lines=None)
    assert layer.colormap is LABEL_COLORMAP


@pytest.fixture
def segment(bench):
    dock = SegmentDock(bench.viewer)
    bench.viewer.window.add_dock_widget(dock, name="Segment")
    bench.segmentation.set_models(["net"])
    return dock


def keep_one(bench, settle, frame=0, z=1):
    """Labels of all lines, of which a slice is accepted, and then those of ten."""
    give(bench, FULL, settle)
    layer = bench.session.labels_layer
    marks = np.zeros(layer.data.shape[:2], bool)
    marks[frame, z] = True
    layers.set_accepted(layer, marks)
    bench.session.set_acquisition(n_lines=10)
    return layer, give(bench, bench.session.acquisition, settle, smaller=4)


def test_a_slice_that_was_kept_says_on_the_image_what_its_labels_are_of(
    bench, dock, settle
) -> None:
    """As it was: in full colour, under the lines of a run that had not made it."""
    layer, _ten = keep_one(bench, settle)
    viewer, scan = bench.viewer, bench.session.scan

    def notice():
        return viewer.canvas.overlays.text.text

    layers.go_to(viewer, scan, frame=0, z=0)
    assert layer.colormap is LABEL_COLORMAP
    assert "⚠" not in notice()
    layers.go_to(viewer, scan, z=1)
    assert layer.colormap is OLD_COLORMAP
    assert "⚠ labels from all 48 lines, kept as you accepted it" in notice()
    layers.go_to(viewer, scan, frame=1)
    assert layer.colormap is LABEL_COLORMAP
    assert "⚠" not in notice()
    assert dock.old.isVisible()
    assert dock.old.text() == "⚠ 1 slice from all 48 lines: kept"
    assert not dock.ef[Label.LV].is_old
    # All lines again: now it is the others that are old.
    bench.session.set_acquisition(n_lines=None)
    assert "⚠ labels from 10 of 48 lines" in notice()
    layers.go_to(viewer, scan, frame=0)
    assert layer.colormap is LABEL_COLORMAP
    assert "⚠" not in notice()


def test_playing_says_lastingly_that_a_frame_was_kept(bench, settle) -> None:
    """As it was: the frame flashed in grey, and the words with it, once in every beat."""
    layer, _ten = keep_one(bench, settle)
    viewer, scan, player = bench.viewer, bench.session.scan, bench.player
    player.set_speed(0.001)  # the test itself steps
    layers.go_to(viewer, scan, frame=0, z=1)
    assert layer.colormap is OLD_COLORMAP
    player.start()
    for frame in range(scan.n_frames):
        layers.go_to(viewer, scan, frame=frame)
        assert layer.colormap is LABEL_COLORMAP
        assert "⚠ labels partly from all 48 lines, kept" in viewer.canvas.overlays.text.text
    layers.go_to(viewer, scan, frame=0)
    player.stop()
    assert layer.colormap is OLD_COLORMAP
    assert "⚠ labels from all 48 lines, kept as you accepted it" in viewer.canvas.overlays.text.text


def test_a_corrected_slice_that_was_kept_stays_pale_and_says_why(bench, settle) -> None:
    give(bench, FULL, settle)
    layer = bench.session.labels_layer
    correct(layer, 2, 1)
    settle(bench.viewer)
    layers.go_to(bench.viewer, bench.session.scan, frame=2, z=1)
    bench.session.set_acquisition(n_lines=10)
    give(bench, bench.session.acquisition, settle, smaller=4)
    assert layer.colormap is FADED_COLORMAP
    said = "⚠ labels from all 48 lines, kept as you corrected it"
    assert said in bench.viewer.canvas.overlays.text.text


def test_no_labels_are_said_to_be_of_no_lines(bench, dock, settle) -> None:
    """As it was: undone until nothing was left, it said "labels from all 48 lines"."""
    give(bench, FULL, settle)
    layer = bench.session.labels_layer
    bench.session.set_acquisition(n_lines=10)
    assert "⚠ labels from all 48 lines" in bench.viewer.canvas.overlays.text.text
    layer.undo()
    settle(bench.viewer)
    assert not layer.data.any()
    assert "⚠" not in bench.viewer.canvas.overlays.text.text
    layer.redo()
    settle(bench.viewer)
    assert "⚠ labels from all 48 lines" in bench.viewer.canvas.overlays.text.text
    # A slice without any, in labels that are old.
    layers.go_to(bench.viewer, bench.session.scan, frame=0, z=1)
    layer.data_setitem(np.nonzero(layer.data[:1]), 0)
    settle(bench.viewer)
    assert "⚠" not in bench.viewer.canvas.overlays.text.text
    layers.go_to(bench.viewer, bench.session.scan, frame=1, z=1)
    assert "⚠ labels from all 48 lines" in bench.viewer.canvas.overlays.text.text


def test_the_segment_dock_says_whose_a_slice_is_and_what_its_numbers_leave_out(
    bench, dock, segment, settle
) -> None:
    """As it was: 67 % there and 69 % under Function, and not a word."""
    layer, ten = keep_one(bench, settle)
    notes, session = segment.notes, bench.session
    layers.go_to(bench.viewer, session.scan, frame=0, z=1)
    assert notes.confidence.text() == (
        "Slice 2, frame 1: labels from all 48 lines, kept as you accepted it."
    )
    measured, own = session.function, ten.function
    assert f"{measured.lv.ef_percent:.0f}" != f"{own.lv.ef_percent:.0f}"
    assert notes.others.text() == (
        "The EF above is of the model's own labels. With 1 accepted slice that was kept it is "
        f"LV {measured.lv.ef_percent:.0f}\xa0%, RV {measured.rv.ef_percent:.0f}\xa0%: see Function."
    )
    layers.go_to(bench.viewer, session.scan, frame=1, z=1)
    assert not notes.confidence.isVisible()  # no gap: this model does not say how sure it is
    layer.undo()
    settle(bench.viewer)
    assert "an undo took away" in notes.others.text()
    layer.redo()
    settle(bench.viewer)
    assert "1 accepted slice" in notes.others.text()
    bench.segmentation.replaces_corrected = True
    layers.set_accepted(layer, np.zeros(layer.data.shape[:2], bool))
    give(bench, session.acquisition, settle, smaller=4)
    assert not notes.others.isVisible()
    assert not dock.old.isVisible()
