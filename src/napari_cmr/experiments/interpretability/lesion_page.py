"""Page and curves of planted lesions: the share that survives, and how often one is invented."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.analysis.reconstruction.lesions import ATRIAL_WALL_MM, HALF
from napari_cmr.cohort.statistics import mean_interval
from napari_cmr.cohort.tables import markdown_table
from napari_cmr.scan import atomic_path
from napari_cmr.workflow.reconstruct.methods import warnings_of

if TYPE_CHECKING:
    from napari_cmr.experiments.interpretability.lesion_survival import LesionSettings

Rows = Sequence[Mapping[str, Any]]
KINDS = ("bright", "dark")


def survival(rows: Rows, **of: Any) -> tuple[float, float, float] | None:
    """Share of the lesions that survive, in percent, and its bootstrap interval over scans."""
    return _over_scans(rows, of, lambda own: 100 * np.mean([row["survives"] for row in own]))


def inventions(rows: Rows, **of: Any) -> tuple[float, float, float] | None:
    """Share of the places without lesion at which one shows, in percent, with its interval."""
    return _over_scans(
        rows,
        of,
        lambda own: (
            100 * sum(row["invented"] for row in own) / max(1, sum(row["places"] for row in own))
        ),
    )


def _over_scans(rows: Rows, of: Mapping[str, Any], share: Any) -> tuple[float, float, float] | None:
    by_scan: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if all(row[name] == value for name, value in of.items()):
            by_scan.setdefault(row["scan"], []).append(row)
    if not by_scan:
        return None
    return mean_interval([float(share(own)) for own in by_scan.values()])


def lesion_page(
    planted: Rows,
    invented: Rows,
    failures: Sequence[tuple[str, str]],
    settings: "LesionSettings",
    command: str | None,
) -> str:
    """Page with a table for each diameter."""
    scans = len({row["scan"] for row in planted})
    lesions = len({tuple(row[k] for k in ("scan", "slice", "row", "column", "diameter_mm", "kind"))
                   for row in planted})  # fmt: skip
    text = [
        "# Planted lesions",
        f"{lesions} discs in {scans} scan{'' if scans == 1 else 's'}: bright and dark by "
        f"{100 * settings.contrast:g} % of the scan's 99th percentile, in the myocardium or within "
        f"{ATRIAL_WALL_MM:g} mm of the left atrium's cavity; random lines with "
        f"{settings.centre_lines} centre lines, noise {settings.noise:g}, seed {settings.seed}.",
        "The response at a disc is what the reconstruction shows there beyond the full image "
        "without lesion: mean over the disc less mean over a ring around it. A lesion **survives** "
        f"where it is at least {HALF:g} of that in the full image with the lesion, and has "
        "**vanished** otherwise; one is **invented** where the reconstruction of the image without "
        f"lesions shows at least {HALF:g} of the contrast. Half way is where an observer who knows "
        "place and size errs least. Percent, means over scans; in brackets the 95 % bootstrap "
        "interval over scans. Invented ones are of the places in the wall that were looked at.",
    ]
    text += warnings_of(settings.methods)
    if command:
        text.append(f"```sh\n{command}\n```")
    columns = [
        "method",
        *(f"{kind} {n}x" for n in settings.accelerations for kind in KINDS),
    ]
    for diameter in settings.diameters_mm:
        for title, share, rows in (
            ("survive", survival, planted), ("invented", inventions, invented),
        ):  # fmt: skip
            lines = [
                [
                    method,
                    *(
                        _cell(
                            share(
                                rows,
                                method=method,
                                diameter_mm=diameter,
                                kind=kind,
                                acceleration=n,
                            )
                        )
                        for n in settings.accelerations
                        for kind in KINDS
                    ),
                ]
                for method in settings.methods
            ]
            text += [f"## {diameter:g} mm: {title}", markdown_table(columns, lines)]
    if failures:
        text.append("## Left out\n\n" + "\n".join(f"- {name}: {why}" for name, why in failures))
    return "\n\n".join([*text, "For research use only.\n"])


def draw_survival(planted: Rows, invented: Rows, settings: "LesionSettings", path: Path) -> None:
    """Curves over the acceleration: survivors above, inventions below, a column a diameter."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    n = len(settings.diameters_mm)
    figure = Figure(figsize=(3.2 * n + 1.8, 6.0))
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, n, sharex=True, sharey="row", squeeze=False)
    colours = [f"C{k}" for k in range(len(settings.methods))]
    for column, diameter in enumerate(settings.diameters_mm):
        for row, (share, rows, what) in enumerate(
            ((survival, planted, "survive (%)"), (inventions, invented, "invented (%)"))
        ):
            for method, colour in zip(settings.methods, colours, strict=True):
                for kind, style in zip(KINDS, ("-", "--"), strict=True):
                    values = [
                        share(rows, method=method, diameter_mm=diameter, kind=kind, acceleration=a)
                        for a in settings.accelerations
                    ]
                    axes[row, column].plot(
                        settings.accelerations,
                        [np.nan if one is None else one[0] for one in values],
                        style,
                        color=colour,
                        marker="o" if kind == "bright" else "s",
                        markersize=3.5,
                        label=f"{method}, {kind}",
                    )
            axes[row, column].grid(alpha=0.3)
            if column == 0:
                axes[row, column].set_ylabel(what)
        axes[0, column].set_title(f"{diameter:g} mm", fontsize=10)
        axes[1, column].set_xlabel("acceleration")
        axes[1, column].set_xticks(settings.accelerations)
    axes[0, 0].set_ylim(-3, 103)
    axes[1, 0].set_ylim(bottom=-0.5)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="center right", fontsize=7)
    figure.tight_layout(rect=(0, 0, 1 - 1.7 / (3.2 * n + 1.8), 1))
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=150, format="png")


def _cell(found: tuple[float, float, float] | None) -> str:
    return "–" if found is None else f"{found[0]:.0f} ({found[1]:.0f}-{found[2]:.0f})"
