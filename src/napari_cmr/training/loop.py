"""Train a recipe: data in, weights and a card out, resumable at any moment."""

import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from lightning.pytorch.callbacks import EMAWeightAveraging, ModelCheckpoint, RichProgressBar
from lightning.pytorch.loggers import CSVLogger
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from napari_cmr.nets.segmentation.pooled_net import PooledNet
from napari_cmr.scan import ScanError
from napari_cmr.scan.atomic import atomic_path
from napari_cmr.training.data.cines import TrainingCine
from napari_cmr.training.recipes.segmentation import Recipe
from napari_cmr.training.tasks.segmentation import (
    STEPS_PER_EPOCH,
    BatchModule,
    LatentModule,
    RecipeModule,
)


def train(
    recipe: Recipe,
    training: Sequence[TrainingCine],
    validation: Sequence[TrainingCine],
    out: Path,
    *,
    seed: int = 0,
    device: str = "auto",
    precision: str = "bf16-mixed",
    workers: int = 0,
    progress_bar: bool = True,
    start_from: Path | None = None,
) -> Path:
    """Train a network and write its averaged weights.

    A run that was stopped goes on from ``out/last.ckpt`` when it is started again with the same
    arguments.

    Parameters
    ----------
    recipe : Recipe
    training, validation : sequences of TrainingCine
    out : Path
        Folder for the checkpoint, the log and the weights.
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
        shape the network shares, also of another network, whose encoder may become LI-net's
        predictor.

    Returns
    -------
    Path
        ``out/MODEL-PRESET.safetensors``, float32. ``training.json`` beside it says how it was made.

    Raises
    ------
    ScanError
        If there is nothing to train on, or the weights to start from fit nowhere.
    """
    if not training or not validation:
        raise ScanError("training needs at least one training and one validation subject")
    pl.seed_everything(seed, workers=True)
    module = LatentModule(recipe) if recipe.loss == "latent" else RecipeModule(recipe)
    taken = load_fitting(module.network, start_from) if start_from is not None else 0
    trainer, seconds = fit(
        module,
        BatchModule(training, validation, recipe, seed=seed, workers=workers),
        out,
        steps=recipe.steps,
        device=device,
        precision=precision,
        progress_bar=progress_bar,
        gradient_clip_val=1.0,
    )
    summary = {
        "recipe": recipe.model_dump(),
        "seed": seed,
        "started_from": start_from.name if start_from is not None else None,
        "tensors_taken": taken,
        "steps": trainer.global_step,
        "epochs_of_steps": STEPS_PER_EPOCH,
        "seconds_of_last_run": seconds,
        "cine_frames": max(len(cine.image) for cine in training),
        "training_subjects": [cine.name for cine in training],
        "validation_subjects": [cine.name for cine in validation],
        "validation": {
            key: round(float(value), 4)
            for key, value in trainer.callback_metrics.items()
            if key.startswith(("dice", "val"))
        },
    }
    return save_run(module.network, out / f"{recipe.model}-{recipe.preset}.safetensors", summary)


def fit(
    module: pl.LightningModule,
    data: pl.LightningDataModule,
    out: Path,
    *,
    steps: int,
    device: str = "auto",
    precision: str = "bf16-mixed",
    progress_bar: bool = True,
    checkpoint_every: int = 100,
    gradient_clip_val: float | None = None,
) -> tuple[pl.Trainer, float]:
    """Optimise a module for some steps; a run that was stopped goes on from ``out/last.ckpt``.

    Afterwards the module holds the exponential moving average of its weights.

    Parameters
    ----------
    module, data
    out : Path
        Folder for the checkpoint and the log.
    steps : int
        Steps of all optimisers together.
    device, precision, progress_bar
        As in :func:`train`.
    checkpoint_every : int
        Steps between checkpoints.
    gradient_clip_val : float, optional
        Norm to which gradients are clipped; for modules that do not optimise by hand.

    Returns
    -------
    trainer : Trainer
    seconds : float
        That this run took.
    """
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    out.mkdir(parents=True, exist_ok=True)
    callbacks: list[pl.Callback] = [
        EMAWeightAveraging(decay=0.998, update_starting_at_step=min(300, steps // 4)),
        ModelCheckpoint(
            dirpath=out, save_last=True, save_top_k=0, every_n_train_steps=checkpoint_every
        ),
    ]
    if progress_bar:
        callbacks.append(RichProgressBar())
    trainer = pl.Trainer(
        max_steps=steps,
        accelerator={"auto": "auto", "cuda": "gpu"}.get(device, device),
        precision=precision,  # type: ignore[arg-type]
        callbacks=callbacks,
        logger=CSVLogger(out, name="log", version=""),
        log_every_n_steps=50,
        check_val_every_n_epoch=2,
        num_sanity_val_steps=0,
        reload_dataloaders_every_n_epochs=1,
        enable_progress_bar=progress_bar,
        enable_model_summary=False,
        gradient_clip_val=gradient_clip_val,
    )
    started = time.perf_counter()
    last = out / "last.ckpt"
    trainer.fit(module, data, ckpt_path=str(last) if last.exists() else None)
    if trainer.interrupted:
        raise KeyboardInterrupt
    return trainer, round(time.perf_counter() - started, 1)


def save_run(network: nn.Module, path: Path, summary: dict[str, Any]) -> Path:
    """Write the weights of a finished run, and ``training.json`` beside them; ``path`` again."""
    with atomic_path(path) as temporary:
        save_file(_plain(network.state_dict()), temporary)
    with atomic_path(path.parent / "training.json") as temporary:
        Path(temporary).write_text(json.dumps(summary, indent=2), encoding="utf-8")
    return path


def load_fitting(network: nn.Module, weights: Path) -> int:
    """Load what fits of some weights; the number of tensors that did."""
    try:
        offered = load_file(weights)
    except (OSError, SafetensorError) as error:
        raise ScanError(
            "these weights to start from cannot be read", source=weights, remedy="give safetensors"
        ) from error
    if isinstance(network, PooledNet):
        offered = network.widened(offered)
    own = network.state_dict()
    offered |= {f"predictor.{name}": tensor for name, tensor in offered.items()}
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
