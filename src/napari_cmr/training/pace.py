"""How many steps of a training fit into a given time, by timing the first ones."""

import itertools
import json
import statistics
import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_cmr.scan import ScanError
from napari_cmr.scan.atomic import atomic_path
from napari_cmr.training.batches import StepData
from napari_cmr.training.tasks.task import NetworkTask

#: Steps that are timed, after those in which a device warms up.
TIMED, WARMING = 8, 4
#: Of the time, what is left for validation, checkpoints and slower steps.
_MARGIN = 0.15
_FILE = "pace.json"


class _Pace(BaseModel):
    """Steps that were found to fit, kept so that a resumed run is the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(ge=1)
    minutes: float = Field(gt=0)


def steps_within(
    minutes: float, most: int, task: NetworkTask, feed: StepData, out: Path, **trainer: Any
) -> int:
    """Steps that fit, at most ``most``; those of the first run where one was stopped.

    Parameters
    ----------
    minutes : float
    most : int
        Steps of the recipe.
    task : NetworkTask
        Takes a few steps: give one that is thrown away.
    feed : StepData
    out : Path
        Folder of the run.
    **trainer
        Of Lightning's trainer: the device and the precision.

    Raises
    ------
    ScanError
        If not even the steps that are timed fit, or the file of an earlier run is damaged.
    """
    if most <= WARMING + TIMED:
        return most
    path = out / _FILE
    if path.exists():
        try:
            return _Pace.model_validate_json(path.read_bytes()).steps
        except ValidationError as error:
            raise ScanError(
                "is damaged", source=path, remedy="remove it: the steps are timed again"
            ) from error
    began = time.perf_counter()
    usable = 60 * minutes * (1 - _MARGIN)
    seconds = _seconds_a_step(usable, task, feed, out, **trainer)
    left = usable - (time.perf_counter() - began)
    steps = min(most, int(left / seconds))
    if steps <= TIMED:
        raise ScanError(
            f"a step takes {seconds:.1f} s, too long for {round(minutes, 2):g} minutes",
            remedy="give more minutes, or a smaller preset",
        )
    out.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        Path(temporary).write_text(json.dumps({"steps": steps, "minutes": minutes}))
    return steps


class _Clock(pl.Callback):
    """Seconds from the end of one batch to the end of the next, loading included.

    Stops a trainer that has not done its steps after ``most`` seconds.
    """

    def __init__(self, most: float) -> None:
        self.most = most
        self.ends = [time.perf_counter()]

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        self.ends.append(time.perf_counter())
        if self.ends[-1] - self.ends[0] > self.most:
            trainer.should_stop = True


def _seconds_a_step(
    most: float, task: NetworkTask, feed: StepData, out: Path, **trainer: Any
) -> float:
    """Median of the timed steps, or of all that ``most`` seconds sufficed for where they do not."""
    clock = _Clock(most)
    pl.Trainer(
        max_steps=(WARMING + TIMED) * task.steps_a_batch,
        callbacks=[clock],
        default_root_dir=out,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        limit_val_batches=0,
        num_sanity_val_steps=0,
        **trainer,
    ).fit(task, feed)
    done = len(clock.ends) > WARMING + TIMED
    ends = clock.ends[WARMING:] if done else clock.ends
    return statistics.median(b - a for a, b in itertools.pairwise(ends))
