"""Commands for synthetic late enhancement: translate a scan, and judge the translations."""

from pathlib import Path
from typing import Annotated, Any

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    DeviceOption,
    ForceOption,
    ScanPath,
    SeriesOption,
    command_line,
    open_path,
    say,
    tell,
)


def translate(
    path: ScanPath,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the stacks, a picture and a record")
    ],
    samples: Annotated[
        int | None, typer.Option(min=1, help="Styles, each a stack of its own, 5 if none")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same styles")] = 0,
    style_of: Annotated[
        Path | None, typer.Option(help="Take the style of this late enhancement stack")
    ] = None,
    style_series: Annotated[
        str | None, typer.Option(help="Series or case of --style-of, by its key in 'info'")
    ] = None,
    slice_: Annotated[
        int | None, typer.Option("--slice", min=1, help="Which slice of it; the middle one if none")
    ] = None,
    on_path: Annotated[
        bool,
        typer.Option("--path", help="Go in equal steps from the first style to the last"),
    ] = False,
    frame: Annotated[
        int | None, typer.Option(min=1, help="Frame to translate; end-diastole if none")
    ] = None,
    series: SeriesOption = None,
    device: DeviceOption = "auto",
    force: ForceOption = False,
) -> None:
    """Render a bSSFP scan as late enhancement, in styles that were drawn or taken from a scan.

    With --style-of and --path, styles go from that of the scan to one that is drawn.
    """
    from napari_cmr.scan import ScanError, check_outputs, file_stem, output_folder
    from napari_cmr.workflow.style.translated_files import save_translation, translated_paths
    from napari_cmr.workflow.style.translation import (
        check_translatable,
        load_styler,
        translate_scan,
    )
    from napari_cmr.workflow.style.translation import style_of as style_of_scan
    from napari_cmr.zoo import default_choice
    from napari_cmr.zoo.tasks.translation import style_path

    if slice_ is not None and style_of is None:
        raise ScanError("--slice belongs to --style-of", remedy="name the stack too")
    if samples is not None and style_of is not None and not on_path:
        raise ScanError(
            "--style-of gives one style, not so many --samples",
            remedy="leave one of them out, or add --path to go on from that style",
        )
    samples = 5 if samples is None else samples
    if on_path and samples < 2:
        raise ScanError("a path needs two samples or more")
    scan = open_path(path, series=series)
    check_translatable(scan)
    n_made = samples if style_of is None or on_path else 1
    wanted = translated_paths(output, file_stem(scan), n_made, with_labels=scan.labels is not None)
    with output_folder(output):
        check_outputs(*wanted.all, inputs=[path, style_of], overwrite=force)
        model = default_choice("translation", device=device)
        styler = load_styler(model)
        record: dict[str, Any] = {"seed": seed, "styles_from": "the prior"}
        if style_of is None:
            codes = styler.sample_codes(max(samples, 2), seed)
            first, last = codes[0], codes[1]
        else:
            given = open_path(style_of, series=style_series)
            first = style_of_scan(given, None if slice_ is None else slice_ - 1, model)
            last = styler.sample_codes(1, seed)[0]
            codes = first[None]
            record["styles_from"] = given.name
            record["style_slice"] = given.n_slices // 2 if slice_ is None else slice_ - 1
        if on_path:
            codes = style_path(first, last, samples)
            record["on_a_path"] = True
        made = translate_scan(
            scan, codes[:n_made], model, frame=None if frame is None else frame - 1
        )
        files = save_translation(
            scan, made, output, record=record, inputs=[path, style_of], overwrite=force
        )
    lines = [str(file) for file in files.all] + [f"warning: {one.text}" for one in made.warnings]
    say("\n".join([*lines, f"Synthetic images. {RESEARCH_USE_ONLY}"]))


def evaluate_style(
    source: Annotated[Path, typer.Argument(help="Folder of ACDC patient folders")],
    target: Annotated[Path, typer.Argument(help="Folder of EMIDEC's PNG slices")],
    *,
    output: Annotated[Path, typer.Option("--out", "-o", help="Folder for tables and a page")],
    samples: Annotated[int, typer.Option(min=2, help="Styles of every slice")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same styles")] = 0,
    device: DeviceOption = "auto",
    force: ForceOption = False,
) -> None:
    """Measure whether synthetic late enhancement keeps the heart, varies, and looks real."""
    from napari_cmr.experiments.style import evaluate
    from napari_cmr.zoo import default_choice

    page = evaluate(
        source,
        target,
        output,
        samples=samples,
        seed=seed,
        model=default_choice("translation", device=device),
        command=command_line(),
        overwrite=force,
        report=tell,
    )
    say(f"{page}\n{RESEARCH_USE_ONLY}")
