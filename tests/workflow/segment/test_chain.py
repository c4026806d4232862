"""Reconstruct, then segment: the same lines, the same place, and a result that says so."""

import numpy as np
import pytest
from helpers.reconstruction_models import write_reconstruction_model
from helpers.small_scans import make_scan
from helpers.zoo_models import on_cpu

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import ScanError, Stopped
from napari_cmr.solvers import Solver, solvers
from napari_cmr.workflow.reconstruct.solving import reconstruct
from napari_cmr.workflow.segment.chain import Chain, chain
from napari_cmr.workflow.segment.cine import locate_heart, segment, segmentation_record
from napari_cmr.workflow.segment.steps import segment_stepwise
from napari_cmr.zoo.cancellation import stoppable

TEN = Acquisition(n_lines=10, seed=4)


@pytest.fixture
def models(tmp_path, monkeypatch):
    from helpers import lively_models

    yield from lively_models.in_use(tmp_path / "models", monkeypatch)


@pytest.fixture
def scan():
    return make_scan(n_frames=4, n_slices=2)


def test_it_labels_what_the_method_makes_and_says_so(models, scan) -> None:
    measured = undersample(scan, TEN)
    result = chain("view-sharing", on_cpu("fcn"))(measured)
    image = np.abs(reconstruct(measured, "view-sharing").image)
    seen = segment(measured.with_image(image), on_cpu("fcn"), location=locate_heart(measured))
    np.testing.assert_array_equal(result.labels, seen.labels)
    assert result.reconstruction.method == "view-sharing"
    assert result.acquisition == TEN
    assert result.n_lines == 10
    assert result.acceleration == pytest.approx(4.8)
    assert result.seconds["reconstruct"] > 0
    assert {notice.code for notice in result.warnings} >= {"few-lines-per-beat"}
    record = segmentation_record(scan, result)
    assert record["reconstruction"] == {"method": "view-sharing", "settings": {}}
    assert record["model"] == "fcn"


def test_the_method_can_be_a_network_that_is_ended_where_nobody_waits(models, scan) -> None:
    write_reconstruction_model(models)
    measured, way = undersample(scan, TEN), Chain("unrolled-net", on_cpu("fcn"))
    assert way.segment(measured).reconstruction.method == "unrolled-net"
    asked = iter([False] * 8)
    with pytest.raises(Stopped), stoppable(lambda: next(asked, True)):
        way.segment(measured)
    assert next(asked, None) is None


def test_labels_of_the_lines_came_from_no_image(models, scan) -> None:
    result = segment(undersample(scan, TEN), on_cpu("pooled-net"))
    assert result.reconstruction is None
    assert segmentation_record(scan, result)["reconstruction"] is None


def test_slice_by_slice_gives_what_the_stack_gives(models, scan) -> None:
    measured = undersample(scan, TEN)
    way = Chain("average", on_cpu("fcn"))
    location = locate_heart(measured)
    whole = way.segment(measured, location=location)

    def last():
        labels, _said = yield from segment_stepwise(measured, way, location=location)
        yield labels

    *_, labels = last()
    np.testing.assert_array_equal(labels, whole.labels)


def test_an_image_that_is_there_is_not_made_again(models, scan) -> None:
    measured = undersample(scan, TEN)
    image = np.abs(reconstruct(measured, "view-sharing").image)
    way = Chain("view-sharing", on_cpu("fcn"))
    given = way.segment(measured, image=image)
    np.testing.assert_array_equal(given.labels, way.segment(measured).labels)
    assert given.seconds["reconstruct"] == 0


def test_what_the_method_refuses_and_who_waits_no_more(models, scan) -> None:
    measured = undersample(scan, TEN)
    with pytest.raises(ScanError, match="no reconstruction method"):
        Chain("nothing", on_cpu("fcn")).segment(measured)
    with pytest.raises(ScanError, match="iterations"):
        Chain("tv-2dt", on_cpu("fcn"), {"iterations": -1}).segment(measured)
    with stoppable(lambda: True), pytest.raises(Stopped):
        Chain("tv-2dt", on_cpu("fcn")).segment(measured)


def test_an_image_in_place_of_the_lines_is_measured_whole(scan) -> None:
    measured = undersample(scan, TEN).select((1,))
    image = np.random.default_rng(0).random(measured.shape, dtype=np.float32)
    seen = measured.with_image(image)
    assert seen.mask.is_full
    assert seen.slices == (1,)
    np.testing.assert_allclose(seen.zero_filled, image, atol=1e-6)
    with pytest.raises(ScanError, match="in place of"):
        measured.with_image(image[:2])


def test_labels_of_an_image_whose_details_may_be_invented_say_so(models, scan, monkeypatch) -> None:
    def zero_filled(one, _settings, _watch):
        return one.zero_filled()

    invents = "Refined by an adversarial network: details may be invented."
    solver = Solver("refining", "Refining", "", zero_filled, invents=invents)
    monkeypatch.setitem(solvers(), "refining", solver)
    result = chain("refining", on_cpu("fcn"))(undersample(scan, TEN))
    assert invents in segmentation_record(scan, result)["warnings"]
