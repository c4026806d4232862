"""Table, figure and page of the ladder on late enhancement."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import napari_cmr
from napari_cmr.cohort.store import Result
from napari_cmr.cohort.tables import Row, beside, markdown_table, number, write_csv
from napari_cmr.scan import LABEL_COLOURS, Label, atomic_path

_NAMES = {
    "registration-affine": "registration of atlases, affine",
    "registration": "registration of atlases, free form",
    "unet-bssfp": "U-net, bSSFP only",
    "unet-finetuned": "U-net, fine-tuned",
    "cascade": "cascade",
    "cascade-pp": "cascade + post-processing",
    "ensemble-pp": "ensemble + post-processing",
}
#: Chen et al., STACOM 2019, Table 1 (5 validation patients of MS-CMRSeg): Dice LV, MYO, ASD LV, MYO
#: in mm. The ensemble's are those of the 40 test patients.
PUBLISHED: dict[str, tuple[float | None, ...]] = {
    "registration-affine": (None, None, None, None),
    "registration": (0.819, 0.665, 2.56, 1.65),
    "unet-bssfp": (0.624, 0.441, 10.03, 6.07),
    "unet-finetuned": (0.874, 0.781, 1.78, 1.50),
    "cascade": (0.895, 0.812, 1.41, 1.46),
    "cascade-pp": (0.897, 0.816, 1.17, 1.42),
    "ensemble-pp": (0.92, 0.83, 1.66, 1.76),
}
_KEYS = ("dice_lv", "dice_myo", "asd_lv_mm", "asd_myo_mm")


def write_lge_report(
    out: Path,
    results: Sequence[Result],
    *,
    methods: Sequence[str],
    failures: Sequence[tuple[str, str]],
    atlases: Sequence[str],
    command: str | None,
) -> Path:
    """Write ``lge.csv``, ``lge.png`` and ``lge.md`` into a folder; the page's path."""
    rows: list[Row] = [
        {"case": one.subject, "group": one.group, "method": one.part.model, **one.record}
        for one in results
    ]
    write_csv(out / "lge.csv", rows)
    draw_ladder(rows, methods, out / "lge.png")
    page = out / "lge.md"
    with atomic_path(page) as path:
        path.write_text(
            markdown(rows, methods, failures=failures, atlases=atlases, command=command),
            encoding="utf-8",
            errors="replace",
        )
    return page


def mean_of(rows: Sequence[Row], key: str) -> float | None:
    """Mean of what is known; None if nothing is."""
    known = [row[key] for row in rows if row[key] is not None]
    return float(np.mean(known)) if known else None


def markdown(
    rows: Sequence[Row],
    methods: Sequence[str],
    *,
    failures: Sequence[tuple[str, str]] = (),
    atlases: Sequence[str] = (),
    command: str | None = None,
) -> str:
    """Write the page: means with the paper's numbers in brackets, and what they are of."""
    table = []
    for method in methods:
        of_method = [row for row in rows if row["method"] == method]
        if not of_method:
            continue
        cells = [
            beside(mean_of(of_method, key), published, 3 if key.startswith("dice") else 2)
            for key, published in zip(_KEYS, PUBLISHED[method], strict=True)
        ]
        missed = [str(sum(row[f"missed_slices_{n}"] for row in of_method)) for n in ("lv", "myo")]
        lowest = min(row["dice_myo"] for row in of_method)
        table.append(
            [_NAMES[method], str(len(of_method)), *cells, " / ".join(missed), number(lowest, 2)]
        )
    columns = (
        "method",
        "cases",
        "Dice LV",
        "Dice MYO",
        "ASD LV, mm",
        "ASD MYO, mm",
        "slices missed, LV / MYO",
        "lowest Dice MYO",
    )
    lines = [
        "# Late enhancement without its labels",
        "",
        markdown_table(columns, table),
        "",
        "Means over cases; in brackets Chen et al., STACOM 2019, Table 1, on 5 patients of another "
        "data set (MS-CMRSeg; for the ensemble its 40 test patients). MYO is healthy muscle, "
        "infarct and no-reflow together. The data label no right ventricle, so that none can be "
        "compared. Dice is of the whole stack. ASD is the mean distance over the points of both "
        "contours of a slice, over slices that have both; its mm are those assumed for the "
        "pictures, which have lost their spacing.",
        "",
        "![Dice of every case by every method](lge.png)",
        "",
    ]
    if atlases:
        lines += [
            f"Registration: {', '.join(atlases)} at ED, rigid, affine, then free form, by mutual "
            "information; most votes. The paper registers the patient's own cine.",
            "",
        ]
    if failures:
        lines += ["Left out:", "", *(f"- {who}: {why}" for who, why in failures), ""]
    made = f"napari-cmr {napari_cmr.__version__}" + (f", `{command}`" if command else "")
    return "\n".join([*lines, f"Made by {made}. For research use only.", ""])


def draw_ladder(rows: Sequence[Row], methods: Sequence[str], path: Path) -> None:
    """Dice of every case by every method, LV and MYO side by side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    axes: Any = figure.subplots(1, 2, sharey=True)
    for axis, label in zip(axes, (Label.LV, Label.MYO), strict=True):
        for place, method in enumerate(methods):
            values = [r[f"dice_{label.name.lower()}"] for r in rows if r["method"] == method]
            spread = np.linspace(-0.18, 0.18, len(values)) if len(values) > 1 else [0.0]
            colour = LABEL_COLOURS[label]
            axis.plot(place + np.asarray(spread), values, "o", color=colour, markersize=4)
            if values:
                mean = float(np.mean(values))
                axis.plot([place - 0.3, place + 0.3], [mean, mean], color="black", linewidth=1.5)
        axis.set_title(label.name)
        axis.set_xticks(range(len(methods)), [_NAMES[m] for m in methods], rotation=30, ha="right")
        axis.grid(axis="y", alpha=0.25)
    axes[0].set_ylabel("Dice, line at the mean")
    axes[0].set_ylim(0, 1)
    FigureCanvasAgg(figure)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=150, metadata={"Software": None})
