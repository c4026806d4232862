"""Evaluate models over a cohort: one subject at a time or many at once, and on after a stop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from napari_cmr.cohort.parallel import Failure, check_cluster, reason_of, run_each
from napari_cmr.cohort.store import RESULTS, Part, Result, ResultStore
from napari_cmr.cohort.subjects import LabelledCine, Split, find_subjects, open_cine
from napari_cmr.experiments.accuracy import measure_accuracy
from napari_cmr.experiments.consistency import measure_consistency
from napari_cmr.experiments.latent import measure_codes
from napari_cmr.experiments.reports import Evaluation, write_reports
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import ScanError, output_folder
from napari_cmr.training.data.split import split_subjects
from napari_cmr.training.register import default, find
from napari_cmr.zoo import ModelCard, find_weights, list_models, read_card

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class SubjectTask:
    """What is still to be done for one subject.

    Attributes
    ----------
    name : str
    path : Path
        Must be readable where the task runs.
    parts : tuple of Part
    settings : EvaluationSettings
    in_figure : bool
        Whether the subject is one of those shown in Fig. 4.
    full_only : frozenset of str
        Models that are meant for fully sampled frames.
    """

    name: str
    path: Path
    parts: tuple[Part, ...]
    settings: EvaluationSettings
    in_figure: bool
    full_only: frozenset[str]


def available_models(preset: str = "live") -> list[str]:
    """Names of the segmentation models that can be run, less those that others hand lines to."""
    cards = [card for card in list_models() if card.preset == preset]
    reached = {card.for_fewer for card in cards}
    return [card.name for card in cards if card.task == "segmentation" and card.name not in reached]


def evaluate_cohort(
    data: Path,
    out: Path,
    settings: EvaluationSettings,
    *,
    split: Split = "validation",
    workers: int = 1,
    scheduler: str | None = None,
    command: str | None = None,
    report: Callable[[str], None] = lambda _: None,
    progress: Progress = lambda done, total, name: None,
) -> Evaluation:
    """Run the experiments over a cohort and write tables, figures and pages into ``out``.

    Parameters
    ----------
    data : Path
        Folder of subjects, see :func:`~napari_cmr.cohort.subjects.find_subjects`.
    out : Path
        Made if need be. Results of subjects that are there and were made with the same settings,
        weights and version are kept.
    settings : EvaluationSettings
    split : {"validation", "training", "all"}
    workers : int
        Processes on this machine; more than one takes the extra ``cluster``.
    scheduler : str, optional
        Address of a dask scheduler, instead. Its workers need the package, the weights and the
        data at the same paths.
    command : str, optional
        What the user typed, for the pages.
    report : callable
        Is told of every subject that failed.
    progress : callable
        Is told of subjects done, subjects in all, and the name of the last.

    Returns
    -------
    Evaluation
        What went into the pages, failures included.

    Raises
    ------
    ScanError
        If an extra or a model is missing, or not one subject could be evaluated.
    """
    _need_extras()
    check_cluster(workers, scheduler)
    if not settings.models:
        raise ScanError("there is no model to evaluate", remedy="train one, or name its folder")
    cards = _cards(settings)
    subjects = find_subjects(data, split)
    with output_folder(out, inputs=[data], own=RESULTS):
        store = ResultStore(out)
        parts = {name: _parts(settings, cards, path) for name, path in subjects.items()}
        step = len(subjects) / min(settings.latent_subjects, len(subjects))
        shown = {list(subjects)[int(i * step)] for i in range(round(len(subjects) / step))}
        full_only = frozenset(name for name in settings.models if not _takes_lines(cards[name]))

        def missing(name: str) -> tuple[Part, ...]:
            return tuple(
                part
                for part in parts[name]
                if (result := store.load(name, part)) is None
                or (part.experiment == "latent" and name in shown and "trials" not in result.arrays)
            )

        tasks = [
            SubjectTask(name, path.resolve(), todo, settings, name in shown, full_only)
            for name, path in subjects.items()
            if (todo := missing(name))
        ]
        failures = []
        done = len(subjects) - len(tasks)
        progress(done, len(subjects), "")
        for task, outcome in run_each(
            evaluate_subject, tasks, workers=workers, scheduler=scheduler
        ):
            for one in outcome:
                if isinstance(one, Failure):
                    failures.append(one)
                    report(f"left out {one.subject}: {one.reason}")
                else:
                    store.save(one)
            done += 1
            progress(done, len(subjects), task.name)

        results = [
            result
            for name in subjects
            for part in parts[name]
            if (result := store.load(name, part)) is not None
        ]
        if not results:
            raise ScanError(
                "not one subject could be evaluated", source=data, remedy="see the reasons above"
            )
        evaluation = Evaluation(
            settings=settings,
            cards={name: cards[name] for name in settings.models},
            localiser=cards[default("heart").name],
            split=split,
            subjects=tuple(subjects),
            training=frozenset(split_subjects(list(find_subjects(data)))[0]),
            failures=tuple((one.subject, one.reason) for one in failures),
            results=tuple(results),
            command=command,
        )
        write_reports(evaluation, out)
        return evaluation


def evaluate_subject(task: SubjectTask) -> Iterator[Result | Failure]:
    """Yield the results of one subject as they come, or a failure and nothing more."""
    settings = task.settings
    try:
        cine = open_cine(
            task.path,
            task.name,
            n_frames=settings.n_frames,
            seed=settings.subject_seed(task.name),
        )
        for part in task.parts:
            yield _evaluate_part(cine, part, task)
    except Exception as error:
        # Whatever is wrong with one subject must not end a run of hours over the others.
        yield Failure(task.name, reason_of(error, task.path.parent))


def _evaluate_part(cine: LabelledCine, part: Part, task: SubjectTask) -> Result:
    settings = task.settings
    arrays: dict[str, np.ndarray] = {}
    if part.experiment == "accuracy":
        record = measure_accuracy(
            cine, part.model, settings, only_full=part.model in task.full_only
        )
    elif part.experiment == "consistency":
        record, arrays = measure_consistency(cine, part.model, settings)
    else:
        record, arrays = measure_codes(cine, part.model, settings, in_figure=task.in_figure)
    return Result(cine.name, cine.scan.subject.group, part, record, arrays)


def _need_extras() -> None:
    for module in ("matplotlib", "sklearn"):
        if find_spec(module) is None:
            raise ScanError(
                f"the package {module} is not installed",
                remedy="pip install 'napari-cmr[experiments]'",
            )


def _cards(settings: EvaluationSettings) -> dict[str, ModelCard]:
    """Cards of the models and of the localiser, all there before the work begins."""
    localiser = default("heart").name
    cards = {localiser: read_card(find_weights(localiser))}
    for name in settings.models:
        cards[name] = read_card(find_weights(name, settings.preset))
        if cards[name].task != "segmentation":
            raise ScanError(f"{name!r} does not segment", remedy="choose a segmentation model")
        fewer = cards[name].for_fewer
        if fewer is not None:
            cards[fewer] = read_card(find_weights(fewer, settings.preset))
    return cards


def _takes_lines(card: ModelCard) -> bool:
    """Whether a model was made for undersampled frames."""
    return card.input_kind != "magnitude"


def _parts(settings: EvaluationSettings, cards: dict[str, ModelCard], path: Path) -> list[Part]:
    parts = []
    for experiment in settings.experiments:
        for model in settings.models:
            if experiment == "consistency" and not _takes_lines(cards[model]):
                continue
            if experiment == "latent" and find(model).code is None:
                continue
            fewer = cards[model].for_fewer
            may_run = [model, default("heart").name, *([fewer] if fewer else ())]
            digest = settings.digest(
                experiment, [cards[name] for name in may_run], str(path.resolve())
            )
            parts.append(Part(experiment, model, digest))
    return parts
