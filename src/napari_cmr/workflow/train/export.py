"""From a finished run to weights with a card, as the zoo wants them."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import napari_cmr
from napari_cmr.scan import ScanError
from napari_cmr.scan.file_parts import is_there, whole, write_file
from napari_cmr.training.recipe import Recipe
from napari_cmr.training.register import default, find, for_fewer
from napari_cmr.training.time_limit import TimeLimit
from napari_cmr.workflow.train.request import DataDeclaration, TrainingRequest
from napari_cmr.zoo.cards import FOR_FEWER_DIGEST, ModelCard, read_card, write_card
from napari_cmr.zoo.folders import find_models


def train_and_export(
    request: TrainingRequest,
    recipe: Recipe,
    data: Any,
    limit: TimeLimit,
    **more: Any,
) -> Path:
    """Train one network of one stage as it was asked for, and export it.

    Parameters
    ----------
    request : TrainingRequest
    recipe : Recipe
    data : TrainingData
    limit : TimeLimit
        That preparing the data has taken from.
    **more
        Of :func:`napari_cmr.training.loop.train`.

    Returns
    -------
    Path
        The exported weights.
    """
    from napari_cmr.training.loop import train

    if not limit.allows():
        raise limit.is_over("all")
    run = request.out / f"{request.model}-{request.preset}"
    train(
        find(request.model),
        request.preset,
        recipe,
        data,
        run,
        seed=request.seed,
        device=request.device,
        precision=request.precision,
        workers=request.workers,
        minutes=limit.left,
        largest=request.largest,
        start_from=request.start_from,
        options=told_beside(recipe, request.perceptual),
        **more,
    )
    return export(run, request.out, declaration=request.declaration, largest=request.largest)


def told_beside(recipe: Recipe, perceptual: Path | None) -> Mapping[str, Any]:
    """What a training is told beside its recipe: the network that compares images, if any.

    That of the user's file, or else the encoder of our own segmenter.

    Raises
    ------
    ScanError
        If the file is of no use, or the recipe compares no images.
    """
    from napari_cmr.training.adversarial_recipes import AdversarialTerms
    from napari_cmr.training.perceptual_files import read_feature_network
    from napari_cmr.zoo.folders import find_weights

    if not isinstance(recipe, AdversarialTerms) or not recipe.perceptual:
        if perceptual is not None:
            raise ScanError(
                "this model does not learn from a network that compares images",
                source=perceptual,
                remedy="leave out --perceptual",
            )
        return {}
    path = perceptual or find_weights(default("full cine").name, "live")
    return {"features": read_feature_network(path)}


def export(
    run: Path,
    out: Path,
    *,
    declaration: DataDeclaration,
    metrics: dict[str, Any] | None = None,
    largest: int | None = None,
    **fields: Any,
) -> Path:
    """Write the weights of a finished run in half precision, with their card, into ``out``.

    Parameters
    ----------
    run : Path
        Folder with ``training.json`` and the weights.
    out : Path
        Folder that ``NAPARI_CMR_MODELS`` may name.
    declaration : DataDeclaration
    metrics : dict, optional
        Instead of those of the run.
    largest : int, optional
        Bytes of a file, above which the weights are written in parts.
    **fields
        Of :class:`~napari_cmr.zoo.cards.ModelCard`, instead of those of the run.

    Returns
    -------
    Path
        The weights.

    Raises
    ------
    ScanError
        If the run is of a model without a recipe.
    """
    from safetensors.torch import load_file, save

    from napari_cmr.zoo.network_files import in_half

    summary = json.loads((run / "training.json").read_text(encoding="utf-8"))
    recorded = summary["recipe"]
    model = find(recorded["model"])
    preset = recorded["preset"]
    recipe = type(model.recipe(preset)).model_validate(
        {key: value for key, value in recorded.items() if key not in ("model", "preset", "task")}
    )
    stem = f"{model.name}-{preset}"
    with whole(run / f"{stem}.safetensors") as file:
        content = save({key: in_half(value) for key, value in load_file(file).items()})
    out.mkdir(parents=True, exist_ok=True)
    weights = out / f"{stem}.safetensors"
    write_file(weights, content, largest)
    of_run: dict[str, Any] = {
        "name": model.name,
        "preset": preset,
        "task": model.task,
        "description": model.title,
        "architecture": recipe.architecture,
        "input_kind": recipe.input_kind,
        "size": recipe.size,
        "spacing_mm": recipe.spacing_mm,
        "lines": recipe.lines,
        "smoothing": recipe.smoothing,
        "class_weights": recipe.class_weights,
        "departs": recipe.departs,
        "sampling": recipe.sampling(summary.get("cine_frames", 0)),
        "recipe": recorded | {"started_from": summary["started_from"]},
        "seed": summary["seed"],
        "steps": summary["steps"],
        "metrics": metrics or summary["metrics"],
        "curve": summary.get("curve", {}),
        **vars(declaration),
        "version": napari_cmr.__version__,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    write_card(weights, ModelCard.model_validate(of_run | fields))
    tie_for_fewer(out, preset, largest)
    return weights


def tie_for_fewer(folder: Path, preset: str, largest: int | None = None) -> None:
    """Let models hand few lines to those that were trained for them, where both are there.

    The digest of the latter goes into the header of the former's weights, and the card is
    rewritten to fit. Weights of more than ``largest`` bytes are written in parts.
    """
    from safetensors.torch import load_file, save

    for (name, size), weights in sorted(find_models(folder).items()):
        few = for_fewer(name)
        other = None if few is None else folder / f"{few.name}-{preset}.safetensors"
        if size != preset or few is None or other is None or not is_there(other):
            continue
        card = read_card(weights)
        metadata = {FOR_FEWER_DIGEST: read_card(other).sha256}
        with whole(weights) as file:
            content = save(load_file(file), metadata=metadata)
        write_file(weights, content, largest)
        digest = hashlib.sha256(content).hexdigest()
        changed = card.model_dump() | {"for_fewer": few.name, "sha256": digest}
        write_card(weights, ModelCard.model_validate(changed))
