"""What the user draws survives a crash, and nothing else is kept."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from threading import Event, Timer, current_thread, main_thread
from time import sleep

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import Code, Label, Notice, ScanError
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.images import pictures as pictures_module
from napari_cmr.viewer.controllers.labels import autosave as autosave_module
from napari_cmr.viewer.core.jobs import end_all
from napari_cmr.viewer.core.recovery import FOLDER_VARIABLE, left_behind, read_kept
from napari_cmr.viewer.docks.function import FunctionDock
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.edit.provenance import Provenance

WAIT = 60_000


@pytest.fixture
def folder():
    return Path(os.environ[FOLDER_VARIABLE])


@pytest.fixture
def keep_every(monkeypatch):
    """Sets the time between a stroke and its keeping."""

    def change(seconds):
        prefer(monkeypatch, interval_s=seconds)

    return change


def prefer(monkeypatch, **wanted):
    """Have preferences of the user for as long as a test runs."""
    for module in (autosave_module, pictures_module):
        before = module.preference
        monkeypatch.setattr(
            module,
            "preference",
            lambda section, name, before=before: wanted.get(name, before(section, name)),
        )


@pytest.fixture
def draw(open_viewer, settle, keep_every):
    """A viewer with a scan that somebody has drawn on; kept soon rather than after seconds."""

    def make(scan, *, soon=True):
        viewer = open_viewer(scan)
        settle(viewer)
        autosave = workbench_of(viewer).autosave
        if soon:
            keep_every(0.02)
        layer = workbench_of(viewer).session.labels_layer
        where = tuple(np.array(places) for places in ((1, 1), (2, 2), (5, 5), (6, 7)))
        layer.data_setitem(where, int(Label.RV))
        return viewer, layer, autosave

    return make


def files(folder):
    """Endings of what is there for good: neither the lock nor what is being written."""
    return sorted(path.suffix for path in folder.glob("*/[!.]*") if path.name != "lock")


def test_unsaved_strokes_are_kept_and_then_removed_when_saved(draw, folder, qtbot, tmp_path):
    viewer, layer, _autosave = draw(make_scan())
    qtbot.waitUntil(lambda: files(folder) == [".json", ".npz"], timeout=WAIT)
    record = json.loads(next(folder.glob("*/[!.]*.json")).read_text())
    known = {"version", "scan", "layer", "source", "image_sha256", "kept_at"}
    assert set(record) == known | {"made_from", "reading"}
    if sys.platform != "win32":
        assert next(folder.iterdir()).stat().st_mode & 0o077 == 0
    assert not left_behind()  # this window still takes care of them
    workbench_of(viewer).annotation.save(tmp_path / "labels.nii.gz")
    qtbot.waitUntil(lambda: files(folder) == [], timeout=WAIT)
    assert layer.data[1, 2, 5, 6] == Label.RV


def test_what_can_be_had_again_is_not_kept(open_viewer, settle, folder, qtbot):
    scan = make_scan()
    viewer = open_viewer(scan)
    settle(viewer)
    model = layers.prediction_layer(viewer, scan, "net")
    layers.write_labels(model, np.full(scan.shape, Label.LV, np.uint8), from_model=True)
    layers.add_empty_labels(viewer, scan)
    autosave = workbench_of(viewer).autosave
    autosave.keep_all()
    qtbot.waitUntil(lambda: not autosave.keeping.is_running, timeout=WAIT)
    assert files(folder) == []


def test_an_undone_stroke_is_not_kept_any_more(draw, folder, qtbot):
    _viewer, layer, _autosave = draw(make_scan())
    qtbot.waitUntil(lambda: files(folder) == [".json", ".npz"], timeout=WAIT)
    layer.undo()
    qtbot.waitUntil(lambda: files(folder) == [], timeout=WAIT)


@pytest.mark.parametrize("closes", [False, True])
def test_a_stroke_that_is_undone_while_it_is_being_kept_is_not_kept(
    draw, folder, qtbot, monkeypatch, closes
):
    """As it was: the window did not know yet that there was something to remove."""
    is_written, may_go_on, keep = Event(), Event(), autosave_module._keep

    def late(own, task):
        outcome = keep(own, task)
        if current_thread() is not main_thread():
            is_written.set()
            assert may_go_on.wait(WAIT / 1000)
        return outcome

    _viewer, layer, autosave = draw(make_scan(), soon=False)
    monkeypatch.setattr(autosave_module, "_keep", late)
    autosave.keep_all()
    assert is_written.wait(WAIT / 1000)
    assert files(folder) == [".json", ".npz"]
    layer.undo()
    if closes:
        Timer(0.1, may_go_on.set).start()  # while this thread closes
        autosave.close()
    else:
        autosave.keep_all()
        may_go_on.set()
    qtbot.waitUntil(lambda: files(folder) == [], timeout=WAIT)


def test_acceptance_is_kept_too(draw, folder, qtbot):
    viewer, _layer, autosave = draw(make_scan())
    workbench_of(viewer).annotation.accept("frame")
    qtbot.waitUntil(lambda: bool(files(folder)), timeout=WAIT)
    qtbot.waitUntil(lambda: not autosave.keeping.is_running, timeout=WAIT)
    autosave.close()
    [kept] = left_behind()
    _labels, accepted = read_kept(kept, workbench_of(viewer).session.scan)
    assert accepted[0].all()
    assert accepted.sum() == 3


def test_a_layer_that_was_removed_by_mistake_comes_back(draw, folder, qtbot):
    from napari_cmr.viewer.docks.edit import EditDock

    viewer, layer, autosave = draw(make_scan(), soon=False)
    drawn = layer.data.copy()
    dock = EditDock(viewer)
    viewer.window.add_dock_widget(dock, name="Edit")
    viewer.layers.remove(layer)
    qtbot.waitUntil(lambda: files(folder) == [".json", ".npz"], timeout=WAIT)
    (first,) = folder.glob("*/[!.]*.npz")
    autosave.look()
    qtbot.waitUntil(lambda: bool(autosave.offers), timeout=WAIT)
    assert not dock.offer.isHidden()
    session = workbench_of(viewer).session
    layers.add_drawn_labels(viewer, session.scan, drawn, "other")  # on screen, too
    dock.offer.restore.click()
    qtbot.waitUntil(lambda: "restored" in session.labels_layer.name, timeout=WAIT)
    np.testing.assert_array_equal(session.labels_layer.data, drawn)
    assert session.labels_layer.name == "Labels (restored)"
    assert dock.offer.isHidden()
    seen = [one for one in layers.labels_layers(viewer, session.scan) if one.visible]
    assert seen == [session.labels_layer]
    # The restored labels are kept again before the old files go.
    qtbot.waitUntil(lambda: not first.exists(), timeout=WAIT)
    assert files(folder) == [".json", ".npz"]


def test_another_scan_has_its_own_frames_and_the_first_its_labels_when_it_comes_back(
    draw, folder, qtbot, settle
):
    first = make_scan()
    viewer, layer, autosave = draw(first, soon=False)
    drawn = layer.data.copy()
    other = make_scan(n_frames=4, n_slices=2).with_(cycle_ms=500.0, name="other")
    layers.show_scan(viewer, other)
    settle(viewer)
    assert layer not in viewer.layers
    assert tuple(viewer.dims.nsteps[:2]) == (4, 2)  # steps of its sliders are frames and slices
    layers.go_to(viewer, other, frame=3, z=1)
    shown = layers.find(viewer, other, "image")._slice.image.view
    np.testing.assert_array_equal(shown, other.image[3, 1])
    qtbot.waitUntil(lambda: files(folder) == [".json", ".npz"], timeout=WAIT)
    assert not autosave.offers  # they are of another scan
    layers.show_scan(viewer, make_scan())
    qtbot.waitUntil(lambda: bool(autosave.offers), timeout=WAIT)
    autosave.restore(autosave.offers[0])
    session = workbench_of(viewer).session
    qtbot.waitUntil(lambda: "restored" in session.labels_layer.name, timeout=WAIT)
    np.testing.assert_array_equal(session.labels_layer.data, drawn)


def test_a_layer_that_is_put_back_is_not_offered_any_more(draw, folder, qtbot):
    viewer, layer, autosave = draw(make_scan(), soon=False)
    viewer.layers.remove(layer)
    qtbot.waitUntil(lambda: files(folder) == [".json", ".npz"], timeout=WAIT)
    autosave.look()
    qtbot.waitUntil(lambda: bool(autosave.offers), timeout=WAIT)
    viewer.add_layer(layer)
    qtbot.waitUntil(lambda: not autosave.offers, timeout=WAIT)


def test_labels_that_are_still_being_kept_are_found_too(draw, folder, qtbot, monkeypatch):
    """Who looks while a large stack is being written is not told that there is nothing."""
    may_go_on, keep = Event(), autosave_module._keep

    def late(own, task):
        assert may_go_on.wait(WAIT / 1000)
        return keep(own, task)

    viewer, layer, autosave = draw(make_scan(), soon=False)
    monkeypatch.setattr(autosave_module, "_keep", late)
    viewer.layers.remove(layer)
    autosave.look()
    qtbot.waitUntil(lambda: not autosave.looking.is_running, timeout=WAIT)
    assert autosave.offers == []
    may_go_on.set()
    qtbot.waitUntil(lambda: bool(autosave.offers), timeout=WAIT)


def test_closing_keeps_the_last_strokes_of_every_layer(draw):
    viewer, layer, autosave = draw(make_scan(), soon=False)
    second = layers.add_empty_labels(viewer, workbench_of(viewer).session.scan)
    second.data_setitem(tuple(np.array([n]) for n in (0, 0, 3, 3)), int(Label.MYO))
    viewer.layers.remove(second)
    viewer.layers.remove(layer)
    autosave.close()
    assert sorted(kept.layer_name for kept in left_behind()) == ["Drawn labels", "Labels"]


def test_a_thread_that_comes_late_leaves_a_closed_window_s_folder_alone(draw, monkeypatch):
    """A straggler that locked the folder again would hide the labels from every later window."""
    may_go_on, has_begun = Event(), Event()
    keep = autosave_module._keep

    def late(folder, task):
        if current_thread() is not main_thread():
            has_begun.set()
            assert may_go_on.wait(WAIT / 1000)
        return keep(folder, task)

    _viewer, _layer, autosave = draw(make_scan(), soon=False)
    monkeypatch.setattr(autosave_module, "_keep", late)
    autosave.keep_all()
    assert has_begun.wait(WAIT / 1000)
    Timer(0.2, may_go_on.set).start()  # while this thread closes
    autosave.close()
    assert end_all()
    assert [kept.layer_name for kept in left_behind()] == ["Labels"]


def test_a_folder_that_cannot_be_written_is_said(draw, folder, qtbot, monkeypatch):
    shown, keep_all = [], autosave_module._keep_all

    def slowly(own, tasks):
        yield from keep_all(own, tasks)
        sleep(0.1)  # longer than it waits before it tries again

    monkeypatch.setattr(autosave_module, "_keep_all", slowly)
    monkeypatch.setattr(autosave_module, "show_error", shown.append)
    folder.write_text("in the way")
    _viewer, _layer, autosave = draw(make_scan())
    with qtbot.waitSignal(autosave.failed, timeout=WAIT) as said:
        autosave.keep_all()
    assert FOLDER_VARIABLE in said.args[0]
    with qtbot.waitSignals([autosave.keeping.running_changed] * 3, timeout=WAIT):
        pass  # it goes on trying, without another stroke and without saying it again
    assert len(shown) == 1
    folder.unlink()
    qtbot.waitUntil(lambda: files(folder) == [".json", ".npz"], timeout=WAIT)
    assert not left_behind()


def test_labels_that_cannot_be_kept_hold_up_no_others(draw, folder, qtbot, monkeypatch, keep_every):
    monkeypatch.setattr(autosave_module, "show_error", lambda _text: None)
    keep, refusals, may_be_kept = autosave_module._keep, [], Event()

    def refuse_one(own, task):
        if task.name == "Drawn labels" and not may_be_kept.is_set():
            refusals.append(task.name)
            raise RuntimeError("whatever it is")
        return keep(own, task)

    monkeypatch.setattr(autosave_module, "_keep", refuse_one)
    viewer, _layer, autosave = draw(make_scan(), soon=False)
    keep_every(0.02)
    second = layers.add_empty_labels(viewer, workbench_of(viewer).session.scan)
    second.data_setitem(tuple(np.array([n]) for n in (0, 0, 3, 3)), int(Label.MYO))
    viewer.layers.remove(second)
    autosave.keep_all()
    qtbot.waitUntil(lambda: files(folder) == [".json", ".npz"], timeout=WAIT)
    qtbot.waitUntil(lambda: len(refusals) > 2, timeout=WAIT)  # it goes on trying
    assert files(folder) == [".json", ".npz"]
    may_be_kept.set()
    qtbot.waitUntil(lambda: files(folder) == [".json"] * 2 + [".npz"] * 2, timeout=WAIT)


def test_nothing_is_kept_where_a_user_wants_none(draw, folder, qtbot, monkeypatch, keep_every):
    said = []
    monkeypatch.setattr("napari_cmr.viewer.controllers.images.pictures.show_info", said.append)
    prefer(monkeypatch, keep=False)
    viewer, _layer, autosave = draw(make_scan())
    autosave.keep_all()
    layers.show_scan(viewer, make_scan(name="another"))
    autosave.close()
    assert files(folder) == []
    assert ["not kept" in text for text in said] == [True]


def test_what_vanishes_is_kept_again(draw, folder, qtbot):
    _viewer, _layer, autosave = draw(make_scan())
    qtbot.waitUntil(lambda: files(folder) == [".json", ".npz"], timeout=WAIT)
    qtbot.waitUntil(lambda: not autosave.keeping.is_running, timeout=WAIT)  # nor writes there again
    shutil.rmtree(folder)
    autosave.keep_all()
    qtbot.waitUntil(lambda: files(folder) == [".json", ".npz"], timeout=WAIT)
    assert not left_behind()


def test_what_a_model_said_of_its_labels_comes_back_with_them(draw, open_viewer, settle, qtbot):
    _viewer, layer, first = draw(make_scan(), soon=False)
    doubt = Notice(Code.HEART_UNSURE, "No heart was found.", "heart")
    layers.note_source(layer, Provenance(model="net", warnings=(doubt,)))
    first.close()
    viewer = open_viewer(make_scan())
    dock = FunctionDock(viewer)
    viewer.window.add_dock_widget(dock, name="Function")
    bench = workbench_of(viewer)
    qtbot.waitUntil(lambda: len(bench.autosave.offers) == 1, timeout=WAIT)
    bench.autosave.restore(bench.autosave.offers[0])
    qtbot.waitUntil(lambda: bench.session.function_source.model == "net", timeout=WAIT)
    settle(viewer)
    assert bench.session.function_source.warnings == (doubt,)
    assert doubt.text in dock.warnings.all.text()


def test_labels_of_another_image_are_neither_offered_nor_restored(draw, open_viewer, qtbot):
    _viewer, _layer, first = draw(make_scan())
    first.close()
    other = make_scan()
    other = other.with_(image=other.image + 1)
    autosave = workbench_of(open_viewer(other)).autosave
    qtbot.waitUntil(lambda: not autosave.looking.is_running, timeout=WAIT)
    assert autosave.offers == []
    [kept] = left_behind()
    with pytest.raises(ScanError, match="another image"):
        read_kept(kept, other)


def test_damaged_files_are_refused_with_a_remedy(draw):
    viewer, _layer, autosave = draw(make_scan())
    autosave.close()
    [kept] = left_behind()
    kept.labels.write_bytes(b"no labels")
    with pytest.raises(ScanError) as caught:
        read_kept(kept, workbench_of(viewer).session.scan)
    assert "discard" in caught.value.remedy
    kept.record.write_text("{")
    assert left_behind() == []


def test_what_is_discarded_is_gone(draw, folder, open_viewer, qtbot):
    _viewer, _layer, first = draw(make_scan())
    first.close()
    autosave = workbench_of(open_viewer(None)).autosave
    qtbot.waitUntil(lambda: len(autosave.offers) == 1, timeout=WAIT)
    autosave.discard(autosave.offers[0])
    assert autosave.offers == []
    assert list(folder.iterdir()) == []


PROGRAM = """
    import sys, napari, numpy as np
    from pathlib import Path
    from qtpy.QtCore import QTimer
    from helpers.small_scans import make_scan
    from napari_cmr.viewer import layers
    from napari_cmr.viewer.controllers.labels import autosave as autosave_module
    from napari_cmr.viewer.workbench import workbench_of

    viewer = napari.Viewer(show=False)
    autosave = workbench_of(viewer).autosave
    autosave_module.preference = lambda _section, name: {"keep": True, "interval_s": 0.1}[name]
    layers.show_scan(viewer, make_scan())
    layer = workbench_of(viewer).session.labels_layer
    layer.data_setitem(tuple(np.array([n]) for n in (3, 1, 4, 5)), 3)

    def say():
        if list(Path(sys.argv[1]).glob("*/[!.]*.json")):  # the others are being written
            print("kept", flush=True)

    timer = QTimer()
    timer.timeout.connect(say)
    timer.start(50)
    napari.run()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_program_loses_nothing_that_was_kept(open_viewer, folder, qtbot):
    from napari_cmr.viewer.docks.edit import EditDock

    paths = [str(Path(__file__).parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout.readline().strip() == "kept"
        assert left_behind() == []  # it is alive
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    scan = make_scan()
    viewer = open_viewer(scan)
    dock = EditDock(viewer)
    viewer.window.add_dock_widget(dock, name="Edit")
    qtbot.waitUntil(lambda: not dock.offer.isHidden(), timeout=WAIT)
    assert "Labels of small from" in dock.offer.text.text()
    dock.offer.restore.click()
    wanted = scan.labels.copy()
    wanted[3, 1, 4, 5] = Label.RV
    session = workbench_of(viewer).session

    def restored():
        layer = session.labels_layer
        return layer is not None and np.array_equal(layer.data, wanted)

    qtbot.waitUntil(restored, timeout=WAIT)
    assert dock.offer.isHidden()
