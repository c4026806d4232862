"""What a repeated acquisition is asked for, what lies on the image, and when it is old."""

from types import SimpleNamespace

import numpy as np
import pytest

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.measures import consistency
from napari_cmr.viewer.controllers.measures.consistency import Repeating
from napari_cmr.zoo import ModelChoice

WAIT = 60_000


@pytest.fixture
def asked(monkeypatch):
    """What the library was asked for; it yields a step, then a result of each repetition."""
    calls = []

    def repeat(scan, acquisition, **options):
        calls.append((acquisition, options))
        crop = (*scan.shape[:2], 6, 3)
        for n in range(1, options["repeats"] + 1):
            yield None
            yield SimpleNamespace(
                n=n,
                acquisition=acquisition,
                model=options["model"].name,
                rows=slice(4, 10),
                columns=slice(6, 9),
                disagreement=np.full(crop, 30, np.uint8),
                mean=np.full(crop, Label.MYO, np.uint8),
            )

    monkeypatch.setattr(consistency, "repeat_acquisition", repeat)
    return calls


@pytest.fixture
def repeating(bare, small_scan, asked):
    viewer, session = bare(small_scan)
    session.set_acquisition(n_lines=7)
    made = Repeating(viewer, session, lambda name: ModelChoice(name=name))
    made.model, made.repeats, made.viewer = "a-net", 2, viewer
    yield made
    made.cancel()


def run(repeating, qtbot):
    repeating.run()
    qtbot.waitUntil(lambda: not repeating.job.is_running, timeout=WAIT)


def mean(repeating):
    return layers.find(repeating.viewer, repeating.session.scan, "mean_shape")


def test_it_repeats_the_lines_that_are_chosen(repeating, asked, qtbot, small_scan):
    run(repeating, qtbot)
    reading = repeating.session.reading
    options = {"model": ModelChoice(name="a-net"), "repeats": 2, "reading": reading}
    assert asked == [(Acquisition(n_lines=7), options)]
    assert repeating.result.n == 2
    assert repeating.steps == 4
    assert repeating.all_steps == 2 * (small_scan.n_slices + 1)
    assert mean(repeating).name == "Mean contour of 2 repetitions"


def test_without_a_scan_nothing_begins(bare, asked):
    viewer, session = bare()
    empty = Repeating(viewer, session, lambda name: ModelChoice(name=name))
    empty.run()
    assert not empty.job.is_running
    assert not asked


def test_other_lines_make_it_old_and_the_same_ones_new_again(repeating, qtbot):
    run(repeating, qtbot)
    repeating.session.set_acquisition(n_lines=9)
    assert repeating.is_old
    assert layers.state_of(mean(repeating)).old == "from 7 of 48 lines"
    repeating.session.set_acquisition(n_lines=7)
    assert not repeating.is_old
    assert layers.state_of(mean(repeating)).old == ""


def test_another_reading_makes_it_old_too(repeating, qtbot):
    run(repeating, qtbot)
    reading = repeating.session.reading
    repeating.session.set_reading(reading.model_copy(update={"papillary_in_blood": True}))
    assert repeating.is_old
    assert layers.state_of(mean(repeating)).old == "measured in another way"


def test_a_result_of_another_model_than_is_chosen_is_old(repeating, qtbot):
    run(repeating, qtbot)
    repeating.choose_model("b-net")
    assert repeating.is_old
    assert layers.state_of(mean(repeating)).old == "by a-net"
    repeating.choose_model("a-net")
    assert not repeating.is_old
    assert layers.state_of(mean(repeating)).old == ""


def test_what_is_not_wanted_on_the_image_comes_when_it_is(repeating, qtbot):
    repeating.set_on_image(False)
    run(repeating, qtbot)
    assert mean(repeating) is None
    repeating.set_on_image(True)
    assert mean(repeating).visible
    repeating.set_on_image(False)
    assert not mean(repeating).visible


def test_another_scan_has_no_result(repeating, qtbot, small_scan):
    run(repeating, qtbot)
    repeating.session.set_scan(small_scan.with_(name="other"))
    assert repeating.result is None
    assert not repeating.is_old
