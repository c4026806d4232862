"""The bull's-eye of 17 segments as SVG, with its values written into it."""

from html import escape
from math import cos, isnan, radians, sin

import numpy as np

from napari_cmr.analysis.aha import BULLSEYE, BULLSEYE_RINGS, SEGMENT_NAMES

_RADIUS, _MARGIN = 95.0, 4.0
_CIVIDIS = np.array(
    [
        (0, 34, 78),
        (53, 69, 108),
        (102, 105, 112),
        (148, 142, 119),
        (200, 184, 102),
        (254, 232, 56),
    ]
)
"""The colour map at six equal steps: it reads the same with every kind of colour blindness."""
_NOT_MEASURED = "#d9dbe0"


def bullseye(values: np.ndarray, title: str, scale: tuple[float, float], digits: int = 0) -> str:
    """Draw 17 values, NaN where there is none.

    Parameters
    ----------
    values : ndarray, shape (17,)
    title : str
        Quantity and unit.
    scale : tuple of 2 floats
        Values of the darkest and the lightest colour.
    digits : int
        Behind the decimal point.
    """
    size = 2 * (_RADIUS + _MARGIN)
    parts = []
    for k, (ring, start, span) in enumerate(BULLSEYE):
        value = float(values[k])
        fill = _NOT_MEASURED if isnan(value) else _colour(value, scale)
        words = "not measured" if isnan(value) else f"{value:.{digits}f}"
        parts.append(
            f'<path d="{_sector(ring, start, span)}" fill="{fill}" stroke="#fff" '
            f'stroke-width="1.5"><title>{k + 1} {escape(SEGMENT_NAMES[k])}: {words}</title></path>'
        )
        if not isnan(value):
            middle = 0.0 if ring == 0 else (BULLSEYE_RINGS[ring] + BULLSEYE_RINGS[ring + 1]) / 2
            x, y = _point(middle, start + span / 2)
            ink = "#fff" if _share(value, scale) < 0.55 else "#1c1e22"
            parts.append(
                f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11" '
                f'fill="{ink}">{words.replace("-", "−")}</text>'
            )
    return (
        f'<figure><svg viewBox="0 0 {size:.0f} {size:.0f}" width="{size:.0f}" '
        f'height="{size:.0f}" role="img" font-family="sans-serif">{"".join(parts)}</svg>'
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )


def _sector(ring: int, start: float, span: float) -> str:
    inner, outer = BULLSEYE_RINGS[ring], BULLSEYE_RINGS[ring + 1]
    if ring == 0:
        (left, y), (right, _), r = _point(outer, 180), _point(outer, 0), outer * _RADIUS
        half = f"A{r:.2f} {r:.2f} 0 1 1"
        return f"M{left:.2f} {y:.2f}{half} {right:.2f} {y:.2f}{half} {left:.2f} {y:.2f}Z"
    (ax, ay), (bx, by) = _point(outer, start), _point(outer, start + span)
    (cx, cy), (dx, dy) = _point(inner, start + span), _point(inner, start)
    out, back = outer * _RADIUS, inner * _RADIUS
    return (
        f"M{ax:.2f} {ay:.2f}A{out:.2f} {out:.2f} 0 0 0 {bx:.2f} {by:.2f}"
        f"L{cx:.2f} {cy:.2f}A{back:.2f} {back:.2f} 0 0 1 {dx:.2f} {dy:.2f}Z"
    )


def _point(part: float, degrees: float) -> tuple[float, float]:
    """Place at a part of the radius, in degrees against the clock from the right."""
    middle, out, angle = _RADIUS + _MARGIN, part * _RADIUS, radians(degrees)
    return middle + out * cos(angle), middle - out * sin(angle)


def _share(value: float, scale: tuple[float, float]) -> float:
    low, high = scale
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def _colour(value: float, scale: tuple[float, float]) -> str:
    place = _share(value, scale) * (len(_CIVIDIS) - 1)
    steps = np.arange(len(_CIVIDIS))
    red, green, blue = (round(float(np.interp(place, steps, one))) for one in _CIVIDIS.T)
    return f"#{red:02x}{green:02x}{blue:02x}"
