"""Train the cascade for late enhancement, one stage after the other."""

from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from napari_cmr.nets.segmentation.lge_cascade import Cascade
from napari_cmr.scan import ScanError
from napari_cmr.training.data.still_batches import PackedSlices, StillData
from napari_cmr.training.loop import fit, save_run
from napari_cmr.training.losses import composite_loss, hard_dice
from napari_cmr.training.recipes.late_enhancement import StageRecipe


class StageModule(pl.LightningModule):
    """One U-net of a cascade under the recipe of a stage; the other one does not change."""

    def __init__(self, recipe: StageRecipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.network = Cascade(**recipe.architecture)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.trains_first = recipe.name.startswith("unet")
        fixed = self.network.second if self.trains_first else self.network.first
        if fixed is not None:
            fixed.requires_grad_(False)
        self._validation: list[Tensor] = []

    def _logits(self, images: Tensor) -> Tensor:
        images = images.contiguous(memory_format=torch.channels_last)
        if self.trains_first:
            logits: Tensor = self.network.first(images)
            return logits
        logits = self.network(images)
        return logits

    def on_train_batch_start(self, *_: Any) -> None:
        """Keep dropout and statistics of the fixed U-net out of it."""
        if not self.trains_first:
            self.network.first.eval()

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Composite loss of one batch."""
        images, labels = batch
        loss = composite_loss(self._logits(images), labels)
        self.log("loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Collect Dice of one validation batch."""
        images, labels = batch
        self._validation.append(hard_dice(self._logits(images), labels).cpu())

    def on_validation_epoch_end(self) -> None:
        """Log the means over the validation batches."""
        mean = torch.stack(self._validation).nanmean(0)
        self._validation = []
        for name, value in zip(("lv", "myo", "rv"), mean, strict=True):
            self.log(f"dice_{name}", float(value), prog_bar=True)

    def configure_optimizers(self) -> Any:
        """Adam with the recipe's schedule."""
        recipe = self.recipe
        learning = [p for p in self.parameters() if p.requires_grad]
        optimiser = torch.optim.Adam(learning, lr=recipe.learning_rate)
        if recipe.schedule == "constant":
            return optimiser
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, max_lr=recipe.learning_rate, total_steps=recipe.steps, pct_start=0.1
        )
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def train_stage(
    recipe: StageRecipe,
    training: PackedSlices,
    validation: PackedSlices,
    out: Path,
    *,
    start_from: Path | None = None,
    seed: int = 0,
    device: str = "auto",
    precision: str = "bf16-mixed",
    workers: int = 0,
    progress_bar: bool = True,
) -> Path:
    """Train one stage and write the whole cascade's averaged weights.

    A run that was stopped goes on from ``out/last.ckpt``.

    Parameters
    ----------
    recipe : StageRecipe
    training, validation : PackedSlices
        Of different patients; with translations where the recipe asks for them.
    out : Path
        Folder for the checkpoint, the log and the weights.
    start_from : Path, optional
        Weights of an earlier stage.
    seed, device, precision, workers, progress_bar
        As in :func:`napari_cmr.training.loop.train`.

    Returns
    -------
    Path
        ``out/STAGE.safetensors``; ``training.json`` beside it says how it was made.

    Raises
    ------
    ScanError
        If there is nothing to learn from, or no translations although the recipe asks for them.
    """
    for part in (training, validation):
        if not len(part.images) or not (part.labels > 0).any():
            raise ScanError("training needs labelled slices of training and validation subjects")
        if "synthetic" in recipe.contrasts and part.synthetic is None:
            raise ScanError(
                f"stage {recipe.name} needs synthetic late enhancement",
                remedy="give a style network, or leave 'synthetic' out of its contrasts",
            )
    pl.seed_everything(seed, workers=True)
    module = StageModule(recipe)
    if start_from is not None:
        module.network.load_state_dict(load_file(start_from), strict=False)
    trainer, seconds = fit(
        module,
        StillData(training, validation, recipe, seed=seed, workers=workers),
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
        "steps": trainer.global_step,
        "seconds_of_last_run": seconds,
        "training_subjects": list(dict.fromkeys(training.subjects)),
        "validation_subjects": list(dict.fromkeys(validation.subjects)),
        "validation": {
            key: round(float(value), 4)
            for key, value in trainer.callback_metrics.items()
            if key.startswith("dice") and np.isfinite(float(value))
        },
    }
    return save_run(module.network, out / f"{recipe.name}.safetensors", summary)
