"""Commands that list or judge networks: models, calibrate and evaluate."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    DeviceOption,
    JsonOption,
    PresetName,
    command_line,
    line_counts,
    listed,
    print_json,
    say,
    tell,
)

if TYPE_CHECKING:
    from napari_cmr.scan import Scan
    from napari_cmr.zoo import ModelChoice

ModelOption = Annotated[
    str | None, typer.Option(help="Model, as 'models' names it; one that is for the scan if none")
]


def cine_choice(model: str | None, scan: "Scan | None" = None, **fields: Any) -> "ModelChoice":
    """Model that was asked for, or the default for cines, which the scan has to be."""
    from napari_cmr.zoo import ModelChoice, default_choice
    from napari_cmr.zoo.suitability import choice_for

    if model is not None:
        return ModelChoice(name=model, **fields)
    if scan is None:
        return default_choice("cine", **fields)
    return choice_for(scan, ["cine"], **fields)


class ExperimentName(StrEnum):
    """Experiments of :mod:`napari_cmr.experiments`."""

    ACCURACY = "accuracy"
    CONSISTENCY = "consistency"
    LATENT = "latent"


class SplitName(StrEnum):
    """Parts of a cohort."""

    VALIDATION = "validation"
    TRAINING = "training"
    ALL = "all"


def models(as_json: JsonOption = False) -> None:
    """List the trained models that can be run, and what they learned from."""
    from napari_cmr.zoo import list_models, problems

    cards = list_models()
    for problem in problems():
        tell(f"napari-cmr: {problem}")
    if as_json:
        print_json({"models": [card.model_dump(mode="json") for card in cards]})
        return
    from napari_cmr.cli.output import print_models

    print_models(cards)


def _reconstructs(name: str) -> bool:
    from napari_cmr.training.register import models as registered

    return name in registered() and registered()[name].task == "reconstruction"


def _calibrate_deviation(
    data: Path, choice: "ModelChoice", *, split: SplitName, lines: str, seed: int
) -> None:
    """Fit the standard deviation of a reconstruction network."""
    from napari_cmr.experiments.deviation import fit_deviation, write_deviation

    few = [one for one in line_counts(lines) if one is not None]
    found = fit_deviation(data, choice, split=split.value, lines=few, seed=seed, report=tell)
    card = write_deviation(choice, found)
    told = "\n".join(
        f"{acceleration:g}x: {100 * found.before[acceleration]:.0f} % of the errors within one "
        f"standard deviation before, {100 * found.after[acceleration]:.0f} % after"
        for acceleration, _ in found.factors
    )
    say(f"{told}\n{card}\n{RESEARCH_USE_ONLY}")


def calibrate(
    data: Annotated[
        Path, typer.Argument(help="Folder of ACDC patient folders, or of labelled scans")
    ],
    *,
    model: ModelOption = None,
    preset: Annotated[PresetName, typer.Option(help="Size of the network")] = PresetName.LIVE,
    split: Annotated[
        SplitName, typer.Option(help="Part of the cohort that the model has not seen")
    ] = SplitName.VALIDATION,
    lines: Annotated[
        str, typer.Option("--lines", "-n", help="Lines per frame to calibrate for")
    ] = "8,10,20,50,full",
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same masks")] = 0,
    device: DeviceOption = "auto",
) -> None:
    """Fit probabilities, volumes and EF intervals to unseen subjects; the card keeps them."""
    from napari_cmr.experiments.certainty.calibrated_card import write_calibration
    from napari_cmr.experiments.certainty.calibration import calibrate as fit
    from napari_cmr.scan import check_outputs
    from napari_cmr.zoo import find_weights

    choice = cine_choice(model, preset=preset.value, device=device)
    weights = find_weights(choice.name, choice.preset)
    check_outputs(weights.with_suffix(".json"), overwrite=True)  # before hours of work
    if _reconstructs(choice.name):
        _calibrate_deviation(data, choice, split=split, lines=lines, seed=seed)
        return
    found = fit(
        data,
        choice,
        split=split.value,
        lines=line_counts(lines),
        seed=seed,
        report=tell,
    )
    card = write_calibration(choice, found)
    before, after = found.calibration_error
    bare, offset = found.volume_error
    temperature = _by_beat(found.temperature, ".2f")
    sharpening, offsets = _by_beat(found.sharpening, ".1f"), _by_beat(found.cavity_offset, "+.2f")
    rv_offsets = _by_beat(found.rv_offset, "+.2f")
    told = []
    for side, by_lines in found.by_lines.items():
        for name, one in by_lines.items():
            off = f"bias {one['bias']:+.1f}, error {one['error']:.1f}, " if "bias" in one else ""
            told.append(
                f"{name} lines: {side} EF {off}interval {one['width']:.1f} points wide and right "
                f"in {100 * one['coverage']:.0f} %"
            )
    held = ", ".join(f"{100 * share:.0f} % ({side})" for side, share in found.coverage.items())
    say(
        f"temperature {temperature}: calibration error {before:.3f} before, {after:.3f} "
        f"after\nsharpening in time {sharpening}\ncavity offset {offsets}: EDV and ESV err by "
        f"{bare:.1f} % before, {offset:.1f} % after\nRV offset {rv_offsets}\n"
        + "\n".join(told)
        + f"\nEF intervals: hold the reference in {held} of "
        f"{found.runs} acquisitions of {found.subjects} subjects\n{card}\n{RESEARCH_USE_ONLY}"
    )


def _by_beat(value: "float | tuple[tuple[float, float], ...]", digits: str) -> str:
    """A number of a calibration, or its numbers by the lines of a whole beat."""
    if isinstance(value, float):
        return f"{value:{digits}}"
    return ", ".join(f"{one:{digits}} at {beat:.0f} lines a beat" for beat, one in value)


def evaluate(
    data: Annotated[
        Path, typer.Argument(help="Folder of ACDC patient folders, or of labelled scans")
    ],
    *,
    output: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for tables, figures and pages")
    ],
    models: Annotated[
        str | None, typer.Option(help="Models, separated by commas; all that are there if none")
    ] = None,
    experiments: Annotated[
        str, typer.Option(help="Which of accuracy, consistency and latent")
    ] = "accuracy,consistency,latent",
    lines: Annotated[
        str, typer.Option("--lines", "-n", help="Lines per frame of the accuracy experiment")
    ] = "1,2,4,6,8,10,15,20,30,50,100,full",
    trials: Annotated[
        int, typer.Option(min=2, help="Random masks of each subject (consistency, latent)")
    ] = 20,
    split: Annotated[
        SplitName, typer.Option(help="Part of the cohort; shipped models have seen 'training'")
    ] = SplitName.VALIDATION,
    frames: Annotated[
        int, typer.Option(min=3, help="Frames of the cine made from an ED/ES pair")
    ] = 25,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same masks")] = 0,
    preset: Annotated[PresetName, typer.Option(help="Size of the networks")] = PresetName.LIVE,
    device: DeviceOption = "auto",
    views: Annotated[
        int, typer.Option(min=1, max=8, help="Mirror images that are averaged (accuracy)")
    ] = 1,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes on this machine (extra: cluster)")
    ] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a dask scheduler, as tcp://host:8786")
    ] = None,
) -> None:
    """Repeat the published experiments over a cohort; a run that was stopped goes on."""
    from napari_cmr.experiments.evaluation import available_models, evaluate_cohort
    from napari_cmr.experiments.settings import EvaluationSettings

    settings = EvaluationSettings.model_validate(
        {
            "experiments": _names(experiments, ExperimentName),
            "models": listed(models) if models else available_models(preset.value),
            "lines": line_counts(lines),
            "trials": trials,
            "n_frames": frames,
            "seed": seed,
            "preset": preset.value,
            "device": device,
            "views": views,
        }
    )
    from napari_cmr.cli.output import evaluation_progress

    try:
        with evaluation_progress() as progress:
            done = evaluate_cohort(
                data,
                output,
                settings,
                split=split.value,
                workers=workers,
                scheduler=scheduler,
                command=command_line(),
                report=tell,
                progress=progress,
            )
    except KeyboardInterrupt:
        say("stopped; the same command goes on from here", err=True)
        raise typer.Exit(130) from None
    for experiment in settings.experiments:
        if done.of(experiment):
            say(str(output / f"{experiment}.md"))
    say(RESEARCH_USE_ONLY)
    if done.failures:
        raise typer.Exit(1)


def _names(text: str, choices: type[StrEnum]) -> tuple[str, ...]:
    from napari_cmr.scan import ScanError

    names = listed(text)
    unknown = [name for name in names if name not in list(choices)]
    if unknown or not names:
        raise ScanError(
            f"{text!r} names no such experiment", remedy=f"choose of {', '.join(choices)}"
        )
    return names
