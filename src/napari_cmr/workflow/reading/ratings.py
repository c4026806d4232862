"""What one reader has seen and said: the order of the images, and a file that is always whole."""

import hashlib
import re
from os import PathLike
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from napari_cmr.scan import ScanError, atomic_path
from napari_cmr.workflow.reading.criteria import Score
from napari_cmr.workflow.reading.study import (
    MAX_BYTES,
    RATINGS,
    Item,
    ItemId,
    Study,
    StudyFolder,
    written,
)
from napari_cmr.workflow.session.record import FileKind, Record, Sha256, read_record

_READER = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")
_ORDER_STREAM = 4  # apart from what else a seed may draw
READER_WORDS = "a short code, not a name, such as r1: small letters, digits and hyphens"
_FILE = re.compile(r"reader-(.+)\.json")
_KIND = FileKind(
    "file of ratings",
    choose="leave only what this program wrote in the folder of ratings",
    mend="restore it from a copy; it was damaged or changed by hand",
    max_bytes=MAX_BYTES,
    version=1,
)


class Rating(Record):
    """What was said of one image.

    Attributes
    ----------
    item : str
    score : int
        1 to 4.
    seconds : float
        For which the image was looked at.
    """

    item: ItemId
    score: Score
    seconds: Annotated[float, Field(ge=0)]


class Ratings(Record):
    """A reader's file.

    Attributes
    ----------
    study : str
        Digest of the study.
    reader : str
    ratings : tuple of Rating
        In the order in which they were given.
    """

    format: Literal["napari-cmr reading ratings"] = "napari-cmr reading ratings"
    version: Literal[1] = 1
    study: Sha256
    reader: Annotated[str, Field(pattern=f"^{_READER.pattern}$")]
    ratings: tuple[Rating, ...] = ()


def reading_order(study: Study, reader: str) -> tuple[str, ...]:
    """Ids of the images in the order in which a reader sees them; those of the repeats twice.

    Repeats are shown in the first part and again in the last. What is shown once is dealt over
    both of these and a part between them, so that a third of it at least lies between the two
    showings, and nothing tells a repeat.

    Parameters
    ----------
    study : Study
    reader : str
        The same reader gets the same order, others get others.
    """
    code = int.from_bytes(hashlib.sha256(reader.encode()).digest()[:8], "little")
    rng = np.random.default_rng([study.seed, _ORDER_STREAM, code])
    once = [one.id for one in study.items if one.id not in study.repeats]
    rng.shuffle(once)
    third = -(-len(once) // 3)
    middle, rest = once[:third], once[third:]
    half = len(rest) // 2
    parts = [[*rest[:half], *study.repeats], middle, [*rest[half:], *study.repeats]]
    for part in parts:
        rng.shuffle(part)
    return tuple(item for part in parts for item in part)


class PanelReading:
    """One reader's way through a study; each rating is on disk before the next image is shown.

    Parameters
    ----------
    folder : StudyFolder
    reader : str
        A code of small letters, digits and hyphens. One that has ratings goes on with them.

    Raises
    ------
    ScanError
        If the code is none, or the reader's file is damaged or of another study.
    """

    def __init__(self, folder: StudyFolder, reader: str) -> None:
        check_reader(reader)
        self.folder, self.reader = folder, reader
        self.order = reading_order(folder.study, reader)
        self.path = ratings_path(folder, reader)
        self._on_disk: bytes | None = None
        self._ratings: tuple[Rating, ...] = ()
        if self.path.exists():
            self._ratings = read_ratings(folder, self.path).ratings
            self._on_disk = self.path.read_bytes()

    @property
    def ratings(self) -> tuple[Rating, ...]:
        """What was said so far."""
        return self._ratings

    @property
    def n_rated(self) -> int:
        """Images that are rated."""
        return len(self._ratings)

    @property
    def n_images(self) -> int:
        """Images in all, with repeats."""
        return len(self.order)

    @property
    def item(self) -> Item | None:
        """Image that is to be rated now; None when all are."""
        if self.n_rated == self.n_images:
            return None
        return self.folder.items[self.order[self.n_rated]]

    def rate(self, score: int, seconds: float = 0.0) -> None:
        """Rate the image at hand.

        Parameters
        ----------
        score : int
            1 to 4.
        seconds : float
            For which it was looked at.

        Raises
        ------
        ScanError
            If all are rated, or the file cannot be written, or another window has changed it;
            nothing is changed then.
        """
        item = self.item
        if item is None:
            raise ScanError("all images of the study are rated", source=self.folder.path)
        rating = Rating(item=item.id, score=score, seconds=round(max(seconds, 0.0), 2))
        self._save((*self._ratings, rating))

    def take_back(self) -> None:
        """Take the last rating back, and be at its image again; nothing if there is none.

        Raises
        ------
        ScanError
            As :meth:`rate`.
        """
        if self._ratings:
            self._save(self._ratings[:-1])

    def _save(self, ratings: tuple[Rating, ...]) -> None:
        digest = self.folder.study.digest
        text = written(Ratings(study=digest, reader=self.reader, ratings=ratings))
        content = text.encode("ascii")
        try:
            self.path.parent.mkdir(exist_ok=True)
            there = self.path.read_bytes() if self.path.exists() else None
        except OSError as error:
            raise ScanError(
                f"cannot be written: {error.strerror or error}",
                source=self.path,
                remedy="check the free space and your permissions",
            ) from error
        if there != self._on_disk:
            raise ScanError(
                "was changed while this window was reading",
                source=self.path,
                remedy="close other windows of this reader, and open the study again",
            )
        with atomic_path(self.path) as temporary:
            temporary.write_bytes(content)
        self._on_disk, self._ratings = content, ratings


def check_reader(reader: str) -> None:
    """Refuse what is no code of a reader.

    Raises
    ------
    ScanError
    """
    if not _READER.fullmatch(reader):
        raise ScanError(f"{reader[:30]!r} is no code of a reader", remedy=f"give {READER_WORDS}")


def ratings_path(folder: StudyFolder, reader: str) -> Path:
    """File of a reader."""
    return folder.path / RATINGS / f"reader-{reader}.json"


def readers_of(folder: StudyFolder) -> tuple[str, ...]:
    """Codes of the readers who have begun, in alphabetical order.

    Raises
    ------
    ScanError
        If the folder of ratings cannot be read.
    """
    place = folder.path / RATINGS
    try:
        names = sorted(one.name for one in place.iterdir()) if place.exists() else []
    except OSError as error:
        raise ScanError(f"cannot be read: {error.strerror or error}", source=place) from error
    found = (_FILE.fullmatch(name) for name in names if not name.startswith("."))
    return tuple(one[1] for one in found if one is not None)


def read_ratings(folder: StudyFolder, path: str | PathLike[str]) -> Ratings:
    """Read a reader's file.

    Raises
    ------
    ScanError
        If it is damaged, of another study or reader, or not in the order of its reader.
    """
    path = Path(path)
    found = read_record(path, Ratings, _KIND)
    if found.study != folder.study.digest:
        raise ScanError(
            "holds ratings of another study, or the study was changed",
            source=path,
            remedy="put it back into the study that it belongs to",
        )
    if path.name != ratings_path(folder, found.reader).name:
        raise ScanError(
            f"holds the ratings of reader {found.reader}",
            source=path,
            remedy=f"name it {ratings_path(folder, found.reader).name}",
        )
    order = reading_order(folder.study, found.reader)
    if tuple(one.item for one in found.ratings) != order[: len(found.ratings)]:
        raise ScanError(
            "is not in the order in which this reader saw the images",
            source=path,
            remedy=_KIND.mend,
        )
    return found
