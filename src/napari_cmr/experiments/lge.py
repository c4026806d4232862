"""The ladder of chen2019 on late enhancement with labels (EMIDEC): Dice and surface distance."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

import napari_cmr
from napari_cmr.analysis.contours import label_distances
from napari_cmr.analysis.morphology import WALL_SHARE
from napari_cmr.analysis.overlap import dice
from napari_cmr.cohort.store import RESULTS, Part, Result, ResultStore
from napari_cmr.experiments.lge_reports import write_lge_report
from napari_cmr.scan import Label, Scan, ScanError, open_scan, output_folder
from napari_cmr.scan.datasets.emidec import emidec_cases, read_emidec
from napari_cmr.training.data.split import split_subjects
from napari_cmr.training.register import Purpose, default
from napari_cmr.workflow.segment.late_enhancement import locate_lge, segment_lge
from napari_cmr.zoo import ModelChoice, find_models, find_weights, read_card

LABELS = (Label.LV, Label.MYO)
VALIDATION_EVERY = 5
"""Cases whose number is divisible by this are the validation part."""
Method = Literal[
    "registration-affine",
    "registration",
    "unet-bssfp",
    "unet-finetuned",
    "cascade",
    "cascade-pp",
    "ensemble-pp",
]


@dataclass(frozen=True)
class Rung:
    """One method of the ladder: what its model is for, and the steps that are taken with it."""

    method: Method
    purpose: Purpose | None
    cascade: bool = False
    members: int | None = 1
    post: bool = False

    @property
    def model(self) -> str | None:
        """Name of the model; None for registration."""
        return None if self.purpose is None else default(self.purpose).name


LADDER = (
    Rung("registration-affine", None),
    Rung("registration", None),
    Rung("unet-bssfp", "late enhancement baseline"),
    Rung("unet-finetuned", "late enhancement"),
    Rung("cascade", "late enhancement", cascade=True),
    Rung("cascade-pp", "late enhancement", cascade=True, post=True),
    Rung("ensemble-pp", "late enhancement", cascade=True, members=None, post=True),
)


def evaluate_lge(
    data: Path,
    out: Path,
    *,
    atlas: Path | None = None,
    n_atlases: int = 3,
    split: Literal["validation", "all"] = "validation",
    device: str = "auto",
    command: str | None = None,
    report: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Path:
    """Compare every method of the ladder with the labels of a cohort.

    The ensemble is left out where the model is one cascade.

    Parameters
    ----------
    data : Path
        EMIDEC folder with ``images`` and ``labels``. LV and MYO (healthy, infarct and no-reflow
        together) are compared; nobody labelled its right ventricles.
    out : Path
        Gets ``lge.csv``, ``lge.png`` and ``lge.md``; results of cases that are there and were made
        with the same weights are kept.
    atlas : Path, optional
        Folder of ACDC patient folders; without it the registration is left out.
    n_atlases : int
        Patients of its training part, evenly spaced, whose labels are carried over.
    split : {"validation", "all"}
    device : str
    command : str, optional
        What the user typed, for the page.
    report : callable
        Is told of every case that failed.
    progress : callable
        Is told of cases done, cases in all, and the name of the last.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ScanError
        If a model or an extra is missing, or not one case could be evaluated.
    """
    cases = [
        case
        for case in emidec_cases(data)
        if split == "all" or int(case[-3:]) % VALIDATION_EVERY == 0
    ]
    if not cases:
        raise ScanError("holds no validation case (a number divisible by 5)", source=data)
    rungs = [rung for rung in LADDER if rung.model is not None or atlas is not None]
    hashes = _weights(rungs)
    if _n_members() < 2:  # one cascade has nothing to vote with
        rungs = [rung for rung in rungs if rung.method != "ensemble-pp"]
    folders = [] if atlas is None else _atlas_folders(atlas, n_atlases)
    with output_folder(out, inputs=[data, atlas], own=RESULTS):
        store = ResultStore(out)
        failures: list[tuple[str, str]] = []
        results: list[Result] = []
        atlases: list[Any] = []
        for index, case in enumerate(cases):
            progress(index, len(cases), case)
            scan: Scan | None = None
            registered: dict[str, np.ndarray] = {}
            for rung in rungs:
                part = Part("lge", rung.method, _digest(rung, hashes, folders, data / case))
                result = store.load(case, part)
                if result is None:
                    try:
                        if scan is None:
                            scan = _read(data, case)
                        if rung.model is None and not atlases:
                            atlases = _open_atlases(folders)
                        labels = _label(scan, rung, atlases, registered, device)
                        result = Result(case, scan.subject.group, part, score(scan, labels))
                    except Exception as error:
                        # Whatever is wrong with one case must not end the run over the others.
                        known = isinstance(error, ScanError)
                        reason = str(error) if known else f"{type(error).__name__}: {error}"
                        failures.append((f"{case}, {rung.method}", reason))
                        report(f"left out {case}, {rung.method}: {reason}")
                        continue
                    store.save(result)
                results.append(result)
        progress(len(cases), len(cases), "")
        if not results:
            raise ScanError(
                "not one case could be evaluated", source=data, remedy="see the reasons"
            )
        return write_lge_report(
            out,
            results,
            methods=[rung.method for rung in rungs],
            failures=failures,
            atlases=[folder.name for folder in folders],
            command=command,
        )


def score(scan: Scan, labels: np.ndarray) -> dict[str, Any]:
    """Dice and surface distance of labels (1, Z, Y, X) against a scan's own.

    The distance is the mean over the points of both contours in a slice, then over slices that
    have both; None where there is none. Scar and no-reflow of the reference are muscle.
    """
    assert scan.labels is not None  # see _read
    reference = np.where(scan.labels > Label.RV, np.uint8(Label.MYO), scan.labels)
    overlap = dice(labels, reference, labels=LABELS)[0]
    distances = label_distances(labels, reference, scan.spacing, labels=LABELS)
    mean = distances.mean("average_surface")
    record: dict[str, Any] = {}
    for i, label in enumerate(LABELS):
        name = label.name.lower()
        distance = mean[int(label)]
        record[f"dice_{name}"] = float(overlap[i])
        record[f"asd_{name}_mm"] = None if np.isnan(distance) else distance
        record[f"missed_slices_{name}"] = int(
            (distances.in_second & ~distances.in_first)[..., i].sum()
        )
    return record


def _read(data: Path, case: str) -> Scan:
    scan = read_emidec(data, case)
    if scan.labels is None:
        raise ScanError("there are no labels to compare with", source=data)
    return scan


def _label(
    scan: Scan,
    rung: Rung,
    atlases: Sequence[Any],
    registered: dict[str, np.ndarray],
    device: str,
) -> np.ndarray:
    """Labels (1, Z, Y, X) of one scan by one method; ``registered`` keeps what serves two."""
    if rung.model is None:
        from napari_cmr.experiments.atlas import label_by_atlases

        if not registered:
            location = locate_lge(scan, device=device)
            registered |= label_by_atlases(scan, (location.row, location.column), list(atlases))
        return registered["affine" if rung.method == "registration-affine" else "free-form"][None]
    from napari_cmr.zoo.tasks.late_enhancement import LgeSteps

    steps = LgeSteps(
        members=rung.members, cascade=rung.cascade, crf=rung.post, tidy=rung.post, wall=rung.post
    )
    return segment_lge(scan, ModelChoice(name=rung.model, device=device), steps=steps).labels


def _weights(rungs: Sequence[Rung]) -> dict[str, str]:
    """Hash of the weights of every model that is needed, by name."""
    found = find_models()
    hashes = {}
    for name in {default("heart").name, *(rung.model for rung in rungs if rung.model is not None)}:
        if (name, "live") not in found:
            raise ScanError(
                f"there are no weights for {name!r} (live)",
                remedy=f"train them with 'napari-cmr train {name}'",
            )
        hashes[name] = read_card(found[name, "live"]).sha256
    return hashes


def _n_members() -> int:
    """Cascades that the model for late enhancement averages."""
    return int(
        read_card(find_weights(default("late enhancement").name)).architecture.get("members", 1)
    )


def _digest(rung: Rung, hashes: dict[str, str], folders: Sequence[Path], case: Path) -> str:
    """Fingerprint of everything that a result depends on."""
    from napari_cmr.zoo.tasks.late_enhancement import CRF

    content = {
        "rung": repr(rung),
        "weights": [
            hashes[default("heart").name],
            None if rung.model is None else hashes[rung.model],
        ],
        "atlases": [folder.name for folder in folders] if rung.model is None else [],
        "crf": repr(CRF) if rung.post else None,
        "wall": WALL_SHARE if rung.post else None,
        "case": str(case.resolve()),
        "version": napari_cmr.__version__,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _atlas_folders(data: Path, count: int) -> list[Path]:
    """Some patients of the training part, evenly spaced in the order of their names."""
    names = sorted(path.name for path in data.iterdir() if path.is_dir()) if data.is_dir() else []
    training, _ = split_subjects(names) if names else ([], [])
    if not training:
        raise ScanError("holds no patient folders to take atlases from", source=data)
    count = min(count, len(training))
    return [data / training[int((i + 0.5) * len(training) / count)] for i in range(count)]


def _open_atlases(folders: Sequence[Path]) -> list[Any]:
    from napari_cmr.experiments.atlas import make_atlas

    return [make_atlas(open_scan(folder), folder.name) for folder in folders]
