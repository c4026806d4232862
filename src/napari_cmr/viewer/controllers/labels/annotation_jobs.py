"""What threads do for annotation: edits of many slices, propagation, saving."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from napari_cmr.analysis import Reading
from napari_cmr.scan import Label, Scan
from napari_cmr.viewer.core.label_marks import Marks, Origin, digests_of, marks_of
from napari_cmr.workflow.edit.provenance import Provenance

Edit = Literal["fill", "smooth", "largest", "interpolate"]


@dataclass(frozen=True, eq=False)
class Edited:
    """Labels before and after an edit."""

    what: str
    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be saved, and where."""

    scan: Scan
    layer: Any
    labels: np.ndarray
    accepted: np.ndarray
    reading: Reading
    provenance: Provenance
    path: Path


@dataclass(frozen=True, eq=False)
class Saved:
    """Labels that lie on disk now."""

    layer: Any
    path: Path
    digests: np.ndarray
    accepted: np.ndarray


def look(labels: np.ndarray, origin: Origin) -> Generator[Marks, None, None]:
    """Find out which slices are labelled and changed."""
    yield marks_of(labels, origin)


def edit(
    what: Edit,
    labels: np.ndarray,
    places: list[tuple[int, int]],
    spacing: tuple[float, float, float],
    structure: Label | None,
) -> Generator[Edited, None, None]:
    """Fill, smooth, clean up or interpolate."""
    from napari_cmr.workflow.edit import operations as editing

    frames = list(dict.fromkeys(frame for frame, _z in places))
    edits: dict[str, Callable[[], np.ndarray]] = {
        "fill": lambda: editing.fill_holes(labels, places, structure),
        "smooth": lambda: editing.smooth(labels, places, spacing, structure),
        "largest": lambda: editing.keep_largest(labels, frames, structure),
        "interpolate": lambda: editing.interpolate_slices(labels, frames[0], spacing),
    }
    yield Edited(what, labels, edits[what]())


def propagate(
    scan: Scan, labels: np.ndarray, sources: list[int]
) -> Generator[Edited | None, None, None]:
    """Carry labels over the cycle; None is yielded on the way."""
    from napari_cmr.workflow.edit import propagation as propagating

    carried = propagating.propagate(
        scan.image, labels, scan.spacing, sources, periodic=scan.has_full_cycle
    )
    yield Edited("propagate", labels, (yield from carried))


def label_files(typed: Path) -> tuple[Path, ...]:
    """Files that :func:`save` writes for a name that was typed; ``.nii.gz`` is added if need be."""
    from napari_cmr.scan.nifti.file import is_nifti_name
    from napari_cmr.workflow.edit.annotation_files import annotation_paths

    named = is_nifti_name(typed.name)
    return annotation_paths(typed if named else typed.with_name(f"{typed.name}.nii.gz"))


def save(wanted: Wanted) -> Generator[Saved, None, None]:
    """Write labels, what they measure, and a table of volumes; the user was asked before."""
    from napari_cmr.workflow.edit.annotation_files import save_annotation

    save_annotation(
        wanted.scan,
        wanted.labels,
        wanted.path,
        accepted=wanted.accepted,
        reading=wanted.reading,
        provenance=wanted.provenance,
        overwrite=True,
    )
    yield Saved(wanted.layer, wanted.path, digests_of(wanted.labels), wanted.accepted)
