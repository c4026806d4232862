"""Model cards: what a file of weights is, what it learned from, and what it may be used for."""

import hashlib
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, field_validator
from safetensors import safe_open

from napari_cmr.nets.input_kinds import InputKind
from napari_cmr.scan import ScanError
from napari_cmr.scan.atomic import atomic_path
from napari_cmr.scan.file_parts import is_there, size_of, whole
from napari_cmr.training.recipe import Preset
from napari_cmr.training.register import Task

#: Where the header of a weights file holds the digest of those that answer for fewer lines.
FOR_FEWER_DIGEST = "for_fewer_sha256"


ModelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
LineCount = Annotated[int, Field(ge=1, le=10**6)]
BeatLines = Annotated[float, Field(ge=1, le=1e9)]
Offset = Annotated[float, Field(ge=-10, le=10)]
Amount = Annotated[float, Field(ge=0, le=1)]
Temperature = Annotated[float, Field(ge=0.01, le=100)]
Widening = Annotated[float, Field(ge=0, le=100)]
Number = TypeVar("Number")
#: Pairs of the lines of a whole beat and a number.
ByLines = Annotated[tuple[tuple[BeatLines, Number], ...], Field(min_length=1, max_length=99)]
#: A card has a hundredth of it.
MAX_CARD_BYTES = 1 << 20
#: The published sizes have a tenth of it.
MAX_WEIGHTS_BYTES = 1 << 30
#: Largest whole number of an architecture.
_LARGEST = 4096


class ModelCard(BaseModel):
    """Everything that is needed to rebuild and to judge a trained network.

    Stored as JSON beside the ``.safetensors`` of the same stem.

    Attributes
    ----------
    name, preset : str
        What :func:`napari_cmr.zoo.load` is asked for.
    task : str
        ``segmentation`` from lines of a cine, ``lge-segmentation`` of a still image after
        gadolinium, ``atrium-segmentation`` of the left atrium in one, ``localisation`` of the
        heart, ``translation`` between contrasts, ``reconstruction`` of images of few lines.
    architecture : dict
        Keyword arguments of the network of that name.
    input_kind : {"magnitude", "zero-filled", "pooled", "pooled-wide"}
        Channels it is shown, see :mod:`napari_cmr.nets.inputs`.
    size, spacing_mm : int, float
        The network's square grid.
    lines : tuple of int and (int or None)
        Fewest and most lines per frame that it learned from; None is up to all of them.
    for_fewer : str, optional
        Model of the same preset that answers where fewer lines were measured. The header of the
        weights holds its digest (:data:`FOR_FEWER_DIGEST`), so that one digest vouches for both.
    class_weights : tuple of float, optional
        Of the classes in the loss; divided out of the odds again.
    temperature : float, or tuple of pairs of float
        Divides the logits, so that probabilities are calibrated on the validation split; by lines
        as ``cavity_offset``.
    cavity_offset : float, or tuple of pairs of float
        Added to the log-probability of the LV cavity where labels are chosen, and only there: one
        number for any lines, or pairs of the lines of a whole beat and their number, see
        :func:`by_lines`. Doubtful pixels lie around the cavity more than in it, so that the
        likeliest label alone makes it too small; where few lines are pooled over time systole
        blurs, and it comes out too large. The EF of the validation split then errs least; from the
        fewest lines the cavity is as large as the reference's on average.
    sharpening : float, or tuple of pairs of float
        How much of the motion that pooling lines over time takes away is given back to the logits,
        see :func:`~napari_cmr.zoo.time_filter.sharpened`; by lines as ``cavity_offset``, and chosen
        with it.
    smoothing : float
        Standard deviation, as a part of the heart cycle, of the Gaussian that logits are smoothed
        with over time, one frame to each side.
    lv_quantile : float, optional
        Share ``q`` of the odds from which on a pixel is possibly in the LV cavity, with its
        offset, against the next likeliest label, and ``1 - q`` that from which on it surely is,
        see :class:`~napari_cmr.zoo.cavity_bounds.CavityBounds`.
    lv_widening : float, or tuple of pairs of float
        How many times as far from the EF as with these pixels, at ED and ES, its interval reaches,
        so that it holds the reference in nine of ten acquisitions of hearts that were not learned
        from (conformal prediction with a score that is relative to a predicted spread; Lei et al.,
        Journal of the American Statistical Association 113, 2018); by lines as ``cavity_offset``.
    rv_offset : float, or tuple of pairs of float
        As ``cavity_offset``, of the RV, for the fewest lines alone: what is rarely likelier than
        all else is rarely drawn.
    rv_quantile, rv_widening : as of the LV
        The same of the RV.
    std_factors : tuple of (float, float)
        Acceleration, and what a network's standard deviation is multiplied by there, so that it is
        that of the error on the validation split; between them linear in the logarithm.
    trained_on, licence, citation : str
    sampling : str
        Distribution of acquisitions that it was trained with.
    recipe : dict
        The training recipe, whole.
    departs : tuple of str
        Where the recipe departs from the publication.
    seed, steps : int
    metrics : dict
        Measured on the fixed validation split.
    curve : dict of str to tuple of (float or None)
        Losses and validation numbers over the steps of the training (of a cascade, of the last
        stage of its first member), see :func:`~napari_cmr.training.curve.read_curve`.
    version : str
        Version of napari-cmr that trained it.
    sha256 : str
        Of the weights file, whole, be it in parts or not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: ModelName
    preset: Preset
    task: Task
    architecture: dict[str, Any]
    input_kind: InputKind
    size: int = Field(ge=16, le=1024)
    spacing_mm: float = Field(gt=0.05, le=50)
    lines: tuple[LineCount, LineCount | None] = (1, None)
    for_fewer: ModelName | None = None
    class_weights: tuple[float, ...] | None = None
    temperature: Temperature | ByLines[Temperature] = 1.0
    cavity_offset: Offset | ByLines[Offset] = 0.0
    sharpening: Amount | ByLines[Amount] = 0.0
    smoothing: float = Field(default=0.0, ge=0, le=1)
    lv_quantile: float | None = Field(default=None, gt=0, lt=0.5)
    lv_widening: Widening | ByLines[Widening] = 1.0
    rv_offset: Offset | ByLines[Offset] = 0.0
    rv_quantile: float | None = Field(default=None, gt=0, lt=0.5)
    rv_widening: Widening | ByLines[Widening] = 1.0
    std_factors: tuple[tuple[PositiveFloat, PositiveFloat], ...] = ()
    description: str
    trained_on: str
    licence: str
    citation: str
    sampling: str
    recipe: dict[str, Any]
    departs: tuple[str, ...] = ()
    seed: int
    steps: int
    metrics: dict[str, Any]
    curve: dict[str, tuple[float | None, ...]] = {}
    version: str
    sha256: str

    @field_validator("architecture")
    @classmethod
    def _is_of_this_world(cls, value: dict[str, Any]) -> dict[str, Any]:
        for one in _numbers(value):
            if not 0 <= one <= _LARGEST:
                raise ValueError("holds a number that no network has")
        return value

    @field_validator("metrics")
    @classmethod
    def _are_scores(cls, value: dict[str, Any]) -> dict[str, Any]:
        for lines, found in value.items():
            score = found if isinstance(found, dict) else {}
            dice, error = score.get("dice", {}), score.get("ef_mean_absolute_error_points", 0)
            if not isinstance(dice, dict) or not all(
                isinstance(one, int | float) for one in (*dice.values(), error)
            ):
                raise ValueError("dice is a number for each label, and the error of the EF is one")
            count = lines.removesuffix(" lines")
            if count.isdecimal() and not re.fullmatch(r"[1-9]\d{0,5}", count, re.ASCII):
                raise ValueError("no scan has so many lines")
        return value

    @field_validator("curve")
    @classmethod
    def _is_a_table(
        cls, value: dict[str, tuple[float | None, ...]]
    ) -> dict[str, tuple[float | None, ...]]:
        if len({len(column) for column in value.values()}) > 1:
            raise ValueError("every number of a curve has a place for each step")
        return value

    @property
    def calibrated(self) -> bool:
        """Whether its probabilities were fitted to unseen subjects."""
        return self.lv_quantile is not None

    def takes(self, n_lines: int | None) -> bool:
        """Whether it learned from so many lines per frame (None: all of them)."""
        fewest, most = self.lines
        if n_lines is None:
            return most is None
        return n_lines >= fewest and (most is None or n_lines <= most)


def by_lines(value: float | ByLines[float], beat_lines: float | None) -> float:
    """Value of a card for so many lines of a whole beat, or for all of them (None).

    Between those that were calibrated it is interpolated over the logarithm of the lines.
    """
    if isinstance(value, float):
        return value
    lines, values = zip(*sorted(value), strict=True)
    if beat_lines is None:
        return float(values[-1])
    return float(np.interp(np.log(max(beat_lines, 1.0)), np.log(lines), values))


def read_card(weights: Path) -> ModelCard:
    """Read the card beside a weights file, without reading the weights.

    Raises
    ------
    ScanError
        If the card is missing or damaged, or there are no weights beside it, whole or in parts.
    """
    card_path = weights.with_suffix(".json")
    if not card_path.is_file():
        raise ScanError(
            "the model card is missing", source=card_path, remedy="keep it beside the weights"
        )
    try:
        with open(card_path, "rb") as file:
            text = file.read(MAX_CARD_BYTES + 1)
        if len(text) > MAX_CARD_BYTES:
            raise ValueError("it is too large")
        card = ModelCard.model_validate(
            json.loads(text.decode("utf-8"), parse_float=_finite, parse_constant=_finite)
        )
    except (OSError, ValueError, RecursionError) as error:
        raise ScanError(
            "the model card cannot be read", source=card_path, remedy="install the model again"
        ) from error
    if not is_there(weights):
        raise ScanError("the weights are missing", source=weights, remedy="install them again")
    return card


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no number")
    return number


def _numbers(value: Any) -> Iterator[float]:
    """Numbers anywhere in nested lists and dictionaries."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _numbers(one)
    elif isinstance(value, int | float):
        yield value


def check_size(weights: Path) -> None:
    """Refuse weights, whole or in parts, that are larger than those of any network.

    Raises
    ------
    ScanError
        If they are.
    """
    if size_of(weights) > MAX_WEIGHTS_BYTES:
        raise ScanError(f"the weights are larger than {MAX_WEIGHTS_BYTES >> 30} GB", source=weights)


def check_weights(weights: Path, card: ModelCard) -> None:
    """Make sure that weights are those of their card.

    Raises
    ------
    ScanError
        If they are damaged or others.
    """
    if sha256(weights) != card.sha256:
        raise ScanError(
            "the weights are damaged or are not those of the card beside them",
            source=weights,
            remedy="install the model again",
        )


def write_card(weights: Path, card: ModelCard) -> Path:
    """Write a card beside its weights; the path of the card."""
    path = weights.with_suffix(".json")
    with atomic_path(path) as temporary:
        text = json.dumps(card.model_dump(mode="json"), indent=2)
        Path(temporary).write_text(text, encoding="utf-8")
    return path


def count_parameters(weights: Path) -> int:
    """Numbers in a file of weights, read from its header."""
    with whole(weights) as path, safe_open(path, framework="numpy") as file:
        return sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118


def sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
