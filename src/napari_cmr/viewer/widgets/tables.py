"""Tables that the docks share: nothing in them is typed, and they never scroll sideways."""

from collections.abc import Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

FRAME = 6
"""Pixels of a table's height that are neither rows nor header."""


def quiet_table(
    columns: Sequence[tuple[str, str]], row_height: int, *, chooses_rows: bool = False
) -> QTableWidget:
    """Make an empty table; its columns share the width.

    Parameters
    ----------
    columns : sequence of (title, tooltip)
    row_height : int
        Pixels.
    chooses_rows : bool
        Whether a click selects a row.
    """
    table = QTableWidget(0, len(columns))
    table.setHorizontalHeaderLabels([title for title, _ in columns])
    for place, (_title, tooltip) in enumerate(columns):
        table.horizontalHeaderItem(place).setToolTip(tooltip)
    table.verticalHeader().setVisible(False)
    table.verticalHeader().setDefaultSectionSize(row_height)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    modes = QAbstractItemView.SelectionMode
    table.setSelectionMode(modes.SingleSelection if chooses_rows else modes.NoSelection)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.setWordWrap(False)
    return table


def fit_rows(table: QTableWidget, n_rows: int, at_most: int | None = None) -> None:
    """Make a table as high as its header and so many rows."""
    height = table.verticalHeader().defaultSectionSize()
    shown = n_rows if at_most is None else min(at_most, n_rows)
    table.setFixedHeight(height * (1 + shown) + FRAME)


def number_cell(text: str = "") -> QTableWidgetItem:
    """Cell for a number: to the right."""
    item = QTableWidgetItem(text)
    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
