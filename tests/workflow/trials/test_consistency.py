"""Repeated acquisitions, with networks of random weights: the sums, not the skill."""

import numpy as np
import pytest
from helpers.notices import codes
from helpers.zoo_models import on_cpu

from napari_cmr.analysis.contours import label_distances
from napari_cmr.analysis.shapes import mean_shape
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Geometry, Label, Scan, ScanError
from napari_cmr.workflow.segment.cine import locate_heart, segment
from napari_cmr.workflow.trials.consistency import (
    consistency_of,
    consistency_record,
    n_steps,
    repeat_acquisition,
)

ACQUISITION = Acquisition(n_lines=9, seed=3)


@pytest.fixture
def scan() -> Scan:
    image = np.random.default_rng(0).random((4, 2, 90, 80), dtype=np.float32)
    return Scan(image, Geometry.regular((8.0, 2.0, 2.2), 2), name="random")


def test_it_is_the_same_as_segmenting_each_acquisition(models, scan) -> None:
    found = consistency_of(scan, ACQUISITION, on_cpu(), repeats=3)
    where = locate_heart(undersample(scan, ACQUISITION), device="cpu")
    maps = np.stack(
        [
            segment(
                undersample(scan, ACQUISITION.model_copy(update={"seed": seed})),
                on_cpu(),
                location=where,
            ).labels
            for seed in (3, 4, 5)
        ]
    )
    assert [one.seed for one in found.repetitions] == [3, 4, 5]
    mean = np.zeros(scan.shape, np.uint8)
    mean[:, :, found.rows, found.columns] = found.mean
    assert np.array_equal(mean, mean_shape(maps, (2.0, 2.2)))
    assert not np.array_equal(maps[0], maps[1])
    for one, labels in zip(found.repetitions, maps, strict=True):
        distances = label_distances(labels, mean, (2.0, 2.2))
        assert np.allclose(one.mean_contour, distances.mean_contour, equal_nan=True)
        assert np.allclose(one.hausdorff, distances.hausdorff, equal_nan=True)
        volumes = (labels == Label.LV).sum(axis=(1, 2, 3)) * scan.geometry.voxel_volume_ml
        assert np.allclose(
            one.volumes_ml(Label.LV), np.where(volumes > 0, volumes, np.nan), equal_nan=True
        )
    agreeing = np.stack([(maps == label).sum(axis=0) for label in range(4)]).max(axis=0)
    whole = np.zeros(scan.shape, np.uint8)
    whole[:, :, found.rows, found.columns] = found.disagreement
    assert np.array_equal(whole, np.rint(100 * (3 - agreeing) / 3))
    assert found.is_settled


def test_every_repetition_streams_in_and_one_can_stop_after_each_slice(models, scan) -> None:
    steps = list(repeat_acquisition(scan, ACQUISITION, on_cpu(), repeats=2))
    assert len(steps) == n_steps(scan, 2)
    shown = [step for step in steps if step is not None]
    assert [step.n for step in shown] == [1, 2, 2]
    assert [step.is_settled for step in shown] == [False, False, True]
    assert np.nanmax(shown[0].hausdorff) == 0  # one shape is its own mean


def test_the_same_seed_gives_the_same_numbers(models, scan) -> None:
    first, second = (
        consistency_record(scan, consistency_of(scan, ACQUISITION, on_cpu(), repeats=2))
        for _ in range(2)
    )
    assert first == second


def test_lines_edited_by_hand_are_left_out_and_it_is_said(models, scan) -> None:
    edited = ACQUISITION.model_copy(update={"toggled": frozenset({(0, 1)})})
    found = consistency_of(scan, edited, on_cpu(), repeats=1)
    plain = consistency_of(scan, ACQUISITION, on_cpu(), repeats=1)
    assert np.array_equal(found.mean, plain.mean)
    assert found.acquisition == edited
    assert "edited-lines-left-out" in codes(found.warnings)
    assert "every-line-repeated" not in codes(found.warnings)


def test_repetitions_of_every_line_say_that_they_hardly_differ(models, scan) -> None:
    for acquisition in (Acquisition(), Acquisition(n_lines=scan.n_phase_encodes)):
        found = next(
            one for one in repeat_acquisition(scan, acquisition, on_cpu(), repeats=2) if one
        )
        assert "every-line-repeated" in codes(found.warnings)


@pytest.mark.parametrize("repeats", [0, 101])
def test_the_number_of_repetitions_has_limits(models, scan, repeats) -> None:
    with pytest.raises(ScanError, match="1 to 100"):
        next(repeat_acquisition(scan, ACQUISITION, repeats=repeats))


def test_more_lines_than_there_are_is_an_error_at_once(scan) -> None:
    with pytest.raises(ScanError, match="91"):
        next(repeat_acquisition(scan, Acquisition(n_lines=91)))
