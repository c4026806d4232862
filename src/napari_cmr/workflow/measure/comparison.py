"""Two label sets of one scan beside each other: two readers, or a reader and a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.analysis import AS_LABELLED, CardiacFunction, Reading
from napari_cmr.analysis.contours import LABELS, LabelDistances, label_distances
from napari_cmr.analysis.overlap import dice
from napari_cmr.analysis.volumes import MYOCARDIUM
from napari_cmr.scan import (
    Code,
    Label,
    Notice,
    Scan,
    ScanError,
    save_csv,
    save_json,
    texts_and_details,
    written_together,
)
from napari_cmr.workflow.measure.function import measure_scan


@dataclass(frozen=True)
class Contour:
    """One label in one slice of one frame, and how far apart the two sets draw it.

    Attributes
    ----------
    frame, slice : int
        From 0.
    label : Label
        LV, MYO or RV.
    hausdorff_mm, mean_contour_mm : float
    """

    frame: int
    slice: int
    label: Label
    hausdorff_mm: float
    mean_contour_mm: float


@dataclass(frozen=True, eq=False)
class LabelComparison:
    """How two label sets differ, in the frames that both of them label.

    Scar and no-reflow count as myocardium. Arrays have the shape ``(frames, Z, 3)`` for LV, MYO
    and RV, with a row for each of ``frames``.

    Attributes
    ----------
    names : tuple of 2 str
    frames : tuple of int
        Frames in which both sets have labels, from 0.
    dice : ndarray
        NaN where neither set has the label, 0 where only one has.
    overall_dice : ndarray, shape (3,)
        Of all those frames together.
    distances : LabelDistances
        In mm; NaN where a set lacks the label.
    delta_ml : ndarray
        Volume of the second minus the first set.
    functions : tuple of 2 CardiacFunction
        Of those frames alone, so that both rest on the same ones.
    notes : tuple of Notice
        What was assumed of their numbers and what was left out; frames count from 1 in them.
    """

    names: tuple[str, str]
    frames: tuple[int, ...]
    dice: np.ndarray
    overall_dice: np.ndarray
    distances: LabelDistances
    delta_ml: np.ndarray
    functions: tuple[CardiacFunction, CardiacFunction]
    notes: tuple[Notice, ...]

    def worst(self, number: int = 1) -> list[Contour]:
        """Contours that lie furthest apart (Hausdorff distance), the worst first."""
        hausdorff = self.distances.hausdorff
        order = np.argsort(-np.nan_to_num(hausdorff, nan=-1.0), axis=None, kind="stable")[:number]
        found = []
        for place in order:
            row, z, i = (int(n) for n in np.unravel_index(place, hausdorff.shape))
            if not np.isnan(hausdorff[row, z, i]):
                found.append(
                    Contour(
                        frame=self.frames[row],
                        slice=z,
                        label=LABELS[i],
                        hausdorff_mm=float(hausdorff[row, z, i]),
                        mean_contour_mm=float(self.distances.mean_contour[row, z, i]),
                    )
                )
        return found

    def difference(self, name: str, side: str = "lv") -> float | None:
        """Second minus first of a number of :class:`CardiacFunction`, None where one is unknown."""
        first, second = (
            getattr(one if side == "" else getattr(one, side), name) for one in self.functions
        )
        return None if first is None or second is None else float(second - first)

    def rows(self) -> list[dict[str, Any]]:
        """One row for each label in each slice and frame, where a set has it; all count from 1."""
        found = []
        for row, frame in enumerate(self.frames):
            for z in range(self.dice.shape[1]):
                for i, label in enumerate(LABELS):
                    at = row, z, i
                    first, second = self.distances.in_first[at], self.distances.in_second[at]
                    if first or second:
                        found.append(
                            {
                                "frame": frame + 1,
                                "slice": z + 1,
                                "label": label.name,
                                "in": "both" if first and second else "1" if first else "2",
                                "dice": _known(self.dice[at]),
                                "mean_contour_mm": _known(self.distances.mean_contour[at]),
                                "hausdorff_mm": _known(self.distances.hausdorff[at]),
                                "delta_ml": _known(self.delta_ml[at]),
                            }
                        )
        return found

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary; frames and slices count from 0 in it."""
        mean, largest = self.distances.mean(), np.zeros(len(LABELS))
        for i in range(len(LABELS)):
            known = self.distances.hausdorff[..., i]
            largest[i] = np.nanmax(known) if not np.isnan(known).all() else np.nan
        alone = self.distances.n_disagreements
        worst = self.worst()
        return {
            "first": self.names[0],
            "second": self.names[1],
            "frames": list(self.frames),
            "frames_count_from": 0,
            "labels": {
                label.name.lower(): {
                    "dice": _known(self.overall_dice[i]),
                    "mean_contour_mm": _known(mean[label]),
                    "hausdorff_mm": _known(largest[i]),
                    "slices_in_one_only": int(alone[i]),
                }
                for i, label in enumerate(LABELS)
            },
            "difference": {
                side: {
                    name: self.difference(name, side)
                    for name in ("edv_ml", "esv_ml", "sv_ml", "ef_percent")
                }
                for side in ("lv", "rv")
            }
            | {"lv_mass_g": self.difference("lv_mass_g", "")},
            "functions": [one.to_dict() for one in self.functions],
            "worst": None
            if not worst
            else {
                "frame": worst[0].frame,
                "slice": worst[0].slice,
                "label": worst[0].label.name.lower(),
                "hausdorff_mm": worst[0].hausdorff_mm,
                "mean_contour_mm": worst[0].mean_contour_mm,
            },
            "slices": [
                row | {"frame": row["frame"] - 1, "slice": row["slice"] - 1} for row in self.rows()
            ],
            **texts_and_details(self.notes, "notes"),
            "use": "research only",
        }


def compare_labels(
    scan: Scan,
    first: np.ndarray,
    second: np.ndarray,
    *,
    names: tuple[str, str] = ("first", "second"),
    reading: Reading = AS_LABELLED,
    notes: tuple[Notice, ...] = (),
) -> LabelComparison:
    """Compare two label sets of a scan.

    Parameters
    ----------
    scan : Scan
    first, second : ndarray of whole numbers, shape (T, Z, Y, X)
        On the scan's grid. Frames without any label count as not labelled: sets that are drawn at
        ED and ES only are compared there.
    names : tuple of 2 str
    reading : Reading
        How both are turned into volumes.
    notes : tuple of Notice
        On how the labels were read.

    Returns
    -------
    LabelComparison

    Raises
    ------
    ScanError
        If a set lies on another grid, or no frame is labelled in both.
    """
    first, second = np.asarray(first), np.asarray(second)
    for labels, name in zip((first, second), names, strict=True):
        if labels.shape != scan.shape:
            raise ScanError(
                f"labels of shape {labels.shape} on an image of shape {scan.shape}",
                source=name,
                remedy="labels must lie on the image's own grid",
            )
    drawn = np.stack([labels.any(axis=(1, 2, 3)) for labels in (first, second)])
    frames = np.flatnonzero(drawn.all(axis=0))
    if not frames.size:
        raise ScanError(
            "no frame is labelled in both sets",
            source=f"{names[0]}, {names[1]}",
            remedy="compare sets that label the same frames",
        )
    notes = (
        *notes,
        *_alone(names[0], drawn[0] & ~drawn[1]),
        *_alone(names[1], drawn[1] & ~drawn[0]),
    )
    a, b = (_muscle(labels[frames]) for labels in (first, second))
    counts_a, counts_b = (
        np.stack([(one == label).sum(axis=(2, 3)) for label in LABELS], axis=-1) for one in (a, b)
    )
    return LabelComparison(
        names=names,
        frames=tuple(frames.tolist()),
        dice=dice(a, b, per_slice=True),
        overall_dice=_overall_dice(a, b),
        distances=label_distances(a, b, scan.spacing),
        delta_ml=(counts_b - counts_a) * scan.geometry.voxel_volume_ml,
        functions=(
            _function(scan, first, frames, reading),
            _function(scan, second, frames, reading),
        ),
        notes=notes,
    )


def save_comparison(
    comparison: LabelComparison,
    scan: Scan,
    *,
    record: Path | None = None,
    table: Path | None = None,
    inputs: Sequence[Path | None] = (),
    overwrite: bool = False,
) -> None:
    """Write a comparison as JSON, its rows as CSV, or both.

    Parameters
    ----------
    comparison : LabelComparison
    scan : Scan
        That the labels lie on.
    record, table : Path, optional
        JSON, and CSV of :meth:`LabelComparison.rows`.
    inputs : sequence of Path
        Files that were compared.
    overwrite : bool
        Whether files that exist may be replaced.

    Raises
    ------
    ScanError
        If one of the files may not be written, see :func:`~napari_cmr.scan.check_outputs`. No file
        is left then.
    """
    sources = [scan.source, *inputs]
    with written_together(record, table, inputs=sources, overwrite=overwrite) as at:
        if record is not None:
            facts = {"scan": scan.name, "synthetic": scan.synthetic}
            save_json(at[record], comparison.to_dict() | facts)
        if table is not None:
            save_csv(at[table], comparison.rows())


def _alone(name: str, frames: np.ndarray) -> tuple[Notice, ...]:
    """Say which frames only one set labels."""
    if not frames.any():
        return ()
    numbers = np.flatnonzero(frames) + 1
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    listed = ", ".join(f"{run[0]}–{run[-1]}" if run.size > 2 else _listed(run) for run in runs)
    noun = "frame" if numbers.size == 1 else "frames"
    text = f"{name} alone labels {noun} {listed}: not compared."
    alone = tuple(np.flatnonzero(frames).tolist())
    return (Notice(Code.LABELLED_IN_ONE_ONLY, text, frames=alone),)


def _listed(numbers: np.ndarray) -> str:
    return ", ".join(str(number) for number in numbers)


def _muscle(labels: np.ndarray) -> np.ndarray:
    """Labels in which scar and no-reflow are myocardium."""
    return np.where(np.isin(labels, MYOCARDIUM), int(Label.MYO), labels)


def _overall_dice(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Dice of all frames together: one stack of all their slices."""
    together = [labels.reshape(1, -1, *labels.shape[2:]) for labels in (first, second)]
    scores: np.ndarray = dice(*together)[0]
    return scores


def _function(
    scan: Scan, labels: np.ndarray, frames: np.ndarray, reading: Reading
) -> CardiacFunction:
    labelled = scan.with_(labels=labels, labelled_frames=tuple(frames.tolist()))
    return measure_scan(labelled, reading=reading)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
