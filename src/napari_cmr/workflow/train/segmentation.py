"""From a folder of labelled subjects to trained weights with a card."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import napari_cmr
from napari_cmr.scan import ScanError
from napari_cmr.scan.atomic import atomic_path
from napari_cmr.zoo.cards import FOR_FEWER_DIGEST, ModelCard, read_card, sha256, write_card

#: Training sees cines of 12 frames and up, drawn from these.
CINE_FRAMES = 50
#: Synthetic hearts beside the real ones: their labels are true on every frame.
PHANTOMS = 6
#: Subjects of each group of twenty that ACDC's fixed split keeps for validation.
ACDC_VALIDATION = (14, 15, 16)

#: Models that answer where fewer lines were measured than another one learned from.
FOR_FEWER = {"pooled-net": "pooled-net-few"}
_DESCRIPTIONS = {
    "localiser": "Finds the heart on temporal averages of undersampled lines.",
    "pooled-net": "Labels from each frame's lines and those of its neighbours in time.",
    "pooled-net-few": "Labels from so few lines that a frame alone shows no heart.",
    "syn-net": "Labels from zero-filled frames (Schlemper et al., MICCAI 2018).",
    "li-net": "Labels through a latent code (Schlemper et al., MICCAI 2018).",
    "fcn": "Labels of fully sampled frames, one by one (Bai et al., JCMR 2018).",
}


@dataclass(frozen=True)
class DataDeclaration:
    """What the card has to say about the training data."""

    trained_on: str = "the user's own data"
    licence: str = "that of the training data"
    citation: str = "none given"


ACDC = DataDeclaration(
    trained_on="ACDC training set: 65 patients, cines animated from their ED and ES frames; "
    "synthetic hearts beside them",
    licence="CC BY-NC-SA 4.0 (non-commercial, share alike), from the training data",
    citation="Bernard et al., IEEE Transactions on Medical Imaging 37(11):2514-2525, 2018",
)


def prepare_cines(
    data: Path,
    cache: Path,
    *,
    frames: int = CINE_FRAMES,
    seed: int = 0,
    report: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Turn every subject folder of ``data`` into a labelled cine in ``cache``.

    Subjects that are there already are kept; one that cannot be used is reported and left out.

    Raises
    ------
    ScanError
        If not one subject can be used.
    """
    from napari_cmr.phantom.animation import animate_scan
    from napari_cmr.scan.opener import open_scan
    from napari_cmr.training.data.cines import TrainingCine

    folders = [folder for folder in sorted(data.iterdir()) if folder.is_dir()]
    cache.mkdir(parents=True, exist_ok=True)
    done = []
    for index, folder in enumerate(folders):
        path = cache / f"{folder.name}.npz"
        if not path.exists():
            try:
                scan = open_scan(folder)
                cine = animate_scan(scan, frames, seed=seed + index)
                TrainingCine.from_scan(cine.with_(name=folder.name)).save(path)
            except ScanError as error:
                report(f"left out {folder.name}: {error}")
                continue
            report(f"prepared {folder.name} ({index + 1} of {len(folders)})")
        done.append(path)
    if not done:
        raise ScanError(
            "no subject folder with ED and ES labels here",
            source=data,
            remedy="give a folder of ACDC patient folders",
        )
    return done


def prepare_phantoms(
    cache: Path, number: int, *, frames: int = CINE_FRAMES, seed: int = 0
) -> list[Path]:
    """Scan synthetic hearts of all groups, each with another protocol, into ``cache``."""
    import numpy as np

    from napari_cmr.phantom import Protocol, render_scan, sample_population
    from napari_cmr.training.data.cines import TrainingCine

    cache.mkdir(parents=True, exist_ok=True)
    done = []
    for index, heart in enumerate(sample_population(number, seed)):
        path = cache / f"phantom{index:03d}.npz"
        if not path.exists():
            rng = np.random.default_rng([seed, index])
            protocol = Protocol(
                pixel_mm=float(rng.uniform(1.2, 1.7)),
                slice_distance_mm=float(rng.choice([8.0, 10.0])),
                n_frames=frames,
                signal_to_noise=float(rng.uniform(20, 60)),
            )
            scan = render_scan(heart, protocol, name=path.stem, seed=index)
            TrainingCine.from_scan(scan).save(path)
        done.append(path)
    return done


def split_subjects(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Training and validation subjects: ACDC's fixed split, else every fifth name validates."""
    numbers = [re.fullmatch(r"patient(\d{3})", name) for name in names]
    held_out = [
        name
        for name, match in zip(names, numbers, strict=True)
        if match and int(match[1]) % 20 in ACDC_VALIDATION
    ]
    if not held_out:
        held_out = sorted(names)[4::5] or sorted(names)[-1:]
    return [name for name in names if name not in held_out], held_out


def train_model(
    model: str,
    preset: str,
    data: Path,
    out: Path,
    *,
    declaration: DataDeclaration | None = None,
    seed: int = 0,
    steps: int | None = None,
    device: str = "auto",
    precision: str = "bf16-mixed",
    workers: int = 1,
    phantoms: int = PHANTOMS,
    start_from: Path | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Path:
    """Train a model and export it as the zoo wants it; a stopped run goes on where it was.

    Returns
    -------
    Path
        Half-precision weights in ``out``, their card beside them: a folder that
        ``NAPARI_CMR_MODELS`` may name.

    Raises
    ------
    ScanError
        If there is no such recipe or too little data.
    """
    from napari_cmr.training.data.cines import load_cines
    from napari_cmr.training.loop import train
    from napari_cmr.training.recipes.segmentation import recipe as find_recipe

    recipe = find_recipe(model, preset)
    if steps is not None:
        recipe = recipe.model_copy(update={"steps": steps})
    cache = out / "cines"
    names = [path.stem for path in prepare_cines(data, cache, seed=seed, report=report)]
    training, validation = split_subjects(names)
    training += [path.stem for path in prepare_phantoms(cache, phantoms, seed=seed)]
    run = out / f"{model}-{preset}"
    train(
        recipe,
        load_cines(cache, training) if training else [],
        load_cines(cache, validation),
        run,
        seed=seed,
        device=device,
        precision=precision,
        workers=workers,
        start_from=start_from,
    )
    return export(run, out, declaration=declaration or DataDeclaration())


def export(
    run: Path,
    out: Path,
    *,
    declaration: DataDeclaration,
    metrics: dict[str, Any] | None = None,
    temperature: float = 1.0,
) -> Path:
    """Write the weights of a finished run in half precision, with their card, into ``out``."""
    import json

    summary = json.loads((run / "training.json").read_text(encoding="utf-8"))
    recipe = summary["recipe"]
    weights = write_model(
        run,
        out,
        summary,
        declaration=declaration,
        description=_DESCRIPTIONS[recipe["model"]],
        sampling=_sampling(recipe, summary["cine_frames"]),
        input_kind=recipe["input_kind"],
        temperature=temperature,
        lines=tuple(recipe["lines"]),
        smoothing=recipe["smoothing"],
        recipe=recipe | {"started_from": summary["started_from"]},
        metrics=metrics or summary["validation"],
    )
    tie_for_fewer(out, recipe["preset"])
    return weights


def _sampling(recipe: dict[str, Any], cine_frames: int) -> str:
    """Words for what :func:`napari_cmr.training.data.acquisitions.measure_slice` draws."""
    fewest, most = recipe["lines"]
    top = "0.6 of all lines" if most is None else f"{most} lines"
    if recipe["fully_sampled"]:
        learned = "fully sampled"
    else:
        shares = ["a fifth fully sampled"] if most is None else []
        shares += ["a tenth one line"] if fewest == 1 else []
        shares.append(("the rest " if shares else "") + f"log-uniform between {fewest} and {top}")
        shares.append("the lower end reached after a third of the steps")
        learned = "variable density; " + ", ".join(shares)
    return (
        f"{learned}; cines of 12 to {cine_frames} frames, or ED and ES alone; smooth phase; noise "
        "up to 6 % in half of the samples"
    )


def tie_for_fewer(folder: Path, preset: str) -> None:
    """Let a model hand few lines to the one that was trained for them, where both are there.

    The digest of the latter goes into the header of the former's weights, and the card is
    rewritten to fit. Does nothing where one of them is missing.
    """
    from safetensors.torch import load_file, save_file

    for name, few in FOR_FEWER.items():
        weights, other = (folder / f"{stem}-{preset}.safetensors" for stem in (name, few))
        if not (weights.exists() and other.exists()):
            continue
        card = read_card(weights)
        metadata = {FOR_FEWER_DIGEST: read_card(other).sha256}
        with atomic_path(weights) as temporary:
            save_file(load_file(weights), temporary, metadata=metadata)
        changed = card.model_dump() | {"for_fewer": few, "sha256": sha256(weights)}
        write_card(weights, ModelCard.model_validate(changed))


def write_model(
    run: Path,
    out: Path,
    summary: dict[str, Any],
    *,
    declaration: DataDeclaration,
    **fields: Any,
) -> Path:
    """Write a run's weights in half precision, and a card of its summary and some more fields.

    Parameters
    ----------
    run, out : Path
        Folder of the finished run, and the one that ``NAPARI_CMR_MODELS`` may name.
    summary : dict
        What the run left in ``training.json``.
    declaration : DataDeclaration
    **fields
        Of :class:`~napari_cmr.zoo.cards.ModelCard`.
    """
    from safetensors.torch import load_file, save_file

    recipe = summary["recipe"]
    stem = f"{recipe['model']}-{recipe['preset']}"
    state = {
        key: value.half() if value.is_floating_point() else value
        for key, value in load_file(run / f"{stem}.safetensors").items()
    }
    out.mkdir(parents=True, exist_ok=True)
    weights = out / f"{stem}.safetensors"
    with atomic_path(weights) as temporary:
        save_file(state, temporary)
    of_recipe = {
        key: recipe[key] for key in ("preset", "task", "architecture", "size", "spacing_mm")
    }
    card = ModelCard(
        name=recipe["model"],
        trained_on=declaration.trained_on,
        licence=declaration.licence,
        citation=declaration.citation,
        departs=tuple(recipe["departs"]),
        seed=summary["seed"],
        steps=summary["steps"],
        version=napari_cmr.__version__,
        sha256=sha256(weights),
        **(of_recipe | fields),
    )
    write_card(weights, card)
    return weights
