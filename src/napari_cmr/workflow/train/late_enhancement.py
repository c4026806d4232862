"""From labelled cines to a trained cascade for late enhancement, with its card."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from napari_cmr.scan.atomic import atomic_path
from napari_cmr.workflow.train.segmentation import DataDeclaration, split_subjects, write_model

#: Translations of every cine slice, as in chen2019.
STYLES = 5
_LEARNED_FROM_CINES = "unet-bssfp"
_CASCADE = (
    "Labels of late enhancement stacks by a network that saw no label of any (Chen et al., STACOM "
    "2019)."
)
_UNET = "The first U-net of lge-cascade before it saw any synthetic late enhancement: a baseline."
_SAMPLING = (
    "cine slices at ED and ES around the labels' centre, and late enhancement made of them, in "
    "any orientation, stretched, bent, shaded, blurred and noisy"
)


def translate_slices(packed: Path, *, preset: str = "live", seed: int = 0) -> None:
    """Add :data:`STYLES` translations of every slice to a file of packed slices.

    Raises
    ------
    ScanError
        If there is no style network.
    """
    import numpy as np

    from napari_cmr.training.data.still_batches import PackedSlices
    from napari_cmr.workflow.style.translation import DEFAULT_STYLE_MODEL, load_styler
    from napari_cmr.zoo import ModelChoice

    data = PackedSlices.load(packed)
    styler = load_styler(ModelChoice(name=DEFAULT_STYLE_MODEL, preset=preset))
    made = np.zeros((len(data.images), STYLES, *data.images.shape[1:]), dtype=np.float16)
    for i, image in enumerate(data.images.astype(np.float32)):
        # other styles for every image and every member of an ensemble
        codes = styler.sample_codes(STYLES, seed=seed * len(data.images) + i)
        made[i] = (styler.translate(image[None], codes)[0] + 1) / 2
    PackedSlices(data.images, data.labels, data.subjects, made).save(packed)


def train_cascade(
    data: Path,
    out: Path,
    *,
    preset: str = "live",
    style: str | None = "live",
    members: int = 1,
    declaration: DataDeclaration | None = None,
    seed: int = 0,
    steps: int | None = None,
    device: str = "auto",
    precision: str = "bf16-mixed",
    report: Callable[[str], None] = lambda _: None,
) -> Path:
    """Train every stage of every member; a stopped run goes on where it was.

    Parameters
    ----------
    data : Path
        Folder of ACDC patient folders.
    out : Path
        Gets ``lge-cascade-PRESET`` and ``lge-unet-PRESET`` (the first U-net after cines alone, the
        baseline), each with its card: a folder that ``NAPARI_CMR_MODELS`` may name.
    preset : {"live", "paper"}
    style : {"live", "paper"} or None
        Style network of the zoo that makes late enhancement of the cines; None leaves painted
        contrasts alone.
    members : int
        Cascades of the ensemble. The first stage, on cines, is theirs in common; each has
        translations of its own.
    declaration : DataDeclaration, optional
    seed : int
    steps : int, optional
        Of every stage, instead of the recipe's.
    device, precision
        As in :func:`napari_cmr.training.loop.train`.
    report : callable
        Is told of what begins.

    Raises
    ------
    ScanError
        If there is no such recipe, no style network, or too little data.
    """
    from napari_cmr.training.data.slices import cine_slices
    from napari_cmr.training.data.still_batches import PackedSlices
    from napari_cmr.training.recipes.late_enhancement import stages
    from napari_cmr.training.tasks.late_enhancement import train_stage

    recipes = stages(preset, with_style=style is not None)
    if steps is not None:
        recipes = tuple(one.model_copy(update={"steps": steps}) for one in recipes)
    grid = recipes[0]
    out.mkdir(parents=True, exist_ok=True)
    cines = out / "cines.npz"
    if not cines.exists():
        report("packing slices")
        PackedSlices.from_slices(cine_slices(data), grid.size, grid.spacing_mm).save(cines)
    plain = PackedSlices.load(cines)
    names = sorted(set(plain.subjects))
    training, validation = split_subjects(names)
    runs = []
    for member in range(members):
        packed = plain
        if style is not None:
            translated = out / f"translated{member + 1}.npz"
            if not translated.exists():
                report(f"translating slices for cascade {member + 1}")
                waiting = translated.with_suffix(".part.npz")
                plain.save(waiting)
                translate_slices(waiting, preset=style, seed=seed + member)
                waiting.replace(translated)
            packed = PackedSlices.load(translated)
        before: Path | None = None
        for recipe in recipes:
            shared = recipe.name == _LEARNED_FROM_CINES
            folder = out / (recipe.name if shared else f"member{member + 1}/{recipe.name}")
            weights = folder / f"{recipe.name}.safetensors"
            if not weights.exists():
                report(f"cascade {member + 1}: {recipe.name}, {recipe.steps} steps")
                weights = train_stage(
                    recipe,
                    packed.of(training),
                    packed.of(validation),
                    folder,
                    start_from=before,
                    seed=seed + (0 if shared else member),
                    device=device,
                    precision=precision,
                    progress_bar=False,
                )
            before = weights
        assert before is not None  # every preset has stages
        runs.append(before.parent)
    declaration = declaration or DataDeclaration()
    first = out / _LEARNED_FROM_CINES
    export_cascade([first], out, preset, declaration=declaration, refines=False)
    return export_cascade(runs, out, preset, declaration=declaration)


def export_cascade(
    runs: Sequence[Path],
    out: Path,
    preset: str,
    *,
    declaration: DataDeclaration,
    refines: bool = True,
    departs: Sequence[str] | None = None,
    metrics: dict[str, Any] | None = None,
) -> Path:
    """Put the last stages of some members into one file with its card, in half precision.

    Parameters
    ----------
    runs : sequence of Path
        Folders of finished stages, one for each member.
    out : Path
    preset : str
    declaration : DataDeclaration
    refines : bool
        False keeps the first U-nets alone, as model ``lge-unet``.
    departs : sequence of str, optional
        Where the training departed from the publication; that of the preset by default.
    metrics : dict, optional
        Instead of the Dice on held-out cines.
    """
    from safetensors.torch import load_file, save_file

    from napari_cmr.training.recipes.late_enhancement import LIVE_DEPARTS

    summaries = [json.loads((run / "training.json").read_text(encoding="utf-8")) for run in runs]
    last = summaries[0]["recipe"]
    name = "lge-cascade" if refines else "lge-unet"
    state = {
        f"members.{index}.{key}": tensor
        for index, (run, summary) in enumerate(zip(runs, summaries, strict=True))
        for key, tensor in load_file(run / f"{summary['recipe']['name']}.safetensors").items()
        if refines or key.startswith("first.")
    }
    run = out / f"{name}-{preset}"
    run.mkdir(parents=True, exist_ok=True)
    with atomic_path(run / f"{name}-{preset}.safetensors") as temporary:
        save_file(state, temporary)
    if departs is None:
        departs = LIVE_DEPARTS if preset == "live" else ()
    summary = {
        "recipe": {
            "model": name,
            "preset": preset,
            "task": "lge-segmentation",
            "architecture": last["architecture"] | {"members": len(runs), "refines": refines},
            "size": last["size"],
            "spacing_mm": last["spacing_mm"],
            "departs": list(departs),
        },
        "seed": summaries[0]["seed"],
        "steps": _steps(runs) if refines else summaries[0]["steps"],
    }
    return write_model(
        run,
        out,
        summary,
        declaration=declaration,
        description=_CASCADE if refines else _UNET,
        sampling=_SAMPLING,
        input_kind="magnitude",
        recipe=summary["recipe"] | {"last_stages": [one["recipe"] for one in summaries]},
        metrics=metrics or {"held-out cines, last stage": summaries[0]["validation"]},
    )


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
