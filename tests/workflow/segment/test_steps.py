"""A stack is segmented slice by slice, with a stop between two, and doubts said once."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Code, Notice
from napari_cmr.workflow.segment import steps
from napari_cmr.workflow.segment.doubts import NOTHING_SEGMENTED

DOUBT = Notice(Code.FEW_LINES, "few", "lines")


@pytest.fixture
def measured(monkeypatch):
    """Three slices, each labelled with its own number."""
    found = undersample(make_scan(n_frames=2, n_slices=3, labels=False), Acquisition())

    def segment_by(one, model, *, location):
        (z,) = one.slices
        labels = np.full((2, 1, *one.shape[2:]), z * model, np.uint8)
        return SimpleNamespace(labels=labels, warnings=(DOUBT,))

    monkeypatch.setattr(steps, "segment_by", segment_by)
    return found


def run(measured, model):
    stops, work = 0, steps.segment_stepwise(measured, model, location=None)
    while True:
        try:
            next(work)
        except StopIteration as done:
            return stops, *done.value
        stops += 1


def test_each_slice_gets_its_own_labels_and_a_stop_before_it(measured) -> None:
    stops, labels, warnings = run(measured, 1)
    assert stops == 2
    assert [int(labels[0, z].max()) for z in range(3)] == [0, 1, 2]
    assert warnings == (DOUBT,)


def test_an_empty_stack_is_told_and_some_empty_slices_are_not(measured) -> None:
    _, _, warnings = run(measured, 0)
    assert NOTHING_SEGMENTED in warnings
    _, labels, warnings = run(measured.select((1, 0)), 0)
    assert labels.shape[1] == 2
    assert NOTHING_SEGMENTED not in warnings
