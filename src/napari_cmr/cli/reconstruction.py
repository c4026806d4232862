"""Commands that make images of few lines, and judge them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    CentreLinesOption,
    CoilsOption,
    DeviceOption,
    ForceOption,
    JsonOption,
    LinesOption,
    MaskSeedOption,
    NoiseOption,
    PatternName,
    PatternOption,
    ScanPath,
    SeriesOption,
    command_line,
    lines_of,
    listed,
    open_path,
    print_json,
    say,
    tell,
)


def methods(as_json: JsonOption = False) -> None:
    """List the ways to reconstruct images: trained networks, and methods without training."""
    from napari_cmr.workflow.reconstruct.methods import methods as all_methods
    from napari_cmr.workflow.reconstruct.methods import networks_without_weights

    known = all_methods().values()
    if as_json:
        print_json({"methods": [solver.to_dict() for solver in known]})
        return
    from napari_cmr.cli.output import print_methods

    print_methods(list(known))
    for name in networks_without_weights():
        say(f"No weights here of {name}; 'train' makes them.")


def reconstruct(
    path: ScanPath,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Reconstructed images, .nii or .nii.gz")
    ],
    lines: LinesOption,
    method: Annotated[
        str | None,
        typer.Option(
            help="How the images are made, as 'methods' names it; of a cine by our own network, "
            "where it is installed, if none is named"
        ),
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--json", help="Write the settings and the lines here")
    ] = None,
    motion: Annotated[
        Path | None,
        typer.Option(
            help="Write how far each pixel moves, in mm, .nii or .nii.gz; of methods that "
            "read motion"
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change a setting of the method"),
    ] = None,
    seed: MaskSeedOption = 0,
    pattern: PatternOption = PatternName.VARIABLE_DENSITY,
    centre_lines: CentreLinesOption = 0,
    noise: NoiseOption = 0.0,
    coils: CoilsOption = 1,
    keep_phase: Annotated[
        bool, typer.Option("--complex", help="Write complex images rather than magnitudes")
    ] = False,
    device: DeviceOption = "auto",
    series: SeriesOption = None,
    force: ForceOption = False,
) -> None:
    """Reconstruct images from a few k-space lines of each frame."""
    from napari_cmr.kspace import Acquisition, undersample
    from napari_cmr.scan import check_outputs
    from napari_cmr.workflow.acquire.undersampled_files import nifti_name
    from napari_cmr.workflow.reconstruct.methods import check_motion, default_method, find_method
    from napari_cmr.workflow.reconstruct.reconstructed_files import save_reconstruction
    from napari_cmr.workflow.reconstruct.solving import reconstruct as solve

    for name in (output, motion):
        if name is not None:
            nifti_name(name)
    why = ""
    given = _settings_of(setting or [])
    if method is not None:
        find_method(method, device).parse(given)  # what is wrong is said before anything is read
        check_motion(method, motion)
    acquisition = Acquisition(
        n_lines=lines_of(lines),
        seed=seed,
        pattern=pattern.value,
        centre_lines=centre_lines,
        noise=noise,
        coils=coils,
    )
    check_outputs(output, record, motion, inputs=[path], overwrite=force)
    scan = open_path(path, series=series)
    if method is None:
        method, why = default_method(cine=scan.n_frames > 1)
    chosen = find_method(method, device).parse(given)
    check_motion(method, motion)
    measured = undersample(scan, acquisition)
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reconstructing", total=1.0)
        result = solve(
            measured,
            method,
            chosen,
            device=device,
            progress=lambda share: bar.update(task, completed=share),
        )
    content = save_reconstruction(
        scan,
        measured,
        result,
        output,
        record,
        motion=motion,
        keep_phase=keep_phase,
        inputs=[path],
        overwrite=force,
    )
    say(f"{content['title']}, {content['acceleration']:.1f}x, {result.seconds:.1f} s: {output}")
    if why:
        say(f"{method} was taken: {why}.")
    for notice in result.notices:
        say(notice.text)
    say(RESEARCH_USE_ONLY)


def _settings_of(pairs: Sequence[str]) -> dict[str, str]:
    from napari_cmr.scan import ScanError

    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ScanError(f"--set {pair!r} is not NAME=VALUE")
        settings[name.strip().replace("-", "_")] = value.strip()
    return settings


def import_weights(
    model: Annotated[str, typer.Argument(help="Model that they are of")],
    path: Annotated[Path, typer.Argument(help="File that its authors published")],
    *,
    output: Annotated[Path, typer.Option("--out", "-o", help="Folder for weights and card")],
    force: ForceOption = False,
) -> None:
    """Read weights that others published; NAPARI_CMR_MODELS may name the folder afterwards."""
    from napari_cmr.zoo.published import import_weights as read

    say(f"{read(model, path, output, overwrite=force)}")


def evaluate_reconstruction(
    data: Annotated[list[Path], typer.Argument(help="Scans, or folders of scans")],
    *,
    output: Annotated[Path, typer.Option("--out", "-o", help="Folder for tables and masks")],
    methods: Annotated[
        str | None,
        typer.Option(help="Methods, separated by commas; all that take cines if none are named"),
    ] = None,
    lines: Annotated[
        str, typer.Option("--lines", "-n", help="Lines per frame, as 24, or accelerations, as 8x")
    ] = "4x,8x,12x,16x",
    patterns: Annotated[
        str, typer.Option(help="Which of random, lattice and golden")
    ] = "random,lattice",
    centre_lines: CentreLinesOption = 4,
    draws: Annotated[int, typer.Option(min=1, help="Masks of each pattern")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of the first mask; others count up")] = 0,
    noise: NoiseOption = 0.0,
    coils: CoilsOption = 1,
    all_slices: Annotated[
        bool, typer.Option("--all-slices", help="All slices of a scan, rather than the middle one")
    ] = False,
    read: Annotated[
        bool,
        typer.Option(
            "--read/--no-read",
            help="Score what a segmenter of full images reads in the images and, of all slices, "
            "the ejection fraction beside that of direct segmentation",
        ),
    ] = True,
) -> None:
    """Compare reconstruction methods on the same lines; a run that was stopped goes on."""
    from napari_cmr.cli.output import evaluation_progress
    from napari_cmr.experiments.reconstruction import (
        ReconstructionSettings,
    )
    from napari_cmr.experiments.reconstruction import (
        evaluate_reconstruction as evaluate,
    )
    from napari_cmr.workflow.reconstruct.methods import methods_for

    settings = ReconstructionSettings.model_validate(
        {
            "methods": listed(methods) if methods else tuple(methods_for(cine=True)),
            "lines": listed(lines),
            "patterns": listed(patterns),
            "centre_lines": centre_lines,
            "draws": draws,
            "seed": seed,
            "noise": noise,
            "coils": coils,
            "slices": "all" if all_slices else "middle",
            "read": read,
        }
    )
    try:
        with evaluation_progress() as progress:
            done = evaluate(
                data, output, settings, command=command_line(), report=tell, progress=progress
            )
    except KeyboardInterrupt:
        tell("stopped; the same command goes on from here")
        raise typer.Exit(130) from None
    say(f"{done.page}\n{RESEARCH_USE_ONLY}")
    if done.failures:
        raise typer.Exit(1)
