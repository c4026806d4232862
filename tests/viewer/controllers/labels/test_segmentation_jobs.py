"""What the thread that segments yields: the slice on screen first, whole stacks, and failures."""

import numpy as np
import pytest

from napari_cmr.analysis import AS_LABELLED
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.viewer.controllers.labels.segmentation_jobs import (
    Failed,
    LabelledSlice,
    LabelledStack,
    Located,
    Place,
    Wanted,
    frames_ahead,
    measure_again,
    segment_all,
)
from napari_cmr.viewer.core.reconstructions import Reconstructions
from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.zoo import ModelChoice


@pytest.mark.parametrize(
    ("place", "seconds", "frames"),
    [
        (Place(4, 0), 1.0, (4,)),
        (Place(4, 0, rate=8.0), 0.0, (4, 5)),
        (Place(4, 0, rate=8.0), 0.25, (0, 1)),
        (Place(4, 0, rate=100.0), 0.0, (4, 5, 0, 1, 2, 3)),
    ],
)
def test_frames_ahead_are_those_that_play_once_labels_are_there(place, seconds, frames):
    assert frames_ahead(place, 6, seconds) == frames


@pytest.fixture
def wanted(varied_models, small_scan):
    acquisition = Acquisition(n_lines=10)
    models = tuple(ModelChoice(name=name, device="cpu") for name in ("pooled-net", "no-such-net"))
    measured = undersample(small_scan, acquisition)
    return Wanted(
        small_scan, measured, models, Reconstructions(), AS_LABELLED, in_steps=True, mends=False
    )


def test_slices_come_from_the_screen_on_and_a_model_that_fails_stops_no_other(wanted):
    results = list(segment_all(wanted, lambda: Place(0, 2), None))
    [failed] = [one for one in results if isinstance(one, Failed)]
    assert failed.model == "no-such-net"
    slices = [one for one in results if isinstance(one, LabelledSlice)]
    assert [one.z for one in slices] == [2, 1, 0]
    assert sum(isinstance(one, Located) for one in results) == 1
    [stack] = [one for one in results if isinstance(one, LabelledStack)]
    assert results[-1] is stack
    for one in slices:
        np.testing.assert_array_equal(stack.result.labels[:, one.z], one.labels)
    assert stack.result.acquisition == wanted.acquisition


def test_labels_are_measured_again_with_another_reading(small_scan):
    labels = small_scan.labels
    empty = np.zeros_like(labels)
    first = ModelResult("a-net", Acquisition(), None, labels=labels)
    none = ModelResult("a-net", Acquisition(), None, labels=empty)
    reading = AS_LABELLED.model_copy(update={"papillary_in_blood": True})
    measured, nothing = measure_again(small_scan, [first, none], reading)
    assert measured.reading == nothing.reading == reading
    assert measured.function.lv.edv_ml > 0
    assert nothing.function is None
