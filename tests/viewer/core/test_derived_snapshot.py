"""What a session file keeps of results, and what it leaves out."""

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import Label
from napari_cmr.viewer.core.derived import ComparisonResult, Derived, LabelsUsed, ScarResult
from napari_cmr.viewer.core.derived_snapshot import derived_snapshot
from napari_cmr.workflow.measure.comparison import compare_labels
from napari_cmr.workflow.measure.scar import measure_scar


class Layer:
    """Stands for a labels layer."""


@pytest.fixture
def layers():
    return [Layer(), Layer(), Layer()]


@pytest.fixture
def derived(layers):
    scan = make_scan("late", n_frames=1, n_slices=3)
    image = scan.image + 0.8 * ((scan.labels == Label.MYO) & (np.indices(scan.shape)[3] > 20))
    scan = scan.with_(image=image, kind="lge")
    used = [LabelsUsed(f"labels {k}", lambda k=k: layers[k]) for k in range(3)]
    made = Derived(lambda _source: "", lambda _source, _frames: "")
    made.set_scar(ScarResult(used[2], measure_scar(scan), 90.0))
    compared = compare_labels(scan, scan.labels, np.roll(scan.labels, 1, axis=3))
    made.set_comparison(ComparisonResult((used[1], used[0]), compared))
    return made


def test_results_are_kept_with_the_places_of_their_labels(derived, layers) -> None:
    taken = derived_snapshot(derived, layers)
    assert (taken.scar.labels, taken.scar.septum_deg) == (2, 90.0)
    assert (taken.comparison.first, taken.comparison.second) == (1, 0)
    assert taken.results.scar is derived.scar.measurement
    assert taken.left_out == ()


def test_what_has_changed_is_left_out_and_named(derived, layers) -> None:
    derived.mark("scar", "before labels 2 was edited")
    taken = derived_snapshot(derived, layers)
    assert taken.scar is None
    assert taken.results.scar is None
    assert taken.left_out == ("scar before labels 2 was edited",)
    assert taken.comparison is not None


def test_what_is_of_labels_that_are_not_saved_is_left_out(derived, layers) -> None:
    taken = derived_snapshot(derived, layers[:2])
    assert taken.scar is None
    assert taken.left_out == ("scar of labels that are gone",)
    assert (taken.comparison.first, taken.comparison.second) == (1, 0)
