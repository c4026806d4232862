"""What the thread that reconstructs yields: the slice on screen first, images, and failures."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.solvers import Solver, solvers
from napari_cmr.viewer.controllers.images.reconstruction_jobs import (
    Failed,
    JudgedSlice,
    MadeSlice,
    ReadSlice,
    Wanted,
    reconstruct_all,
)
from napari_cmr.viewer.core.slice_images import ImageSource
from napari_cmr.workflow.reconstruct.solving import reconstruct

FEW = Acquisition(n_lines=8)
NO_READER = SimpleNamespace(belongs=False)


def wanted(scan, **slices):
    """Slices by method, in whose name ``_`` stands for ``-``."""
    names = {name.replace("_", "-"): places for name, places in slices.items()}
    left = {name: (ImageSource(name, {}, FEW), places) for name, places in names.items()}
    return Wanted(scan, undersample(scan, FEW), left, lambda _source, _z: None, NO_READER)


def add_solver(monkeypatch, name, solve):
    monkeypatch.setitem(solvers(), name, Solver(name, name.title(), "", solve))


def run(task, on_screen=lambda: 0, tell=lambda _share: None):
    return list(reconstruct_all(task, on_screen, tell))


def made_places(results):
    return [(one.made.source.method, one.made.z) for one in results if isinstance(one, MadeSlice)]


def test_the_number_of_slices_is_of_all_methods(small_scan):
    assert wanted(small_scan, view_sharing={0, 2}, zero={1}).n_slices == 3


def test_slices_come_in_the_order_of_their_distance_from_the_screen(small_scan, monkeypatch):
    add_solver(monkeypatch, "first", lambda one, _settings, _watch: one.zero_filled())
    add_solver(monkeypatch, "second", lambda one, _settings, _watch: one.zero_filled())
    task = wanted(small_scan, first={0, 1, 2}, second={1, 2})
    places = made_places(run(task, on_screen=lambda: 2))
    slices = [2, 2, 1, 1, 0]
    assert places == list(zip(["first", "second"] * 2 + ["first"], slices, strict=True))


def test_who_goes_to_another_slice_meanwhile_gets_it_next(small_scan):
    place = [0]
    results = reconstruct_all(wanted(small_scan, view_sharing={0, 1, 2}), lambda: place[0], print)
    first = next(results)
    place[0] = 2
    assert [first.made.z, *(z for _, z in made_places(results))] == [0, 2, 1]


def test_an_image_is_that_of_the_method_and_is_judged_after_it(small_scan):
    shares = []
    made, judged = run(wanted(small_scan, view_sharing={1}), tell=shares.append)
    expected = np.abs(reconstruct(undersample(small_scan, FEW), "view-sharing").image[:, 1])
    np.testing.assert_allclose(np.abs(made.made.image), expected, atol=1e-5)
    assert isinstance(judged, JudgedSlice)
    assert (judged.z, judged.source) == (1, made.made.source)
    assert judged.quality is not None
    assert shares[0] == 0


def nan(one, _settings, _watch):
    return one.zero_filled() * np.nan


def breaks(_one, _settings, _watch):
    raise RuntimeError("on purpose")


@pytest.mark.parametrize(("solve", "words"), [(nan, "NaN"), (breaks, "on purpose")])
def test_a_method_that_fails_is_said_once_and_stops_no_other(small_scan, monkeypatch, solve, words):
    add_solver(monkeypatch, "bad", solve)
    results = run(wanted(small_scan, bad={0, 1, 2}, view_sharing={0, 1, 2}))
    [failed] = [one for one in results if isinstance(one, Failed)]
    assert failed.method == "bad"
    assert words in str(failed.error)
    assert made_places(results) == [("view-sharing", z) for z in range(3)]


class Reader:
    """Says of every image what its mean is."""

    belongs = True

    def score(self, z, image):
        return z, float(image.mean())


def test_an_image_is_read_after_it_is_judged(small_scan):
    task = replace(wanted(small_scan, view_sharing={1}), scorer=Reader())
    made, judged, read = run(task)
    assert isinstance(read, ReadSlice)
    assert (read.source, read.z, read.alone) == (judged.source, 1, False)
    assert read.score == (1, pytest.approx(float(np.abs(made.made.image).mean())))


def test_a_slice_that_is_there_is_read_and_not_made_again(small_scan, monkeypatch):
    monkeypatch.setattr(Solver, "run", lambda *_, **__: pytest.fail("reconstructed again"))
    there = np.full(small_scan.image[:, 0].shape, 3.0)
    task = replace(
        wanted(small_scan, view_sharing={0}), scorer=Reader(), made=lambda _source, _z: there
    )
    [read] = run(task)
    assert read.alone
    assert read.score == (0, 3.0)
