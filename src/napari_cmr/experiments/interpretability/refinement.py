"""Table 1 of seitzer2018 on the left-atrium data: quality and what is read, of 8-fold lines."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

import napari_cmr
from napari_cmr.analysis.image_quality import image_quality
from napari_cmr.cohort.store import Part, Result, ResultStore
from napari_cmr.cohort.tables import write_csv
from napari_cmr.experiments.interpretability.contour_pictures import Panel, contour_sheet
from napari_cmr.experiments.interpretability.refinement_page import refinement_page
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Label, Scan, ScanError, atomic_path, open_scan, output_folder
from napari_cmr.scan.datasets.lasc import is_lasc_file
from napari_cmr.training.data.split import split_atria
from napari_cmr.training.register import models
from napari_cmr.workflow.reconstruct.image_reader import ImageReader
from napari_cmr.workflow.reconstruct.methods import find_method, methods

EXPERIMENT = "refinement"
_SOLVERS = ("zero-filled", "dictionary")


class RefinementSettings(BaseModel):
    """Everything that changes a number of the table.

    Attributes
    ----------
    methods : tuple of str
        The first is what the others are compared with.
    split : {"validation", "test"}
        Patients of the fixed split.
    acceleration : int
    centre_lines : int
        Lines around the centre that every slice keeps.
    every : int
        Of the slices of a patient that show the atrium, one in so many is taken.
    seed : int
        Of the lines, which are drawn for each slice on its own and are the same for all methods.
    settings : dict of str to dict
        Of methods, where they differ from their own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    methods: tuple[str, ...] = Field(min_length=1)
    split: Literal["validation", "test"] = "test"
    acceleration: int = Field(default=8, ge=1)
    centre_lines: int = Field(default=6, ge=0)
    every: int = Field(default=1, ge=1)
    seed: int = Field(default=0, ge=0)
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)

    def acquisition(self, scan: Scan, place: int, z: int) -> Acquisition:
        """Lines of a slice of the patient at a place in the alphabet."""
        return Acquisition(
            n_lines=max(1, round(scan.n_phase_encodes / self.acceleration)),
            centre_lines=self.centre_lines,
            seed=1_000_000 * self.seed + 1000 * place + z,
        )

    def digest(self, method: str, reader: ImageReader) -> str:
        """Fingerprint of everything that a patient's result of a method depends on."""
        solver = find_method(method)
        content = self.model_dump(mode="json", exclude={"methods", "settings"}) | {
            "version": napari_cmr.__version__,
            "method": method,
            "settings": solver.parse(self.settings.get(method)).model_dump(mode="json"),
            "weights": None if solver.weights is None else dict(solver.weights),
            "reader": dict(reader.weights),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class RefinementTable:
    """What :func:`evaluate_refinement` found.

    Attributes
    ----------
    rows : list of dict
        One for each patient, slice and method.
    page : Path
    """

    rows: list[dict[str, Any]]
    page: Path


def still_methods() -> tuple[str, ...]:
    """Networks that learned from still images, dictionary learning, and zero filling."""
    learned = {name for name, model in models().items() if model.learns_from == "stills"}
    known = methods()
    networks = [name for name, one in known.items() if set(one.weights or ()) & learned]
    return (*networks, *(name for name in reversed(_SOLVERS) if name in known))


def atria_of(data: Path, split: str) -> dict[str, tuple[int, Path]]:
    """Patients of a part by name: their place in the alphabet of all, and their file.

    Raises
    ------
    ScanError
        If there are none.
    """
    if not data.is_dir():
        raise ScanError("is no folder of left atria", source=data)
    files = {path.stem: path for path in sorted(data.glob("*.npz")) if is_lasc_file(path)}
    try:
        _, validation, test = split_atria(list(files))
    except ValueError as error:
        raise ScanError(str(error), source=data, remedy="name files as case01.npz") from None
    chosen = {"validation": validation, "test": test}[split]
    if not chosen:
        raise ScanError(
            f"holds no patient of the {split} part",
            source=data,
            remedy="give the folder with case01.npz to case37.npz",
        )
    return {name: (place, files[name]) for place, name in enumerate(files) if name in chosen}


def evaluate_refinement(
    data: Path,
    out: Path,
    settings: RefinementSettings,
    *,
    command: str | None = None,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> RefinementTable:
    """Reconstruct the slices of every patient with every method, and compare what they are like.

    Parameters
    ----------
    data : Path
        Folder of ``caseNN.npz``.
    out : Path
        For ``refinement.csv``, ``refinement.md``, a picture of each patient in ``pictures``, and a
        result for each patient and method, which is kept when the same is run again.
    settings : RefinementSettings
    command : str, optional
        What the user typed, for the page.
    progress : callable
        Is told of patients done, patients in all, and the name of the last.

    Raises
    ------
    ScanError
        If a method does not exist or cannot use still images, or there are no such patients.
    """
    for method in (*settings.methods, *settings.settings):
        find_method(method).parse(settings.settings.get(method))
        if "series" in find_method(method).needs:
            raise ScanError(
                f"{method} needs a cine, and these are still images",
                remedy=f"choose of {', '.join(still_methods())}",
            )
    with output_folder(out, inputs=[data], left_out=True):
        patients = atria_of(data, settings.split)
        store = ResultStore(out)
        rows: list[dict[str, Any]] = []
        for done, (name, (place, path)) in enumerate(patients.items()):
            progress(done, len(patients), name)
            patient = _Patient(open_scan(path), place, settings)
            for method in settings.methods:
                part = Part(EXPERIMENT, method, settings.digest(method, patient.reader))
                result = store.load(name, part)
                if result is None:
                    result = Result(name, None, part, {"rows": patient.measure(method)})
                    store.save(result)
                rows += [
                    {"patient": name, "method": method, **row} for row in result.record["rows"]
                ]
            picture = out / "pictures" / f"{name}.png"
            picture.parent.mkdir(exist_ok=True)
            contour_sheet(patient.panels(rows, name), picture)
        progress(len(patients), len(patients), "")
        write_csv(out / "refinement.csv", rows)
        page = out / "refinement.md"
        with atomic_path(page) as temporary:
            temporary.write_text(refinement_page(rows, settings, command), encoding="utf-8")
        return RefinementTable(rows, page)


class _Patient:
    """One patient: the slices that are taken, and the reader of the atrium."""

    def __init__(self, scan: Scan, place: int, settings: RefinementSettings) -> None:
        labels = scan.labels
        assert labels is not None  # what the reader of archives gives
        shown = np.flatnonzero((labels[0] == Label.LA).any((1, 2)))
        self.scan, self.place, self.settings = scan, place, settings
        self.slices = tuple(int(z) for z in shown[settings.every // 2 :: settings.every])
        self.reader = ImageReader.of(scan, self.slices)

    def reconstruct(self, method: str, slices: Sequence[int]) -> tuple[np.ndarray, list[float]]:
        """Complex images (1, Z', Y, X) of some slices, and the processor seconds of each."""
        solver = find_method(method)
        chosen = solver.parse(self.settings.settings.get(method))
        images, seconds = [], []
        for z in slices:
            acquisition = self.settings.acquisition(self.scan, self.place, z)
            one = undersample(self.scan, acquisition, slices=(z,))[0]
            clock = time.process_time()
            images.append(solver.run(one, chosen).image)
            seconds.append(time.process_time() - clock)
        return np.stack(images, axis=1), seconds

    def full(self, z: int) -> np.ndarray:
        """Complex image (1, Y, X) of all lines of a slice, in the phase of its acquisition."""
        acquisition = self.settings.acquisition(self.scan, self.place, z)
        whole = acquisition.model_copy(update={"n_lines": None})
        return undersample(self.scan, whole, slices=(z,))[0].zero_filled()

    def measure(self, method: str) -> list[dict[str, Any]]:
        """Rows of the slices."""
        images, seconds = self.reconstruct(method, self.slices)
        dice = self.reader.dice(self.reader.read(images))[0, :, 0]
        pixel_cm2 = float(np.prod(self.scan.spacing[1:])) / 100
        areas = (self.reader.reference[0] == Label.LA).sum((1, 2)) * pixel_cm2
        rows = []
        for k, z in enumerate(self.slices):
            quality = image_quality(images[:, k], self.full(z))
            rows.append(
                {
                    "slice": z,
                    "area_cm2": float(areas[k]),
                    "psnr": quality.psnr,
                    "ssim": quality.ssim,
                    "nrmse": quality.nrmse,
                    "dice_la": float(dice[k]),
                    "full_dice_la": float(self.reader.full_dice[0, k, 0]),
                    "seconds": seconds[k],
                }
            )
        return rows

    def panels(self, rows: Sequence[dict[str, Any]], name: str) -> list[Panel]:
        """The middle slice: full, and by each method, with the contours of Fig. 2."""
        place = len(self.slices) // 2
        z = self.slices[place]
        own = {row["method"]: row for row in rows if (row["patient"], row["slice"]) == (name, z)}
        reference = self.reader.reference[0, place] == Label.LA
        shown = [("all lines", self.scan.image[:, z], "Dice "
                  f"{self.reader.full_dice[0, place, 0]:.2f}")]  # fmt: skip
        for method, row in own.items():
            image, _ = self.reconstruct(method, (z,))
            shown.append((method, image[:, 0], f"{row['psnr']:.1f} dB, Dice {row['dice_la']:.2f}"))
        reader = ImageReader.of(self.scan, (z,))
        return [
            Panel(title, text, np.abs(image[0]), reference, reader.read(image[:, None])[0, 0] > 0)
            for title, image, text in shown
        ]
