"""The slice of a scan in several styles of late enhancement, and how its labels move with them."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.scan import Notice, Scan
from napari_cmr.workflow.style.translation import (
    StyleSpread,
    Translation,
    has_lge_model,
    heart_of,
    label_styles,
    load_styler,
    style_spread,
    translate_scan,
)

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation

N_DIRECTIONS = 3


@dataclass(frozen=True, eq=False)
class StyleRequest:
    """Which styles: given ones first, then drawn ones, all moved by the same shifts.

    Attributes
    ----------
    samples, seed : int
        How many there are in all, and the seed that draws those that are not given.
    given : ndarray of float32, shape (G, S)
        Styles of real slices, which come first.
    given_names : tuple of str
    shifts : tuple of float
        How far all styles are moved along each principal direction.
    """

    samples: int
    seed: int
    given: np.ndarray
    given_names: tuple[str, ...]
    shifts: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Styled:
    """One slice in several styles.

    Attributes
    ----------
    frame, z : int
        Of the scan, from 0.
    seed : int
        That drew the styles that were not given.
    names : tuple of str
        Of each style; empty for those that were drawn.
    codes : ndarray of float32, shape (K, S)
        As they were rendered, moved by the shifts.
    given : ndarray of float32, shape (G, S)
        Styles of real slices, not moved.
    shifts : tuple of float
    model : str
    weights : dict of str to str
        SHA-256 of the weights, by model, of all that ran.
    images : ndarray of float32, shape (K, Y, X), or None
        None of an earlier session, which keeps numbers and codes.
    labels : ndarray of uint8, shape (K, Y, X), or None
        None before they are there, or where no model is.
    spread : StyleSpread or None
    location : HeartLocation or None
    directions : ndarray of float32, shape (3, S), or None
        Principal directions, kept for the next rendering.
    warnings : tuple of Notice
    """

    frame: int
    z: int
    seed: int
    names: tuple[str, ...]
    codes: np.ndarray
    given: np.ndarray
    shifts: tuple[float, ...]
    model: str
    weights: dict[str, str]
    images: np.ndarray | None = None
    labels: np.ndarray | None = None
    spread: StyleSpread | None = None
    location: "HeartLocation | None" = None
    directions: np.ndarray | None = None
    warnings: tuple[Notice, ...] = ()


def render_styles(
    scan: Scan, frame: int, z: int, wanted: StyleRequest, kept: Styled | None = None
) -> Generator[Styled, None, None]:
    """Render a slice in every style, then once more with labels where a model gives some.

    Parameters
    ----------
    scan : Scan
    frame, z : int
        From 0.
    wanted : StyleRequest
    kept : Styled, optional
        Of the same scan: its place of the heart and its directions are used again.

    Raises
    ------
    ScanError
        If the scan is late enhancement already, or a model is missing.
    """
    styler = load_styler()
    location = None if kept is None else kept.location
    directions = None if kept is None else kept.directions
    if location is None or directions is None:
        location = heart_of(scan, scan.ed_frame or 0)
        square = styler.crop(
            np.abs(scan.image[frame, z])[None],
            scan.spacing[1:],
            (location.row, location.column),
        )[0]
        directions = styler.principal_directions(square, n=N_DIRECTIONS)
    drawn = styler.sample_codes(wanted.samples, wanted.seed)
    codes = np.concatenate([wanted.given.reshape(-1, styler.style_size), drawn])[: wanted.samples]
    codes = codes + np.asarray(wanted.shifts, dtype=np.float32) @ directions
    names = [*wanted.given_names, *("" for _ in drawn)][: wanted.samples]
    made = translate_scan(scan, codes, frame=frame, slices=(z,), location=location)
    plain = _styled(
        made,
        seed=wanted.seed,
        names=tuple(names),
        given=wanted.given,
        shifts=wanted.shifts,
        directions=directions,
    )
    yield plain
    yield from _labelled(scan, made, plain)


def render_again(scan: Scan, saved: Styled) -> Styled:
    """Render the codes of an earlier session, and label them where it did.

    Raises
    ------
    ScanError
        If a model is missing.
    """
    location = heart_of(scan, scan.ed_frame or 0)
    made = translate_scan(
        scan, saved.codes, frame=saved.frame, slices=(saved.z,), location=location
    )
    plain = _styled(
        made, seed=saved.seed, names=saved.names, given=saved.given, shifts=saved.shifts
    )
    return plain if saved.spread is None else next(_labelled(scan, made, plain), plain)


def _styled(made: Translation, **fields: Any) -> Styled:
    return Styled(
        frame=made.frame,
        z=made.slices[0],
        codes=made.codes,
        model=made.model,
        weights=made.weights,
        images=made.images[:, 0],
        location=made.location,
        warnings=made.warnings,
        **fields,
    )


def _labelled(scan: Scan, made: Translation, plain: Styled) -> Generator[Styled, None, None]:
    if has_lge_model():
        found = label_styles(scan, made)
        yield replace(
            plain,
            labels=found.labels,
            spread=style_spread(found.labels, scan.spacing[1:]),
            weights=plain.weights | found.weights,
        )


def spread_text(values: tuple[float, ...]) -> str:
    """Mean and range of areas over styles."""
    if not values or max(values) == 0:
        return "none found"
    return f"{np.mean(values):.1f} cm² ({min(values):.1f}–{max(values):.1f})"
