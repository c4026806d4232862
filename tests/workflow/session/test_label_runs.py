"""Label maps as runs of numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_cmr.scan import ScanError
from napari_cmr.workflow.session.label_runs import apply_runs, encode_runs

SHAPE = (2, 2, 3, 4)
MAPS = arrays(np.uint8, SHAPE, elements=st.integers(0, 5))


@given(MAPS, MAPS)
@settings(max_examples=60, deadline=None)
def test_runs_make_one_map_out_of_the_other(labels, base) -> None:
    runs = encode_runs(labels, base)
    again = apply_runs(runs, base)
    assert again.dtype == np.uint8
    assert np.array_equal(again, labels)
    assert sum(runs[1::3]) == np.count_nonzero(labels != base)


def test_runs_are_start_length_label() -> None:
    labels = np.zeros((1, 1, 2, 5), np.uint8)
    labels[0, 0, 0, 3:] = 2
    labels[0, 0, 1, :2] = 2  # goes on in the next row: one run
    labels[0, 0, 1, 2] = 3
    assert encode_runs(labels) == (3, 4, 2, 7, 1, 3)


def test_the_base_is_left_alone() -> None:
    base = np.ones(SHAPE, np.uint8)
    apply_runs((0, 3, 2), base)
    assert (base == 1).all()


@pytest.mark.parametrize(
    "runs",
    [
        (0, 1),
        (0, 49, 1),
        (48, 1, 1),
        (0, 0, 1),
        (0, -1, 1),
        (-1, 1, 1),
        (4, 2, 1, 0, 1, 1),
        (0, 3, 1, 2, 2, 1),
        (0, 1, 7),
        (0, 1, -1),
        (2**62, 2**62, 1),
        (0, 2**70, 1),
    ],
)
def test_what_is_no_run_is_refused(runs) -> None:
    with pytest.raises(ScanError):
        apply_runs(runs, np.zeros(SHAPE, np.uint8))


@given(st.lists(st.integers(-(2**65), 2**65) | st.integers(-2, 50), max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_numbers_give_labels_or_a_scan_error(runs) -> None:
    try:
        labels = apply_runs(runs, np.zeros(SHAPE, np.uint8))
    except ScanError:
        return
    assert labels.shape == SHAPE
    assert labels.max() <= 5
