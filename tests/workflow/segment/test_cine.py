"""Labels of a cine: their interval, their doubts, and which network gives them."""

import json

import numpy as np
import pytest
from helpers import zoo_models
from helpers.noise_scans import scan
from helpers.notices import codes
from helpers.zoo_models import on_cpu

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Label, ScanError
from napari_cmr.workflow.segment.cine import segment, segment_frames
from napari_cmr.workflow.train.export import tie_for_fewer
from napari_cmr.zoo.cards import read_card, write_card
from napari_cmr.zoo.tasks.localisation import HeartLocation

LINES = Acquisition(n_lines=9, seed=3)


def test_what_makes_numbers_doubtful_is_said(models) -> None:
    result = segment(undersample(scan((1, 1, 40, 40), kind="lge"), LINES), on_cpu())
    assert {"not-a-cine", "one-frame", "one-slice"} <= set(codes(result.warnings))


def test_few_lines_in_a_frame_or_in_a_whole_beat_are_said(models) -> None:
    location = HeartLocation(20.0, 28.0, 1.0)

    def found(n_frames: int, n_lines: int | None) -> list[str]:
        cine = scan((n_frames, 3, 40, 56))
        acquisition = Acquisition(n_lines=n_lines)
        result = segment(undersample(cine, acquisition), on_cpu(), location=location)
        return [one.code for one in result.warnings if one.about == "lines"]

    assert found(30, 7) == ["few-lines"]
    assert found(12, 10) == ["few-lines-per-beat"]
    assert found(20, 10) == []
    assert found(12, None) == []


def test_some_slices_need_a_location(models) -> None:
    with pytest.raises(ScanError, match="whole stack"):
        segment(undersample(scan(), LINES, slices=[0]), on_cpu())


def test_a_blank_image_is_refused(models) -> None:
    blank = scan().with_(image=np.zeros(scan().shape))
    with pytest.raises(ScanError, match="every pixel is 0"):
        segment(undersample(blank, LINES), on_cpu())


def test_more_lines_than_there_are_is_an_error(models) -> None:
    with pytest.raises(ScanError):
        segment(undersample(scan(), Acquisition(n_lines=41)), on_cpu())


def test_a_card_with_a_quantile_gives_bounds_around_the_labels(models) -> None:
    path = models / "pooled-net-live.json"
    card = json.loads(path.read_text())
    path.write_text(json.dumps(card | {"lv_quantile": 0.3, "lv_widening": 1.5, "rv_quantile": 0.2}))
    result = segment(undersample(scan(), LINES), on_cpu(), mend=False)
    assert set(result.bounds) == {"LV", "RV"}
    assert result.confidence.shape == (4, 2, 3)
    assert ((result.confidence >= 0) & (result.confidence <= 1)).all()
    for name, bounds in result.bounds.items():
        assert bounds.pixels.shape == (4, 2, 2)
        assert bounds.widening == {"LV": 1.5, "RV": 1.0}[name]
        sure, possible = np.moveaxis(bounds.pixels, -1, 0)
        labelled = (result.labels == int(Label[name])).sum(axis=(2, 3))
        assert (sure <= labelled).all()
        assert (labelled <= possible).all() or name == "RV"  # its base may be completed
        assert (sure < possible).any()


def test_temperature_and_widening_are_those_of_the_lines_that_were_measured(models) -> None:
    path = models / "pooled-net-live.json"
    card = json.loads(path.read_text()) | {"lv_quantile": 0.3, "rv_quantile": 0.2}
    beat = scan().n_frames * LINES.n_lines

    def result(**numbers):
        path.write_text(json.dumps(card | numbers))
        return segment(undersample(scan(), LINES), on_cpu(), mend=False)

    one = result(temperature=2.0, lv_widening=3.0, rv_widening=4.0)
    by_lines = result(
        temperature=[[1.0, 0.5], [beat, 2.0], [10 * beat, 0.5]],
        lv_widening=[[1.0, 9.0], [beat, 3.0]],
        rv_widening=[[beat, 4.0], [10 * beat, 9.0]],
    )
    assert np.array_equal(one.confidence, by_lines.confidence)
    assert np.array_equal(one.labels, by_lines.labels)
    assert {name: bounds.widening for name, bounds in by_lines.bounds.items()} == {
        "LV": pytest.approx(3.0),
        "RV": pytest.approx(4.0),
    }
    other = result(temperature=[[1.0, 2.0], [beat, 0.5]])
    assert not np.array_equal(one.confidence, other.confidence)


@pytest.fixture
def tied(models):
    """A pooled-net that hands fewer than 6 lines to another network."""
    path = models / "pooled-net-live.safetensors"
    few = zoo_models.write_model(models, "pooled-net-few", seed=5)
    for weights, lines in ((path, (6, None)), (few, (1, 8))):
        write_card(weights, read_card(weights).model_copy(update={"lines": lines}))
    tie_for_fewer(models, "live")
    return models


def test_few_lines_are_handed_to_the_network_that_learned_from_few(tied) -> None:
    location = HeartLocation(20.0, 28.0, 1.0)

    def labels(model: str, n_lines: int | None) -> np.ndarray:
        acquisition = Acquisition(n_lines=n_lines, seed=3)
        return segment(undersample(scan(), acquisition), on_cpu(model), location=location).labels

    for n_lines in (1, 5):
        assert np.array_equal(labels("pooled-net", n_lines), labels("pooled-net-few", n_lines))
    for n_lines in (6, None):
        assert not np.array_equal(labels("pooled-net", n_lines), labels("pooled-net-few", n_lines))
    result = segment(
        undersample(scan(), Acquisition(n_lines=2)), on_cpu(), location=location, mend=False
    )
    assert result.model == "pooled-net"
    frames = segment_frames(
        undersample(scan(), Acquisition(n_lines=2)),
        on_cpu(),
        z=1,
        frames=(1, 2),
        location=location,
    )
    assert np.array_equal(frames.labels, result.labels[[1, 2], 1])
    assert "few-lines" in codes(frames.warnings)
