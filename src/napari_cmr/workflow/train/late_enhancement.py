"""From labelled cines to a trained cascade for late enhancement, with its card."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from napari_cmr.scan import ScanError
from napari_cmr.training.data.split import split_subjects
from napari_cmr.training.recipe import CascadeRecipe
from napari_cmr.training.register import Model
from napari_cmr.workflow.train.export import export
from napari_cmr.workflow.train.request import TrainingRequest

#: Translations of every cine slice, as in chen2019.
STYLES = 5
_LEARNED_FROM_CINES = "unet-bssfp"


def translate_slices(packed: Path, *, preset: str = "live", seed: int = 0) -> None:
    """Add :data:`STYLES` translations of every slice to a file of packed slices.

    Raises
    ------
    ScanError
        If there is no style network.
    """
    import numpy as np

    from napari_cmr.training.data.still_batches import PackedSlices
    from napari_cmr.workflow.style.translation import load_styler
    from napari_cmr.zoo.choice import default_choice

    data = PackedSlices.load(packed)
    styler = load_styler(default_choice("translation", preset=preset))
    made = np.zeros((len(data.images), STYLES, *data.images.shape[1:]), dtype=np.float16)
    for i, image in enumerate(data.images.astype(np.float32)):
        # other styles for every image and every member of an ensemble
        codes = styler.sample_codes(STYLES, seed=seed * len(data.images) + i)
        made[i] = (styler.translate(image[None], codes)[0] + 1) / 2
    PackedSlices(data.images, data.labels, data.subjects, made).save(packed)


def train_cascade(request: TrainingRequest, report: Callable[[str], None]) -> Path:
    """Train every stage of every member; a stopped run goes on where it was.

    The first stage, on cines, is common to all members, and to any other model that starts with it
    in the same folder; each member has translations of its own.

    See Also
    --------
    napari_cmr.workflow.train.train_model
    """
    from napari_cmr.training.data.slices import cine_slices
    from napari_cmr.training.data.still_batches import PackedSlices, StillData
    from napari_cmr.training.loop import train

    model, recipe = request.found()
    assert isinstance(recipe, CascadeRecipe)
    if request.minutes is not None:
        raise ScanError(
            "a cascade learns in several stages, whose time is not shared out",
            remedy="give --steps, which is for every stage, instead of --minutes",
        )
    stages = recipe.chosen_stages(with_style=request.style is not None, steps=request.steps)
    out = request.out
    out.mkdir(parents=True, exist_ok=True)
    cines = out / "cines.npz"
    if not cines.exists():
        report("packing slices")
        slices = cine_slices(request.data)
        PackedSlices.from_slices(slices, recipe.size, recipe.spacing_mm).save(cines)
    plain = PackedSlices.load(cines)
    training, validation = split_subjects(sorted(set(plain.subjects)))
    runs = []
    for member in range(request.members):
        packed = plain
        if any("synthetic" in stage.contrasts for stage in stages):
            assert request.style is not None  # stages without one have no synthetic images
            translated = out / f"translated{member + 1}.npz"
            if not translated.exists():
                report(f"translating slices for cascade {member + 1}")
                waiting = translated.with_suffix(".part.npz")
                plain.save(waiting)
                translate_slices(waiting, preset=request.style, seed=request.seed + member)
                waiting.replace(translated)
            packed = PackedSlices.load(translated)
        before = request.start_from
        for stage in stages:
            shared = stage.name == _LEARNED_FROM_CINES
            folder = out / (stage.name if shared else f"member{member + 1}/{stage.name}")
            weights = folder / f"{stage.name}.safetensors"
            if not weights.exists():
                report(f"cascade {member + 1}: {stage.name}, {stage.steps} steps")
                weights = train(
                    model,
                    request.preset,
                    stage,
                    StillData(packed.of(training), packed.of(validation)),
                    folder,
                    stem=stage.name,
                    start_from=before,
                    seed=request.seed + (0 if shared else member),
                    device=request.device,
                    precision=request.precision,
                    workers=request.workers,
                    progress_bar=False,
                )
            before = weights
        assert before is not None  # every preset has stages
        runs.append(before.parent)
    together = join_members(runs, model, request.preset, recipe, out)
    return export(together, out, declaration=request.declaration)


def join_members(
    runs: Sequence[Path], model: Model, preset: str, recipe: CascadeRecipe, out: Path
) -> Path:
    """Put the last stages of some members into one run, whose folder is returned.

    Parameters
    ----------
    runs : sequence of Path
        Folders of finished last stages, one for each member.
    model, preset, recipe
        What the members are of.
    out : Path
    """
    from safetensors.torch import load_file

    from napari_cmr.training.loop import save_tensors

    summaries = [json.loads((run / "training.json").read_text(encoding="utf-8")) for run in runs]
    refines = recipe.architecture.get("refines", True)
    state = {
        f"members.{index}.{key}": tensor
        for index, (run, summary) in enumerate(zip(runs, summaries, strict=True))
        for key, tensor in load_file(run / f"{summary['recipe']['name']}.safetensors").items()
        if refines or key.startswith("first.")
    }
    own = recipe.with_(
        architecture=recipe.architecture | {"members": len(runs), "refines": refines}
    )
    summary = {
        "recipe": {
            "model": model.name,
            "preset": preset,
            "task": model.task,
            **own.model_dump(mode="json"),
        },
        "last_stages": [one["recipe"] for one in summaries],
        "seed": summaries[0]["seed"],
        "started_from": summaries[0]["started_from"],
        "steps": _steps(runs) if refines else summaries[0]["steps"],
        "metrics": {"held-out cines, last stage": summaries[0]["metrics"]},
    }
    run = out / f"{model.name}-{preset}"
    run.mkdir(parents=True, exist_ok=True)
    save_tensors(state, run / f"{model.name}-{preset}.safetensors", summary)
    return run


def _steps(runs: Sequence[Path]) -> int:
    """Steps of the last stages of all members and of all stages that came before them."""
    folders: set[Path] = set()
    for run in runs:
        folders |= {run, *run.parent.glob("*/"), run.parent.parent / _LEARNED_FROM_CINES}
    return sum(
        int(json.loads((folder / "training.json").read_text(encoding="utf-8"))["steps"])
        for folder in folders
        if folder.name.startswith(("unet", "cascade")) and (folder / "training.json").exists()
    )
