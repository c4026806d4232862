"""Cross-validate variants of a recipe over patients: one table of what each change gains."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

import napari_cmr
from napari_cmr.cohort.parallel import Failure, check_cluster, reason_of, run_each
from napari_cmr.cohort.store import RESULTS, Part, Result, ResultStore
from napari_cmr.experiments.tuning.search import (
    Changes,
    Choice,
    Search,
    changed,
    shown_changes,
    variants,
)
from napari_cmr.experiments.tuning.tuning_page import Tuning, write_tuning
from napari_cmr.scan import ScanError, output_folder
from napari_cmr.training.recipe import Preset, Recipe
from napari_cmr.training.register import find

EXPERIMENT = "tuning"
_CINES, _RUNS = "cines", "runs"


class TuningSettings(BaseModel):
    """Everything that changes a number of a tuning.

    Attributes
    ----------
    model : str
    preset : {"live", "paper"}
        Recipe that is varied.
    search : {"grid", "random", "ablation"}
    choices : tuple of Choice
        Fields that may change.
    draws : int
        Trials of a random search.
    folds : int
    seed : int
        Deals patients to folds and draws the trials; every training has it, so that trials differ
        by what was changed alone.
    steps : int or None
        Of every training, instead of the recipe's.
    phantoms : int
        Synthetic hearts to learn from beside the patients; without patients these are dealt.
    precision : str
        Of training, as Lightning names it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    preset: Preset = "live"
    search: Search = "grid"
    choices: tuple[Choice, ...]
    draws: int = Field(default=10, ge=1)
    folds: int = Field(default=5, ge=2)
    seed: int = Field(default=0, ge=0)
    steps: int | None = Field(default=None, ge=1)
    phantoms: int = Field(default=0, ge=0)
    precision: str = "32-true"

    def trials(self, base: Recipe | None = None) -> list["Trial"]:
        """Every variant, with its recipe.

        Raises
        ------
        ScanError
            If the model learns from something else than cines or in two stages, or a variant is
            none.
        """
        model = find(self.model)
        if model.first_stage is not None:
            raise ScanError(
                f"{model.name} begins with a trained {model.first_stage}",
                remedy=f"tune {model.first_stage}",
            )
        if model.learns_from != "cines":
            raise ScanError(
                f"{model.name} learns from {model.learns_from}",
                remedy="tune a model that learns from cines",
            )
        recipe = model.recipe(self.preset) if base is None else base
        if self.steps is not None:
            recipe = recipe.with_(steps=self.steps)
        found = variants(self.search, self.choices, draws=self.draws, seed=self.seed)
        return [Trial(changes, changed(model, recipe, changes)) for changes in found]


@dataclass(frozen=True)
class Trial:
    """A variant of a recipe: what is changed of it, and what it is then."""

    changes: Changes
    recipe: Recipe

    @property
    def key(self) -> str:
        """Short name of the recipe in files."""
        text = json.dumps(self.recipe.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:10]


@dataclass(frozen=True)
class FoldTask:
    """One training, and what is asked of it afterwards.

    Attributes
    ----------
    trial : Trial
    part : Part
    fold : int
    learned, held_out : tuple of str
        Names of cines in ``cache``.
    cache, run : Path
        Folders, the same wherever the task runs.
    settings : TuningSettings
    device : str
    threads : int or None
        Of torch, where several tasks share a machine.
    """

    trial: Trial
    part: Part
    fold: int
    learned: tuple[str, ...]
    held_out: tuple[str, ...]
    cache: Path
    run: Path
    settings: TuningSettings
    device: str
    threads: int | None

    @property
    def name(self) -> str:
        """Of its result, and of its folder."""
        return f"{self.trial.key}-fold{self.fold + 1}"


def deal(names: Sequence[str], folds: int, seed: int) -> list[tuple[str, ...]]:
    """Deal patients to folds of nearly the same size, at random.

    Raises
    ------
    ScanError
        If there are fewer patients than folds.
    """
    if len(names) < folds:
        raise ScanError(
            f"{len(names)} patient{'s' * (len(names) != 1)} cannot be dealt to {folds} folds",
            remedy="give more patients, or ask for fewer --folds",
        )
    order = np.random.default_rng(seed).permutation(sorted(names))
    return [tuple(sorted(map(str, order[fold::folds]))) for fold in range(folds)]


def tune(
    data: Path | None,
    out: Path,
    settings: TuningSettings,
    *,
    base: Recipe | None = None,
    device: str = "auto",
    workers: int = 1,
    scheduler: str | None = None,
    command: str | None = None,
    report: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Tuning:
    """Train every variant on all folds but one, measure it on that one, and write a table.

    A run that was stopped goes on where it was, also within a training; a wider search takes over
    what is there already.

    Parameters
    ----------
    data : Path or None
        Folder of subject folders with labels at ED and ES; synthetic hearts alone if None.
    out : Path
        For ``tuning.md``, ``tuning.json`` and ``tuning.csv``, and the results of each training.
    settings : TuningSettings
    base : Recipe, optional
        What is varied, instead of the preset's recipe.
    device : str
    workers : int
        Processes on this machine; more than one takes the extra ``cluster``.
    scheduler : str, optional
        Address of a dask scheduler, instead; its workers need ``out`` at the same path.
    command : str, optional
        What the user typed, for the page.
    report : callable
        Is told what begins, and of trainings that failed.
    progress : callable
        Is told of trainings done, trainings in all, and the name of the last.

    Raises
    ------
    ScanError
        If a field or a value is none of the recipe, there are fewer patients than folds, or not
        one trial could be trained on all folds.
    """
    if find_spec("lightning") is None:
        raise ScanError("training needs Lightning", remedy="pip install 'napari-cmr[train]'")
    trials = settings.trials(base)
    check_cluster(workers, scheduler)
    with output_folder(out, inputs=[data], own=(*RESULTS, _CINES)):
        cache = (out / _CINES).resolve()
        patients, always = _prepare(data, cache, settings, report)
        folds = deal(patients, settings.folds, settings.seed)
        store = ResultStore(out)
        threads = max(1, _cores() // workers) if workers > 1 else None
        tasks = []
        for trial in trials:
            for fold, held_out in enumerate(folds):
                learned = tuple(name for name in patients if name not in held_out) + always
                part = Part(EXPERIMENT, settings.model, _digest(trial, settings, learned, held_out))
                task = FoldTask(
                    trial, part, fold, learned, held_out, cache,
                    (out / _RUNS).resolve(), settings, device, threads,
                )  # fmt: skip
                tasks.append(task)
        found = {task.name: store.load(task.name, task.part) for task in tasks}
        left = [task for task in tasks if found[task.name] is None]
        failures = []
        progress(len(tasks) - len(left), len(tasks), "")
        for done, (task, outcome) in enumerate(
            run_each(train_fold, left, workers=workers, scheduler=scheduler), start=1
        ):
            for one in outcome:
                if isinstance(one, Failure):
                    told = f"{shown_changes(task.trial.changes)}, fold {task.fold + 1}"
                    failures.append((told, one.reason))
                    report(f"failed: {told}: {one.reason}")
                else:
                    store.save(one)
                    found[task.name] = one
                    shutil.rmtree(task.run / task.name, ignore_errors=True)  # of no use any more
            progress(len(tasks) - len(left) + done, len(tasks), task.name)
        rows = {}
        for trial in trials:
            of_folds = [found[task.name] for task in tasks if task.trial is trial]
            records = [one.record for one in of_folds if one is not None]
            if len(records) == len(folds):
                rows[trial.key] = records
        if not rows:
            raise ScanError("no variant was trained on all folds", remedy="see the reasons above")
        tuning = Tuning(
            settings=settings.model_dump(mode="json"),
            trials=[
                {
                    "changes": trial.changes,
                    "recipe": trial.recipe.model_dump(mode="json"),
                    "folds": rows[trial.key],
                }
                for trial in trials
                if trial.key in rows
            ],
            folds=folds,
            failures=failures,
            command=command,
        )
        write_tuning(tuning, out)
        return tuning


def train_fold(task: FoldTask) -> Iterator[Result | Failure]:
    """Train one variant without one fold, and measure what it answers of its patients."""
    try:
        yield _train_fold(task)
    except Exception as error:  # one variant that cannot learn must not end a search of hours
        yield Failure(task.name, reason_of(error, task.cache))


def _train_fold(task: FoldTask) -> Result:
    import torch

    from napari_cmr.training.data.cine_batches import CineData
    from napari_cmr.training.data.cines import load_cines
    from napari_cmr.training.loop import train
    from napari_cmr.training.validation import mean_numbers, measure_subjects

    if task.threads is not None:
        torch.set_num_threads(task.threads)
    model, settings, recipe = find(task.settings.model), task.settings, task.trial.recipe
    unseen = load_cines(task.cache, task.held_out)
    clock = time.perf_counter()
    weights = train(
        model,
        settings.preset,
        recipe,
        CineData(load_cines(task.cache, task.learned), unseen),
        task.run / task.name,
        seed=settings.seed,
        device=task.device,
        precision=settings.precision,
        progress_bar=False,
    )
    seconds = time.perf_counter() - clock
    subjects = measure_subjects(model, recipe, weights, unseen)
    network = model.build(recipe.architecture)
    record = {
        "fold": task.fold,
        "seed": settings.seed,
        "held_out": list(task.held_out),
        "seconds": round(seconds, 1),
        "parameters": sum(one.numel() for one in network.parameters()),
        "numbers": _finite(mean_numbers(list(subjects.values()))),
        "subjects": {name: _finite(numbers) for name, numbers in subjects.items()},
    }
    return Result(task.name, None, task.part, record)


def _finite(numbers: dict[str, float]) -> dict[str, float | None]:
    return {name: round(x, 5) if np.isfinite(x) else None for name, x in numbers.items()}


def _prepare(
    data: Path | None, cache: Path, settings: TuningSettings, report: Callable[[str], None]
) -> tuple[list[str], tuple[str, ...]]:
    """Names of the cines that are dealt to folds, and of those that all folds learn from."""
    from napari_cmr.workflow.train.cines import prepare_cines, prepare_phantoms

    hearts = prepare_phantoms(cache, settings.phantoms, seed=settings.seed)
    synthetic = tuple(path.stem for path in hearts)
    if data is None:
        return list(synthetic), ()
    if not data.is_dir():
        raise ScanError("is no folder of subjects", source=data)
    found = prepare_cines(data, cache, seed=settings.seed, report=report)
    return [path.stem for path in found], synthetic


def _digest(
    trial: Trial, settings: TuningSettings, learned: Sequence[str], held_out: Sequence[str]
) -> str:
    """Fingerprint of everything that one training's numbers depend on."""
    content: dict[str, Any] = {
        "version": napari_cmr.__version__,
        "recipe": trial.recipe.model_dump(mode="json"),
        "learned": list(learned),
        "held_out": list(held_out),
        **{name: getattr(settings, name) for name in ("model", "preset", "seed", "precision")},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _cores() -> int:
    import os

    return os.cpu_count() or 1
