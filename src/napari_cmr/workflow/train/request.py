"""What is to be trained, from which data, and what the card is to say about them."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from napari_cmr.training.recipe import Preset, Recipe
from napari_cmr.training.register import Model, find

#: Synthetic hearts beside the real ones: their labels are true on every frame.
PHANTOMS = 6


@dataclass(frozen=True)
class DataDeclaration:
    """What the card has to say about the training data."""

    trained_on: str = "the user's own data"
    licence: str = "that of the training data"
    citation: str = "none given"


ACDC = DataDeclaration(
    trained_on="ACDC training set: 85 patients, cines animated from their ED and ES frames; "
    "synthetic hearts beside them",
    licence="CC BY-NC-SA 4.0 (non-commercial, share alike), from the training data",
    citation="Bernard et al., IEEE Transactions on Medical Imaging 37(11):2514-2525, 2018",
)
ACDC_AND_EMIDEC = DataDeclaration(
    trained_on="ACDC training set: 65 patients, bSSFP at ED and ES with labels; EMIDEC: the cases "
    "whose number 5 does not divide, late enhancement without labels",
    licence="CC BY-NC-SA 4.0 (non-commercial, share alike), from the training data",
    citation="Bernard et al., IEEE Transactions on Medical Imaging 37(11):2514-2525, 2018; "
    "Lalande et al., Data 5(4):89, 2020",
)
LASC = DataDeclaration(
    trained_on="Left atria of the 2018 atrial segmentation challenge: 22 patients, full late "
    "enhancement slices as published around the atrium",
    licence="CC BY-NC-SA 4.0 (non-commercial, share alike), from the training data",
    citation="Xiong et al., Medical Image Analysis 67:101832, 2021; Yu et al., MICCAI 2019",
)


class TrainingRequest(BaseModel):
    """One training, whatever the model.

    Attributes
    ----------
    model, preset : str
    data : Path
        Folder of subject folders with labels at ED and ES (ACDC), or a pack of them; of archives of
        left atria for models that learn from them; of still images of any kind for models that
        learn from those.
    out : Path
        Folder for checkpoints, weights and the card; ``NAPARI_CMR_MODELS`` may name it afterwards.
    target : Path, optional
        Folder of late enhancement (EMIDEC), for models that learn from two contrasts, and for
        cascades to train themselves on.
    perceptual : Path, optional
        Weights of a network that compares images, see
        :mod:`napari_cmr.training.perceptual_files`; our own segmenter's if none.
    declaration : DataDeclaration
    steps : int, optional
        Instead of the recipe's; of a cascade those of every stage.
    minutes : float, optional
        Time to end within, of each stage where there are several: fewer steps than those if they
        take longer. Preparing the data counts, too. Not for cascades.
    seed : int
    device, precision : str
        As in :func:`napari_cmr.training.loop.train`.
    part_mb : float, optional
        Weights and checkpoints that take more, in MB of 1,000,000 bytes, are written in parts of at
        most that, see :mod:`napari_cmr.scan.file_parts`.
    workers : int
        Processes that prepare batches and, if more than one, subjects.
    phantoms : int
        Synthetic hearts to learn from too, for models that learn from cines.
    start_from : Path, optional
        Weights to start from; a cascade starts its first stage from them, or its self-training if
        they are of a whole ensemble.
    style : str or None
        Preset of the style network that makes late enhancement of cines; None leaves painted
        contrasts alone. For models that learn from slices.
    members : int
        Cascades of an ensemble.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    preset: Preset = "live"
    data: Path
    out: Path
    target: Path | None = None
    perceptual: Path | None = None
    declaration: DataDeclaration = DataDeclaration()
    steps: int | None = Field(default=None, ge=1)
    minutes: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    part_mb: float | None = Field(default=None, ge=0.001, allow_inf_nan=False)
    seed: int = Field(default=0, ge=0)
    device: str = "auto"
    precision: str = "bf16-mixed"
    workers: int = 1
    phantoms: int = Field(default=PHANTOMS, ge=0)
    start_from: Path | None = None
    style: str | None = "live"
    members: int = Field(default=1, ge=1)

    @property
    def largest(self) -> int | None:
        """Most bytes of a file of weights, or of a checkpoint."""
        return None if self.part_mb is None else round(self.part_mb * 1e6)

    def found(self) -> tuple[Model, Recipe]:
        """The model and its recipe, with the steps that were asked for.

        Raises
        ------
        ScanError
            If there is none.
        """
        model = find(self.model)
        recipe = model.recipe(self.preset)
        return model, recipe if self.steps is None else recipe.with_(steps=self.steps)
