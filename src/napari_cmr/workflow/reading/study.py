"""A reading study on disk: images without names, and apart from them the key to what made each."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import ScanError
from napari_cmr.workflow.reading.criteria import Criteria
from napari_cmr.workflow.session.record import FileKind, Record, Sha256, Whole, read_record

STUDY_FILE, KEY_FILE, IMAGES, RATINGS = "study.json", "key.json", "images", "ratings"
WHITE = 32768
"""Pixel value that is shown white at first; the range goes on to twice that."""
MAX_BYTES = 32 * 1024 * 1024
_HEADER_BYTES = 4096  # more than numpy writes before the pixels

Count = Annotated[int, Field(ge=1, le=100_000)]
Positive = Annotated[float, Field(gt=0)]
ItemId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
FULL = "full"
"""Name of the images from all lines, among the methods."""


class Item(Record):
    """One image that readers rate: a slice, still or over the cycle.

    Attributes
    ----------
    id : str
        Drawn at random: it says nothing.
    sha256 : str
        Of its file.
    shape : tuple of 3 ints
        ``(T, Y, X)``.
    pixel_mm : (float, float)
        ``(dy, dx)``.
    frame_ms : float or None
        From one frame to the next, where it is known.
    """

    id: ItemId
    sha256: Sha256
    shape: tuple[Count, Count, Count]
    pixel_mm: tuple[Positive, Positive]
    frame_ms: Positive | None = None


class Study(Record):
    """All that readers and their window need to know, and nothing about methods.

    Attributes
    ----------
    seed : int
        Of the order in which each reader sees the images.
    synthetic : bool
        Whether some images were computed, rather than measured.
    may_invent : bool
        Whether details of some images may be invented, as an adversarial network made them.
    criteria : tuple of 4 str
        What the scores mean.
    may_zoom, may_window : bool
        Whether readers may come nearer, and change the contrast.
    items : tuple of Item
        By id.
    repeats : tuple of str
        Items that each reader rates twice.
    """

    format: Literal["napari-cmr reading study"] = "napari-cmr reading study"
    version: Literal[1] = 1
    seed: Whole
    synthetic: bool
    may_invent: bool = False
    criteria: Criteria
    may_zoom: bool = True
    may_window: bool = True
    items: tuple[Item, ...] = Field(min_length=2)
    repeats: tuple[ItemId, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> "Study":
        ids = [one.id for one in self.items]
        if len(set(ids)) != len(ids):
            raise ValueError("two images have one id")
        if len(set(self.repeats)) != len(self.repeats) or not set(self.repeats) <= set(ids):
            raise ValueError("repeats are not images of the study, each once")
        return self

    @cached_property
    def digest(self) -> str:
        """What ratings and the key are tied to: a change of anything makes it another study."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Method(Record):
    """What made some of the images.

    Attributes
    ----------
    name, title, publication : str
        As the register of methods has them.
    settings : dict
    weights : dict of str to str, or None
        SHA-256 of the weights, by model.
    invents : str
        What is to be said of its images where details in them may be invented.
    """

    name: Text
    title: Text
    publication: str = ""
    invents: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    weights: dict[str, Sha256] | None = None


class Case(Record):
    """A scan that images were made of, without its name.

    Attributes
    ----------
    sha256 : str
        Of its magnitudes, by which who has the scan knows it again.
    acquisition : Acquisition
        What drew the mask of all its images.
    n_phase_encodes : int
        Lines of a full frame.
    """

    sha256: Sha256
    acquisition: Acquisition
    n_phase_encodes: Count


class Made(Record):
    """How one item was made, and how close it is to the image from all lines.

    Attributes
    ----------
    id : str
    case, slice : int
        From 0.
    method : str
    psnr, ssim : float or None
        None of the full image, or where there is none; see
        :func:`napari_cmr.analysis.image_quality.image_quality`.
    dice, full_dice : float or None
        Overlap of what a segmenter of full images reads in it, and in the full image, with the
        reference: mean over frames, and over the classes that are shown. Their quotient is the
        semantic interpretability score. None where no segmenter belongs to the scan, no class is
        shown, or nobody asked.
    """

    id: ItemId
    case: Whole
    slice: Whole
    method: Text
    psnr: Annotated[float, Field(ge=-1000, le=1000)] | None = None
    ssim: Annotated[float, Field(ge=-1, le=1)] | None = None
    dice: Share | None = None
    full_dice: Share | None = None

    @property
    def sis(self) -> float | None:
        """Semantic interpretability score of this image."""
        if self.dice is None or not self.full_dice:
            return None
        return self.dice / self.full_dice


class Key(Record):
    """What readers must not know: which method made which image.

    Attributes
    ----------
    study : str
        Digest of the study that it opens.
    methods : tuple of Method
        Two or more.
    cases : tuple of Case
    made : tuple of Made
        One for each item.
    """

    format: Literal["napari-cmr reading key"] = "napari-cmr reading key"
    version: Literal[1] = 1
    study: Sha256
    methods: tuple[Method, ...] = Field(min_length=2)
    cases: tuple[Case, ...] = Field(min_length=1)
    made: tuple[Made, ...]

    @model_validator(mode="after")
    def _fits(self) -> "Key":
        names = [one.name for one in self.methods]
        if len(set(names)) != len(names):
            raise ValueError("two methods have one name")
        if any(one.method not in names or one.case >= len(self.cases) for one in self.made):
            raise ValueError("an image is of an unknown method or case")
        return self


_STUDY_KIND = FileKind(
    "reading study",
    choose="choose the folder that 'napari-cmr reading-panel make' wrote",
    mend="copy the study again; it was damaged or changed by hand",
    max_bytes=MAX_BYTES,
    version=1,
)
_KEY_KIND = FileKind(
    "key of a reading study",
    choose="give the key.json that 'napari-cmr reading-panel make' wrote",
    mend="copy the key again; it was damaged or changed by hand",
    max_bytes=MAX_BYTES,
    version=1,
)


@dataclass(frozen=True)
class StudyFolder:
    """A study that is open.

    Attributes
    ----------
    path : Path
    study : Study
    """

    path: Path
    study: Study

    @cached_property
    def items(self) -> dict[str, Item]:
        """Items by id."""
        return {one.id: one for one in self.study.items}

    def image(self, item_id: str) -> np.ndarray:
        """Pixels of an item, uint16 ``(T, Y, X)``; :data:`WHITE` is white.

        Raises
        ------
        ScanError
            If the file is missing, or is not the one that was made.
        """
        item, path = self.items[item_id], image_path(self.path, item_id)
        try:
            if path.stat().st_size > 2 * int(np.prod(item.shape)) + _HEADER_BYTES:
                raise _not_as_made(path)
            content = path.read_bytes()
        except OSError as error:
            raise ScanError(
                f"cannot be read: {error.strerror or error}",
                source=path,
                remedy="copy the whole study again",
            ) from error
        if hashlib.sha256(content).hexdigest() != item.sha256:
            raise _not_as_made(path)
        pixels: np.ndarray = np.load(BytesIO(content), allow_pickle=False)
        if pixels.shape != item.shape or pixels.dtype != np.uint16:
            raise _not_as_made(path)
        return pixels


def image_path(folder: Path, item_id: str) -> Path:
    """File of an item."""
    return folder / IMAGES / f"{item_id}.npy"


def _not_as_made(path: Path) -> ScanError:
    return ScanError(
        "is not the image that was made for this study",
        source=path,
        remedy="it was damaged or replaced: copy the whole study again",
    )


def open_study(folder: str | PathLike[str]) -> StudyFolder:
    """Open a study; its images are read one by one later.

    Raises
    ------
    ScanError
        If the folder is missing or cannot be read, holds no study or a damaged one, or lacks
        images.
    """
    path = Path(folder)
    try:
        is_study = path.is_dir() and (path / STUDY_FILE).is_file()
    except OSError as error:
        raise ScanError(f"cannot be read: {error.strerror or error}", source=path) from error
    if not path.exists():
        raise ScanError("no such folder", source=path, remedy="check the spelling")
    if not is_study:
        raise ScanError(
            f"is no reading study: it has no {STUDY_FILE}", source=path, remedy=_STUDY_KIND.choose
        )
    opened = StudyFolder(path, read_record(path / STUDY_FILE, Study, _STUDY_KIND))
    missing = [one.id for one in opened.study.items if not image_path(path, one.id).is_file()]
    if missing:
        raise ScanError(
            f"{len(missing)} of {len(opened.study.items)} images are missing, "
            f"{IMAGES}/{missing[0]}.npy among them",
            source=path,
            remedy="copy the whole study again",
        )
    return opened


def read_key(folder: StudyFolder, path: str | PathLike[str] | None = None) -> Key:
    """Read the key of a study.

    Parameters
    ----------
    folder : StudyFolder
    path : path, optional
        Where it is kept; in the study by default.

    Raises
    ------
    ScanError
        If it is missing, damaged, or of another study.
    """
    where = folder.path / KEY_FILE if path is None else Path(path)
    if path is None and not where.exists():
        raise ScanError(
            "the key is not in the study",
            source=folder.path,
            remedy=f"give the {KEY_FILE} that was kept from the readers with --key",
        )
    key = read_record(where, Key, _KEY_KIND)
    if key.study != folder.study.digest:
        raise ScanError(
            "is the key of another study, or the study was changed",
            source=where,
            remedy="give the key that was made together with the study",
        )
    if sorted(one.id for one in key.made) != sorted(folder.items):
        raise ScanError("does not fit the images of the study", source=where)
    return key


def written(record: Record) -> str:
    """Text of a file that holds a record."""
    return json.dumps(record.model_dump(mode="json"), indent=1, allow_nan=False) + "\n"
