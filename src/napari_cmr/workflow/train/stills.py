"""From a folder of still images to a network that gives them back from few lines."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.scan import ScanError, open_scan
from napari_cmr.scan.datasets.lasc import is_lasc_file
from napari_cmr.training.data.split import split_atria, split_subjects
from napari_cmr.training.data.still_lines import StillData, StillStack
from napari_cmr.training.register import default
from napari_cmr.workflow.train.export import train_and_export
from napari_cmr.workflow.train.request import TrainingRequest


def train_on_stills(request: TrainingRequest, report: Callable[[str], None]) -> Path:
    """Train a network on still images; see :func:`napari_cmr.workflow.train.train_model`.

    A model of two stages trains the first one before it, into the same folder, unless it is given
    weights to start from.

    Raises
    ------
    ScanError
        If not two stacks of still images are there, or the file of the network that compares
        images is of no use.
    """
    model, recipe = request.found()
    options = _options(recipe, request.perceptual)
    start_from = request.start_from
    if start_from is None and model.first_stage is not None:
        report(f"first {model.first_stage}, which {model.name} begins with")
        first = {"model": model.first_stage, "perceptual": None}
        start_from = train_on_stills(request.model_copy(update=first), report)
    data = still_data(request.data, report)
    return train_and_export(request, recipe, data, start_from=start_from, options=options)


def _options(recipe: Any, perceptual: Path | None) -> Mapping[str, Any]:
    """Network that compares images, for recipes that weigh what it finds.

    That of the user's file, or else the encoder of our own segmenter.
    """
    from napari_cmr.training.perceptual_files import read_feature_network
    from napari_cmr.training.still_recipes import AdversarialRecipe
    from napari_cmr.zoo.folders import find_weights

    if not isinstance(recipe, AdversarialRecipe) or not recipe.perceptual:
        if perceptual is not None:
            raise ScanError(
                "this model does not learn from a network that compares images",
                source=perceptual,
                remedy="leave out --perceptual",
            )
        return {}
    path = perceptual or find_weights(default("full cine").name, "live")
    return {"features": read_feature_network(path)}


def still_data(folder: Path, report: Callable[[str], None]) -> StillData:
    """Stacks of a folder that training and validation may see, one for each subject in it.

    Of the left-atrium challenge the test patients are left out. What cannot be opened, or has more
    than one frame, is reported and left out.

    Raises
    ------
    ScanError
        If fewer than two are left.
    """
    paths = {path.stem if path.is_file() else path.name: path for path in sorted(folder.iterdir())}
    atria = [name for name, path in paths.items() if is_lasc_file(path)]
    if atria:
        try:
            training, validation, _ = split_atria(atria)
        except ValueError as error:
            raise ScanError(str(error), source=folder, remedy="name files as case01.npz") from None
        parts: Sequence[Sequence[StillStack]] = [
            [_stack(paths[name]) for name in part] for part in (training, validation)
        ]
    else:
        found = []
        for path in paths.values():
            try:
                found.append(_stack(path))
            except ScanError as error:
                report(f"left out {path.name}: {error}")
        names = split_subjects([one.subject for one in found]) if len(found) > 1 else ([], [])
        parts = [[one for one in found if one.subject in part] for part in names]
    if not all(parts):
        raise ScanError(
            "holds no two still stacks, one to learn from and one to validate on",
            source=folder,
            remedy="give the folder with case01.npz to case29.npz, or one of late enhancement",
        )
    report(f"{len(parts[0])} stacks to learn from, {len(parts[1])} to validate on")
    return StillData(*parts)


def _stack(path: Path) -> StillStack:
    scan = open_scan(path)
    if scan.n_frames != 1:
        raise ScanError(f"has {scan.n_frames} frames, and is no still image", source=path)
    image = np.abs(np.asarray(scan.image[0]))
    if scan.phase_encode_axis == "X":
        image = image.swapaxes(1, 2)
    return StillStack(path.stem if path.is_file() else path.name, image)
