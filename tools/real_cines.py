"""Segment the real cines of the results' page, and draw their volumes over the heart cycle.

``python tools/real_cines.py DATA`` prints the table and writes ``docs/images/real-cines.png``.
DATA holds ``sunnybrook/`` (two studies and their contours) and ``bivme/dicom/patient1``. No image
of them is drawn: volumes are all that leaves the data.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Scan, open_scan
from napari_cmr.scan.datasets.sunnybrook import read_contours
from napari_cmr.workflow.measure.function import measure_scan
from napari_cmr.workflow.segment.cine import segment_lines

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images" / "real-cines.png"
#: Lines per frame, and how their curves are drawn.
LINES = {None: ("#000000", "-"), 20: ("#0072B2", "--"), 10: ("#E69F00", "-.")}
#: Title, folder, folder of contours.
CINES = (
    ("biv-me patient1", "bivme/dicom/patient1", None),
    ("Sunnybrook SCD0000101", "sunnybrook/SCD0000101", "sunnybrook/contours/SC-HF-I-1"),
    ("Sunnybrook SCD0000301", "sunnybrook/SCD0000301", "sunnybrook/contours/SC-HF-I-4"),
)
#: Of the mesh that biv-me fitted to its patient1, in mL.
MESH_EDV, MESH_ESV = 179.0, 72.0


def draw_reference(axis: Axes, scan: Scan, contours: Path | None) -> float:
    """Draw what the volumes should be; the ejection fraction in percent."""
    style = {"color": "#CC3311", "marker": "o", "linestyle": "none", "markersize": 7}
    if contours is None:
        for volume, name in ((MESH_EDV, "fitted mesh"), (MESH_ESV, None)):
            axis.axhline(volume, color="#CC3311", lw=1.2, ls=":", label=name)
        return 100 * (1 - MESH_ESV / MESH_EDV)
    read = measure_scan(read_contours(contours, scan)).lv
    assert read.ed_frame is not None
    assert read.es_frame is not None
    assert read.ef_percent is not None
    frames = np.array([read.ed_frame, read.es_frame])
    axis.plot(
        100 * frames / scan.n_frames, [read.edv_ml, read.esv_ml], label="readers' contours", **style
    )
    return read.ef_percent


def main() -> None:
    """Make table and figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    for axis, (title, folder, contours) in zip(figure.subplots(1, 3), CINES, strict=True):
        scan = open_scan(data / folder)
        found = []
        for n_lines, (colour, dash) in LINES.items():
            labels = segment_lines(scan, Acquisition(n_lines=n_lines, seed=1)).labels
            lv = measure_scan(scan, labels=labels).lv
            assert lv.ef_percent is not None
            found.append(lv.ef_percent)
            name = "all lines" if n_lines is None else f"{n_lines} lines"
            name += f", EF {lv.ef_percent:.0f} %"
            cycle = 100 * np.arange(scan.n_frames) / scan.n_frames
            axis.plot(cycle, lv.volumes_ml, dash, color=colour, label=name)
        reference = draw_reference(axis, scan, None if contours is None else data / contours)
        axis.set_title(f"{title}, EF {reference:.0f} %")
        axis.set_xlabel("heart cycle, %")
        axis.set_ylim(0, 1.05 * axis.get_ylim()[1])
        axis.grid(alpha=0.25)
        axis.legend(fontsize=8)
        print(title, f"{reference:.1f}", *(f"{value:.1f}" for value in found), sep=" | ")
    figure.axes[0].set_ylabel("LV volume, mL")
    figure.savefig(TARGET, dpi=120)


if __name__ == "__main__":
    main()
