"""How many planted lesions survive few lines and a reconstruction, vanish, or are invented."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from napari_cmr.analysis.reconstruction.lesions import (
    Place,
    is_there,
    places_in,
    plant,
    response,
    wall,
)
from napari_cmr.cohort.scans import find_scans
from napari_cmr.cohort.tables import write_csv
from napari_cmr.experiments.interpretability.lesion_page import draw_survival, lesion_page
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.kspace.noise import brightness
from napari_cmr.scan import Scan, ScanError, atomic_path, open_scan, output_folder
from napari_cmr.workflow.reconstruct.methods import find_method

#: Places at which a reconstruction without lesions is looked at for invented ones, in a slice.
LOOKED_AT = 24


class LesionSettings(BaseModel):
    """Everything that changes a number of the check.

    Attributes
    ----------
    methods : tuple of str
    accelerations : tuple of int
    diameters_mm : tuple of float
    contrast : float
        Of lesions, in parts of the scan's 99th percentile; added for bright ones, taken off for
        dark ones.
    lesions : int
        In a slice at once, at most.
    slices : int
        Of a scan, spread over those with enough wall.
    centre_lines, noise : int, float
        As in :class:`~napari_cmr.kspace.Acquisition`.
    seed : int
        Of places and lines.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    methods: tuple[str, ...] = Field(min_length=1)
    accelerations: tuple[int, ...] = Field(default=(2, 4, 8, 12), min_length=1)
    diameters_mm: tuple[float, ...] = Field(default=(2.0, 4.0, 8.0), min_length=1)
    contrast: float = Field(default=0.3, gt=0, le=2)
    lesions: int = Field(default=3, ge=1)
    slices: int = Field(default=2, ge=1)
    centre_lines: int = Field(default=6, ge=0)
    noise: float = Field(default=0.0, ge=0, le=1)
    seed: int = Field(default=0, ge=0)


@dataclass(frozen=True)
class LesionCheck:
    """What :func:`evaluate_lesions` found.

    Attributes
    ----------
    planted : list of dict
        One for each lesion, acceleration and method.
    invented : list of dict
        One for each slice without lesion, diameter, kind, acceleration and method.
    failures : tuple of (str, str)
        Scans that could not be used, and why.
    page : Path
    """

    planted: list[dict[str, Any]]
    invented: list[dict[str, Any]]
    failures: tuple[tuple[str, str], ...]
    page: Path


def evaluate_lesions(
    data: Sequence[Path],
    out: Path,
    settings: LesionSettings,
    *,
    command: str | None = None,
    report: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> LesionCheck:
    """Plant lesions in full images, undersample, reconstruct, and look for them.

    Parameters
    ----------
    data : sequence of Path
        Labelled still images, or folders of them.
    out : Path
        For ``planted.csv``, ``invented.csv``, ``lesions.md`` and ``lesions.png``.
    settings : LesionSettings
    command : str, optional
        What the user typed, for the page.
    report : callable
        Is told of every scan that failed.
    progress : callable
        Is told of scans done, scans in all, and the name of the last.

    Raises
    ------
    ScanError
        If a method does not exist, or not one scan could be used.
    """
    for method in settings.methods:
        find_method(method)
    with output_folder(out, inputs=data, left_out=True):
        scans = [one for path in data for one in find_scans(path, leave_out=out)]
        planted: list[dict[str, Any]] = []
        invented: list[dict[str, Any]] = []
        failures = []
        for done, found in enumerate(scans):
            progress(done, len(scans), found.name)
            try:
                scan = open_scan(found.path, series=found.series)
                for lesions, inventions in _of_scan(scan, settings, done):
                    planted += [{"scan": found.name, **row} for row in lesions]
                    invented += [{"scan": found.name, **row} for row in inventions]
            except ScanError as error:
                failures.append((found.name, str(error)))
                report(f"left out {found.name}: {error}")
        progress(len(scans), len(scans), "")
        if not planted:
            raise ScanError("not one lesion could be planted", remedy="see the reasons above")
        write_csv(out / "planted.csv", planted)
        write_csv(out / "invented.csv", invented)
        draw_survival(planted, invented, settings, out / "lesions.png")
        page = out / "lesions.md"
        with atomic_path(page) as temporary:
            temporary.write_text(
                lesion_page(planted, invented, failures, settings, command), encoding="utf-8"
            )
        return LesionCheck(planted, invented, tuple(failures), page)


Found = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def _of_scan(scan: Scan, settings: LesionSettings, index: int) -> Iterator[Found]:
    """Rows of the lesions that were planted in each slice, and of what was invented in it."""
    if scan.labels is None or scan.n_frames != 1:
        raise ScanError(
            "lesions are planted in the wall of labelled still images",
            source=scan.source or scan.name,
            remedy="give late enhancement with labels",
        )
    margin = max(settings.diameters_mm)
    spacing = scan.spacing[1:]
    places: dict[int, tuple[list[Place], list[Place]]] = {}
    for z in range(scan.n_slices):
        rng = np.random.default_rng([settings.seed, index, z])
        where = wall(scan.labels[0, z], spacing)
        chosen, watched = (
            places_in(where, count, apart_mm=apart, margin_mm=margin, spacing=spacing, rng=rng)
            for count, apart in ((settings.lesions, 2.5 * margin), (LOOKED_AT, margin / 2))
        )
        if len(chosen) == settings.lesions:
            places[z] = chosen, watched
    if not places:
        raise ScanError("no slice has room for the lesions", source=scan.source or scan.name)
    shown = list(places)
    steps = np.linspace(0, len(shown) - 1, settings.slices + 2).round().astype(int)[1:-1]
    for z in dict.fromkeys(shown[step] for step in steps):
        for acceleration in settings.accelerations:
            acquisition = Acquisition(
                n_lines=max(1, round(scan.n_phase_encodes / acceleration)),
                centre_lines=settings.centre_lines,
                noise=settings.noise,
                seed=1000 * settings.seed + 100_000 * index + z,
            )
            for method in settings.methods:
                slice_ = _Slice(scan, z, acquisition, method, settings)
                about = {"slice": z, "method": method, "acceleration": acceleration}
                lesions, inventions = slice_.look(*places[z])
                yield [about | row for row in lesions], [about | row for row in inventions]


@dataclass(frozen=True)
class _Slice:
    """One slice, one choice of lines, one method."""

    scan: Scan
    z: int
    acquisition: Acquisition
    method: str
    settings: LesionSettings

    def look(self, places: Sequence[Place], watched: Sequence[Place]) -> Found:
        """Responses at lesions that were planted, and where none was."""
        spacing = self.scan.spacing[1:]
        plain = np.abs(self.scan.image[0, self.z])
        empty = self._reconstructed(plain)
        lesions, inventions = [], []
        for diameter in self.settings.diameters_mm:
            noise = [response(empty, plain, place, diameter, spacing) for place in watched]
            for kind in ("bright", "dark"):
                contrast = self._contrast(kind)
                full = plant(plain, places, diameter, contrast, spacing)
                image = self._reconstructed(full)
                about = {"diameter_mm": diameter, "kind": kind}
                for place in places:
                    whole = response(full, plain, place, diameter, spacing)
                    found = response(image, plain, place, diameter, spacing)
                    lesions.append(
                        about
                        | {
                            "row": place[0],
                            "column": place[1],
                            "contrast": whole,
                            "response": found,
                            "survives": is_there(found, whole),
                        }
                    )
                inventions.append(
                    about
                    | {
                        "places": len(noise),
                        "invented": sum(is_there(one, contrast) for one in noise),
                        "scatter": float(np.std(noise)) / abs(contrast),
                    }
                )
        return lesions, inventions

    def _contrast(self, kind: str) -> float:
        size = self.settings.contrast * brightness(self.scan)
        return size if kind == "bright" else -size

    def _reconstructed(self, magnitude: np.ndarray) -> np.ndarray:
        """Magnitude (Y, X) that the method makes of the lines of a slice."""
        image = self.scan.image.copy()
        image[0, self.z] = magnitude
        # noise levels refer to the scan's brightness, which a few discs do not change
        measured = undersample(self.scan.with_(image=image), self.acquisition, slices=(self.z,))
        return np.abs(find_method(self.method).run(measured[0]).image[0])
