"""What runs behind the Style dock: rendering, labels of each style, and the words for them."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.scan import Notice, Scan

N_DIRECTIONS = 3


@dataclass(frozen=True, eq=False)
class Styles:
    """What is asked for: codes (K, S) of styles, drawn ones from ``seed`` if there are none yet.

    Attributes
    ----------
    samples, seed : int
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
class Rendered:
    """Styles of one slice.

    Attributes
    ----------
    frame, z : int
    images : ndarray of float32, shape (K, Y, X)
    names : tuple of str
    labels : ndarray of uint8, shape (K, Y, X), or None
        None before they are there, or where no model is.
    spread : StyleSpread or None
    location, directions
        Kept for the next picture.
    warnings : tuple of Notice
    """

    frame: int
    z: int
    images: np.ndarray
    names: tuple[str, ...]
    labels: np.ndarray | None
    spread: Any
    location: Any
    directions: np.ndarray
    warnings: tuple[Notice, ...]


def render(
    scan: Scan, frame: int, z: int, wanted: Styles, kept: Rendered | None
) -> Generator[Rendered, None, None]:
    """Render the slice in every style, then label each where a model is there."""
    from napari_cmr.workflow.style.translation import (
        has_lge_model,
        heart_of,
        label_styles,
        load_styler,
        style_spread,
        translate_scan,
    )

    styler = load_styler()
    if kept is None:
        location = heart_of(scan, scan.ed_frame or 0)
        square = styler.crop(
            np.abs(scan.image[frame, z])[None],
            scan.spacing[1:],
            (location.row, location.column),
        )[0]
        directions = styler.principal_directions(square, n=N_DIRECTIONS)
    else:
        location, directions = kept.location, kept.directions
    drawn = styler.sample_codes(wanted.samples, wanted.seed)
    codes = np.concatenate([wanted.given.reshape(-1, styler.style_size), drawn])[: wanted.samples]
    codes = codes + np.asarray(wanted.shifts, dtype=np.float32) @ directions
    made = translate_scan(scan, codes, frame=frame, slices=(z,), location=location)
    names = [*wanted.given_names, *("" for _ in drawn)][: wanted.samples]
    plain = Rendered(
        frame=frame,
        z=z,
        images=made.images[:, 0],
        names=tuple(names),
        labels=None,
        spread=None,
        location=location,
        directions=directions,
        warnings=made.warnings,
    )
    yield plain
    if has_lge_model():
        labels = label_styles(scan, made)
        spread = style_spread(labels, scan.spacing[1:])
        yield Rendered(**{**vars(plain), "labels": labels, "spread": spread})


@dataclass(frozen=True, eq=False)
class RealStyles:
    """Styles of a late enhancement stack, of which one slice's is used.

    Attributes
    ----------
    name : str
        Of the scan.
    codes : ndarray of float32, shape (Z, S)
    """

    name: str
    codes: np.ndarray


def read_styles(path: Path, series: str | None) -> Generator[RealStyles, None, None]:
    """Take the styles of all slices of a late enhancement file."""
    from napari_cmr.scan import open_scan
    from napari_cmr.workflow.style.translation import styles_of

    scan = open_scan(path, series=series)
    yield RealStyles(scan.name, styles_of(scan))


def why_not(scan: Scan | None) -> str:
    """Why there can be no styles; empty if there can."""
    from napari_cmr.zoo import default_choice, find_models

    name = default_choice("translation").name
    if (name, "live") not in find_models():
        return f"The model that renders late enhancement ({name}) is not installed."
    if scan is None:
        return "Open a cine to see what late enhancement of it could look like."
    if scan.kind == "lge":
        return (
            "This is late enhancement already. Open a cine to see what late enhancement of it "
            "could look like."
        )
    return ""


def spread_text(values: tuple[float, ...]) -> str:
    """Mean and range of areas over styles."""
    if not values or max(values) == 0:
        return "none found"
    return f"{np.mean(values):.1f} cm² ({min(values):.1f}–{max(values):.1f})"
