"""Training against a discriminator: refinement, joint training and DAGAN."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cmr.nets.adversarial.patch_discriminator import (
    PatchDiscriminator,
    Replay,
    feature_distance,
)
from napari_cmr.nets.adversarial.perceptual import FeatureNetwork
from napari_cmr.nets.inputs import to_hybrid
from napari_cmr.nets.reconstruction.refinement import Refined
from napari_cmr.scan import ScanError
from napari_cmr.training.recipe import TrainingSettings
from napari_cmr.training.register import Model
from napari_cmr.training.tasks.still_reconstruction import BETAS, psnr, squared_error
from napari_cmr.training.tasks.task import NetworkTask, scheduled

#: Terms of the loss, in the order in which their first values are kept.
TERMS = (
    "mse",
    "root_nmse",
    "frequency",
    "adversarial",
    "features",
    "perceptual",
    "penalty",
)


class AdversarialTask(NetworkTask):
    """A network that makes images, and its discriminator, under ``AdversarialTerms``.

    Parameters
    ----------
    model : Model
    recipe : TrainingSettings
    features : FeatureNetwork, optional
        What images are compared with, where the recipe weighs that.

    Raises
    ------
    ScanError
        If the recipe weighs a perceptual distance and there is no network for it, or a penalty and
        there is no refinement.
    """

    steps_a_batch = 2  # the network's and its discriminator's
    gradient_clip = None  # Lightning clips for no one who optimises by hand
    is_validated = True

    network: Any
    first: Tensor

    def __init__(
        self, model: Model, recipe: TrainingSettings, features: FeatureNetwork | None = None
    ) -> None:
        super().__init__(model, recipe)
        if self.recipe.perceptual and features is None:
            raise ScanError(
                f"{model.name} learns from a network that compares images",
                remedy="give its file by --perceptual",
            )
        if self.recipe.penalty and not isinstance(self.network, Refined):
            raise ScanError(f"a penalty is of the change of a refinement, {model.name} has none")
        self.automatic_optimization = False
        self.judge = PatchDiscriminator(**self.recipe.discriminator)
        self.replay = Replay(self.recipe.replay, self.recipe.replayed)
        # what each term was in the first step; zero until then
        self.register_buffer("first", torch.zeros(len(TERMS)))
        self.compared = (features,)  # in a tuple: neither learned, averaged nor kept
        self._measured: list[float] = []
        self.to(memory_format=torch.channels_last)

    def on_fit_start(self) -> None:
        """Take the network that compares images to where the others are."""
        for one in self.compared:
            if one is not None:
                one.to(self.device)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the images of earlier steps, so that a stopped run goes on as it was."""
        checkpoint["replay"] = [one.cpu() for one in self.replay.kept]

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take them back."""
        self.replay.kept = [one.to(self.device) for one in checkpoint["replay"]]

    def training_step(self, batch: tuple[Tensor, ...], _: int) -> None:
        """One step of the network, then one of its discriminator, on the same slices."""
        optimisers: Any = self.optimizers()
        of_network, of_judge = optimisers

        self.judge.requires_grad_(False)
        terms, real, made = self.terms(batch)
        total = self._weighed(terms)
        of_network.zero_grad()
        self.manual_backward(total)
        of_network.step()

        self.judge.requires_grad_(True)
        doubt = self.doubt(real, self.replay.swap(made))
        of_judge.zero_grad()
        self.manual_backward(doubt)
        of_judge.step()

        schedules: Any = self.lr_schedulers()
        for schedule in schedules or []:
            schedule.step()
        self.log_dict({name: one.detach() for name, one in terms.items()})
        if isinstance(self.network, Refined):
            self.log("gate", self.network.gate.detach())
        self.log_dict({"loss": total.detach(), "doubt": doubt.detach()}, prog_bar=True)

    def terms(self, batch: tuple[Tensor, ...]) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """Terms that have a weight, and grey values (B, 1, N, X) of real and of made images.

        Of a cine, whose frames come without a unit, some frames are made.
        """
        hybrid, mask, image, *units = batch
        recipe, change = self.recipe, None
        lines, first, unit = self.network.begin(hybrid, mask, unit=units[0] if units else None)
        made_of = slice(0, None, -(-len(image) // recipe.batch))
        lines, first, image = lines.of_frames(made_of), first[made_of], image[made_of]
        if isinstance(self.network, Refined):
            answer, _, change = self.network.refined(lines, first, None)
        else:
            answer = self.network.images(lines, first, None)
        answer = answer * unit
        real, made = (_grey(one, unit) for one in (image, answer))
        found: dict[str, Tensor] = {}
        if recipe.mse:
            found["mse"] = squared_error(answer, image, unit)
        if recipe.root_nmse:
            apart = (made - real).square().sum((1, 2, 3))
            found["root_nmse"] = (apart / real.square().sum((1, 2, 3))).sqrt().mean()
        if recipe.frequency:
            spectra = [to_hybrid(one.abs() / unit).abs() for one in (image, answer)]
            found["frequency"] = (spectra[0] - spectra[1]).square().mean()
        if recipe.adversarial or recipe.features:
            score, seen = self.judge(2 * made - 1)
            found["adversarial"] = F.softplus(-score.float()).mean()
            if recipe.features:
                with torch.no_grad():
                    _, wanted = self.judge(2 * real - 1)
                found["features"] = feature_distance(wanted, seen)
        if recipe.perceptual:
            (features,) = self.compared
            assert features is not None
            found["perceptual"] = features.distance(real, made)
        if recipe.penalty:
            assert change is not None
            found["penalty"] = change.abs().mean()
        return {name: found[name] for name in TERMS if name in found}, real, made

    def doubt(self, real: Tensor, made: Tensor) -> Tensor:
        """Cross-entropy of the discriminator on grey values of real and made images."""
        (of_real, _), (of_made, _) = (
            self.judge(2 * one - 1, thinned=True) for one in (real, made.detach())
        )
        of_real, of_made = of_real.float(), of_made.float()
        target = torch.full_like(of_real, 1 - self.recipe.smoothed)
        return F.binary_cross_entropy_with_logits(
            of_real, target
        ) + F.binary_cross_entropy_with_logits(of_made, torch.zeros_like(of_made))

    def _weighed(self, terms: dict[str, Tensor]) -> Tensor:
        """Sum of the terms with their weights, each in parts of what it was in the first step.

        The penalty alone is taken as it is: a refinement begins with next to no change, and in
        parts of that the penalty would shut it up before the gate has opened.
        """
        weights = self.recipe.model_dump()
        total = []
        for name, term in terms.items():
            if not weights[name]:
                continue
            index, one = TERMS.index(name), torch.ones(())
            if self.recipe.scaled and name != "penalty":
                if not self.first[index]:
                    self.first[index] = term.detach().clamp(min=1e-12)
                one = self.first[index].clone()  # others are still written
            total.append(weights[name] * term / one)
        return torch.stack(total).sum()

    def validation_step(self, batch: tuple[Tensor, ...], _: int) -> None:
        """Collect the PSNR of one validation batch."""
        self._measured.append(psnr(self.network, batch))

    def on_validation_epoch_end(self) -> None:
        """Log its mean."""
        measured, self._measured = self._measured, []
        self.log("psnr", sum(measured) / len(measured))

    def configure_optimizers(self) -> Any:
        """Adam for the network, whose gate may have another rate, and for its discriminator."""
        recipe = self.recipe
        learning = {n: one for n, one in self.network.named_parameters() if one.requires_grad}
        gates = [learning.pop(name) for name in ("gate",) if name in learning]
        groups = [{"params": list(learning.values())}]
        if gates:
            groups.append({"params": gates, "lr": recipe.gate_rate * recipe.learning_rate})
        both = (
            torch.optim.Adam(groups, lr=recipe.learning_rate, betas=BETAS),
            torch.optim.Adam(
                self.judge.parameters(),
                lr=recipe.judge_rate * recipe.learning_rate,
                betas=BETAS,
            ),
        )
        return [scheduled(one, recipe) for one in both]


def _grey(image: Tensor, unit: Tensor) -> Tensor:
    """Magnitudes (B, 1, N, X) of complex images (B, N, X), in their units (B, 1, 1) or one."""
    return (image.abs() / unit)[:, None]
