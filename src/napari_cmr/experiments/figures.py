"""Figures of the experiments, drawn without any window system.

Colours of LV, MYO and RV are those of the labels; models differ in colour, dash and marker.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_cmr.cohort.tables import Row, line_order, shown_lines
from napari_cmr.scan import LABEL_COLOURS, Label, atomic_path
from napari_cmr.training.register import models

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Apart from each other in the common colour blindnesses, and from the colours of the labels; dealt
# out in the order of the register.
_STYLES: tuple[tuple[str, object, str], ...] = (
    ("#777777", ":", "D"),
    ("#AA4499", "-.", "^"),
    ("#000000", "-", "o"),
    ("#56B4E9", (0, (5, 1)), "v"),
    ("#E69F00", "--", "s"),
    ("#8C6D31", (0, (1, 1)), "P"),
)
_SUBJECT_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#CC3311", "#AA4499", "#0072B2", "#8C6D31")
_SUBJECT_MARKERS = "os^DvPX"
_FULL_GAP = 1.12  # "full" stands this far beyond the last number of lines


def draw_dice(summary: Sequence[Row], path: Path) -> None:
    """Fig. 2: Dice (mean of ED and ES) against lines per frame, the second row from 1 to 10."""
    rows = [row for row in summary if row["phase"] == "ED+ES" and row["mean"] is not None]
    counts = sorted({row["n_lines"] for row in rows if row["n_lines"] is not None})
    full_at = max(counts, default=1) * _FULL_GAP
    figure = _figure(11, 7)
    axes = figure.subplots(2, 3, sharey="row", squeeze=False)
    models = _ordered(rows)
    for column, label in enumerate((Label.LV, Label.MYO, Label.RV)):
        for line, axis in enumerate(axes[:, column]):
            for model in models:
                of_model = sorted(
                    (r for r in rows if (r["model"], r["label"]) == (model, label.name)),
                    key=lambda r: line_order(r["n_lines"]),
                )
                _draw_curve(axis, of_model, model, full_at)
            axis.grid(alpha=0.25)
            if line:
                axis.set_xlim(0.7, 10.3)
                axis.set_xticks([n for n in counts if n <= 10])
                axis.set_xlabel("lines per frame")
            else:
                ticks = [n for n in counts if n in {1, 10, 20, 30, 50, 100}] or counts
                axis.set_xticks([*ticks, full_at], [*map(str, ticks), "full"])
                axis.set_title(label.name, color=LABEL_COLOURS[label], weight="bold")
    lowest = min((row["mean"] - (row["sd"] or 0) for row in rows), default=0.0)
    for axis in axes[:, 0]:
        axis.set_ylabel("Dice, mean ± SD over subjects")
        axis.set_ylim(max(0.0, lowest - 0.03), 1.0)
    axes[0, 0].legend(loc="lower right")
    _save(figure, path)


def _draw_curve(axis: "Axes", rows: Sequence[Row], model: str, full_at: float) -> None:
    colour, dash, marker = _style(model)
    if not rows:
        return
    x = np.array([full_at if r["n_lines"] is None else r["n_lines"] for r in rows], float)
    mean = np.array([r["mean"] for r in rows], float)
    sd = np.array([np.nan if r["sd"] is None else r["sd"] for r in rows], float)
    if len(rows) == 1:  # a model of fully sampled frames is a level to reach
        axis.axhline(mean[0], color=colour, linestyle=dash, label=f"{model}, full")
        return
    axis.fill_between(x, mean - sd, np.minimum(mean + sd, 1), color=colour, alpha=0.13, lw=0)
    axis.plot(x, mean, color=colour, linestyle=dash, marker=marker, markersize=4, label=model)


#: What the axes of ejection fractions and of their differences show at most; the rest is counted.
_EF_SHOWN, _DIFFERENCES_SHOWN = (-20, 130), (-80, 60)


def draw_ef(rows: Sequence[Row], summary: Sequence[Row], path: Path) -> None:
    """EF of the LV: measured against true, and Bland-Altman, at some line counts."""
    rows = [
        row
        for row in rows
        if row["quantity"] == "EF" and None not in (row["measured"], row["reference"])
    ]
    counts = sorted({row["n_lines"] for row in rows}, key=line_order)
    counts = [n for n in counts if n in {1, 10, 20, None}] or counts[:4]
    figure = _figure(3.3 * max(len(counts), 1) + 1, 7)
    axes = figure.subplots(2, max(len(counts), 1), sharey="row", sharex="row", squeeze=False)
    both = np.array([(row["reference"], row["measured"]) for row in rows], float).reshape(-1, 2)
    axes[0, 0].set_ylim(_around(both[:, 1], _EF_SHOWN))
    axes[1, 0].set(
        xlim=_around(both.mean(axis=1), _EF_SHOWN),
        ylim=_around(both[:, 1] - both[:, 0], _DIFFERENCES_SHOWN),
    )
    for (top, bottom), n_lines in zip(axes.T, counts, strict=False):
        here = [row for row in rows if row["n_lines"] == n_lines]
        beyond = np.zeros(2, int)
        top.axline((30, 30), slope=1, color="0.6", lw=1)
        bottom.axhline(0, color="0.6", lw=1)
        for model in _ordered(here):
            colour, dash, marker = _style(model)
            pairs = np.array(
                [(r["reference"], r["measured"]) for r in here if r["model"] == model], float
            )
            found = next(
                r
                for r in summary
                if (r["model"], r["n_lines"], r["quantity"]) == (model, n_lines, "EF")
            )
            r = "" if found["correlation"] is None else f", r = {found['correlation']:.2f}"
            kind = {"s": 22, "marker": marker, "facecolors": "none", "edgecolors": colour}
            top.scatter(pairs[:, 0], pairs[:, 1], label=f"{model}{r}", **kind)
            middle, apart = pairs.mean(axis=1), pairs[:, 1] - pairs[:, 0]
            bottom.scatter(middle, apart, **kind)
            in_view = _within(middle, _EF_SHOWN) & _within(apart, _DIFFERENCES_SHOWN)
            beyond += (~_within(pairs[:, 1], _EF_SHOWN)).sum(), (~in_view).sum()
            bottom.axhline(found["bias"], color=colour, linestyle=dash, lw=1.2)
            if found["sd"] is not None:
                for limit in (found["lower_limit"], found["upper_limit"]):
                    bottom.axhline(limit, color=colour, linestyle=dash, lw=0.8, alpha=0.6)
        top.set_title(_lines_title(n_lines))
        top.legend(fontsize=8, loc="upper left")
        top.set_xlabel("EF true [%]")
        bottom.set_xlabel("mean of EF measured and true [%]")
        for axis, count in zip((top, bottom), beyond, strict=True):
            axis.grid(alpha=0.25)
            if count:
                axis.text(0.98, 0.02, f"{count} beyond", transform=axis.transAxes, ha="right")
    axes[0, 0].set_ylabel("EF measured [%]")
    axes[1, 0].set_ylabel("EF measured − true [points]\nbias and limits of agreement")
    _save(figure, path)


def _around(values: np.ndarray, limits: tuple[float, float]) -> tuple[float, float]:
    """Limits of an axis: those of the values with some room, but no wider than given."""
    low, high = (float(values.min()), float(values.max())) if values.size else limits
    room = 0.15 * (high - low) + 5
    return max(limits[0], low - room), min(limits[1], high + room)


def _within(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    inside: np.ndarray = (values >= limits[0]) & (values <= limits[1])
    return inside


def draw_distances(rows: Sequence[Row], path: Path) -> None:
    """Within- and between-subject distances of every subject, with their mean."""
    known = [row for row in rows if row["MD"] is not None]
    counts = sorted({row["n_lines"] for row in known})
    models = _ordered(known)
    places = [(label, n) for label in ("MYO", "RV") for n in counts]
    figure = _figure(11, 7)
    axes = figure.subplots(2, 2, sharex=True, squeeze=False)
    named: set[str] = set()  # models that the legend has
    metrics = (("MD", "mean contour distance"), ("HD", "Hausdorff distance"))
    for line, (metric, metric_name) in enumerate(metrics):
        for column, kind in enumerate(("within", "between")):
            axis = axes[line, column]
            for i, (label, n_lines) in enumerate(places):
                for j, model in enumerate(models):
                    values = np.array(
                        [
                            row[metric]
                            for row in known
                            if (row["kind"], row["model"], row["label"], row["n_lines"])
                            == (kind, model, label, n_lines)
                        ],
                        float,
                    )
                    if not values.size:
                        continue
                    colour, _, marker = _style(model)
                    x = i + (j - (len(models) - 1) / 2) * 0.8 / max(len(models), 1)
                    spread = np.linspace(-0.06, 0.06, values.size) if values.size > 1 else 0.0
                    axis.scatter(
                        x + spread,
                        values,
                        s=12,
                        marker=marker,
                        color=colour,
                        alpha=0.55,
                        label=None if model in named else model,
                    )
                    named.add(model)
                    axis.hlines(values.mean(), x - 0.11, x + 0.11, color=colour, lw=2.5)
            axis.set_ylim(bottom=0)
            axis.set_xlim(-0.6, len(places) - 0.4)
            axis.grid(axis="y", alpha=0.25)
            axis.set_ylabel(f"{metric_name} [mm]")
            if line == 0:
                axis.set_title(f"{kind} subjects")
            axis.set_xticks(
                range(len(places)),
                [f"{label}\n{n} line{'s' if n > 1 else ''}" for label, n in places],
            )
            for tick, (label, _) in zip(axes[1, column].get_xticklabels(), places, strict=False):
                tick.set_color(LABEL_COLOURS[Label[label]])
                tick.set_weight("bold")
    if named:
        figure.legend(loc="outside lower center", ncols=len(named))
    _save(figure, path)


def draw_codes(rows: Sequence[Row], path: Path) -> None:
    """Fig. 4: PCA and t-SNE of codes; subjects by colour and marker, fewer lines are paler."""
    models = _ordered(rows)
    figure = _figure(11, 5.2 * max(len(models), 1))
    axes = figure.subplots(max(len(models), 1), 2, squeeze=False)
    subjects = list(dict.fromkeys((row["subject"], row["group"]) for row in rows))
    counts = sorted({row["n_lines"] for row in rows}, key=line_order)
    for line, model in enumerate(models):
        for axis, kind in zip(axes[line], ("pca", "tsne"), strict=True):
            for i, (subject, group) in enumerate(subjects):
                colour = _SUBJECT_COLOURS[i % len(_SUBJECT_COLOURS)]
                marker = _SUBJECT_MARKERS[i % len(_SUBJECT_MARKERS)]
                for k, n_lines in enumerate(counts):
                    chosen = [
                        (row[f"{kind}_1"], row[f"{kind}_2"])
                        for row in rows
                        if (row["model"], row["subject"], row["n_lines"])
                        == (model, subject, n_lines)
                    ]
                    if not chosen:
                        continue
                    x, y = np.array(chosen).T
                    if n_lines is None:
                        axis.scatter(
                            x, y, s=110, marker=marker, color=colour, edgecolors="black", zorder=3
                        )
                        continue
                    share = (k + 1) / len(counts)
                    label = f"{subject} {group or ''}" if n_lines == counts[-2] else None
                    axis.scatter(
                        x, y, s=16, marker=marker, color=_pale(colour, share), lw=0, label=label
                    )
            axis.set_xticks([])
            axis.set_yticks([])
        shown = next(row for row in rows if row["model"] == model)
        first, second = 100 * shown["explained_1"], 100 * shown["explained_2"]
        axes[line, 0].set_title(f"{model}: PCA")
        axes[line, 0].set_xlabel(f"component 1 ({first:.0f} % of the variance)")
        axes[line, 0].set_ylabel(f"component 2 ({second:.0f} %)")
        axes[line, 1].set_title(f"{model}: t-SNE")
    shown_counts = ", ".join(shown_lines(n) for n in counts if n is not None)
    figure.supxlabel(
        f"pale to dark: {shown_counts} lines per frame; outlined: all lines", fontsize="medium"
    )
    if models:
        axes[0, 0].legend(fontsize=8)
    _save(figure, path)


def draw_diagnosis(summary: Sequence[Row], path: Path) -> None:
    """Balanced accuracy of the diagnosis from codes against lines per frame."""
    figure = _figure(6.5, 4.5)
    axis = figure.subplots()
    counts = sorted({row["n_lines"] for row in summary}, key=line_order)
    for model in _ordered(summary):
        colour, dash, marker = _style(model)
        chosen = sorted(
            (r for r in summary if r["model"] == model), key=lambda r: line_order(r["n_lines"])
        )
        axis.plot(
            [counts.index(r["n_lines"]) for r in chosen],
            [100 * r["balanced_accuracy"] for r in chosen],
            color=colour,
            linestyle=dash,
            marker=marker,
            label=model,
        )
    for chance in {row["chance"] for row in summary}:
        axis.axhline(100 * chance, color="0.5", lw=1, linestyle=":", label="chance")
    axis.set_xticks(range(len(counts)), [shown_lines(n) for n in counts])
    axis.set_ylim(0, 100)
    axis.set_xlabel("lines per frame")
    axis.set_ylabel("balanced accuracy of the diagnosis [%]")
    axis.grid(alpha=0.25)
    axis.legend()
    _save(figure, path)


def draw_histograms(rows: Sequence[Row], path: Path) -> None:
    """Grey values in LV, MYO and RV: bSSFP, synthetic and real."""
    figure = _figure(10, 3)
    structures = list(dict.fromkeys(row["structure"] for row in rows))
    axes = np.atleast_1d(figure.subplots(1, len(structures), sharey=True))
    looks = {"bSSFP": ("#777777", ":"), "synthetic": ("#0072B2", "-"), "real": ("#D55E00", "--")}
    for axis, structure in zip(axes, structures, strict=True):
        for name, (colour, dash) in looks.items():
            own = [r for r in rows if (r["structure"], r["images"]) == (structure, name)]
            if own:
                grey, density = ([r[key] for r in own] for key in ("grey", "density"))
                axis.plot(grey, density, color=colour, linestyle=dash, label=name)
        axis.set_title(structure)
        axis.set_xlabel("grey value of the square")
    axes[0].set_ylabel("density")
    axes[0].legend()
    _save(figure, path)


#: Mean gains below this, in dB, are not drawn: they would press all others together.
_FARTHEST_BEHIND = -5.0


def draw_gains(gains: Mapping[str, Mapping[str, Sequence[float]]], than: str, path: Path) -> None:
    """Gains in dB over a method by sampling and method: a dot for each scan, a bar at the mean."""
    means: dict[str, list[float]] = {}
    for by_method in gains.values():
        for method, values in by_method.items():
            means.setdefault(method, []).append(float(np.mean(values)))
    shown = [method for method, own in means.items() if min(own) > _FARTHEST_BEHIND][::-1]
    columns = max(1, len(gains))
    figure = _figure(2.5 * columns + 1.5, 0.36 * len(shown) + 1.3)
    axes = figure.subplots(1, columns, sharex=True, sharey=True, squeeze=False)[0]
    for axis, (sampling, by_method) in zip(axes, gains.items(), strict=False):
        axis.axvline(0, color="0.6", lw=1)
        for place, method in enumerate(shown):
            values = by_method.get(method, ())
            if len(values):
                axis.plot(values, [place] * len(values), "o", color="#0072B2", alpha=0.4, ms=4)
                axis.plot([np.mean(values)] * 2, [place - 0.3, place + 0.3], color="black", lw=2)
        axis.set_title(sampling)
        axis.grid(axis="x", alpha=0.25)
    axes[0].set_yticks(range(len(shown)), shown)
    axes[0].set_ylim(-0.6, max(len(shown), 1) - 0.4)
    figure.supxlabel(f"PSNR where it moves less that of {than} (dB)", fontsize=10)
    _save(figure, path)


def _figure(width: float, height: float) -> "Figure":
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: "Figure", path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=150, metadata={"Software": None})


def _ordered(rows: Sequence[Row]) -> list[str]:
    """Models in the order of the register, in every figure."""
    return sorted(dict.fromkeys(row["model"] for row in rows), key=_place)


def _style(model: str) -> tuple[str, object, str]:
    return _STYLES[_place(model) % len(_STYLES)]


def _place(model: str) -> int:
    """Place of a model among those that segment cines; the last one for any other."""
    names = [one.name for one in models().values() if one.task == "segmentation"]
    return names.index(model) if model in names else len(names)


def _pale(colour: str, share: float) -> tuple[float, ...]:
    """Colour mixed with white: ``share`` 1 is the colour itself."""
    own = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    mixed = 1 - (0.25 + 0.75 * share) * (1 - own)
    return tuple(float(channel) for channel in mixed)


def _lines_title(n_lines: int | None) -> str:
    if n_lines is None:
        return "all lines"
    return f"{n_lines} line{'s' if n_lines > 1 else ''} per frame"
