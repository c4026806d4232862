"""Training through a latent code, in two stages (Schlemper et al., MICCAI 2018)."""

import math
from typing import Any

import torch
from torch import Tensor

from napari_cmr.training.losses import cross_entropy, segmentation_loss
from napari_cmr.training.tasks.segmentation import SegmentationTask


class LatentTask(SegmentationTask):
    """The auto-encoder of labels first, then eq. 2 of schlemper2018.

    ``lambda1`` = 1, ``lambda2`` = 1e-4 and ``lambda3`` = 10 as published. The distances are root
    mean squares over the code, so that they do not grow with its length. In stage 2 the
    auto-encoder is frozen, its batch norms included. A one-cycle schedule runs once in each stage.
    """

    LAMBDAS = (1.0, 1e-4, 10.0)

    @property
    def is_stage_two(self) -> bool:
        """Whether the auto-encoder has been trained."""
        return bool(self.global_step >= self.recipe.autoencoder_steps)

    def on_train_batch_start(self, *_: Any) -> None:
        """Freeze the auto-encoder once it has been trained, and let the predictor begin there."""
        network: Any = self.network
        for part in (network.label_encoder, network.decoder):
            part.requires_grad_(not self.is_stage_two)
            part.train(not self.is_stage_two)
        network.predictor.requires_grad_(self.is_stage_two)
        if 0 < self.recipe.autoencoder_steps == self.global_step:
            network.begin_predictor()

    def judged(self, images: Tensor, targets: Tensor) -> Tensor:
        """Logits of the images; in stage 1 of the labels themselves."""
        if self.is_stage_two:
            return self.logits(images)
        network: Any = self.network
        logits: Tensor = network.decoder(network.encode_labels(targets))
        return logits

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of one training batch: labels alone, or lines, labels and all lines."""
        network: Any = self.network
        if not self.is_stage_two:
            (labels,) = batch
            code = network.encode_labels(labels)
            code = code + self.recipe.code_noise * torch.randn_like(code)
            return segmentation_loss(network.decoder(code), labels)
        undersampled, labels, complete = batch
        code = network.encode_labels(labels)
        layout = torch.channels_last
        frames = self.recipe.frames
        of_lines, of_all = (
            network.predictor(image.contiguous(memory_format=layout), frames, periodic=False)
            for image in (undersampled, complete)
        )
        one, two, three = self.LAMBDAS
        return (
            _apart(code, of_lines)
            + one * _apart(code, of_all)
            + two * _apart(of_all, of_lines)
            + three * cross_entropy(network.decoder(of_lines), labels)
        )

    def configure_optimizers(self) -> Any:
        """Adam with the recipe's schedule; ``one-cycle`` once for each stage."""
        if self.recipe.schedule != "one-cycle":
            return super().configure_optimizers()
        optimiser = torch.optim.Adam(self.parameters(), lr=self.recipe.learning_rate)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, self._share_of_rate)
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def _share_of_rate(self, step: int) -> float:
        """Share of the learning rate at a step: up over a tenth of a stage, then half a cosine."""
        first = self.recipe.autoencoder_steps
        begins, ends = (0, first) if step < first else (first, self.recipe.steps)
        done = min(1.0, (step + 1 - begins) / max(1, ends - begins))
        return done / 0.1 if done < 0.1 else 0.5 + 0.5 * math.cos(math.pi * (done - 0.1) / 0.9)


def _apart(a: Tensor, b: Tensor) -> Tensor:
    return ((a.float() - b.float()).square().mean(1) + 1e-12).sqrt().mean()
