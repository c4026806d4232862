"""Make a reading study: slices of many scans, from the same lines by each method."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from math import ceil
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from napari_cmr.analysis.image_quality import image_quality
from napari_cmr.kspace import Acquisition, Measured, Pattern, undersample
from napari_cmr.kspace.masks import count_lines
from napari_cmr.scan import Scan, ScanError, open_scan
from napari_cmr.workflow.reading.criteria import Criteria, criteria_for
from napari_cmr.workflow.reading.study import (
    FULL,
    IMAGES,
    KEY_FILE,
    STUDY_FILE,
    WHITE,
    Case,
    Item,
    Key,
    Made,
    Method,
    Study,
    StudyFolder,
    written,
)
from napari_cmr.workflow.reconstruct.image_reader import ImageReader
from napari_cmr.workflow.reconstruct.methods import find_method
from napari_cmr.workflow.reconstruct.quality import full_slice

WHITE_PERCENTILE = 99.5
"""Of the full image of a slice: what is shown white, alike for all its reconstructions."""
_REPEAT_STREAM = 5
_TOP = int(np.iinfo(np.uint16).max)


class Source(NamedTuple):
    """A scan that images are made of: what to open, and which series of it."""

    path: Path
    series: str | None = None


class StudySettings(BaseModel):
    """How a study is made.

    Attributes
    ----------
    methods : tuple of str
        Two or more; ``full`` is the image from all lines.
    lines : str
        Lines of a frame, as ``24``, or an acceleration, as ``8x``.
    pattern, centre_lines, noise
        As in :class:`~napari_cmr.kspace.Acquisition`.
    seed : int
        Of the first scan's mask; others count up from it; of repeats and orders, too.
    slices : int
        Of each scan: spread evenly over those that are labelled, or over the stack.
    repeats : float
        Share of the images that each reader rates twice.
    may_zoom, may_window : bool
        Whether readers may come nearer, and change the contrast.
    criteria : tuple of 4 str, optional
        What the scores mean, instead of the words for this kind of scan.
    sis : bool
        Whether a segmenter of full images reads the reconstructions, where one belongs to the scan.
    device : str
        Where networks run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    methods: tuple[str, ...]
    lines: str
    pattern: Pattern = "variable-density"
    centre_lines: int = Field(default=4, ge=0)
    noise: float = Field(default=0.0, ge=0, le=1)
    seed: int = Field(default=0, ge=0)
    slices: int = Field(default=1, ge=1)
    repeats: float = Field(default=0.2, ge=0, le=0.5)
    may_zoom: bool = True
    may_window: bool = True
    criteria: Criteria | None = None
    sis: bool = True
    device: str = "auto"

    def acquisition(self, number: int, n_phase_encodes: int) -> Acquisition:
        """Acquisition of a scan, by its number among the cases and its full lines."""
        return Acquisition(
            n_lines=count_lines(self.lines, n_phase_encodes),
            pattern=self.pattern,
            centre_lines=self.centre_lines,
            noise=self.noise,
            seed=self.seed + number,
        )


def make_study(
    sources: Sequence[Source],
    output: str | PathLike[str],
    settings: StudySettings,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> StudyFolder:
    """Reconstruct scans with several methods, and write what readers and evaluation need.

    Parameters
    ----------
    sources : sequence of Source
    output : path
        Folder that does not exist yet.
    settings : StudySettings
    progress : callable
        Is told of images done, and images in all.

    Returns
    -------
    StudyFolder

    Raises
    ------
    ScanError
        If there are fewer than two methods or no case, one of the scans cannot be read or one of
        the methods cannot use its lines, or the folder exists or cannot be written. Nothing is
        left then.
    """
    output = Path(output)
    _check(sources, output, settings)
    chosen = [_prepare(source, number, settings)[1] for number, source in enumerate(sources)]
    total = len(settings.methods) * sum(map(len, chosen))
    ids = _ids(total)
    methods = tuple(_method(name, settings) for name in settings.methods)
    items: list[Item] = []
    made: list[Made] = []
    cases: list[Case] = []
    kinds, synthetic = [], False
    with _new_folder(output) as folder:
        (folder / IMAGES).mkdir()
        for number, source in enumerate(sources):
            scan, slices, measured = _prepare(source, number, settings)
            cases.append(_case(scan, measured))
            kinds.append(scan.kind)
            synthetic |= scan.synthetic
            for place, z in enumerate(slices):
                for one, image in _images_of(scan, measured, place, settings):
                    item_id = ids[len(items)]
                    items.append(_write(folder, item_id, image, scan))
                    made.append(one.model_copy(update={"id": item_id, "case": number, "slice": z}))
                    progress(len(items), total)
        study = Study(
            seed=settings.seed,
            synthetic=synthetic,
            may_invent=any(one.invents for one in methods),
            criteria=settings.criteria or criteria_for(kinds),
            may_zoom=settings.may_zoom,
            may_window=settings.may_window,
            items=tuple(sorted(items, key=lambda one: one.id)),
            repeats=_repeats(made, settings),
        )
        key = Key(
            study=study.digest,
            methods=methods,
            cases=tuple(cases),
            made=tuple(sorted(made, key=lambda one: one.id)),
        )
        (folder / STUDY_FILE).write_text(written(study), encoding="ascii")
        (folder / KEY_FILE).write_text(written(key), encoding="ascii")
    return StudyFolder(output, study)


# -- before the work -------------------------------------------------------------------------------


def _check(sources: Sequence[Source], output: Path, settings: StudySettings) -> None:
    names = settings.methods
    if len(names) < 2 or len(set(names)) != len(names):
        raise ScanError(
            f"a reading study compares methods, and {', '.join(names) or 'none'} was named",
            remedy="name two or more, each once; 'full' is the image from all lines",
        )
    if not sources:
        raise ScanError("there is no case to read", remedy="give scans, or folders of scans")
    for name in names:
        if name != FULL:
            find_method(name, settings.device)
    count_lines(settings.lines, 1)
    _check_new(output)


def _check_new(output: Path) -> None:
    if output.exists() or output.is_symlink():
        raise ScanError(
            "exists already",
            source=output,
            remedy="choose a new folder; ratings that it may hold are never replaced",
        )
    if not output.parent.is_dir():
        raise ScanError(
            f"the folder {str(output.parent)!r} does not exist",
            source=output,
            remedy="make it first, or choose another place",
        )


def _prepare(
    source: Source, number: int, settings: StudySettings
) -> tuple[Scan, tuple[int, ...], Measured]:
    """Open a scan, choose its slices, and refuse what one of the methods could not do."""
    scan = open_scan(source.path, series=source.series)
    slices = spread_slices(scan, settings.slices)
    acquisition = settings.acquisition(number, scan.n_phase_encodes)
    measured = undersample(scan, acquisition, slices=slices, keep=False)
    try:
        for name in settings.methods:
            if name != FULL:
                find_method(name, settings.device).check(measured[0])
    except ScanError as error:
        where = f"{source.path}, {error.source}" if error.source else source.path
        raise ScanError(error.problem, source=where, remedy=error.remedy) from error
    if FULL in settings.methods and full_slice(scan, slices[0], acquisition) is None:
        raise ScanError(
            "holds some of its lines only, so there is no full image",
            source=source.path,
            remedy=f"leave {FULL!r} out of the methods, or this scan out of the cases",
        )
    return scan, slices, measured


def spread_slices(scan: Scan, n: int) -> tuple[int, ...]:
    """Slices of a scan, spread evenly over those that are labelled, or over the stack.

    The middle one of each of so many equal parts; fewer where there are not so many slices.
    """
    candidates = np.arange(scan.n_slices)
    if scan.labels is not None and scan.labels.any():
        candidates = np.flatnonzero(scan.labels.any(axis=(0, 2, 3)))
    n = min(n, candidates.size)
    places = ((2 * np.arange(n) + 1) * candidates.size) // (2 * n)
    return tuple(int(candidates[place]) for place in places)


# -- the work --------------------------------------------------------------------------------------


def _images_of(
    scan: Scan, measured: Measured, place: int, settings: StudySettings
) -> Iterator[tuple[Made, np.ndarray]]:
    """What each method makes of a slice: magnitudes ``(T, Y, X)`` in the unit of :data:`WHITE`."""
    one = measured[place]
    full = full_slice(scan, one.z, measured.acquisition)
    basis = np.abs(one.temporal_average if full is None else full)
    white = float(np.percentile(basis, WHITE_PERCENTILE))
    if not white > 0:
        raise ScanError(f"slice {one.z + 1} is black", source=scan.source or scan.name)
    reader = _reader_of(scan, one.z, settings) if full is not None else None
    for name in settings.methods:
        image, quality = full, {}
        if name != FULL:
            image = find_method(name, settings.device).run(one).image
            if full is not None:
                found = image_quality(image, full)
                quality = {"psnr": _known(found.psnr), "ssim": _known(found.ssim)}
            if reader is not None:
                quality |= _overlaps(reader, image)
        assert image is not None  # see _prepare
        scaled = np.abs(image) * (WHITE / white)
        pixels = np.clip(np.round(scaled), 0, _TOP).astype(np.uint16)
        yield Made(id="0" * 8, case=0, slice=0, method=name, **quality), pixels


def _reader_of(scan: Scan, z: int, settings: StudySettings) -> ImageReader | None:
    """What reads images of a slice; None where nothing does, or nobody asked."""
    if not settings.sis:
        return None
    try:
        return ImageReader.of(scan, (z,), device=settings.device)
    except ScanError:
        return None  # no segmenter belongs to this kind of scan


def _overlaps(reader: ImageReader, image: np.ndarray) -> dict[str, float | None]:
    """Mean Dice of what is read in an image, and in the full one, over the classes shown."""
    full = reader.full_dice.reshape(-1, len(reader.classes))
    found = reader.dice(reader.read(image[:, None])).reshape(full.shape)
    shown = np.isfinite(full).any(axis=0)
    if not shown.any():
        return {}
    dice, full_dice = (float(np.nanmean(one[:, shown], axis=0).mean()) for one in (found, full))
    return {"dice": dice, "full_dice": full_dice}


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _write(folder: Path, item_id: str, pixels: np.ndarray, scan: Scan) -> Item:
    """Write the pixels of an item; all files look alike but for them."""
    buffer = BytesIO()
    np.save(buffer, pixels, allow_pickle=False)
    content = buffer.getvalue()
    path = folder / IMAGES / f"{item_id}.npy"
    path.write_bytes(content)
    os.utime(path, (0, 0))  # the time of writing would tell methods apart
    frame_ms = None
    if scan.n_frames > 1 and scan.cycle_ms:
        frame_ms = scan.cycle_ms * scan.n_beats / scan.n_frames
    frames, rows, columns = pixels.shape
    return Item(
        id=item_id,
        sha256=hashlib.sha256(content).hexdigest(),
        shape=(frames, rows, columns),
        pixel_mm=(scan.spacing[1], scan.spacing[2]),
        frame_ms=frame_ms,
    )


def _case(scan: Scan, measured: Measured) -> Case:
    magnitude = np.abs(scan.image).astype("<f4")
    return Case(
        sha256=hashlib.sha256(magnitude.tobytes()).hexdigest(),
        acquisition=measured.acquisition,
        n_phase_encodes=scan.n_phase_encodes,
    )


def _method(name: str, settings: StudySettings) -> Method:
    if name == FULL:
        return Method(name=FULL, title="Image from all lines")
    solver = find_method(name, settings.device)
    return Method(
        name=name,
        title=solver.title,
        publication=solver.publication,
        invents=" ".join(one.text for one in solver.notices()),
        settings=solver.parse().model_dump(mode="json"),
        weights=None if solver.weights is None else dict(solver.weights),
    )


def _ids(n: int) -> list[str]:
    """Random names of images, each another; not of the seed, which would tell the methods."""
    found: dict[str, None] = {}
    while len(found) < n:
        found[secrets.token_hex(4)] = None
    return list(found)


def _repeats(made: Sequence[Made], settings: StudySettings) -> tuple[str, ...]:
    """Items that are rated twice: of each method as many, drawn at random."""
    rng = np.random.default_rng([settings.seed, _REPEAT_STREAM])
    chosen: list[str] = []
    for name in settings.methods:
        own = [one.id for one in made if one.method == name]
        chosen += rng.choice(own, ceil(settings.repeats * len(own)), replace=False).tolist()
    return tuple(sorted(chosen))


@contextmanager
def _new_folder(output: Path) -> Iterator[Path]:
    """Give a folder that takes the name of ``output`` once the block has succeeded."""
    folder = output.with_name(f".{secrets.token_hex(6)}.study")
    try:
        folder.mkdir()
        yield folder
        _check_new(output)  # the work took its time
        os.rename(folder, output)
    except OSError as error:
        raise ScanError(
            f"cannot be written: {error.strerror or error}",
            source=output,
            remedy="check the free space and your permissions, or choose another place",
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
