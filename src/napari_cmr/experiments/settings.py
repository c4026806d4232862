"""What an evaluation is: experiments, models, line counts, masks and seeds."""

import hashlib
import json
import os
import zlib
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

import napari_cmr
from napari_cmr.kspace import Acquisition
from napari_cmr.zoo import ModelCard, ModelChoice

Experiment = Literal["accuracy", "consistency", "latent"]
EXPERIMENTS: tuple[Experiment, ...] = ("accuracy", "consistency", "latent")
#: Of what a subject's result holds; results of another one are measured again.
RECORD = 2
#: Line counts of Fig. 2; None is fully sampled.
LINES: tuple[int | None, ...] = (1, 2, 4, 6, 8, 10, 15, 20, 30, 50, 100, None)


class EvaluationSettings(BaseModel):
    """Everything that changes a number of an evaluation.

    Attributes
    ----------
    experiments, models : tuple of str
    lines : tuple of int or None
        Line counts of the accuracy experiment; None is fully sampled.
    consistency_lines, latent_lines : tuple of int
        Line counts of Table 2 and Fig. 4.
    trials : int
        Masks drawn for each subject and line count (consistency and latent).
    latent_subjects : int
        Subjects shown in Fig. 4, evenly spaced in the order of their names.
    n_frames : int
        Frames of the cine that is made from an ED/ES pair.
    seed : int
        Draws masks, phases and the timing of cines, for each subject by its name.
    preset, device : str
        Of the models.
    views : int
        Mirror images and turns that are averaged in the accuracy experiment.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    experiments: tuple[Experiment, ...] = EXPERIMENTS
    models: tuple[str, ...]
    lines: tuple[int | None, ...] = LINES
    consistency_lines: tuple[int, ...] = (1, 10)
    latent_lines: tuple[int, ...] = (1, 5, 10, 15, 20)
    trials: int = Field(default=20, ge=2)
    latent_subjects: int = Field(default=5, ge=1)
    n_frames: int = Field(default=25, ge=3)
    seed: int = Field(default=0, ge=0)
    preset: Literal["live", "paper"] = "live"
    device: str = "auto"
    views: int = Field(default=1, ge=1, le=8)

    def choice(self, model: str) -> ModelChoice:
        """One of the models, with the preset and the device of the evaluation."""
        return ModelChoice(name=model, preset=self.preset, device=self.device)

    def subject_seed(self, subject: str) -> int:
        """Seed of one subject, whatever other subjects there are."""
        return _mix(self.seed, zlib.crc32(os.fsencode(subject)))

    def acquisition(self, subject: str, n_lines: int | None, trial: int = 0) -> Acquisition:
        """Acquisition of one trial; the same for every model, so that models are paired."""
        seed = _mix(self.subject_seed(subject), n_lines or 0, trial)
        return Acquisition(n_lines=n_lines, seed=seed)

    def digest(self, experiment: Experiment, cards: list[ModelCard], data: str) -> str:
        """Fingerprint of everything that one subject's result of an experiment depends on."""
        fields = {
            "accuracy": ("lines", "views"),
            "consistency": ("consistency_lines", "trials"),
            "latent": ("latent_lines", "latent_subjects", "trials"),
        }[experiment]
        content = self.model_dump(mode="json", include={*fields, "n_frames", "seed", "preset"})
        content |= {
            "version": napari_cmr.__version__,
            "record": RECORD,
            # what a model was calibrated to is in its card alone
            "cards": [card.model_dump(mode="json", exclude={"metrics", "curve"}) for card in cards],
            "data": data,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _mix(*numbers: int) -> int:
    return int(np.random.SeedSequence(list(numbers)).generate_state(1)[0])
