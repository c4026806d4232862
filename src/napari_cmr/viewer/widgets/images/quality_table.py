"""How close each method comes to the full scan in the slice on screen, as a table."""

import numpy as np
from qtpy.QtGui import QBrush, QColor
from qtpy.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from napari_cmr.analysis.image_quality import ImageQuality
from napari_cmr.viewer.controllers.images.reconstruction import LiveReconstruction
from napari_cmr.viewer.widgets.parts import OLD_COLOUR
from napari_cmr.viewer.widgets.tables import fit_rows, number_cell, quiet_table

ROW_HEIGHT, MAX_ROWS = 24, 6
NUMBER_WIDTH = 45
NUMBERS = (
    ("Method", "Methods that are ticked."),
    ("PSNR", "Peak signal to noise ratio in dB of the slice on screen, all frames, against all "
     "lines. Most pixels hardly move, so that it says little about the heart."),
    ("moving", "PSNR in dB in the tenth of the pixels that change most over the cycle: where the "
     "heart moves."),
    ("SSIM", "Structural similarity of the slice on screen with that from all lines; 1 is equal."),
    ("NRMSE", "Norm of the complex error as a share of the norm of the full slice; 0 is equal."),
    ("SIS", "Semantic interpretability score of the slice on screen: Dice of what a segmenter of "
     "full images reads in it, over its Dice on the full slice; 1 is read as well."),
)  # fmt: skip
MOVING = 2


def quality_table() -> QTableWidget:
    """An empty table of the numbers."""
    table = quiet_table(NUMBERS, ROW_HEIGHT)
    table.setStyleSheet(
        "QTableWidget { font-size: 9pt; }QHeaderView::section { font-size: 8pt; padding: 1px; }"
    )
    header = table.horizontalHeader()
    header.setMinimumSectionSize(NUMBER_WIDTH)
    for place in range(1, len(NUMBERS)):
        header.setSectionResizeMode(place, QHeaderView.ResizeMode.Fixed)
        table.setColumnWidth(place, NUMBER_WIDTH)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return table


def show_quality(table: QTableWidget, reconstruction: LiveReconstruction) -> None:
    """Quality of the slice on screen, for each method that made it; grey where it is old."""
    session = reconstruction.session
    scan, z = session.scan, reconstruction.slice_on_screen
    records = {
        name: record
        for name in reconstruction.methods
        if (record := session.reconstructions.record(name, z)) is not None
    }
    table.setVisible(bool(records))
    table.setColumnHidden(MOVING, scan is not None and scan.n_frames == 1)
    table.setRowCount(len(records))
    for line, (name, record) in enumerate(records.items()):
        grey = QBrush() if reconstruction.is_judged(name, z) else QBrush(QColor(OLD_COLOUR))
        old = reconstruction.old_numbers_text(name, z)
        for place, text in enumerate((name, *_numbers(record.quality))):
            cell = QTableWidgetItem(text) if place == 0 else number_cell(text)
            cell.setForeground(grey)
            said = f"Made {old}." if old else f"{record.seconds:.2g} s for this slice"
            cell.setToolTip(f"{name}\n{said}" if place == 0 else said)
            table.setItem(line, place, cell)
        table.setItem(line, len(NUMBERS) - 1, _score_cell(reconstruction, name, z, old))
    fit_rows(table, max(1, len(records)), MAX_ROWS)


def _score_cell(
    reconstruction: LiveReconstruction, name: str, z: int, old: str
) -> QTableWidgetItem:
    """What a segmenter reads in the slice on screen; grey where that is not of this image."""
    session = reconstruction.session
    scan, record = session.scan, session.reconstructions.record(name, z)
    score = None if record is None else record.score
    cell = number_cell("–" if score is None else f"{score.mean:.3f}".removeprefix("0"))
    read = record is not None and record.read == reconstruction.source(name)
    if score is None or not read:
        cell.setForeground(QBrush(QColor(OLD_COLOUR)))
    if score is not None:
        parts = ", ".join(f"{label} {one:.3f}" for label, one in score.classes.items())
        against = "the labels" if score.against_labels else "what it reads in the full slice"
        cell.setToolTip(
            f"{parts}, read by {score.model} against {against}. {f'Made {old}.' if old else ''}"
        )
    elif scan is not None and not session.reconstructions.scorer(scan).belongs:
        cell.setToolTip("No segmenter of full images belongs to this scan.")
    else:
        cell.setToolTip(
            "This slice shows nothing that is read." if read else "It has not been read yet."
        )
    return cell


def _numbers(quality: ImageQuality | None) -> tuple[str, str, str, str]:
    """Texts of the columns of numbers."""
    if quality is None:
        return "–", "–", "–", "–"
    return (
        _decibels(quality.psnr),
        _decibels(quality.psnr_moving),
        f"{quality.ssim:.3f}".removeprefix("0"),
        f"{quality.nrmse:.3f}".removeprefix("0"),
    )


def _decibels(value: float) -> str:
    return "∞" if np.isposinf(value) else f"{value:.1f}"
