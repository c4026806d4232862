"""The register of models: what each recipe says of its model, collected. Imports no torch.

A recipe is a module with a :class:`Model` named ``MODEL``. Those of this package lie in
:mod:`napari_cmr.training.recipes`; another package announces its own as entry points of the group
``napari_cmr.models``.
"""

import logging
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from napari_cmr.scan import ScanError
from napari_cmr.solvers.solver import Need
from napari_cmr.training import recipes
from napari_cmr.training.recipe import Preset, Recipe

if TYPE_CHECKING:
    from torch import nn

#: Entry points with which other packages announce their recipes.
ENTRY_POINTS = "napari_cmr.models"

Task = Literal[
    "segmentation",
    "lge-segmentation",
    "atrium-segmentation",
    "localisation",
    "translation",
    "reconstruction",
]
#: What a model can be the first choice for: lines of a cine, a cine with all of its lines, late
#: enhancement, what that is compared with, the left atrium in late enhancement, finding the heart,
#: making late enhancement of a cine, and images of few lines.
Purpose = Literal[
    "cine",
    "full cine",
    "late enhancement",
    "late enhancement baseline",
    "left atrium",
    "heart",
    "translation",
    "image",
]


class Model(BaseModel):
    """Everything about a model but its weights: the one place that names it.

    Attributes
    ----------
    name : str
        Of the model; its weights are files ``NAME-PRESET.safetensors``.
    title : str
        What it does, in a sentence; the card's description.
    sees : str
        What it is shown, for the manual.
    publication : str
        Short reference of the method.
    heading : str
        Two or three words in tables and on buttons; the name if none.
    network, training : str
        Its torch module and the Lightning module that trains it, as ``module:Class``: the names
        alone, so that the register costs no torch.
    task : str
        What its predictor does, see :mod:`napari_cmr.zoo.tasks`.
    needs : tuple of {"series", "still", "incoherence"}
        What a reconstruction network needs of the lines, as a solver does: where it is offered.
    learns_from : {"cines", "slices", "atria", "two contrasts", "stills"}
        How training data are prepared, see :mod:`napari_cmr.workflow.train`.
    presets : dict of str to Recipe
    tiny : Recipe
        A small variant that tests build and train.
    default_for : tuple of str
        Purposes for which it is the first choice.
    first_stage : str, optional
        Model whose weights it begins with, and which is trained before it.
    gated : bool
        Whether its network is told how much it is to refine.
    invents : bool
        Whether it learned against a discriminator: its details are likely, and may be invented.
    reads_motion : bool
        Whether a reconstruction network reads how the heart moves, too.
    relieves : str, optional
        Model that hands acquisitions of few lines to this one.
    code : str, optional
        Submodule whose output (the last one of several) is a code of the frame to look at.
    imports : str, optional
        ``module:function`` that reads weights of the ``paper`` preset from the file that their
        authors published.
    published : dict of str to tuple of float
        Rows of the publication's tables, by table.
    weights : Path, optional
        Folder of cards and weights that come with the recipe, for packages of their own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    sees: str
    publication: str
    heading: str = ""
    network: str
    training: str
    task: Task
    needs: tuple[Need, ...] = ()
    learns_from: Literal["cines", "slices", "atria", "two contrasts", "stills"] = "cines"
    presets: Mapping[Preset, Recipe]
    tiny: Recipe
    default_for: tuple[Purpose, ...] = ()
    first_stage: str | None = None
    gated: bool = False
    invents: bool = False
    reads_motion: bool = False
    relieves: str | None = None
    code: str | None = None
    imports: str | None = None
    published: Mapping[str, tuple[float, ...]] = {}
    weights: Path | None = None

    @property
    def label(self) -> str:
        """Its heading, or else its name."""
        return self.heading or self.name

    def recipe(self, preset: str) -> Recipe:
        """Settings of a preset.

        Raises
        ------
        ScanError
            If there is no such preset.
        """
        for known, recipe in self.presets.items():
            if known == preset:
                return recipe
        raise ScanError(
            f"no recipe for {self.name!r} ({preset})",
            remedy=f"choose {' or '.join(self.presets)}",
        )

    def build(self, architecture: Mapping[str, Any]) -> "nn.Module":
        """Network with freshly initialised weights."""
        network: nn.Module = resolve(self.network)(**architecture)
        return network


def resolve(reference: str) -> Any:
    """What ``module:name`` refers to."""
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)


@cache
def models() -> dict[str, Model]:
    """All models by name, this package's first. One whose recipe cannot be read is left out."""
    found: dict[str, Model] = {}
    for module in walk_packages(recipes.__path__, f"{recipes.__name__}."):
        if not module.ispkg:
            model: Model = import_module(module.name).MODEL
            found[model.name] = model
    found = dict(sorted(found.items()))
    for point in entry_points(group=ENTRY_POINTS):
        try:
            model = point.load().MODEL
            if not isinstance(model, Model) or model.name in found:
                raise ValueError("its MODEL is none, or has the name of another")
        except Exception as error:  # whatever is wrong with another package must not end this one
            logging.getLogger(__name__).warning("left out the model of %s: %s", point.value, error)
            continue
        found[model.name] = model
    return found


def find(name: str) -> Model:
    """Model of a name.

    Raises
    ------
    ScanError
        If there is none.
    """
    if name not in models():
        raise ScanError(f"no recipe for {name!r}", remedy=f"there are {', '.join(models())}")
    return models()[name]


def default(purpose: Purpose) -> Model:
    """First choice for a purpose; of several the first of the register."""
    return next(model for model in models().values() if purpose in model.default_for)


def for_fewer(name: str) -> Model | None:
    """Model that a model hands acquisitions of few lines to, if there is one."""
    return next((model for model in models().values() if model.relieves == name), None)
