"""Compare reconstruction methods on the same lines of the same scans; on after a stop."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

import napari_cmr
from napari_cmr.analysis.image_quality import covered, image_quality
from napari_cmr.cohort.scans import FoundScan, find_scans
from napari_cmr.cohort.store import Part, Result, ResultStore
from napari_cmr.cohort.tables import write_csv
from napari_cmr.experiments.figures import draw_gains
from napari_cmr.experiments.interpretability.scan_scores import (
    DIRECT,
    ScanScores,
    reading_weights,
)
from napari_cmr.experiments.reconstruction_page import REFERENCE, comparison_page, gains
from napari_cmr.kspace import (
    Acquisition,
    LineMask,
    Measured,
    Pattern,
    line_mask,
    undersample,
)
from napari_cmr.kspace.masks import count_lines
from napari_cmr.scan import Scan, ScanError, atomic_path, open_scan, output_folder
from napari_cmr.workflow.reconstruct.methods import find_method, parameters_of

PATTERNS: dict[str, Pattern] = {
    "random": "variable-density",
    "lattice": "uniform",
    "golden": "golden-step",
}
"""Patterns as tables name them."""
QUALITY = ("psnr", "psnr_moving", "ssim", "nrmse", "covered", "seconds")


class ReconstructionSettings(BaseModel):
    """Everything that changes a number of the comparison.

    Attributes
    ----------
    methods : tuple of str
    lines : tuple of str
        Lines of a frame, or an acceleration: ``24`` or ``8x``.
    patterns : tuple of {"random", "lattice", "golden"}
    centre_lines : int
        Lines around the centre that every frame keeps.
    draws : int
        Masks of each pattern and number of lines.
    seed : int
        Of the first draw; others count up from it.
    noise, coils : float, int
        As in :class:`~napari_cmr.kspace.Acquisition`.
    slices : {"middle", "all"}
    read : bool
        Whether a segmenter of full images reads the reconstructions: the semantic interpretability
        score and, of all slices of a cine, the ejection fraction beside that of segmenting the
        lines themselves.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    methods: tuple[str, ...] = Field(min_length=1)
    lines: tuple[str, ...] = Field(default=("4x", "8x", "12x", "16x"), min_length=1)
    patterns: tuple[Literal["random", "lattice", "golden"], ...] = Field(
        default=("random", "lattice"), min_length=1
    )
    centre_lines: int = Field(default=4, ge=0)
    draws: int = Field(default=1, ge=1)
    seed: int = Field(default=0, ge=0)
    noise: float = Field(default=0.0, ge=0, le=1)
    coils: int = Field(default=1, ge=1, le=8)
    slices: Literal["middle", "all"] = "middle"
    read: bool = True

    @field_validator("lines")
    @classmethod
    def _are_lines(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        for one in lines:
            count_lines(one, 1)
        return lines

    def digest(self, method: str, data: str) -> str:
        """Fingerprint of everything that one scan's result of a method depends on."""
        content = self.model_dump(mode="json", exclude={"methods"})
        content |= {
            "version": napari_cmr.__version__,
            "method": method,
            "columns": QUALITY,
            "readers": reading_weights() if self.read else None,
            "data": data,
        }
        if method != DIRECT:
            solver = find_method(method)
            content |= {
                "settings": solver.settings().model_dump(mode="json"),
                "weights": None if solver.weights is None else dict(solver.weights),
            }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def samplings(self) -> Iterator["Sampling"]:
        """Every pattern, number of lines and draw."""
        for pattern in self.patterns:
            for lines in self.lines:
                for draw in range(self.draws):
                    yield Sampling(pattern, lines, self.centre_lines, self.seed + draw)


@dataclass(frozen=True)
class Sampling:
    """Which lines are kept: a pattern, a number of lines or an acceleration, and a seed."""

    pattern: str
    lines: str
    centre_lines: int
    seed: int

    @property
    def key(self) -> str:
        """Name of its mask in the file of masks."""
        return f"{self.pattern}-{self.lines}-centre{self.centre_lines}-seed{self.seed}"

    def acquisition(self, n_phase_encodes: int, noise: float, coils: int = 1) -> Acquisition:
        """Acquisition of a scan of so many lines."""
        return Acquisition(
            n_lines=count_lines(self.lines, n_phase_encodes),
            pattern=PATTERNS[self.pattern],
            centre_lines=self.centre_lines,
            seed=self.seed,
            noise=noise,
            coils=coils,
        )


class MaskStore:
    """Masks of a scan in ``OUT/masks``: each is drawn once, and every method gets the same."""

    def __init__(self, out: Path, subject: str) -> None:
        self.path = out / "masks" / f"{subject}.npz"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.masks: dict[str, np.ndarray] = {}
        if self.path.exists():
            with np.load(self.path, allow_pickle=False) as file:
                self.masks = {name: file[name] for name in file.files}

    def mask(self, scan: Scan, sampling: Sampling, acquisition: Acquisition) -> LineMask:
        """Mask of a sampling, drawn and stored if it is not there yet."""
        if sampling.key not in self.masks:
            drawn = line_mask(acquisition, scan.n_frames, scan.n_phase_encodes)
            self.masks[sampling.key] = drawn.array
            with atomic_path(self.path) as temporary, open(temporary, "wb") as file:
                np.savez_compressed(file, **self.masks)  # type: ignore[arg-type]
        return LineMask(self.masks[sampling.key])


@dataclass(frozen=True)
class Comparison:
    """What :func:`evaluate_reconstruction` found.

    Attributes
    ----------
    rows : list of dict
        One for each scan, slice, sampling and method.
    function : list of dict
        One for each scan whose volumes were measured, sampling, and method or direct segmentation.
    failures : tuple of (str, str)
        Scans that could not be used, and why.
    page : Path
    """

    rows: list[dict[str, Any]]
    function: list[dict[str, Any]]
    failures: tuple[tuple[str, str], ...]
    page: Path


def evaluate_reconstruction(
    data: Sequence[Path],
    out: Path,
    settings: ReconstructionSettings,
    *,
    command: str | None = None,
    report: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Comparison:
    """Reconstruct scans from the same lines with several methods, and write what they are like.

    Parameters
    ----------
    data : sequence of Path
        Scans, or folders of scans.
    out : Path
        For ``reconstruction.csv``, ``function.csv`` where volumes were measured,
        ``reconstruction.md``, the masks, and a result for each scan and method, which is kept when
        the same is run again.
    settings : ReconstructionSettings
    command : str, optional
        What the user typed, for the page.
    report : callable
        Is told of every scan that failed.
    progress : callable
        Is told of scans done, scans in all, and the name of the last.

    Returns
    -------
    Comparison

    Raises
    ------
    ScanError
        If a method does not exist, there is no scan, or not one could be reconstructed.
    """
    for method in settings.methods:
        find_method(method)
    scans = [one for path in data for one in find_scans(path, leave_out=out)]
    twice = [name for name, n in Counter(one.name for one in scans).items() if n > 1]
    if twice:
        raise ScanError(
            f"two scans are called {twice[0]!r}", remedy="give one folder that holds both"
        )
    with output_folder(out, inputs=data, left_out=True):
        store = ResultStore(out)
        rows: list[dict[str, Any]] = []
        function: list[dict[str, Any]] = []
        failures = []
        for done, found in enumerate(scans):
            progress(done, len(scans), found.name)
            try:
                for result in _of_scan(found, out, settings, store):
                    rows += [{"scan": found.name, **row} for row in result.record["rows"]]
                    function += [{"scan": found.name, **row} for row in result.record["function"]]
            except ScanError as error:
                failures.append((found.name, str(error)))
                report(f"left out {found.name}: {error}")
        progress(len(scans), len(scans), "")
        if not rows:
            raise ScanError("not one scan could be reconstructed", remedy="see the reasons above")
        if all(row.get("refused") for row in rows):
            raise ScanError(
                f"every method refused these lines, {rows[0]['method']} as {rows[0]['refused']}",
                source=rows[0]["scan"],
                remedy="choose other lines, patterns or methods",
            )
        write_csv(out / "reconstruction.csv", rows)
        if function:
            write_csv(out / "function.csv", function)
        page = out / "reconstruction.md"
        with atomic_path(page) as temporary:
            text = comparison_page(rows, function, failures, settings, command)
            temporary.write_text(text, encoding="utf-8")
        gained = gains(rows, settings.methods)
        if any(gained.values()):
            if find_spec("matplotlib") is None:
                report("no figure without matplotlib: pip install 'napari-cmr[experiments]'")
            else:
                draw_gains(gained, REFERENCE, out / "gains.png")
        return Comparison(rows, function, tuple(failures), page)


def _of_scan(
    found: FoundScan, out: Path, settings: ReconstructionSettings, store: ResultStore
) -> Iterator[Result]:
    """Results of all methods for one scan, those that are there already among them."""
    subject = found.name.replace("/", "__")
    where = f"{found.path.resolve()} {found.series or ''}"
    ways = (*settings.methods, *((DIRECT,) if settings.read and settings.slices == "all" else ()))
    parts = [Part("reconstruction", way, settings.digest(way, where)) for way in ways]
    kept = {part.model: store.load(subject, part) for part in parts}
    scan, scores = None, None
    for part in parts:
        result = kept[part.model]
        if result is None:
            if scan is None or scores is None:
                scan = open_scan(found.path, series=found.series)
                scores = ScanScores(scan, _chosen_slices(scan, settings))
            masks = MaskStore(out, subject)
            record = _Measurement(scan, settings, masks, scores).of(part.model)
            result = Result(subject, scan.subject.group, part, record)
            store.save(result)
        yield result


def _chosen_slices(scan: Scan, settings: ReconstructionSettings) -> tuple[int, ...]:
    if settings.slices == "middle":
        return (scan.n_slices // 2,)
    return tuple(range(scan.n_slices))


@dataclass(frozen=True)
class _Measurement:
    """What is measured of one scan, method by method."""

    scan: Scan
    settings: ReconstructionSettings
    masks: MaskStore
    scores: ScanScores

    def of(self, way: str) -> dict[str, list[dict[str, Any]]]:
        """Rows of the slices, and of the volumes, of one method or of direct segmentation."""
        scan, settings = self.scan, self.settings
        if scan.raw is not None and not scan.raw.is_fully_sampled:
            raise ScanError(
                "holds some of its lines only, there is no full image to compare with",
                source=scan.source or scan.name,
            )
        rows: list[dict[str, Any]] = []
        function: list[dict[str, Any]] = []
        for sampling in settings.samplings():
            acquisition = sampling.acquisition(scan.n_phase_encodes, settings.noise, settings.coils)
            mask = self.masks.mask(scan, sampling, acquisition)
            measured = undersample(scan, acquisition, mask=mask, slices=self.scores.slices)
            about = {
                "pattern": sampling.pattern,
                "lines": sampling.lines,
                "n_lines": acquisition.n_lines,
                "n_phase_encodes": scan.n_phase_encodes,
                "seed": sampling.seed,
                "method": way,
            }
            if way != DIRECT:
                found, volumes = self._reconstructed(measured, way)
                learned = {"parameters": parameters_of(way)}
                rows += [about | learned | row for row in found]
            else:
                volumes = self.scores.direct_row(measured) if self.scores.has_function else None
            if volumes is not None:
                function.append(about | volumes)
        return {"rows": rows, "function": function}

    def _reconstructed(
        self, measured: Measured, method: str
    ) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """Rows of the slices, and the volumes where the whole stack could be reconstructed."""
        solver, scores = find_method(method), self.scores
        whole = measured.acquisition.model_copy(update={"n_lines": None, "noise": 0.0})
        full = undersample(self.scan, whole, slices=scores.slices)
        images = np.zeros(measured.shape, dtype=np.float32)
        rows = []
        for place, z in enumerate(scores.slices):
            row: dict[str, Any] = {"slice": z}
            one = measured[place]
            clock = time.process_time()
            try:
                answer = solver.run(one)
            except ScanError as error:
                rows.append(row | dict.fromkeys(QUALITY) | {"refused": error.problem})
                continue
            row["seconds"] = time.process_time() - clock
            images[:, place] = np.abs(answer.image)
            true = full[place].zero_filled()
            row["covered"] = covered(images[:, place], answer.std, np.abs(true))
            quality = asdict(image_quality(answer.image, true))
            rows.append(row | {name: x if np.isfinite(x) else None for name, x in quality.items()})
        if not self.settings.read or scores.reader is None or any("refused" in row for row in rows):
            return rows, None
        read = scores.reader.read(images)
        read_rows = scores.dice_rows(read)
        rows = [row | dice for row, dice in zip(rows, read_rows, strict=True)]
        return rows, scores.function_row(read) if scores.has_function else None
