"""Tables of the docks: not typed in, as high as their rows, numbers to the right."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractItemView, QTableWidgetItem

from napari_cmr.viewer.widgets.tables import FRAME, fit_rows, number_cell, quiet_table

COLUMNS = [("EF", "ejection fraction"), ("EDV", "volume at ED")]


@pytest.mark.parametrize("chooses", [False, True])
def test_columns_have_titles_and_tooltips_and_nothing_is_typed(qtbot, chooses) -> None:
    table = quiet_table(COLUMNS, 20, chooses_rows=chooses)
    qtbot.addWidget(table)
    headers = [table.horizontalHeaderItem(place) for place in range(2)]
    assert [(one.text(), one.toolTip()) for one in headers] == COLUMNS
    assert table.editTriggers() == QAbstractItemView.EditTrigger.NoEditTriggers
    assert table.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    table.setRowCount(2)
    table.setItem(1, 0, QTableWidgetItem("55"))
    table.selectRow(1)
    assert len(table.selectedItems()) == int(chooses)


def test_a_table_is_as_high_as_its_rows_up_to_a_limit(qtbot) -> None:
    table = quiet_table(COLUMNS, 30)
    qtbot.addWidget(table)
    for n_rows, at_most, rows in ((3, None, 4), (3, 2, 3), (1, 5, 2), (0, None, 1)):
        fit_rows(table, n_rows, at_most)
        assert table.height() == 30 * rows + FRAME


def test_numbers_stand_to_the_right(qtbot) -> None:
    cell = number_cell("55")
    assert cell.text() == "55"
    assert cell.textAlignment() & int(Qt.AlignmentFlag.AlignRight)
