"""Commands that ask what can still be read in reconstructions: an atrium, a planted lesion."""

from pathlib import Path
from typing import Annotated

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    CentreLinesOption,
    NoiseOption,
    command_line,
    listed,
    say,
    tell,
)

MethodsOption = Annotated[
    str | None,
    typer.Option(
        help="Methods, separated by commas, the first of which the others are compared with; if "
        "none are named, all networks for still images, dictionary learning and zero filling"
    ),
]


def evaluate_refinement(
    data: Annotated[Path, typer.Argument(help="Folder of left atria, case01.npz to case37.npz")],
    *,
    output: Annotated[Path, typer.Option("--out", "-o", help="Folder for tables and pictures")],
    methods: MethodsOption = None,
    split: Annotated[str, typer.Option(help="validation or test patients")] = "test",
    acceleration: Annotated[int, typer.Option(min=1, help="Factor by which lines are fewer")] = 8,
    centre_lines: CentreLinesOption = 6,
    every: Annotated[
        int, typer.Option(min=1, help="Take one in so many of the slices that show the atrium")
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same lines")] = 0,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="METHOD.NAME=VALUE", help="Change a setting of a method"),
    ] = None,
) -> None:
    """Compare reconstructions of the left atrium as Seitzer et al. (2018), Table 1."""
    from napari_cmr.cli.output import evaluation_progress
    from napari_cmr.experiments.interpretability.refinement import (
        RefinementSettings,
        still_methods,
    )
    from napari_cmr.experiments.interpretability.refinement import (
        evaluate_refinement as evaluate,
    )

    settings = RefinementSettings.model_validate(
        {
            "methods": listed(methods) if methods else still_methods(),
            "split": split,
            "acceleration": acceleration,
            "centre_lines": centre_lines,
            "every": every,
            "seed": seed,
            "settings": _settings_of(setting or []),
        }
    )
    try:
        with evaluation_progress() as progress:
            done = evaluate(data, output, settings, command=command_line(), progress=progress)
    except KeyboardInterrupt:
        tell("stopped; the same command goes on from here")
        raise typer.Exit(130) from None
    say(f"{done.page}\n{RESEARCH_USE_ONLY}")


def _settings_of(texts: list[str]) -> dict[str, dict[str, str]]:
    from napari_cmr.scan import ScanError

    settings: dict[str, dict[str, str]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        method, dot, field = name.partition(".")
        if not equals or not dot:
            raise ScanError(f"--set {text!r} is not METHOD.NAME=VALUE")
        settings.setdefault(method, {})[field] = value
    return settings


def evaluate_lesions(
    data: Annotated[
        list[Path], typer.Argument(help="Late enhancement with labels, or folders of it")
    ],
    *,
    output: Annotated[Path, typer.Option("--out", "-o", help="Folder for tables and curves")],
    methods: MethodsOption = None,
    accelerations: Annotated[
        str, typer.Option(help="Factors by which lines are fewer, separated by commas")
    ] = "2,4,8,12",
    diameters: Annotated[str, typer.Option(help="Of the discs, in mm")] = "2,4,8",
    contrast: Annotated[
        float, typer.Option(min=0.01, max=2, help="Of the discs, as a share of the 99th percentile")
    ] = 0.3,
    lesions: Annotated[int, typer.Option(min=1, help="Discs in a slice at once")] = 3,
    slices: Annotated[int, typer.Option(min=1, help="Slices of each scan")] = 2,
    centre_lines: CentreLinesOption = 6,
    noise: NoiseOption = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="Of places and lines")] = 0,
) -> None:
    """Count planted lesions that survive few lines, vanish, or are invented."""
    from napari_cmr.cli.output import evaluation_progress
    from napari_cmr.experiments.interpretability.lesion_survival import (
        LesionSettings,
    )
    from napari_cmr.experiments.interpretability.lesion_survival import (
        evaluate_lesions as evaluate,
    )
    from napari_cmr.experiments.interpretability.refinement import still_methods

    settings = LesionSettings.model_validate(
        {
            "methods": listed(methods) if methods else still_methods(),
            "accelerations": listed(accelerations),
            "diameters_mm": listed(diameters),
            "contrast": contrast,
            "lesions": lesions,
            "slices": slices,
            "centre_lines": centre_lines,
            "noise": noise,
            "seed": seed,
        }
    )
    with evaluation_progress() as progress:
        done = evaluate(
            data, output, settings, command=command_line(), report=tell, progress=progress
        )
    say(f"{done.page}\n{RESEARCH_USE_ONLY}")
    if done.failures:
        raise typer.Exit(1)
