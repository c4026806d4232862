"""Sweeps over line counts: the sums with made-up trials, the plumbing with random weights."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers.small_scans import make_scan
from helpers.zoo_models import on_cpu

from napari_cmr.analysis import cardiac_function
from napari_cmr.analysis.overlap import dice
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Geometry, Scan, ScanError, save_json
from napari_cmr.workflow.measure.function import measure_scan
from napari_cmr.workflow.segment.cine import segment
from napari_cmr.workflow.trials import trade_off
from napari_cmr.workflow.trials.trade_off import (
    line_counts,
    n_steps,
    sweep,
    trade_off_of,
    trade_off_record,
)


def test_a_sweep_is_refined_until_the_counts_are_close(models, monkeypatch) -> None:
    scan = make_scan(n_frames=2, n_slices=2, shape=(200, 40), labelled_frames=(0, 1))

    def measured(labels, geometry, *, reading=None):
        n_lines = drawn[-1]
        ef = scan_ef if n_lines >= 70 else scan_ef - 20
        return SimpleNamespace(
            lv=SimpleNamespace(ef_percent=ef), rv=SimpleNamespace(ef_percent=None)
        )

    drawn = []
    acquire = trade_off.undersample
    scan_ef = measure_scan(scan).lv.ef_percent

    def noted(scan, acquisition):
        drawn.append(acquisition.n_lines or scan.n_phase_encodes)
        return acquire(scan, acquisition)

    monkeypatch.setattr(trade_off, "undersample", noted)
    monkeypatch.setattr(trade_off, "cardiac_function", measured)
    steps = list(sweep(scan, models=[on_cpu()], lines=(10, None), n_seeds=2))
    assert drawn == [200, 10, 10, 45, 45, 95, 95, 65, 65, 79, 79]
    assert len(steps) <= n_steps(scan, (10, None), 2, 1)
    assert [one.is_whole for one in steps if one is not None] == [False] * 10 + [True]
    found = steps[-1]
    assert found.lines == (200, 95, 79, 65, 45, 10)
    assert found.sentence("pooled-net") == (
        "EF stays within ±5 points down to 79 lines, not with 65"
    )
    drawn.clear()
    trade_off_of(scan, models=[on_cpu()], lines=(10, None), n_seeds=2, refine=False)
    assert drawn == [200, 10, 10]


def test_line_counts_are_those_that_the_scan_has() -> None:
    assert line_counts((1, 2, 48, 50, 300, None), 48) == (48, 2, 1)
    with pytest.raises(ScanError, match="at least one"):
        line_counts((0,), 48)


@pytest.fixture
def scan() -> Scan:
    image = np.random.default_rng(0).random((4, 2, 60, 50), dtype=np.float32)
    return Scan(image, Geometry.regular((8.0, 2.0, 2.0), 2), name="random")


def test_a_trial_is_what_a_person_would_get(models, scan) -> None:
    found = trade_off_of(scan, lines=(6,), n_seeds=2, models=[on_cpu()], refine=False)
    full = segment(undersample(scan, Acquisition()), on_cpu()).labels
    assert [(one.n_lines, one.seed) for one in found.trials] == [(60, 0), (6, 0), (6, 1)]
    assert (found.dice_against, found.ef_against) == ("full", "full")
    for trial in found.trials:
        n = None if trial.n_lines == 60 else trial.n_lines
        labels = segment(
            undersample(scan, Acquisition(n_lines=n, seed=trial.seed)), on_cpu()
        ).labels
        function = cardiac_function(labels, scan.geometry)
        assert trial.lv_ef_percent == pytest.approx(function.lv.ef_percent)
        assert trial.dice["MYO"] == pytest.approx(np.nanmean(dice(labels, full)[:, 1]))
    assert found.trials[0].mean_dice == 1.0
    assert found.errors("pooled-net", 60) == [0.0]
    assert found.is_whole


def test_reference_labels_are_compared_with_where_there_are_any(models) -> None:
    scan = make_scan(labelled_frames=(0, 3))
    found = trade_off_of(scan, lines=(), n_seeds=1, models=[on_cpu()])
    labels = segment(undersample(scan, Acquisition()), on_cpu()).labels
    assert (found.dice_against, found.ef_against) == ("labels", "labels")
    expected = np.nanmean(dice(labels[[0, 3]], scan.labels[[0, 3]])[:, 0])
    assert found.trials[0].dice["LV"] == pytest.approx(expected)
    chosen = trade_off_of(scan, lines=(), n_seeds=1, against="full", models=[on_cpu()])
    assert chosen.trials[0].mean_dice == 1.0


def test_labels_of_one_frame_give_no_ef_to_compare_with(models) -> None:
    scan = make_scan(labelled_frames=(2,))
    found = trade_off_of(scan, lines=(), n_seeds=1, models=[on_cpu()])
    assert (found.dice_against, found.ef_against) == ("labels", "full")


def test_labels_cannot_be_compared_with_where_there_are_none(scan) -> None:
    with pytest.raises(ScanError, match="no reference labels"):
        next(sweep(scan, against="labels"))


def test_several_models_see_the_same_lines_and_stream_in(models, scan) -> None:
    both = ("pooled-net", "syn-net")
    choices = [on_cpu(name) for name in both]
    steps = list(sweep(scan, models=choices, lines=(5,), n_seeds=2, refine=False))
    assert len(steps) == n_steps(scan, (5,), 2, 2, refine=False)
    shown = [step for step in steps if step is not None]
    assert [len(step.trials) for step in shown] == [1, 2, 3, 4, 5, 6]
    assert [step.is_whole for step in shown] == [False] * 5 + [True]
    last = shown[-1]
    assert [one.seed for one in last.of("syn-net", 5)] == [0, 1]
    assert len(last.points("pooled-net")) == 2


def test_a_record_is_json_and_rows_are_flat(models, scan, tmp_path) -> None:
    found = trade_off_of(scan, lines=(5,), n_seeds=1, models=[on_cpu()], refine=False)
    record = trade_off_record(scan, found)
    save_json(tmp_path / "out.json", record)
    assert set(record["models"]["pooled-net"]) >= {"lines_needed", "sentence", "points"}
    assert [row["n_lines"] for row in record["trials"]] == [5, 60]
    assert {"dice_lv", "dice_myo", "dice_rv"} <= set(record["trials"][0])
