"""From labelled cines to a trained cascade for late enhancement, with its card."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cmr.scan import ScanError
from napari_cmr.scan.atomic import atomic_path
from napari_cmr.scan.file_parts import is_there, whole
from napari_cmr.training.data.split import split_subjects
from napari_cmr.training.recipe import CascadeRecipe, StageRecipe
from napari_cmr.training.register import Model
from napari_cmr.workflow.train.export import export
from napari_cmr.workflow.train.request import TrainingRequest

if TYPE_CHECKING:
    from napari_cmr.training.data.still_batches import EnhancedSlices, PackedSlices

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
    in the same folder; each member has translations of its own. With late enhancement to train
    itself on (``request.target``) the cascade goes on by what it makes of that; weights of a whole
    ensemble to start from are trained by this alone.

    See Also
    --------
    napari_cmr.workflow.train.train_model
    """
    model, recipe = request.found()
    assert isinstance(recipe, CascadeRecipe)
    if request.minutes is not None:
        raise ScanError(
            "a cascade learns in several stages, whose time is not shared out",
            remedy="give --steps, which is for every stage, instead of --minutes",
        )
    if request.target is not None and recipe.self_training is None:
        raise ScanError(
            f"{model.name} ({request.preset}) does not train itself on late enhancement",
            remedy="leave out --target",
        )
    request.out.mkdir(parents=True, exist_ok=True)
    given = None if request.start_from is None else split_members(request.start_from, request.out)
    if given and request.target is None:
        raise ScanError(
            "these are weights of a whole cascade, which can only train itself further",
            source=request.start_from,
            remedy="give late enhancement by --target",
        )
    stages = _Stages(request, model, recipe, report)
    if given:
        starts, teacher = given, request.start_from
    else:
        starts = [stages.of_member(member) for member in range(request.members)]
        runs = [start.parent for start in starts]
        teacher = _together(request, runs, model, recipe)
    assert teacher is not None
    if request.target is None:
        return teacher
    runs = stages.of_itself(starts, teacher, request.target)
    return _together(request, runs, model, recipe)


def _together(
    request: TrainingRequest, runs: Sequence[Path], model: Model, recipe: CascadeRecipe
) -> Path:
    """Export the last stages of all members as one model."""
    run = join_members(runs, model, recipe, request)
    return export(run, request.out, declaration=request.declaration, largest=request.largest)


class _Stages:
    """Runs of one request, each of which is made if it is not there."""

    def __init__(
        self,
        request: TrainingRequest,
        model: Model,
        recipe: CascadeRecipe,
        report: Callable[[str], None],
    ) -> None:
        from napari_cmr.training.data.slices import cine_slices
        from napari_cmr.training.data.still_batches import PackedSlices

        self.request, self.model, self.recipe, self.report = request, model, recipe, report
        cines = request.out / "cines.npz"
        if not cines.exists():
            report("packing slices")
            slices = cine_slices(request.data)
            PackedSlices.from_slices(slices, recipe.size, recipe.spacing_mm).save(cines)
        self.plain = PackedSlices.load(cines)

    def of_member(self, member: int) -> Path:
        """Weights of one member's last stage."""
        weights = self.request.start_from
        for stage in self.recipe.stages:
            weights = self._run(member, stage, weights)
        assert weights is not None  # every preset has stages
        return weights

    def of_itself(self, starts: Sequence[Path], teacher: Path, folder: Path) -> list[Path]:
        """Folders of the self-training of all members."""
        from napari_cmr.workflow.train.pseudo_labels import label_enhanced

        stage = self.recipe.self_training
        assert stage is not None  # checked before
        enhanced = None
        runs = []
        for member, start in enumerate(starts):
            if enhanced is None and not is_there(self._weights(member, stage)):
                self.report(f"labelling {folder.name} by {teacher.name}")
                enhanced = label_enhanced(teacher, folder, self.recipe, device=self.request.device)
            runs.append(self._run(member, stage, start, enhanced).parent)
        return runs

    def _weights(self, member: int, stage: StageRecipe) -> Path:
        shared = stage.name == _LEARNED_FROM_CINES
        folder = stage.name if shared else f"member{member + 1}/{stage.name}"
        return self.request.out / folder / f"{stage.name}.safetensors"

    def _run(
        self,
        member: int,
        stage: StageRecipe,
        start: Path | None,
        enhanced: "EnhancedSlices | None" = None,
    ) -> Path:
        """Weights of one stage of one member."""
        from napari_cmr.training.data.still_batches import StillData
        from napari_cmr.training.loop import train

        request = self.request
        weights = self._weights(member, stage)
        if is_there(weights):
            return weights
        stage = self.recipe.chosen(stage, with_style=request.style is not None, steps=request.steps)
        packed = self._translated(member) if "synthetic" in stage.contrasts else self.plain
        training, validation = split_subjects(sorted(set(packed.subjects)))
        self.report(f"cascade {member + 1}: {stage.name}, {stage.steps} steps")
        shared = stage.name == _LEARNED_FROM_CINES
        return train(
            self.model,
            request.preset,
            stage,
            StillData(packed.of(training), packed.of(validation), enhanced),
            weights.parent,
            stem=stage.name,
            start_from=start,
            seed=request.seed + (0 if shared else member),
            device=request.device,
            precision=request.precision,
            workers=request.workers,
            progress_bar=False,
            largest=request.largest,
        )

    def _translated(self, member: int) -> "PackedSlices":
        """Slices of all subjects with the translations of one member."""
        from napari_cmr.training.data.still_batches import PackedSlices

        request = self.request
        assert request.style is not None  # stages without one have no synthetic images
        translated = request.out / f"translated{member + 1}.npz"
        if not translated.exists():
            self.report(f"translating slices for cascade {member + 1}")
            waiting = translated.with_suffix(".part.npz")
            self.plain.save(waiting)
            translate_slices(waiting, preset=request.style, seed=request.seed + member)
            waiting.replace(translated)
        return PackedSlices.load(translated)


def split_members(weights: Path, out: Path) -> list[Path]:
    """Write each cascade of an ensemble into a file of its own under ``out``.

    Returns
    -------
    list of Path
        One for each member; none if the weights are not of whole cascades.

    Raises
    ------
    ScanError
        If the weights cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file, save_file

    try:
        with whole(weights) as file:
            state = load_file(file)
    except (OSError, SafetensorError) as error:
        raise ScanError(
            "these weights to start from cannot be read", source=weights, remedy="give safetensors"
        ) from error
    members: dict[str, dict[str, Any]] = {}
    for key, tensor in state.items():
        kind, _, rest = key.partition(".")
        if kind != "members":
            return []
        number, _, name = rest.partition(".")
        members.setdefault(number, {})[name] = tensor.float()
    if not all(any(name.startswith("second.") for name in one) for one in members.values()):
        return []
    files = []
    for number in sorted(members, key=int):
        path = out / f"member{int(number) + 1}" / f"{weights.stem}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            save_file(members[number], temporary)
        files.append(path)
    return files


def join_members(
    runs: Sequence[Path], model: Model, recipe: CascadeRecipe, request: TrainingRequest
) -> Path:
    """Put the last stages of some members into one run, whose folder is returned.

    Parameters
    ----------
    runs : sequence of Path
        Folders of finished last stages, one for each member.
    model, recipe
        What the members are of.
    request : TrainingRequest
        Of which the preset, the folder and the size of files are taken.
    """
    from safetensors.torch import load_file

    from napari_cmr.training.loop import save_tensors

    summaries = [json.loads((run / "training.json").read_text(encoding="utf-8")) for run in runs]
    refines = recipe.architecture.get("refines", True)
    state: dict[str, Any] = {}
    for index, (run, summary) in enumerate(zip(runs, summaries, strict=True)):
        with whole(run / f"{summary['recipe']['name']}.safetensors") as file:
            own = load_file(file)
        kept = {key: own[key] for key in own if refines or key.startswith("first.")}
        state |= {f"members.{index}.{key}": tensor for key, tensor in kept.items()}
    joined = recipe.with_(
        architecture=recipe.architecture | {"members": len(runs), "refines": refines}
    )
    summary = {
        "recipe": {
            "model": model.name,
            "preset": request.preset,
            "task": model.task,
            **joined.model_dump(mode="json"),
        },
        "last_stages": [one["recipe"] for one in summaries],
        "seed": summaries[0]["seed"],
        "started_from": summaries[0]["started_from"],
        "steps": _steps(runs) if refines else summaries[0]["steps"],
        "metrics": {"held-out cines, last stage": summaries[0]["metrics"]},
        "curve": summaries[0].get("curve", {}),
    }
    stem = f"{model.name}-{request.preset}"
    run = request.out / stem
    run.mkdir(parents=True, exist_ok=True)
    save_tensors(state, run / f"{stem}.safetensors", summary, request.largest)
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
