"""Pictures like Fig. 2 of seitzer2018: images side by side, reference in red, reading in yellow."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_cmr.scan import atomic_path

REFERENCE, READ = "#ff2a2a", "#ffe600"
_COLUMNS = 4


@dataclass(frozen=True, eq=False)
class Panel:
    """One image of a sheet.

    Attributes
    ----------
    title, text : str
        Above and below it.
    image : ndarray, shape (Y, X), real
    reference, read : ndarray of bool, shape (Y, X)
        Where the structure is, and where it was read.
    """

    title: str
    text: str
    image: np.ndarray
    reference: np.ndarray
    read: np.ndarray


def contour_sheet(panels: Sequence[Panel], path: Path) -> None:
    """Draw panels on one sheet; grey values are those of the first, which is the full image."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(panels) // _COLUMNS)
    columns = min(_COLUMNS, len(panels))
    height, width = panels[0].image.shape
    figure = Figure(figsize=(2.6 * columns, rows * (2.6 * height / width + 0.5)))
    FigureCanvasAgg(figure)
    brightest = float(np.percentile(panels[0].image, 99.5))
    for k, panel in enumerate(panels):
        axes = figure.add_subplot(rows, columns, k + 1)
        axes.imshow(panel.image, cmap="gray", vmin=0, vmax=brightest, interpolation="nearest")
        for mask, colour in ((panel.reference, REFERENCE), (panel.read, READ)):
            if mask.any() and not mask.all():
                axes.contour(mask, levels=[0.5], colors=[colour], linewidths=0.9)
        axes.set_title(panel.title, fontsize=8)
        axes.set_xlabel(panel.text, fontsize=7)
        axes.set_xticks([])
        axes.set_yticks([])
    figure.tight_layout()
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=150, format="png")
