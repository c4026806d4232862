"""Changing one line at a time, with networks of random weights."""

import numpy as np
import pytest
from helpers.zoo_models import on_cpu

from napari_cmr.analysis.contours import label_distances
from napari_cmr.kspace import Acquisition, line_mask, undersample
from napari_cmr.scan import Geometry, Scan, ScanError
from napari_cmr.workflow.segment.cine import locate_heart, segment
from napari_cmr.workflow.trials.line_map import coarse_to_fine, map_lines, three_slices

ACQUISITION = Acquisition(n_lines=6, seed=2)


@pytest.fixture
def scan() -> Scan:
    image = np.random.default_rng(0).random((4, 2, 60, 50), dtype=np.float32)
    return Scan(image, Geometry.regular((8.0, 2.0, 2.0), 2), name="random")


def maps(scan, **options):
    steps = map_lines(scan, ACQUISITION, on_cpu(), **options)
    return [step for step in steps if step is not None]


def test_every_line_comes_once_and_those_far_apart_come_first() -> None:
    order = coarse_to_fine(60)
    assert sorted(order) == list(range(60))
    assert order[0] == 30
    first = sorted(order[:30])
    assert set(np.diff(first)) == {2}
    assert sorted(coarse_to_fine(5)) == list(range(5))
    wide = coarse_to_fine(256)
    assert sorted(wide[:16]) == list(range(0, 256, 16))


def test_an_effect_is_that_of_the_one_line(models, scan) -> None:
    last = maps(scan, budget=3, slices=(1,))[-1]
    assert last.is_whole
    assert len(last.effects) == 3
    where = locate_heart(undersample(scan, ACQUISITION), device="cpu")
    base = segment(undersample(scan, ACQUISITION, slices=(1,)), on_cpu(), location=where).labels
    mask = line_mask(ACQUISITION, 4, 60).array
    for effect in last.effects:
        cells = {(t, effect.line) for t in range(4) if mask[t, effect.line] != effect.added}
        assert effect.n_frames == len(cells)
        changed = ACQUISITION.model_copy(update={"toggled": frozenset(cells)})
        kept = undersample(scan, changed, slices=(1,)).mask.array
        assert kept[:, effect.line].all() == effect.added
        assert np.array_equal(np.delete(kept, effect.line, 1), np.delete(mask, effect.line, 1))
        labels = segment(undersample(scan, changed, slices=(1,)), on_cpu(), location=where).labels
        apart = label_distances(labels, base, scan.spacing).mean_contour
        assert effect.contour_mm == pytest.approx(np.nanmean(apart))


def test_the_map_refines_as_it_streams(models, scan) -> None:
    shown = maps(scan, budget=4, slices=(0,))
    assert [len(step.effects) for step in shown] == [0, 1, 2, 3, 4]
    values, tried = shown[0].of_all_lines("contour_mm", added=True)
    assert np.isnan(values).all()
    assert not tried.any()
    last = shown[-1]
    values, tried = last.of_all_lines("contour_mm", added=True)
    assert tried.sum() == sum(one.added for one in last.effects)
    near = np.abs(np.arange(60)[:, None] - np.flatnonzero(tried)).min(axis=1) <= 1
    assert np.array_equal(np.isfinite(values), near & ~last.mask.array.all(axis=0))
    left_out, _ = last.of_all_lines("contour_mm", added=False)
    assert np.isnan(left_out[~last.mask.array.any(axis=0)]).all()


def test_one_frame_alone_can_be_changed(models, scan) -> None:
    last = maps(scan, budget=2, slices=(0,), frame=2)[-1]
    assert all(one.n_frames == 1 for one in last.effects)
    with pytest.raises(ScanError, match="frame 5"):
        maps(scan, frame=4)


def test_slices_are_taken_from_the_ventricle(models, scan) -> None:
    assert three_slices(np.array([0, 1, 1, 1, 1, 1, 0], bool)) == (2, 3, 4)
    assert three_slices(np.array([0, 1, 0], bool)) == (1,)
    assert three_slices(np.zeros(7, bool)) == (3,)
    assert set(maps(scan, budget=1)[0].slices) <= {0, 1}
