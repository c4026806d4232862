"""The search for scar follows labels, settings and remote muscle, as long as somebody looks."""

from threading import Event

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.measures import scar as controller
from napari_cmr.viewer.controllers.measures.scar import ScarSearch, table_text, what_is_missing
from napari_cmr.workflow.measure.scar import measure_scar

WAIT = 60_000


def make_lge():
    """A still ring with a bright right half of its wall."""
    scan = make_scan("late", n_frames=1, n_slices=4)
    image = scan.image.copy()
    _, x = np.indices(scan.labels.shape[2:])
    image[(scan.labels == Label.MYO) & (x > 20)] += 0.8
    return scan.with_(image=image, kind="lge")


@pytest.fixture
def search(bare, qtbot):
    viewer, session = bare(make_lge())
    session.set_function(None)  # the labels were measured: nobody is writing them
    search = ScarSearch(viewer, session)
    search.viewer = viewer
    search.watch(True)
    quiet(search, qtbot)
    return search


def quiet(search, qtbot):
    search.wait.flush()
    qtbot.waitUntil(lambda: not search.job.is_running, timeout=WAIT)


def found(search):
    return search.session.derived.scar


def test_scar_is_what_the_workflow_measures(search):
    wanted = measure_scar(search.session.scan, ScarSettings())
    assert search.labels is search.session.labels_layer
    assert found(search).measurement.extent.to_dict() == wanted.extent.to_dict()
    layer = layers.find(search.viewer, search.session.scan, "scar")
    np.testing.assert_array_equal(layer.data[0], wanted.scar.labels)
    assert found(search).measurement.curve


def test_other_settings_find_again(search, qtbot):
    search.choose(ScarSettings(method="nsd", n=2), None)
    quiet(search, qtbot)
    wanted = measure_scar(search.session.scan, ScarSettings(method="nsd", n=2))
    assert found(search).measurement.extent.to_dict() == wanted.extent.to_dict()


def test_while_nobody_looks_an_edit_makes_the_result_old(search, qtbot):
    search.watch(False)
    first = found(search)
    muscle = np.nonzero(search.labels.data[:, :1] == Label.MYO)
    search.labels.data_setitem(muscle, int(Label.LV))
    quiet(search, qtbot)
    assert found(search) is first
    assert "was edited" in search.session.derived.old_text("scar")
    search.watch(True)
    quiet(search, qtbot)
    assert found(search) is not first
    assert search.session.derived.old_text("scar") == ""


def test_labels_without_muscle_are_refused_with_a_reason(search, qtbot):
    layers.write_labels(search.labels, np.zeros_like(search.labels.data))
    search._on_shown()
    quiet(search, qtbot)
    assert search.problem
    assert search.session.derived.old_text("scar")


def test_drawn_remote_muscle_is_used_until_it_is_thrown_away(search, qtbot):
    search.draw_remote()
    quiet(search, qtbot)
    assert found(search).measurement.scar.remote.given
    search.find_remote()
    quiet(search, qtbot)
    assert not found(search).measurement.scar.remote.given


def test_the_table_says_labels_method_and_numbers(search):
    rows = [line.split("\t") for line in table_text(found(search)).splitlines()]
    record = found(search).measurement.extent.to_dict()
    assert ["labels", found(search).labels.name] in rows
    assert ["scar_g", f"{record['scar_g']:.2f}"] in rows
    assert rows[-1] == ["Research use only"]
    heads = [place for place, row in enumerate(rows) if row[0] == "segment"]
    assert len(rows[heads[0] + 1 :]) >= len(record["segments"])


def test_what_the_user_has_to_do_first_is_said(small_scan):
    assert "Open a late enhancement scan" in what_is_missing(None, None)
    assert "This is a cine" in what_is_missing(small_scan, object())
    assert "Segment the scan" in what_is_missing(make_lge(), None)
    assert what_is_missing(make_lge(), object()) == ""


def test_remote_muscle_that_is_drawn_during_a_search_is_searched_with(search, qtbot, monkeypatch):
    """As it was: the search that came back brought the old remote muscle with it, for good."""
    search.draw_remote()
    quiet(search, qtbot)
    begun, may_go_on, sensitivity = Event(), Event(), controller.sensitivity

    def late(*given):
        begun.set()
        assert may_go_on.wait(60)
        return sensitivity(*given)

    monkeypatch.setattr(controller, "sensitivity", late)
    search.choose(search.settings.model_copy(update={"blood_part": 0.9}), None)
    search.wait.flush()
    assert begun.wait(60)
    remote = layers.find(search.viewer, search.session.scan, "remote")
    muscle = np.array(search.labels.data)[0] == Label.MYO
    remote.data_setitem(np.nonzero(muscle), 1)
    search.wait.cancel()  # the hand is still on the mouse
    may_go_on.set()
    qtbot.waitUntil(lambda: not search.job.is_running, timeout=WAIT)
    assert search.session.derived.old_text("scar") == "before remote muscle was edited"
    search.wait()
    quiet(search, qtbot)
    assert search.session.derived.old_text("scar") == ""
    np.testing.assert_array_equal(found(search).measurement.scar.remote.mask, muscle)
