"""Command that carries labels of a few frames over the whole cycle."""

from pathlib import Path
from typing import Annotated

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    ForceOption,
    ScanPath,
    SchemeOption,
    open_path,
    say,
)


def propagate(
    path: ScanPath,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Labels of all frames, .nii or .nii.gz")
    ],
    labels: Annotated[
        Path | None, typer.Option(help="Labels on the scan's grid, instead of its own")
    ] = None,
    scheme: SchemeOption = None,
    frames: Annotated[
        list[int] | None,
        typer.Option("--from", help="Frame to start from, counted from 1; may be repeated"),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Carry the labels of some frames to all others, by the motion seen in the images."""
    from napari_cmr.scan import ScanError, check_outputs
    from napari_cmr.scan.label_files import labels_named, labels_on, with_note_of
    from napari_cmr.workflow.edit.annotation_files import annotation_paths, save_annotation
    from napari_cmr.workflow.edit.propagation import propagated

    check_outputs(*annotation_paths(output), inputs=[path, labels], overwrite=force)
    scan = open_path(path, label_scheme=scheme if labels is None else None)
    labels = labels or labels_named(path, scan)
    drawn = scan.labels if labels is None else labels_on(labels, scan, scheme)
    if labels is not None:
        scan = with_note_of(scan, labels, scheme)
    if drawn is None:
        raise ScanError(
            "there are no labels to carry on",
            source=scan.source or scan.name,
            remedy="name a file with them: --labels FILE",
        )
    sources = None if frames is None else [frame - 1 for frame in frames]
    carried = propagated(scan, drawn, sources)
    saved = save_annotation(scan, carried, output, inputs=[path, labels], overwrite=force)
    say("\n".join([*map(str, saved), RESEARCH_USE_ONLY]))
