"""Train a recipe: data in, weights and a card out, resumable at any moment."""

import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
from lightning.pytorch.callbacks import EMAWeightAveraging, ModelCheckpoint, RichProgressBar
from lightning.pytorch.loggers import CSVLogger
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from napari_cmr.nets.blocks import Widening
from napari_cmr.scan import ScanError
from napari_cmr.scan.atomic import atomic_path
from napari_cmr.scan.file_parts import is_there, whole, write_file
from napari_cmr.training.batches import StepData, TrainingData, ValidatedStepData
from napari_cmr.training.checkpoints import CheckpointFiles
from napari_cmr.training.curve import MOST_POINTS, read_curve
from napari_cmr.training.pace import steps_within
from napari_cmr.training.recipe import Preset, TrainingSettings
from napari_cmr.training.register import Model, resolve
from napari_cmr.training.tasks.task import NetworkTask

CHECKPOINT_EVERY = 100
#: Folder of the logs of a run, one for each time that it was started.
_LOG = "log"


def train(
    model: Model,
    preset: Preset,
    recipe: TrainingSettings,
    data: TrainingData,
    out: Path,
    *,
    stem: str | None = None,
    seed: int = 0,
    device: str = "auto",
    precision: str = "bf16-mixed",
    workers: int = 0,
    progress_bar: bool = True,
    start_from: Path | None = None,
    options: Mapping[str, Any] | None = None,
    minutes: float | None = None,
    largest: int | None = None,
) -> Path:
    """Train a network and write its averaged weights.

    A run that was stopped goes on from ``out/last.ckpt`` when it is started again with the same
    arguments.

    Parameters
    ----------
    model : Model
    preset : str
    recipe : TrainingSettings
        That of the preset, or a variant or a stage of it.
    data : TrainingData
    out : Path
        Folder for the checkpoint, the log and the weights.
    stem : str, optional
        Name of the weights file, ``MODEL-PRESET`` by default.
    seed : int
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    precision : str
        Lightning's name of a precision; bf16 is about twice as fast where the processor has it.
    workers : int
        Processes that prepare batches beside the training process.
    progress_bar : bool
    start_from : Path, optional
        Weights (safetensors) to begin with instead of random ones: every tensor whose name and
        shape the network shares, also of another network, whose encoder may become the predictor
        of one with a code. Judges of an adversarial training always begin with random ones.
    options : mapping, optional
        What the model's training is told beside its recipe, such as a network that compares images.
    minutes : float, optional
        Time to end within: fewer steps than the recipe's if these take longer.
    largest : int, optional
        Bytes of a file: the checkpoint and the weights are written in parts where they are larger.

    Returns
    -------
    Path
        ``out/STEM.safetensors``, float32, whole or in parts
        (:func:`napari_cmr.scan.file_parts.whole` reads either). ``training.json`` beside it says
        how it was made.

    Raises
    ------
    ScanError
        If there is nothing to learn from, the weights to start from fit nowhere, or parts of the
        checkpoint are missing.
    """
    data.check(recipe)
    pl.seed_everything(seed, workers=True)
    kind: type[NetworkTask] = resolve(model.training)
    task = kind(model, recipe, **(options or {}))
    how = {
        "accelerator": {"auto": "auto", "cuda": "gpu"}.get(device, device),
        "precision": precision,
        "gradient_clip_val": task.gradient_clip,
    }
    fed = ValidatedStepData if task.is_validated else StepData
    if minutes is not None:
        feed = fed(data, recipe, seed=seed, workers=workers, steps_a_batch=task.steps_a_batch)
        recipe = recipe.with_(steps=steps_within(minutes, recipe.steps, task, feed, out, **how))
        pl.seed_everything(seed, workers=True)
        task = kind(model, recipe, **(options or {}))
    taken = load_fitting(task.network, start_from) if start_from is not None else 0
    feed = fed(data, recipe, seed=seed, workers=workers, steps_a_batch=task.steps_a_batch)
    trainer, seconds = _fit(task, feed, out, how, progress_bar=progress_bar, largest=largest)
    metrics = {name: float(value) for name, value in sorted(trainer.callback_metrics.items())}
    summary = {
        "recipe": {
            "model": model.name,
            "preset": preset,
            "task": model.task,
            **recipe.model_dump(mode="json"),
        },
        "seed": seed,
        "started_from": start_from.name if start_from is not None else None,
        "tensors_taken": taken,
        "steps": trainer.global_step // task.steps_a_batch,
        "seconds_of_last_run": seconds,
        **data.summary(),
        "metrics": {name: round(value, 4) for name, value in metrics.items() if np.isfinite(value)},
        "curve": read_curve(out / _LOG),
    }
    stem = stem or f"{model.name}-{preset}"
    weights = out / f"{stem}.safetensors"
    return save_tensors(_plain(task.network.state_dict()), weights, summary, largest)


def _fit(
    task: NetworkTask,
    feed: StepData,
    out: Path,
    how: Mapping[str, Any],
    *,
    progress_bar: bool,
    largest: int | None,
) -> tuple[pl.Trainer, float]:
    """Optimise until the recipe's steps are done; the seconds that this run took.

    Afterwards the task holds the exponential moving average of its weights.
    """
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    out.mkdir(parents=True, exist_ok=True)
    steps = task.recipe.steps * task.steps_a_batch
    callbacks: list[pl.Callback] = [
        EMAWeightAveraging(decay=0.998, update_starting_at_step=min(300, steps // 4)),
        ModelCheckpoint(
            dirpath=out,
            save_last=True,
            save_top_k=0,
            # or a run that was moved would write another beside the one that it goes on from
            enable_version_counter=False,
            every_n_train_steps=CHECKPOINT_EVERY * task.steps_a_batch,
        ),
    ]
    if progress_bar:
        callbacks.append(RichProgressBar())
    trainer = pl.Trainer(
        max_steps=steps,
        callbacks=callbacks,
        plugins=[CheckpointFiles(largest)],
        logger=CSVLogger(out, name=_LOG),  # another folder each time: none is written over
        log_every_n_steps=max(1, min(50, task.recipe.steps // MOST_POINTS)),
        check_val_every_n_epoch=2,
        num_sanity_val_steps=0,
        reload_dataloaders_every_n_epochs=1,
        enable_progress_bar=progress_bar,
        enable_model_summary=False,
        **how,
    )
    started = time.perf_counter()
    last = out / "last.ckpt"
    trainer.fit(task, feed, ckpt_path=str(last) if is_there(last) else None)
    if trainer.interrupted:
        raise KeyboardInterrupt
    return trainer, round(time.perf_counter() - started, 1)


def save_tensors(
    tensors: dict[str, Tensor], path: Path, summary: dict[str, Any], largest: int | None = None
) -> Path:
    """Write the weights of a finished run, and ``training.json`` beside them; ``path`` again."""
    write_file(path, save(tensors), largest)
    with atomic_path(path.parent / "training.json") as temporary:
        Path(temporary).write_text(json.dumps(summary, indent=2), encoding="utf-8")
    return path


def load_fitting(network: nn.Module, weights: Path) -> int:
    """Load what fits of some weights; the number of tensors that did."""
    try:
        with whole(weights) as file:
            offered = load_file(file)
    except (OSError, SafetensorError) as error:
        raise ScanError(
            "these weights to start from cannot be read", source=weights, remedy="give safetensors"
        ) from error
    if isinstance(network, Widening):
        offered = network.widened(offered)
    own = network.state_dict()
    offered |= {
        f"{part}.{name}": tensor
        for part in ("predictor", "predictor.unet")
        for name, tensor in offered.items()
    }
    fitting = {
        name: tensor
        for name, tensor in offered.items()
        if name in own and own[name].shape == tensor.shape
    }
    if not fitting:
        raise ScanError(
            "nothing in these weights fits the network",
            source=weights,
            remedy="start from weights of the same or a similar network",
        )
    network.load_state_dict(fitting, strict=False)
    return len(fitting)


def _plain(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name: tensor.detach().float().contiguous()
        if tensor.is_floating_point()
        else tensor.detach()
        for name, tensor in state.items()
        if not name.endswith("num_batches_tracked")
    }
