"""Variants of a tiny recipe, cross-validated over tiny synthetic hearts."""

import csv
import json

import numpy as np
import pytest
from helpers.cohorts import beating_heart

from napari_cmr.experiments.tuning import cross_validation as tuning_module
from napari_cmr.experiments.tuning.cross_validation import TuningSettings, deal, tune
from napari_cmr.experiments.tuning.search import Choice
from napari_cmr.scan import ScanError
from napari_cmr.training.data.cines import TrainingCine
from napari_cmr.training.register import find

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

BASE = find("dc-cnn").tiny.with_(steps=2)


@pytest.fixture
def hearts(monkeypatch):
    """Tiny hearts in place of those that are rendered."""

    def prepare(cache, number, *, seed):
        cache.mkdir(parents=True, exist_ok=True)
        paths = [cache / f"heart{index}.npz" for index in range(number)]
        for index, path in enumerate(paths):
            cine = beating_heart(seed + index, n_frames=10).with_(name=path.stem)
            TrainingCine.from_scan(cine).save(path)
        return paths

    monkeypatch.setattr("napari_cmr.workflow.train.cines.prepare_phantoms", prepare)


def settings(*choices, **fields):
    given = {"model": "dc-cnn", "folds": 2, "phantoms": 4, "search": "ablation"} | fields
    return TuningSettings(choices=tuple(map(Choice.parse, choices)), **given)


@pytest.fixture
def trainings(monkeypatch):
    """Names of the trainings that were run, as a growing list."""
    seen = []
    train_fold = tuning_module._train_fold

    def counted(task):
        seen.append(task.name)
        return train_fold(task)

    monkeypatch.setattr(tuning_module, "_train_fold", counted)
    return seen


def test_variants_are_measured_on_patients_they_have_not_seen(hearts, tmp_path, trainings) -> None:
    told = []
    found = tune(
        None, tmp_path / "out", settings("architecture.cascades=1", "learning_rate=1e-4,1e-2"),
        base=BASE, device="cpu", progress=lambda *one: told.append(one),
    )  # fmt: skip
    assert len(trainings) == 8  # the recipe and three changes, on two folds
    assert told[0][:2] == (0, 8)
    assert told[-1][:2] == (8, 8)
    record = json.loads((tmp_path / "out" / "tuning.json").read_text())
    assert len(record["trials"]) == 4
    dealt = sorted(name for fold in record["folds"] for name in fold)
    assert dealt == ["heart0", "heart1", "heart2", "heart3"]
    psnr = {}
    for trial in record["trials"]:
        folds = trial["folds"]
        assert [one["seed"] for one in folds] == [0, 0]
        for fold in folds:
            assert fold["held_out"] == record["folds"][fold["fold"]]
            assert sorted(fold["subjects"]) == fold["held_out"]
        values = [one["numbers"]["psnr"] for one in folds]
        assert trial["numbers"]["psnr"]["mean"] == pytest.approx(np.mean(values), abs=1e-4)
        assert trial["numbers"]["psnr"]["sd"] == pytest.approx(np.std(values, ddof=1), abs=1e-4)
        psnr[json.dumps(trial["changes"])] = np.mean(values)
    assert len(set(psnr.values())) == 4  # every change changes something
    assert record["best"] == record["trials"][0]["changes"] == found.best["changes"]
    assert list(psnr.values()) == sorted(psnr.values(), reverse=True)
    small = next(t for t in record["trials"] if "architecture.cascades" in t["changes"])
    plain = next(t for t in record["trials"] if not t["changes"])
    assert small["folds"][0]["parameters"] < plain["folds"][0]["parameters"]
    page = (tmp_path / "out" / "tuning.md").read_text()
    assert "| as it is |" in page
    assert "±" in page
    assert "against the recipe" in page
    rows = list(csv.DictReader((tmp_path / "out" / "tuning.csv").open()))
    assert len(rows) == 8
    assert not list((tmp_path / "out" / "runs").iterdir())  # checkpoints go once they served


def test_a_stopped_search_goes_on_and_a_wider_one_takes_over(
    hearts, tmp_path, trainings, monkeypatch
) -> None:
    out, narrow = tmp_path / "out", settings("learning_rate=1e-4,1e-2", search="grid")
    save, saved = tuning_module.ResultStore.save, []

    def stop_after_three(self, result):
        save(self, result)
        saved.append(result)
        if len(saved) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(tuning_module.ResultStore, "save", stop_after_three)
        with pytest.raises(KeyboardInterrupt):
            tune(None, out, narrow, base=BASE, device="cpu")
    assert len(trainings) == 3
    assert not (out / "tuning.md").exists()
    first = tune(None, out, narrow, base=BASE, device="cpu")
    assert len(trainings) == 4
    wider = settings("learning_rate=1e-4,1e-3,1e-2", search="grid")
    second = tune(None, out, wider, base=BASE, device="cpu")
    assert len(trainings) == 6
    of = {json.dumps(one["changes"]): one["folds"] for one in second.trials}
    for trial in first.trials:
        assert of[json.dumps(trial["changes"])] == trial["folds"]
    tune(None, out, settings("learning_rate=1e-4", search="grid", seed=1), base=BASE, device="cpu")
    assert len(trainings) == 8  # another seed is another training


def test_the_same_seed_gives_the_same_numbers(hearts, tmp_path) -> None:
    chosen = settings("steps=2", search="grid")
    found = [
        tune(None, tmp_path / name, chosen, base=BASE, device="cpu").trials[0]["folds"]
        for name in ("first", "second")
    ]
    assert [one["numbers"] for one in found[0]] == [one["numbers"] for one in found[1]]


def test_a_variant_that_cannot_learn_is_told_and_the_others_go_on(
    hearts, tmp_path, monkeypatch
) -> None:
    train_fold = tuning_module._train_fold

    def broken(task):
        if task.trial.changes == {"steps": 3} and task.fold == 1:
            raise RuntimeError("out of memory")
        return train_fold(task)

    monkeypatch.setattr(tuning_module, "_train_fold", broken)
    told = []
    found = tune(
        None, tmp_path / "out", settings("steps=2,3", search="grid"),
        base=BASE, device="cpu", report=told.append,
    )  # fmt: skip
    assert [one["changes"] for one in found.trials] == [{"steps": 2}]
    assert told == ["failed: steps=3, fold 2: RuntimeError: out of memory"]
    assert "steps=3, fold 2: RuntimeError" in (tmp_path / "out" / "tuning.md").read_text()


def test_labels_are_tuned_by_their_dice(hearts, tmp_path) -> None:
    base = find("pooled-net").tiny.with_(steps=2)
    chosen = settings("learning_rate=1e-3,1e-2", search="grid", model="pooled-net")
    found = tune(None, tmp_path / "out", chosen, base=base, device="cpu")
    numbers = found.best["folds"][0]["numbers"]
    assert {"dice_lv", "dice_myo", "dice_rv"} <= set(numbers)
    assert "mean Dice" in (tmp_path / "out" / "tuning.md").read_text()


def test_folds_share_no_patient_and_differ_by_one_at_most() -> None:
    names = [f"patient{k:03d}" for k in range(11)]
    folds = deal(names, 4, seed=3)
    assert sorted(name for fold in folds for name in fold) == names
    assert sorted(map(len, folds)) == [2, 3, 3, 3]
    assert deal(names[::-1], 4, seed=3) == folds
    assert deal(names, 4, seed=4) != folds


@pytest.mark.parametrize(
    ("choices", "fields", "said"),
    [
        (("speed=3",), {}, "speed is no field"),
        (("steps=many",), {}, "valid integer"),
        (("steps=2",), {"folds": 5}, "4 patients cannot be dealt to 5 folds"),
        (("steps=2",), {"phantoms": 0}, "0 patients cannot be dealt"),
        (("steps=2",), {"model": "munit"}, "munit learns from two contrasts"),
    ],
)
@pytest.mark.usefixtures("hearts")
def test_what_cannot_be_tuned_is_said_before_anything_is_trained(
    tmp_path, trainings, choices, fields, said
) -> None:
    base = None if "model" in fields else BASE
    with pytest.raises(ScanError, match=said):
        tune(None, tmp_path / "out", settings(*choices, **fields), base=base, device="cpu")
    assert not trainings
    assert not (tmp_path / "out" / "tuning.md").exists()


def test_trainings_run_on_a_cluster(hearts, tmp_path) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    chosen = settings("steps=2", search="grid")
    alone = tune(None, tmp_path / "alone", chosen, base=BASE, device="cpu")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as cluster:
        there = tune(
            None, tmp_path / "there", chosen, base=BASE, device="cpu",
            scheduler=cluster.scheduler_address,
        )  # fmt: skip
    for one, other in zip(alone.trials[0]["folds"], there.trials[0]["folds"], strict=True):
        assert one["numbers"]["psnr"] == pytest.approx(other["numbers"]["psnr"], abs=1e-3)
