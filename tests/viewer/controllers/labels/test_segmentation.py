"""Models are run on the chosen lines, follow them when asked to, and their labels are kept."""

from types import SimpleNamespace

import numpy as np
import pytest

from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels import segmentation
from napari_cmr.viewer.controllers.labels.segmentation import LiveSegmentation
from napari_cmr.viewer.controllers.labels.segmentation_jobs import (
    Failed,
    LabelledSlice,
    LabelledStack,
)
from napari_cmr.viewer.core.results import ModelResult

WAIT = 60_000


@pytest.fixture
def asked(monkeypatch):
    """What was to be segmented; each model labels all as LV, but for ``bad-net``."""
    calls = []

    def segment(wanted, _on_screen, _known):
        calls.append(wanted)
        for model in wanted.models:
            if model.name == "bad-net":
                yield Failed(wanted.scan, model.name, RuntimeError("on purpose"))
                continue
            labels = np.full(wanted.scan.shape, Label.LV, np.uint8)
            for z in range(wanted.scan.n_slices):
                made = (labels[:, z], wanted.acquisition, model.name, "cpu", 0.1, ())
                yield LabelledSlice(
                    wanted.scan, z, *made, in_steps=False, weights={}, method_settings=None
                )
            result = ModelResult(model.name, wanted.acquisition, None, labels=labels)
            yield LabelledStack(wanted.scan, result, in_steps=False)

    monkeypatch.setattr(segmentation, "segment_all", segment)
    monkeypatch.setattr(segmentation, "show_info", lambda _text: None)
    return calls


@pytest.fixture
def live(bare, small_scan, asked, qtbot):
    viewer, session = bare(small_scan)
    session.set_acquisition(n_lines=10)
    tiled, written = [], []
    live = LiveSegmentation(
        viewer,
        session,
        tiling=SimpleNamespace(set_models=tiled.append),
        frame_rate=lambda: 0.0,
        labels_written=lambda: written.append(1),
        hold_rest=lambda: None,
        go_on=lambda: None,
    )
    live.viewer, live.tiled, live.written = viewer, tiled, written
    live.set_models(("a-net",))
    yield live
    live.cancel()
    live._measuring.cancel()


def done(live, qtbot):
    qtbot.waitUntil(lambda: not live.job.is_running, timeout=WAIT)


def layer(live, model):
    return layers.find_prediction(live.viewer, live.session.scan, model)


def test_a_run_gives_labels_that_are_measured(live, asked, qtbot):
    live.run()
    done(live, qtbot)
    [wanted] = asked
    assert wanted.acquisition == live.session.acquisition
    assert not wanted.in_steps
    assert (layer(live, "a-net").data == Label.LV).all()
    assert live.session.labels_layer is layer(live, "a-net")
    assert live.written
    assert live.done == live.all == live.session.scan.n_slices


def test_models_follow_the_lines_only_when_asked_to(live, asked, qtbot):
    live.session.set_acquisition(n_lines=12)
    assert not live.job.is_running
    live.set_follows(True)
    live.session.set_acquisition(n_lines=14)
    done(live, qtbot)
    assert asked[-1].acquisition.n_lines == 14
    assert asked[-1].in_steps


def test_the_first_of_several_models_is_measured_and_all_are_tiled(live, qtbot):
    live.set_models(("b-net", "a-net", "b-net"))
    assert live.tiled[-1] == ("b-net", "a-net")
    live.run()
    done(live, qtbot)
    assert live.session.labels_layer is layer(live, "b-net")
    live.set_models(("a-net",))
    assert live.session.labels_layer is layer(live, "a-net")


def test_a_model_that_fails_is_said_and_leaves_the_others(live, qtbot):
    live.set_models(("bad-net", "a-net"))
    live.run()
    done(live, qtbot)
    assert list(live.errors) == ["bad-net"]
    assert layer(live, "a-net") is not None


def test_slices_that_were_corrected_are_kept_unless_they_may_go(live, qtbot):
    live.run()
    done(live, qtbot)
    place = tuple(np.array([n]) for n in (1, 2, 3, 4))
    layer(live, "a-net").data_setitem(place, int(Label.RV))
    live.run()
    done(live, qtbot)
    assert layer(live, "a-net").data[place] == Label.RV
    live.replaces_corrected = True
    live.run()
    done(live, qtbot)
    assert layer(live, "a-net").data[place] == Label.LV


def test_what_an_undo_has_just_brought_back_is_no_correction(live, qtbot):
    """As it was: the next run left every slice alone, as if somebody had drawn in it."""
    live.run()
    done(live, qtbot)
    layers.undo(layer(live, "a-net"))
    assert not layer(live, "a-net").data.any()
    live.run()
    done(live, qtbot)
    assert (layer(live, "a-net").data == Label.LV).all()


def test_device_and_precision_are_those_of_every_model(live):
    live.set_device("cpu")
    live.set_precision("float32")
    assert (live.choice("a-net").device, live.choice("a-net").precision) == ("cpu", "float32")
    chain = live.way("a-net after view-sharing")
    assert (chain.method, chain.name) == ("view-sharing", "a-net after view-sharing")
