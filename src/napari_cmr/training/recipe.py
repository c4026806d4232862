"""Settings of a training: what is built, what it is shown, for how long. Imports no torch."""

from abc import ABC, abstractmethod
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from napari_cmr.nets.input_kinds import InputKind

Preset = Literal["live", "paper"]
Contrast = Literal["bssfp", "synthetic", "painted", "enhanced"]

#: Departure of a network whose publication knows the zero-filled frames alone.
SHOWN_POOLED = (
    "shown the lines pooled over windows of the cycle, the nearest lines in time, the temporal "
    "average and the place in the cycle beside the zero-filled frame"
)

#: Departures of networks whose publication drew lines uniformly, and took the last weights.
LINES_DRAWN = (
    "lines per frame log-uniform rather than uniform, since what matters happens below 20 lines; "
    "some samples fully sampled or of one line, as the sampling tells; one network for all numbers "
    "of lines, not tuned for 1, 10 and 20"
)
AVERAGED = "an exponential moving average of the weights, and gradients that are clipped"

#: Departure of a reconstruction network whose publication had one pattern and acceleration each.
MIXED_PATTERNS = (
    "lines of variable density, lattices and golden steps, of 3- to 51-fold acceleration, in one "
    "network"
)

#: Departure of a reconstruction network that does not learn by its publication's loss.
LOGARITHMIC = "learned by the logarithm of the squared error, which weighs all accelerations alike"


class TrainingSettings(BaseModel):
    """What every training is told, be it of a whole model or of one stage of it.

    Attributes
    ----------
    architecture : dict
        Keyword arguments of the network.
    input_kind : str
        What :func:`napari_cmr.nets.inputs.network_input` shows it.
    size, spacing_mm : int, float
        Side of the network's square grid in pixels, and its spacing.
    lines : tuple of int and (int or None)
        Fewest and most lines per frame to learn from; None is up to all of them.
    smoothing : float
        Of answers over time once it is trained, see :class:`~napari_cmr.zoo.cards.ModelCard`.
    class_weights : tuple of float, optional
        Of background, LV, MYO and RV in the cross-entropy; predictors divide them out again.
    steps, learning_rate, schedule
        Optimiser steps, Adam's rate, and how the rate changes over the steps.
    departs : tuple of str
        Where the recipe departs from its publication, and why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: dict[str, Any] = {}
    input_kind: InputKind = "magnitude"
    size: int = 128
    spacing_mm: float = 1.5
    lines: tuple[int, int | None] = (1, None)
    smoothing: float = 0.0
    class_weights: tuple[float, ...] | None = None
    steps: int
    learning_rate: float
    schedule: str
    departs: tuple[str, ...] = ()

    def with_(self, **changes: Any) -> Self:
        """Another recipe with some settings changed, checked like any other."""
        return type(self).model_validate(dict(self) | changes)


class Recipe(TrainingSettings, ABC):
    """How a model is trained; the card of its weights records the recipe whole."""

    @abstractmethod
    def sampling(self, cine_frames: int) -> str:
        """Words for what is drawn at random in training, for the card."""


class CineRecipe(Recipe):
    """How a network learns from lines of labelled cines.

    Attributes
    ----------
    shift_mm, rotation, stretch, elastic_mm : float
        How far views are moved, turned (in degrees), stretched (standard deviation of the log) and
        bent (of what places are displaced by).
    sequences, looks, frames : int
        Acquisitions in a batch, each of another subject, views of each, and neighbouring frames
        in a view.
    fully_sampled : bool
        Whether every training sample is fully sampled.
    one_line : float
        Share of the samples with one line, beside those that the draw of lines gives, where one
        is among them.
    autoencoder_steps : int
        Latent loss: the first of the steps train the auto-encoder of labels (stage 1).
    code_noise : float
        Latent loss: standard deviation of what is added to the codes of labels, which have unit
        variance then, while the auto-encoder learns: codes nearby decode to hearts alike.
    schedule : {"one-cycle", "step"}
        ``step`` is the paper's ``x0.8 every 2 epochs``.
    loss : {"cross-entropy", "binary", "latent"}
        ``binary`` tells heart from the rest; ``latent`` is eq. 2 of schlemper2018. Cross-entropy
        alone, whatever is gained in Dice by adding soft Dice: that counts doubtful pixels in for
        the thinner class, which drew walls 15 % too heavy and end-systolic cavities too small.
    """

    input_kind: InputKind = "zero-filled"
    shift_mm: float = 8.0
    rotation: float = 45.0
    stretch: float = 0.0
    elastic_mm: float = 0.0
    sequences: int = 4
    looks: int = 2
    frames: int = 3
    fully_sampled: bool = False
    one_line: float = 0.1
    autoencoder_steps: int = 0
    code_noise: float = 0.0
    steps: int = 4000
    learning_rate: float = 2e-3
    schedule: Literal["one-cycle", "step"] = "one-cycle"
    loss: Literal["cross-entropy", "binary", "latent"] = "cross-entropy"

    def sampling(self, cine_frames: int) -> str:
        """Words for what :func:`napari_cmr.training.data.acquisitions.measure_slice` draws."""
        fewest, most = self.lines
        top = "0.6 of all lines" if most is None else f"{most} lines"
        if self.fully_sampled:
            learned = "fully sampled"
        else:
            shares = ["a fifth fully sampled"] if most is None else []
            if fewest == 1 and self.one_line:
                shares.append(f"{100 * self.one_line:.0f} % one line")
            rest = f"log-uniform between {fewest} and {top}"
            shares.append(("the rest " if shares else "") + rest)
            shares.append("the lower end reached after a third of the steps")
            learned = "variable density; " + ", ".join(shares)
        return (
            f"{learned}; cines of 12 to {cine_frames} frames, or ED and ES alone; smooth phase; "
            "noise up to 6 % in half of the samples"
        )


class ReconstructionRecipe(Recipe):
    """How a network learns to give back images of few lines of cines.

    Attributes
    ----------
    accelerations : tuple of float
        Least and largest, log-uniform between them.
    frames : int
        Most frames of a cycle that is shown.
    columns : int
        Of a slice that is shown; a line mask never mixes columns.
    noise : float
        Largest standard deviation of measuring, in 40 % of the samples, in parts of the image's
        99th percentile.
    coils : int
        Virtual coils that measure, of a simulated array; their sensitivities are estimated from the
        central lines, as those of other lines are.
    own_noise : tuple of float
        Least and largest of the images themselves, log-uniform, which is there in their lines too.
    loss : {"logarithmic", "published"}
        ``logarithmic`` is that of :class:`~napari_cmr.training.tasks.reconstruction\
        .ReconstructionTask`; ``published`` that of the network's publication, for networks whose
        task knows it.
    grows : bool
        Whether a network that was published to learn one part after another does so, rather than
        all parts from the first step on.
    """

    accelerations: tuple[float, float] = (3.0, 51.2)
    frames: int = 24
    columns: int = 48
    noise: float = 0.03
    coils: int = Field(default=1, ge=1, le=8)
    own_noise: tuple[float, float] = (0.0005, 0.012)
    loss: Literal["logarithmic", "published"] = "logarithmic"
    grows: bool = True
    steps: int = 6000
    learning_rate: float = 1e-3
    schedule: Literal["one-cycle", "step", "constant", "linear"] = "one-cycle"

    def sampling(self, cine_frames: int) -> str:
        """Words for what :mod:`napari_cmr.training.data.reconstruction_batches` draws."""
        least, most = self.accelerations
        centre, coils = "0, 2 or 4 centre lines", ""
        if self.coils > 1:
            centre, coils = "6 centre lines", f"; arrays compressed to {self.coils} coils"
        return (
            f"{least:g}- to {most:g}-fold acceleration, log-uniform: 55 % variable density, 35 % "
            f"lattice, 10 % golden step, with {centre}{coils}; cycles of 10 to "
            f"{min(cine_frames, self.frames)} frames; smooth phase; noise up to "
            f"{100 * self.noise:g} % in 40 % of the samples"
        )


class StageRecipe(TrainingSettings):
    """One stage of a cascade: which U-net learns, from which images, for how long.

    Attributes
    ----------
    name : str
        ``unet-`` trains the first U-net, ``cascade-`` the second with the first one fixed.
    architecture : dict
        Keyword arguments of :class:`~napari_cmr.nets.segmentation.lge_cascade.Cascade`.
    contrasts : dict of str to float
        Share of each kind of image: the cine's own, late enhancement that style transfer made of
        it, late enhancement painted on it, and real late enhancement that a cascade has labelled
        (``enhanced``).
    infarcts : bool
        Whether infarcts are put into what style transfer made, too.
    batch_size : int
    rotation : float
        Largest angle in degrees; 180 also mirrors images.
    scale, stretch : float
        Standard deviation of the logarithm of size, and of height over width.
    shift_mm, elastic_mm : float
        Standard deviation of the place of the heart, and of the bending of a coarse grid.
    noise, blur : float
        Largest standard deviations: of grey values on [0, 1], and in pixels.
    """

    name: Literal["unet-bssfp", "unet-lge", "cascade-bssfp", "cascade-lge", "unet-self"]
    size: int = 112
    contrasts: dict[Contrast, float] = {"bssfp": 1.0}
    infarcts: bool = False
    batch_size: int = 16
    steps: int = 1500
    learning_rate: float = 2e-3
    schedule: Literal["one-cycle", "constant"] = "one-cycle"
    rotation: float = 180.0
    scale: float = 0.12
    stretch: float = 0.08
    shift_mm: float = 8.0
    elastic_mm: float = 2.5
    noise: float = 0.06
    blur: float = 1.0


class CascadeRecipe(Recipe):
    """How a cascade for late enhancement is trained, stage by stage.

    Attributes
    ----------
    architecture : dict
        Keyword arguments of :class:`~napari_cmr.nets.segmentation.lge_cascade.LgeCascade`; how
        many members there are is said when it is trained.
    stages : tuple of StageRecipe
        In their order, each of which starts from the one before.
    without_style : dict of str to float
        Contrasts that take the place of those with ``synthetic`` images where there is no style
        network.
    self_training : StageRecipe, optional
        Stage that follows where there is real late enhancement without labels: every member learns
        from it what all of them together make of it.
    steps : int
        Of all stages together.
    """

    stages: tuple[StageRecipe, ...]
    without_style: dict[Contrast, float] = {"bssfp": 1.0}
    self_training: StageRecipe | None = None
    size: int = 112
    steps: int = 0
    learning_rate: float = 0.0
    schedule: str = "that of each stage"

    def chosen(
        self, stage: StageRecipe, *, with_style: bool, steps: int | None = None
    ) -> StageRecipe:
        """A stage as it is trained with or without a style network, for so many steps if given."""
        changes: dict[str, Any] = {} if steps is None else {"steps": steps}
        if not with_style and "synthetic" in stage.contrasts:
            real = {name: share for name, share in stage.contrasts.items() if name == "enhanced"}
            changes["contrasts"] = self.without_style | real
        return stage.with_(**changes)

    def sampling(self, cine_frames: int) -> str:
        """Words for the images of all stages."""
        return (
            "cine slices at ED and ES around the labels' centre, and late enhancement made of "
            "them, in any orientation, stretched, bent, shaded, blurred and noisy"
        )


class AtriumRecipe(Recipe):
    """How a U-net learns to label the left atrium, on full late enhancement slices alone.

    Attributes
    ----------
    size : int
        Side of the views in training; the network answers for slices of any size.
    batch_size : int
    rotation : float
        Largest angle in degrees.
    scale, stretch : float
        Standard deviation of the logarithm of size, and of height over width.
    shift_mm, elastic_mm : float
        Standard deviation of the place, and of the bending of a coarse grid.
    gamma : float
        Standard deviation of the logarithm of an exponent of grey values on [0, 1].
    """

    size: int = 160
    spacing_mm: float = 0.625
    batch_size: int = 8
    rotation: float = 15.0
    scale: float = 0.1
    stretch: float = 0.05
    shift_mm: float = 14.0
    elastic_mm: float = 2.0
    gamma: float = 0.15
    steps: int = 3500
    learning_rate: float = 2e-3
    schedule: Literal["one-cycle", "constant"] = "one-cycle"

    def sampling(self, cine_frames: int) -> str:
        """Words for the views that are drawn."""
        return (
            "full slices, turned, scaled, stretched, shifted, bent and brightened at random; none "
            "is undersampled, blurred or noisy"
        )


class TranslationRecipe(Recipe):
    """How a network that translates between contrasts is trained.

    Attributes
    ----------
    discriminator : dict
        Keyword arguments of
        :class:`~napari_cmr.nets.style.discriminator.MultiScaleDiscriminator`.
    shift_mm, rotation, zoom, aspect : float
        Limits of the random views of both contrasts: shift, rotation in degrees, and parts of
        the scale, of both axes together and of one against the other.
    gamma : float
        Limit of the exponent of source intensities, as a factor.
    batch : int
        Images of each contrast in a step.
    judged : int
        Real and made images that the judges look at in a step; where these are more than a batch,
        made ones of earlier steps are among them (Shrivastava et al., CVPR 2017).
    steps, learning_rate : int, float
        Steps of each of the two Adam optimisers (betas 0.5 and 0.999), and their rate.
    judges_rate : float
        Rate of the judges' optimiser, in parts of the network's.
    schedule : {"halving", "linear"}
        The rate halved every 100 000 steps as published, or let down to zero over the last third.
    image, content, style, adversarial : float
        Weights of huang2018: L1 of reconstructed images, contents and styles, and LSGAN.
    kl : float
        Weight that draws encoded styles to N(0, I), the term that chen2019 names.
    cycle : float
        Weight of the L1 of an image that went to the other contrast and back.
    anatomy : float
        Weight of the labels that a head reads off the content of the source image, and again off
        that of its translation. The source's labels alone are used.
    both_ways : bool
        Whether target images are translated too, as published.
    """

    discriminator: dict[str, Any] = {}
    size: int = 112
    shift_mm: float = 6.0
    rotation: float = 25.0
    zoom: float = 0.1
    aspect: float = 0.08
    gamma: float = 1.25
    batch: int = 1
    judged: int = 1
    steps: int = 20000
    learning_rate: float = 1e-4
    judges_rate: float = 1.0
    schedule: Literal["halving", "linear"] = "halving"
    image: float = 10.0
    content: float = 1.0
    style: float = 1.0
    adversarial: float = 1.0
    kl: float = 0.0
    cycle: float = 0.0
    anatomy: float = 0.0
    both_ways: bool = True

    def sampling(self, cine_frames: int) -> str:
        """Words for the views of both contrasts."""
        return (
            "unpaired slices at ED and ES, and of late enhancement, around the heart that the "
            "labels and the localiser gave; shifted, turned, scaled and, the source's, brightened "
            "at random"
        )
