"""One page about a reading study: opinions, tests, agreement, correlation, and an example."""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from napari_cmr.cohort.reading.figures import (
    LABELS,
    legend,
    mean_scores,
    opinion_scatter,
    score_shares,
)
from napari_cmr.cohort.reading.scores import QUANTITIES, ReaderAgreement, opinion_points
from napari_cmr.cohort.reading.summary import PanelSummary, mean_kappa
from napari_cmr.cohort.statistics import FEWEST
from napari_cmr.cohort.tables import number
from napari_cmr.scan.summary import counted
from napari_cmr.workflow.reading.criteria import NAMES, SCORES
from napari_cmr.workflow.reading.study import FULL, WHITE
from napari_cmr.workflow.report.html import html_page
from napari_cmr.workflow.report.pictures import data_uri

_STYLE = """
svg{max-width:100%;height:auto}.key{margin-right:18px;white-space:nowrap}
.key svg{vertical-align:-2px}.example figure{width:176px}.example img{width:176px;height:auto}
table.square td,table.square th{text-align:right;min-width:34px}
"""


def summary_page(summary: PanelSummary) -> str:
    """Page as HTML; equal content makes an equal page."""
    parts = [
        '<div class="notice synthetic">Some images are synthetic: computed, not measured.</div>'
        if summary.folder.study.synthetic
        else "",
        _about(summary),
        "<h2>Mean opinion scores</h2>",
        mean_scores(summary.opinions, summary.titles),
        _opinions(summary),
        "<h2>How often which score was given</h2>",
        score_shares(summary.opinions, summary.titles),
        "<h2>Differences between methods</h2>",
        _differences(summary),
        "<h2>Agreement</h2>",
        _agreement(summary),
        "<h2>Opinions beside measured quality</h2>",
        _correlations(summary),
        "<h2>A typical case</h2>",
        _example(summary),
        "<h2>What the scores mean</h2>",
        _criteria(summary),
        "<h2>How the images were made</h2>",
        _methods(summary),
    ]
    return html_page("Reading panel", [part for part in parts if part], _STYLE)


def _about(summary: PanelSummary) -> str:
    study = summary.folder.study
    readers = ", ".join(summary.readers)
    text = (
        f"{counted(len(summary.key.cases), 'case')}, {counted(len(summary.titles), 'method')}, "
        f"{len(study.items)} images, {len(study.repeats)} of them shown twice. "
        f"{counted(len(summary.readers), 'reader')} ({escape(readers)}), who did not know the "
        "methods and saw the images in an order of their own."
    )
    if summary.unfinished:
        text += f" Left out, as not all images are rated: {escape(', '.join(summary.unfinished))}."
    return f"<p>{text}</p>"


def _opinions(summary: PanelSummary) -> str:
    measured = [
        name
        for name in QUANTITIES
        if any(getattr(one, name) is not None for one in summary.opinions)
    ]
    rows = [
        [summary.titles[one.method], str(one.n), f"{one.mean:.2f} ± {one.sd:.2f}"]
        + [f"{one.by_reader[reader]:.2f}" for reader in summary.readers]
        + [number(getattr(one, name), 1 if name == "psnr" else 3) for name in measured]
        for one in summary.opinions
    ]
    note = (
        "Mean ± standard deviation of single ratings, second showings left out. In the figure: "
        "dot and line mean and SD, ticks the means of the readers. Measured quality is the mean of "
        "the same images."
    )
    if "sis" in measured:
        note += (
            " SIS: mean Dice of what a segmenter of full images reads in them, over that in the "
            "full images."
        )
    heads = ["method", "ratings", "mean opinion score", *summary.readers]
    heads += [LABELS[name] for name in measured]
    return f"{_table(heads, rows)}<p>{note}</p>"


def _differences(summary: PanelSummary) -> str:
    cases = len(summary.key.cases)
    rows = [
        [
            f"{summary.titles[one.first]} – {summary.titles[one.second]}",
            f"{one.difference.mean:+.2f} ({one.difference.low:+.2f} to {one.difference.high:+.2f})",
            "–" if one.p is None else _p(one.p),
        ]
        for one in summary.differences
    ]
    note = (
        f"Each of the {cases} cases counts once, with the mean of its slices and readers; 95 % "
        "bootstrap interval over cases. "
    )
    note += (
        "Wilcoxon's signed-rank test, two-sided, after Holm's correction for all pairs."
        if cases >= FEWEST
        else f"Fewer than {FEWEST} cases are not tested: no difference could be significant."
    )
    return f"{_table(['methods', 'difference', 'p'], rows)}<p>{note}</p>"


def _agreement(summary: PanelSummary) -> str:
    rows = [
        [
            f"{one.readers[0]}, first and second showing"
            if len(one.readers) == 1
            else " and ".join(one.readers),
            str(one.n),
            "–" if one.kappa is None else f"{one.kappa:.2f}",
            "–" if one.same is None else f"{100 * one.same:.0f} %",
        ]
        for one in (*summary.within, *summary.between)
    ]
    for name, several in (("within readers", summary.within), ("between readers", summary.between)):
        mean = mean_kappa(several)
        if len(several) > 1 and mean is not None:
            rows.append([f"mean {name}", "", f"{mean:.2f}", ""])
    note = (
        "Cohen's kappa with quadratic weights: 1 is perfect agreement, 0 that of chance; there is "
        "none where all scores are one and the same. The mean over pairs of readers is that of "
        "Light (1971)."
    )
    table = _table(["readers", "images", "weighted kappa", "same score"], rows)
    return f"{table}<p>{note}</p>{_confusion(summary.within)}"


def _confusion(within: Sequence[ReaderAgreement]) -> str:
    """First against second showing, all readers together."""
    total = np.sum([one.table for one in within], axis=0)
    if not total.any():
        return "<p>No image was shown twice.</p>"
    rows = [[f"first {score}", *map(str, row)] for score, row in zip(SCORES, total, strict=True)]
    heads = ["all readers", *(f"second {score}" for score in SCORES)]
    return _table(heads, rows, "square")


def _correlations(summary: PanelSummary) -> str:
    methods = [one.method for one in summary.opinions if one.method != FULL]
    if not summary.correlations:
        return (
            "<p>No quality was measured of three images or more that differ in it and in their "
            "scores.</p>"
        )
    figures, rows = [], []
    for one in summary.correlations:
        points = opinion_points(summary.ratings, one.quantity)
        figures.append(opinion_scatter(points, one.quantity, methods))
        rows.append(
            [
                LABELS[one.quantity],
                f"{one.rho:.2f} ({one.low:.2f} to {one.high:.2f})",
                str(one.n),
            ]
        )
    note = (
        "Spearman's rank correlation over the reconstructed images, each with the mean of its "
        "readers; 95 % bootstrap interval over cases, as images of one case are not independent. "
        "The images from all lines have no such number."
    )
    return (
        f'<div class="grid">{"".join(figures)}</div><p>{legend(methods, summary.titles)}</p>'
        f"{_table(['', 'correlation', 'images'], rows)}<p>{note}</p>"
    )


def _example(summary: PanelSummary) -> str:
    """First slice of the case whose opinions are closest to the means, by all methods."""
    means = {one.method: one.mean for one in summary.opinions}
    invents = {one.name for one in summary.key.methods if one.invents}
    scores: dict[tuple[int, str], list[int]] = {}
    for one in summary.ratings:
        if not one.again:
            scores.setdefault((one.case, one.method), []).append(one.score)
    own = {place: float(np.mean(several)) for place, several in scores.items()}

    def distance(case: int) -> float:
        return sum((own[case, method] - mean) ** 2 for method, mean in means.items())

    case = min(range(len(summary.key.cases)), key=distance)
    z = min(one.slice for one in summary.key.made if one.case == case)
    shown = {one.method: one for one in summary.key.made if (one.case, one.slice) == (case, z)}
    figures = []
    for method in means:
        made = shown[method]
        pixels = summary.folder.image(made.id)[0]
        grey = np.clip(pixels.astype(np.float32) * (255 / WHITE), 0, 255).astype(np.uint8)
        dy, dx = summary.folder.items[made.id].pixel_mm
        shape = f"aspect-ratio:{grey.shape[1] * dx:.1f}/{grey.shape[0] * dy:.1f}"
        said = f"scores {own[case, method]:.1f}"
        said += "" if made.psnr is None else f", {made.psnr:.1f} dB"
        said += "<br>details may be invented" if method in invents else ""
        figures.append(
            f'<figure><img alt="{escape(summary.titles[method])}" src="{data_uri(grey)}" '
            f'style="{shape}"><figcaption>{escape(summary.titles[method])}<br>{said}'
            "</figcaption></figure>"
        )
    return (
        f"<p>Case {case + 1}, slice {z + 1}, first frame: of all cases the one whose scores are "
        f'closest to the means.</p><div class="grid example">{"".join(figures)}</div>'
    )


def _criteria(summary: PanelSummary) -> str:
    criteria = summary.folder.study.criteria
    rows = [
        [f"{score} {name}", text] for score, name, text in zip(SCORES, NAMES, criteria, strict=True)
    ]
    return _table(None, rows, "")


def _methods(summary: PanelSummary) -> str:
    rows = []
    for one in summary.key.methods:
        settings = ", ".join(f"{name} {value}" for name, value in one.settings.items())
        weights = ", ".join((one.weights or {}).values())
        rows.append([one.name, one.title, one.publication, settings, weights[:12]])
    cases, how = summary.key.cases, summary.key.cases[0].acquisition
    text = (
        f"{_span(one.acquisition.n_lines or 0 for one in cases)} of "
        f"{_span(one.n_phase_encodes for one in cases)} lines in every frame, pattern "
        f"{how.pattern}, {how.centre_lines} centre lines, noise {how.noise:g}; each case "
        "has a mask of its own, the same for all methods."
    )
    table = _table(["name", "method", "source", "settings", "weights"], rows, "")
    warned = [
        f'<div class="notice">{escape(one.title)}: {escape(one.invents)}</div>'
        for one in summary.key.methods
        if one.invents
    ]
    return f"<p>{escape(text)}</p>{table}{''.join(warned)}"


def _table(
    heads: Sequence[str] | None, rows: Iterable[Sequence[str]], style: str = "numbers"
) -> str:
    head = "" if heads is None else f"<tr>{''.join(f'<th>{escape(x)}</th>' for x in heads)}</tr>"
    body = "".join(f"<tr>{''.join(f'<td>{escape(x)}</td>' for x in row)}</tr>" for row in rows)
    return f'<table class="{style}">{head}{body}</table>'


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _span(numbers: Iterable[int]) -> str:
    several = sorted(set(numbers))
    return f"{several[0]}" if len(several) == 1 else f"{several[0]} to {several[-1]}"
