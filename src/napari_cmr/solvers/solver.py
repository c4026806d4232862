"""What a solver is: a function of the measured lines of a slice, its settings, and its needs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.kspace.coils import FEWEST_CALIBRATION_LINES, has_calibration_lines
from napari_cmr.kspace.masks import COHERENT, LineMask
from napari_cmr.scan import Code, Notice, ScanError, Stopped

Need = Literal["series", "still", "incoherence"]
"""``series``: more than one frame; ``still``: one frame, of a network that learned from still
images; ``incoherence``: lines that are no lattice in time."""

Watch = Callable[[float], None]
"""Is told the share that is done, 0 to 1; raises :class:`~napari_cmr.scan.Stopped`."""

_UNIT_PERCENTILE = 99
COLUMN_MARGIN = 8
"""Columns on either side of those that are wanted, where only some are."""


@dataclass(frozen=True, eq=False)
class Answer:
    """Images of one slice.

    Attributes
    ----------
    image : ndarray, shape (T, Y, X), complex
    std : ndarray, shape (T, Y, X), or None
        Standard deviation of the magnitude, from what knows it.
    added : ndarray, shape (T, Y, X), or None
        What a refinement has added to the magnitude, from methods that refine.
    motion : ndarray, shape (2, T, Y, X), or None
        How far what is at each pixel of a reference frame lies from there, along Y and X, in
        pixels, from methods that read motion.
    """

    image: np.ndarray
    std: np.ndarray | None = None
    added: np.ndarray | None = None
    motion: np.ndarray | None = None


class SolverSettings(BaseModel):
    """Settings of a solver; those of the images are in its unit, see :meth:`Solver.run`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def has_slider(cls) -> bool:
        """Whether one of them is meant to be slid, and is quick enough to be seen at once."""
        extras = (info.json_schema_extra for info in cls.model_fields.values())
        return any(isinstance(extra, dict) and "slider" in extra for extra in extras)


@dataclass(frozen=True)
class Solver:
    """A way to reconstruct one slice.

    Those of this room need no training; trained networks are offered beside them by
    :func:`napari_cmr.workflow.reconstruct.methods.methods`.

    Attributes
    ----------
    name : str
        In commands and files.
    title : str
        In tables and on buttons.
    publication : str
        Where it is described; empty for what is common knowledge.
    function : callable
        ``(MeasuredSlice, settings, watch) -> ndarray (T, Y, X)``, complex, or an
        :class:`Answer`.
    settings : type
        Of its settings; their defaults are meant to be used.
    needs : frozenset of {"series", "still", "incoherence"}
    departs : tuple of str
        Where it differs from what is cited.
    coils : int, optional
        The only number of coils that it takes; any number if None.
    weights : mapping of str to str, optional
        SHA-256 of the weights, by model, of what was trained.
    reads_motion : bool
        Whether its :class:`Answer` has a motion.
    invents : str
        What is to be said wherever its images are, as details in them may be invented: a sentence,
        empty for all other methods.
    """

    name: str
    title: str
    publication: str
    function: Callable[[MeasuredSlice, Any, Watch], np.ndarray | Answer]
    settings: type[SolverSettings] = SolverSettings
    needs: frozenset[Need] = frozenset()
    departs: tuple[str, ...] = ()
    coils: int | None = None
    weights: Mapping[str, str] | None = None
    reads_motion: bool = False
    invents: str = ""

    def notices(
        self, settings: Mapping[str, Any] | SolverSettings | None = None
    ) -> tuple[Notice, ...]:
        """What a user should know before relying on images made with some settings."""
        if not self.invents or not getattr(self.parse(settings), "gate", True):
            return ()
        return (Notice(Code.DETAILS_INVENTED, self.invents, "model"),)

    def parse(self, values: Mapping[str, Any] | SolverSettings | None = None) -> SolverSettings:
        """Settings from names and values, as a command line or a file gives them.

        Raises
        ------
        ScanError
            If a name or a value is not one of this solver.
        """
        from pydantic import ValidationError

        if isinstance(values, self.settings):
            return values
        given = values.model_dump() if isinstance(values, SolverSettings) else dict(values or {})
        try:
            return self.settings.model_validate(given)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
            )
            known = ", ".join(self.settings.model_fields) or "none"
            raise ScanError(
                f"settings of {self.name}: {wrong}", remedy=f"its settings are: {known}"
            ) from None

    def to_dict(self) -> dict[str, Any]:
        """Describe it, JSON-ready: its settings as a JSON schema."""
        return {
            "name": self.name,
            "title": self.title,
            "publication": self.publication,
            "needs": sorted(self.needs),
            "coils": self.coils,
            "trained": self.weights is not None,
            "invents": bool(self.invents),
            "departs": list(self.departs),
            "settings": self.settings.model_json_schema()["properties"]
            if self.settings.model_fields
            else {},
        }

    def takes(self, *, cine: bool) -> bool:
        """Whether it is for cines, or for stills."""
        return ("still" if cine else "series") not in self.needs

    def check(self, one: MeasuredSlice) -> None:
        """Refuse lines that this solver cannot use.

        Raises
        ------
        ScanError
            If nothing was measured, a line holds NaN or infinity, the sensitivities of several
            coils cannot be estimated, or :attr:`needs` or :attr:`coils` are not met.
        """
        where = f"slice {one.z + 1}"
        if not one.mask.any():
            raise ScanError(
                "no line was measured, there is nothing to reconstruct",
                source=where,
                remedy="keep one line or more",
            )
        if not np.isfinite(one.lines).all():
            raise ScanError("measured lines hold NaN or infinite values", source=where)
        n_coils = one.encoding.n_coils
        if self.coils not in (None, n_coils):
            raise ScanError(
                f"{self.name} takes lines of {_coils(self.coils)}, these are of {_coils(n_coils)}",
                source=where,
                remedy="choose a method that takes any number of coils, such as tv-2dt, or other "
                "coils for image data",
            )
        if n_coils > 1 and not has_calibration_lines(one.mask):
            raise ScanError(
                "the central lines are too few to tell what each coil sees",
                source=where,
                remedy=f"keep {FEWEST_CALIBRATION_LINES} lines or more around the centre",
            )
        if not self.takes(cine=len(one.mask) > 1):
            raise self._other_frames(len(one.mask), where)
        if "incoherence" in self.needs and LineMask(one.mask).coherence > COHERENT:
            raise ScanError(
                f"{self.name} fails where aliases are copies of the image, as those of a lattice",
                source=where,
                remedy="take the pattern variable-density, or another method, such as tv-2dt",
            )

    def _other_frames(self, n_frames: int, where: str) -> ScanError:
        """Why a scan of so many frames is not for it."""
        if n_frames == 1:
            return ScanError(
                f"{self.name} needs a cine, this scan has one frame",
                source=where,
                remedy="choose a method that takes still images, such as tv-2d",
            )
        return ScanError(
            f"{self.name} learned from still images, this scan has {n_frames} frames",
            source=where,
            remedy="choose a method that takes cines, such as tv-2dt",
        )

    def run(
        self,
        one: MeasuredSlice,
        settings: Mapping[str, Any] | SolverSettings | None = None,
        *,
        columns: slice | None = None,
        progress: Callable[[float], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Answer:
        """Reconstruct one slice.

        The solver works in the unit of the slice, the 99th percentile of the magnitude of the
        temporal average, which is known before any reconstruction; its settings refer to it.

        Parameters
        ----------
        one : MeasuredSlice
        settings : mapping or SolverSettings, optional
        columns : slice, optional
            Columns along the read-out that are wanted, such as those of the heart; the answer has
            no others. A line mask never mixes columns; methods that look at neighbours are given
            :data:`COLUMN_MARGIN` more on either side.
        progress : callable, optional
            Is told the share that is done, 0 to 1.
        stop : callable, optional
            Is asked between iterations whether to end.

        Returns
        -------
        Answer
            Its image is complex64.

        Raises
        ------
        ScanError
            As :meth:`check` and :meth:`parse`, or if there are no such columns, memory runs out,
            or what comes out is no number.
        Stopped
            If ``stop`` said so.
        """
        chosen = self.parse(settings)
        self.check(one)

        def watch(share: float) -> None:
            if stop is not None and stop():
                raise Stopped
            if progress is not None:
                progress(min(share, 1.0))

        watch(0.0)
        unit = float(np.percentile(np.abs(one.temporal_average), _UNIT_PERCENTILE)) or 1.0
        inner = slice(None)
        if columns is not None:
            outer, inner = _with_margin(columns, one.lines.shape[-1], f"slice {one.z + 1}")
            one = one.columns(outer)
        along_y = one.encoding.transform.axis == -2
        kept = (..., inner) if along_y else (..., inner, slice(None))
        scaled = MeasuredSlice(one.z, one.lines / np.float32(unit), one.encoding)
        where = f"slice {one.z + 1}"
        with enough_memory(f"run {self.name}", where):
            found = self.function(scaled, chosen, watch)
        answer = found if isinstance(found, Answer) else Answer(found)
        watch(1.0)
        std, added = (
            None if part is None else np.asarray(part[kept] * unit, dtype=np.float32)
            for part in (answer.std, answer.added)
        )
        image = np.asarray(answer.image[kept] * np.float32(unit), dtype=np.complex64)
        if not np.isfinite(image).all():
            raise ScanError(
                f"{self.name} gave NaN or infinite values",
                source=where,
                remedy="change its settings, or choose another method",
            )
        motion = None if answer.motion is None else answer.motion[kept]
        return Answer(image, std, added, motion)


@contextmanager
def enough_memory(doing: str, source: str | None = None) -> Iterator[None]:
    """Say what memory was not enough for.

    Raises
    ------
    ScanError
        In place of a ``MemoryError``.
    """
    try:
        yield
    except MemoryError as error:
        raise ScanError(
            f"there is not enough memory to {doing}",
            source=source,
            remedy="close other programs, take fewer coils, or a method that needs less, such as "
            "view-sharing",
        ) from error


def _with_margin(columns: slice, width: int, where: str) -> tuple[slice, slice]:
    """Columns with their margin, and where those that are wanted lie in them."""
    first, last, step = columns.indices(width)
    if first >= last or step != 1 or (columns.stop or last) > width:
        raise ScanError(
            f"there are no columns {columns.start} to {columns.stop} of {width}", source=where
        )
    low, high = max(0, first - COLUMN_MARGIN), min(width, last + COLUMN_MARGIN)
    return slice(low, high), slice(first - low, last - low)


def _coils(count: int | None) -> str:
    return "one coil" if count == 1 else f"{count} coils"
