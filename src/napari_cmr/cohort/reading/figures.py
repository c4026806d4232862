"""Figures of a reading study as SVG: shares of scores, means with SD, opinions beside quality."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from napari_cmr.cohort.reading.scores import Opinion
from napari_cmr.workflow.reading.criteria import NAMES, SCORES

SCORE_COLOURS = ("#b35806", "#f1a340", "#998ec3", "#542788")
"""Of scores 1 to 4: orange to purple, which people with common colour blindness tell apart."""
METHOD_COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7f7f7f",
)  # fmt: skip
"""Okabe and Ito's; methods differ in the shape of their marks as well."""
SHAPES = ("circle", "square", "triangle", "diamond")
LABELS = {"psnr": "PSNR (dB)", "ssim": "SSIM", "sis": "SIS"}
_FONT = 'font-family="system-ui,sans-serif" font-size="12"'
_LOWEST, _HIGHEST = SCORES[0], SCORES[-1]


def score_shares(opinions: Sequence[Opinion], titles: Mapping[str, str]) -> str:
    """A bar of each method, of how often it got which score."""
    left, width, step, top = 200.0, 560.0, 30.0, 26.0
    parts = []
    for number, (name, colour) in enumerate(zip(NAMES, SCORE_COLOURS, strict=True)):
        x = left + 140 * number
        parts.append(
            f'<rect x="{x}" y="4" width="12" height="12" fill="{colour}"/>'
            f'<text x="{x + 17}" y="14" fill="#222">{number + 1} {escape(name.lower())}</text>'
        )
    for row, one in enumerate(opinions):
        y, x = top + step * row, left
        parts.append(_row_name(one.method, titles, left, y + 15))
        for count, colour in zip(one.counts, SCORE_COLOURS, strict=True):
            share = width * count / one.n
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{share:.1f}" height="22" fill="{colour}">'
                f"<title>{count} of {one.n}</title></rect>"
            )
            if count / one.n >= 0.06:
                ink = "#fff" if colour in (SCORE_COLOURS[0], SCORE_COLOURS[3]) else "#111"
                parts.append(
                    f'<text x="{x + share / 2:.1f}" y="{y + 15}" text-anchor="middle" '
                    f'fill="{ink}">{100 * count / one.n:.0f} %</text>'
                )
            x += share
    return _svg(left + width + 10, top + step * len(opinions), parts, "Shares of scores")


def mean_scores(opinions: Sequence[Opinion], titles: Mapping[str, str]) -> str:
    """Mean and SD of each method on the scale of the scores, and the mean of each reader."""
    left, width, step, top = 200.0, 560.0, 28.0, 8.0
    bottom = top + step * len(opinions)

    def x(score: float) -> float:
        return left + 10 + (width - 20) * (score - _LOWEST) / (_HIGHEST - _LOWEST)

    parts = []
    for score, name in zip(SCORES, NAMES, strict=True):
        anchor = {_LOWEST: "start", _HIGHEST: "end"}.get(score, "middle")
        at = left if score == _LOWEST else left + width if score == _HIGHEST else x(score)
        parts.append(
            f'<line x1="{x(score):.1f}" x2="{x(score):.1f}" y1="{top}" y2="{bottom}" '
            f'stroke="#ddd"/><text x="{at:.1f}" y="{bottom + 16}" text-anchor="{anchor}" '
            f'fill="#444">{score} {escape(name.lower())}</text>'
        )
    for row, one in enumerate(opinions):
        y = top + step * (row + 0.5)
        low, high = (
            x(min(max(end, _LOWEST), _HIGHEST)) for end in (one.mean - one.sd, one.mean + one.sd)
        )
        parts.append(_row_name(one.method, titles, left, y + 4))
        parts.append(
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="#0072b2" '
            'stroke-width="2"/>'
        )
        for reader, mean in one.by_reader.items():
            parts.append(
                f'<line x1="{x(mean):.1f}" x2="{x(mean):.1f}" y1="{y - 8}" y2="{y + 8}" '
                f'stroke="#777"><title>{escape(reader)}: {mean:.2f}</title></line>'
            )
        parts.append(f'<circle cx="{x(one.mean):.1f}" cy="{y}" r="5" fill="#0072b2"/>')
    return _svg(left + width + 10, bottom + 24, parts, "Mean opinion scores")


def opinion_scatter(
    points: Sequence[tuple[str, int, float, float]], quantity: str, methods: Sequence[str]
) -> str:
    """Mean opinion of every image over a quantity; a colour and a shape for each method.

    Parameters
    ----------
    points : sequence of (method, case, opinion, value)
    quantity : {"psnr", "ssim", "sis"}
    methods : sequence of str
        In the order of the legend.
    """
    width, height, left, bottom, top = 330, 260, 44, 40, 10
    values = np.array([value for *_, value in points])
    low, high = float(values.min()), float(values.max())
    room = 0.05 * (high - low) or 0.5
    low, high = low - room, high + room

    def x(value: float) -> float:
        return left + (width - left - 10) * (value - low) / (high - low)

    def y(score: float) -> float:
        share = (score - _LOWEST + 0.15) / (_HIGHEST - _LOWEST + 0.3)
        return height - bottom - (height - bottom - top) * share

    digits = max(0, 1 - int(np.floor(np.log10(high - low))))
    parts = [
        f'<line x1="{left}" x2="{width - 10}" y1="{y(score):.1f}" y2="{y(score):.1f}" '
        f'stroke="#ddd"/><text x="{left - 8}" y="{y(score) + 4:.1f}" text-anchor="end" '
        f'fill="#444">{score}</text>'
        for score in SCORES
    ]
    for tick in np.linspace(low + room, high - room, 4):
        parts.append(
            f'<text x="{x(tick):.1f}" y="{height - bottom + 17}" text-anchor="middle" '
            f'fill="#444">{tick:.{digits}f}</text>'
        )
    parts.append(
        f'<text x="{(left + width) / 2:.0f}" y="{height - 6}" text-anchor="middle" '
        f'fill="#444">{LABELS[quantity]}</text><text x="12" y="{height / 2 - 16:.0f}" '
        f'fill="#444" text-anchor="middle" transform="rotate(-90 12 {height / 2 - 16:.0f})">'
        "mean opinion</text>"
    )
    parts += [mark(methods.index(method), x(value), y(score)) for method, _, score, value in points]
    return _svg(width, height, parts, f"Mean opinion over {LABELS[quantity]}")


def mark(place: int, x: float, y: float, size: float = 4.0) -> str:
    """Mark of a method, by its place in the legend."""
    colour = METHOD_COLOURS[place % len(METHOD_COLOURS)]
    fill = f'fill="{colour}" fill-opacity="0.75"'
    shape = SHAPES[place % len(SHAPES)]
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" {fill}/>'
    corners = {
        "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
        "triangle": ((0, -1.2), (1.15, 0.9), (-1.15, 0.9)),
        "diamond": ((0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)),
    }[shape]
    path = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{path}" {fill}/>'


def legend(methods: Sequence[str], titles: Mapping[str, str]) -> str:
    """Marks of all methods with their titles."""
    return "".join(
        f'<span class="key"><svg width="14" height="14" aria-hidden="true">{mark(place, 7, 7)}'
        f"</svg> {escape(titles[method])}</span>"
        for place, method in enumerate(methods)
    )


def _row_name(method: str, titles: Mapping[str, str], right: float, y: float) -> str:
    title = titles[method]
    shown = title if len(title) <= 30 else f"{title[:29]}…"
    return f'<text x="{right - 8}" y="{y:.1f}" text-anchor="end" fill="#222">{escape(shown)}</text>'


def _svg(width: float, height: float, parts: Sequence[str], title: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'role="img" aria-label="{escape(title)}" {_FONT}>{"".join(parts)}</svg>'
    )
