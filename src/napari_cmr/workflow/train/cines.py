"""From a folder of labelled subjects to cines, and to a network that learned from them."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from napari_cmr.scan import Scan, ScanError
from napari_cmr.training.data.split import split_subjects
from napari_cmr.training.time_limit import TimeLimit
from napari_cmr.workflow.train.export import train_and_export
from napari_cmr.workflow.train.request import TrainingRequest

#: Training sees cines of 12 frames and up, drawn from these.
CINE_FRAMES = 50

Job = TypeVar("Job")
Done = TypeVar("Done")


def train_on_cines(request: TrainingRequest, report: Callable[[str], None]) -> Path:
    """Train a network for lines of cines; see :func:`napari_cmr.workflow.train.train_model`."""
    from napari_cmr.training.data.cine_batches import CineData
    from napari_cmr.training.data.cines import load_cines

    limit = TimeLimit(request.minutes)
    _, recipe = request.found()
    cache = request.out / "cines"
    found = prepare_cines(
        request.data,
        cache,
        seed=request.seed,
        workers=request.workers,
        limit=limit,
        report=report,
    )
    training, validation = split_subjects([path.stem for path in found])
    hearts = prepare_phantoms(cache, request.phantoms, seed=request.seed, limit=limit)
    training += [path.stem for path in hearts]
    data = CineData(load_cines(cache, training) if training else [], load_cines(cache, validation))
    return train_and_export(request, recipe, data, limit)


def prepare_cines(
    data: Path,
    cache: Path,
    *,
    frames: int = CINE_FRAMES,
    seed: int = 0,
    workers: int = 1,
    limit: TimeLimit | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Turn every subject of ``data`` into a labelled cine in ``cache``.

    Subjects that are there already are kept; one that cannot be used is reported and left out.
    More than one process prepares several subjects at once. None is begun that would not be ready
    within the time limit if it took as long as those before.

    Raises
    ------
    ScanError
        If not one subject can be used, or there is no time for all.
    """
    from napari_cmr.training.data.subjects import NO_SUBJECTS, WHAT_TO_GIVE, labelled_subjects

    subjects = labelled_subjects(data)
    cache.mkdir(parents=True, exist_ok=True)
    paths = [cache / f"{name}.npz" for name, _ in subjects]
    missing = [
        (opened, path, frames, seed + index)
        for index, ((_, opened), path) in enumerate(zip(subjects, paths, strict=True))
        if not path.exists()
    ]
    number = 0
    limit = limit or TimeLimit()
    for path, problem in _in_processes(_animate, missing, workers, limit):
        number += 1
        if problem is None:
            report(f"prepared {path.stem} ({number} of {len(missing)})")
        else:
            report(f"left out {path.stem}: {problem}")
    if number < len(missing):
        ready = sum(path.exists() for path in paths)
        raise limit.is_over(f"{ready} of {len(paths)}", kept=True)
    done = [path for path in paths if path.exists()]
    if not done:
        raise ScanError(NO_SUBJECTS, source=data, remedy=WHAT_TO_GIVE)
    return done


def _animate(job: tuple[Callable[[], Scan], Path, int, int]) -> tuple[Path, str | None]:
    """Write the cine of one subject; the path, and why there is none if so."""
    from napari_cmr.phantom.animation import animate_scan
    from napari_cmr.training.data.cines import TrainingCine

    opened, path, frames, seed = job
    try:
        cine = animate_scan(opened(), frames, seed=seed)
        TrainingCine.from_scan(cine.with_(name=path.stem)).save(path)
    except ScanError as error:
        return path, str(error)
    return path, None


def _in_processes(
    work: Callable[[Job], Done], jobs: Sequence[Job], workers: int, limit: TimeLimit
) -> Iterator[Done]:
    """Results as they come, from this process or from several others.

    Once a job that takes as long as the longest before it would end too late, none is begun.
    """
    longest = 0.0
    if workers < 2 or len(jobs) < 2:
        for job in jobs:
            if not limit.allows(longest):
                return
            began = time.monotonic()
            yield work(job)
            longest = max(longest, time.monotonic() - began)
        return
    waiting = list(reversed(jobs))
    running: dict[Future[Done], float] = {}
    # spawned: a process that is forked from one with threads may hang
    with ProcessPoolExecutor(min(workers, len(jobs)), get_context("spawn")) as pool:
        while True:
            while waiting and len(running) < workers and limit.allows(longest):
                running[pool.submit(work, waiting.pop())] = time.monotonic()
            if not running:
                return
            for one in wait(running, return_when=FIRST_COMPLETED).done:
                longest = max(longest, time.monotonic() - running.pop(one))
                yield one.result()


def prepare_phantoms(
    cache: Path,
    number: int,
    *,
    frames: int = CINE_FRAMES,
    seed: int = 0,
    limit: TimeLimit | None = None,
) -> list[Path]:
    """Scan synthetic hearts of all groups, each with another protocol, into ``cache``.

    Raises
    ------
    ScanError
        If there is no time for all.
    """
    import numpy as np

    from napari_cmr.phantom import Protocol, render_scan, sample_population
    from napari_cmr.training.data.cines import TrainingCine

    cache.mkdir(parents=True, exist_ok=True)
    done = []
    hearts = list(enumerate(sample_population(number, seed)))
    limit = limit or TimeLimit()
    for index, heart in limit.each(hearts, what="synthetic hearts", kept=True):
        path = cache / f"phantom{index:03d}.npz"
        if not path.exists():
            rng = np.random.default_rng([seed, index])
            pixel_mm = float(rng.uniform(1.2, 1.7))
            protocol = Protocol(
                pixel_mm=pixel_mm,
                acquired_pixel_mm=max(pixel_mm, float(rng.uniform(1.4, 2.2))),
                slice_distance_mm=float(rng.choice([8.0, 10.0])),
                slice_thickness_mm=float(rng.uniform(6.0, 8.0)),
                n_frames=frames,
                repetition_time_ms=float(rng.uniform(2.6, 3.5)),
                flip_angle_deg=float(rng.uniform(40.0, 75.0)),
                signal_to_noise=float(rng.uniform(15, 60)),
            )
            scan = render_scan(heart, protocol, name=path.stem, seed=index)
            TrainingCine.from_scan(scan).save(path)
        done.append(path)
    return done
