"""Pictures of a report: PNG and SVG as text, so that a report is one file."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from html import escape
from io import BytesIO
from math import ceil, floor, log10

import numpy as np

from napari_cmr.scan import LABEL_COLOURS, Label, Scan

DASHES = {Label.LV: "", Label.MYO: "5 2.5", Label.RV: "1.5 2"}
"""Contours differ in dash as well as in colour, for people who see colours otherwise."""

_TILE = 150  # width of a picture of a slice, in CSS pixels
_MARGIN = 0.35  # room around the labels, as a part of their size


def png(pixels: np.ndarray) -> bytes:
    """Encode a picture as PNG.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, columns) or (rows, columns, 3)
        Grey values or RGB.
    """
    from PIL import Image

    content = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels, dtype=np.uint8)).save(content, "png")
    return content.getvalue()


def data_uri(pixels: np.ndarray) -> str:
    """Picture as the address of an image that holds it itself."""
    return "data:image/png;base64," + b64encode(png(pixels)).decode("ascii")


def colour(label: Label) -> str:
    """Colour of a label for style sheets."""
    red, green, blue = (round(255 * value) for value in LABEL_COLOURS[label])
    return f"#{red:02x}{green:02x}{blue:02x}"


def mask_picture(mask: np.ndarray, title: str) -> str:
    """Picture of a line mask (T, lines): a row for each frame, white where a line is measured."""
    rows, lines = mask.shape
    uri = data_uri(np.where(mask, 235, 24).astype(np.uint8))
    return (
        f'<img class="mask" alt="{escape(title)}" title="{escape(title)}" src="{uri}" '
        f'style="width:{min(720, 3 * lines)}px;height:{min(240, 6 * rows)}px">'
    )


# -- slices with contours --------------------------------------------------------------------------


def slice_grid(scan: Scan, labels: np.ndarray, frames: Sequence[tuple[str, int]]) -> str:
    """Every slice that is labelled in one of the frames, side by side, with its contours.

    Parameters
    ----------
    scan : Scan
    labels : ndarray, shape (T, Z, Y, X)
    frames : sequence of (str, int)
        A caption and a 0-based frame for each row.
    """
    chosen = [frame for _, frame in frames]
    slices = np.flatnonzero(labels[chosen].any(axis=(0, 2, 3)))
    if not slices.size:
        return "<p>Nothing is labelled.</p>"
    box = _box(labels[chosen], scan)
    image = np.abs(scan.image[chosen])
    low, high = (float(v) for v in np.percentile(image[:, slices][..., box[0], box[1]], (1, 99.5)))
    parts = []
    for row, (caption, frame) in enumerate(frames):
        tiles = "".join(
            _tile(image[row, z][box], labels[frame, z][box], scan, (low, high), f"slice {z + 1}")
            for z in slices
        )
        parts.append(f'<h3>{escape(caption)}</h3><div class="grid">{tiles}</div>')
    return "".join(parts)


def _box(labels: np.ndarray, scan: Scan) -> tuple[slice, slice]:
    """Rows and columns around all labels, with room, square in mm."""
    sides = []
    for axis, step in ((2, scan.spacing[1]), (3, scan.spacing[2])):
        other = tuple(k for k in range(4) if k != axis)
        used = np.flatnonzero(labels.any(axis=other))
        sides.append(((used[0] + used[-1]) / 2, (used[-1] - used[0] + 1) * step))
    half = max(size for _, size in sides) * (0.5 + _MARGIN)
    spans = []
    for (middle, _), step, length in zip(sides, scan.spacing[1:], scan.shape[2:], strict=True):
        first = max(0, floor(middle - half / step))
        spans.append(slice(first, min(length, ceil(middle + half / step) + 1)))
    return spans[0], spans[1]


def _tile(
    image: np.ndarray,
    labels: np.ndarray,
    scan: Scan,
    window: tuple[float, float],
    caption: str,
) -> str:
    low, high = window
    grey = np.clip((image - low) / max(high - low, 1e-12), 0, 1)
    rows, columns = image.shape
    _, dy, dx = scan.spacing
    width, height = columns * dx, rows * dy  # mm are the unit of the picture
    outlines = "".join(
        f'<path d="{path}" fill="none" stroke="{colour(label)}" stroke-width="1.6" '
        f'stroke-dasharray="{DASHES[label]}" vector-effect="non-scaling-stroke"/>'
        for label in DASHES
        if (path := outline(_filled(labels, label), dy, dx))
    )
    return (
        f'<figure><svg viewBox="0 0 {width:.2f} {height:.2f}" width="{_TILE}" '
        f'height="{_TILE * height / width:.0f}" role="img">'
        f'<image href="{data_uri((255 * grey).astype(np.uint8))}" width="{width:.2f}" '
        f'height="{height:.2f}" preserveAspectRatio="none"/>{outlines}</svg>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _filled(labels: np.ndarray, label: Label) -> np.ndarray:
    """Pixels inside a label's contour: the outer one of the muscle encloses the cavity."""
    if label is Label.MYO:
        return np.isin(labels, (Label.LV, Label.MYO, Label.SCAR, Label.NO_REFLOW))
    inside: np.ndarray = labels == label
    return inside


def outline(inside: np.ndarray, dy: float, dx: float) -> str:
    """SVG path around a mask, in mm from its upper left corner; empty where the mask is."""
    if not inside.any():
        return ""
    from skimage.measure import find_contours

    parts = []
    for contour in find_contours(np.pad(inside, 1).astype(np.float32), 0.5):
        points = (contour - 0.5) * (dy, dx)  # a pixel's centre is half a pixel from its corner
        parts.append("M" + "L".join(f"{x:.2f} {y:.2f}" for y, x in points[:-1]) + "Z")
    return "".join(parts)


# -- curves ----------------------------------------------------------------------------------------


def volume_curves(
    curves: Iterable[tuple[str, np.ndarray, str, str]],
    *,
    step_ms: float | None = None,
    size: tuple[int, int] = (720, 260),
) -> str:
    """Curves of volume over the cycle.

    Parameters
    ----------
    curves : iterable of (name, volumes, colour, dash)
        Volumes (T,) in mL; NaN where not known. Few known frames are drawn as dots.
    step_ms : float, optional
        Time from frame to frame; frame numbers along the axis without it.
    size : (int, int)
    """
    curves = list(curves)
    known = np.concatenate([v[np.isfinite(v)] for _, v, _, _ in curves] or [np.zeros(0)])
    if not known.size:
        return "<p>No volume is known.</p>"
    width, height = size
    left, right, top, bottom = 52, 110, 12, 38
    top_ml = _nice_above(float(known.max()))
    n_frames = max(len(v) for _, v, _, _ in curves)

    def x(frame: float) -> float:
        return left + (width - left - right) * (frame / max(n_frames - 1, 1))

    def y(volume: float) -> float:
        return height - bottom - (height - top - bottom) * volume / top_ml

    parts = [
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'font-family="sans-serif" font-size="12">'
    ]
    for ml in np.linspace(0, top_ml, 5):
        parts.append(
            f'<line x1="{left}" x2="{width - right}" y1="{y(ml):.1f}" y2="{y(ml):.1f}" '
            f'stroke="#ddd"/><text x="{left - 6}" y="{y(ml) + 4:.1f}" text-anchor="end" '
            f'fill="#444">{ml:.0f}</text>'
        )
    for frame in _ticks(n_frames):
        text = f"{frame + 1}" if step_ms is None else f"{frame * step_ms:.0f}"
        parts.append(
            f'<text x="{x(frame):.1f}" y="{height - bottom + 16}" text-anchor="middle" '
            f'fill="#444">{text}</text>'
        )
    axis = "frame" if step_ms is None else "ms after the R wave"
    parts.append(
        f'<text x="{(left + width - right) / 2:.0f}" y="{height - 6}" text-anchor="middle" '
        f'fill="#444">{axis}</text><text x="12" y="{height / 2:.0f}" fill="#444" '
        f'text-anchor="middle" transform="rotate(-90 12 {height / 2:.0f})">mL</text>'
    )
    for number, (name, volumes, shade, dash) in enumerate(curves):
        parts.append(_curve(volumes, shade, dash, x, y))
        level = top + 10 + 18 * number
        parts.append(
            f'<line x1="{width - right + 10}" x2="{width - right + 34}" y1="{level}" y2="{level}" '
            f'stroke="{shade}" stroke-width="2.2" stroke-dasharray="{dash}"/>'
            f'<text x="{width - right + 40}" y="{level + 4}" fill="#222">{escape(name)}</text>'
        )
    return "".join(parts) + "</svg>"


def _curve(
    volumes: np.ndarray,
    shade: str,
    dash: str,
    x: Callable[[float], float],
    y: Callable[[float], float],
) -> str:
    points = [
        (x(float(frame)), y(float(volumes[frame])))
        for frame in np.flatnonzero(np.isfinite(volumes))
    ]
    if len(points) <= 2:
        return "".join(
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{shade}"/>' for a, b in points
        )
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{shade}" stroke-width="2.2" '
        f'stroke-dasharray="{dash}" stroke-linejoin="round"/>'
    )


def _nice_above(value: float) -> float:
    """The next round number that four steps divide well."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** floor(log10(value))
    return next(scale * n for n in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if scale * n >= value)


def _ticks(n_frames: int) -> list[int]:
    step = max(1, round((n_frames - 1) / 6))
    return list(range(0, n_frames, step))
