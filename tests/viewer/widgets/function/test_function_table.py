"""Numbers of several sources in a table, with differences where they fit, and as copied text."""

import re

import pytest
from helpers.small_scans import make_scan
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QApplication

from napari_cmr.analysis import CardiacFunction, cardiac_function
from napari_cmr.analysis.wall import segmental_function
from napari_cmr.scan import Label
from napari_cmr.viewer.widgets.function.function_table import (
    NARROW,
    ROWS,
    FunctionTable,
    Source,
    difference,
    ordinal,
    table_text,
    value_of,
)
from napari_cmr.viewer.widgets.parts import OLD_COLOUR


def smaller(scan):
    """Labels of a model that draws the cavity too small."""
    labels = scan.labels.copy()
    labels[:, 0][labels[:, 0] == Label.LV] = Label.MYO
    return labels


def function_of(scan, labels) -> CardiacFunction:
    return cardiac_function(labels, scan.geometry, cycle_ms=scan.cycle_ms)


@pytest.fixture
def functions(small_scan) -> tuple[CardiacFunction, CardiacFunction]:
    return function_of(small_scan, small_scan.labels), function_of(small_scan, smaller(small_scan))


@pytest.fixture
def table(qtbot) -> FunctionTable:
    table = FunctionTable()
    qtbot.addWidget(table)
    return table


def test_differences_are_in_the_tooltips_where_there_is_no_room(needs_display, qtbot) -> None:
    scan = make_scan()
    reference, few = function_of(scan, scan.labels), function_of(scan, smaller(scan))
    table = FunctionTable()
    qtbot.addWidget(table)
    table.show()
    source = Source("alpha", few, reference, "reference", {"LV": (40.0, 52.0)})
    others = [Source(name, few, reference, "reference") for name in ("beta", "gamma")]
    for sources in ([source], [source, *others]):
        table.resize(600, 200)
        table.show_sources([*sources, Source("reference", reference)], {})
        full = table.item(0, 0).text()
        assert "(" in full
        assert "% from reference" in table.item(0, 0).toolTip()
        table.resize(180, 200)
        qtbot.waitUntil(lambda: "(" not in table.item(0, 0).text(), timeout=2000)
        assert re.match(r"\d+", table.item(0, 0).text()).group() == re.match(r"\d+", full).group()
        assert "90 % interval: 40 to 52 %" in table.item(0, 0).toolTip()
        assert full in table.copied_text()  # whatever the window has room for
        table.resize(600, 200)
        qtbot.waitUntil(lambda full=full: table.item(0, 0).text() == full, timeout=2000)


def test_a_model_on_an_image_stands_in_two_lines(table, functions) -> None:
    _first, few = functions
    names = ("alpha-network", "alpha-network after view-sharing", "an unusually long layer")
    table.show_sources([Source(name, few) for name in names], {})
    heads = [table.verticalHeaderItem(line) for line in range(3)]
    assert [one.text() for one in heads] == [
        "alpha-network", "alpha-network\n↳ view-sharing", "an unusually lon…",
    ]  # fmt: skip
    assert [one.toolTip() for one in heads] == list(names)
    assert table.rowHeight(1) > table.rowHeight(0)
    table.show_sources([Source("alpha", few)], {})
    assert table.rowHeight(1) == table.rowHeight(0)


def test_intervals_give_way_where_the_edge_would_cut_numbers(table, functions, qtbot) -> None:
    _first, few = functions
    table.show()
    table.resize(230, 200)
    whole = {"LV": (40.0, 52.0), "RV": (40.0, 52.0)}
    table.show_sources([Source("alpha", few, ef_intervals=whole), Source("reference", few)], {})
    assert "[" not in table.item(0, 0).text()
    assert table.horizontalHeader().length() <= table.viewport().width()


def test_the_copied_text_holds_all_sources_curves_and_segments(small_scan) -> None:
    first = function_of(small_scan, small_scan.labels)
    second = function_of(small_scan, smaller(small_scan))
    sources = [Source("labels", first), Source("alpha", second, first, "reference")]
    found = segmental_function(small_scan.labels, small_scan.geometry)
    rows = [line.split("\t") for line in table_text(sources, {}, found).splitlines()]
    assert rows[0] == [
        "measurement", "LV", "RV", "alpha LV", "alpha RV",
        "alpha LV minus reference", "alpha RV minus reference",
    ]  # fmt: skip
    by_name = {row[0]: row for row in rows}
    assert float(by_name["EDV (mL)"][5]) == pytest.approx(
        second.lv.edv_ml - first.lv.edv_ml, abs=0.06
    )
    assert by_name["1"][-1].count(".") == 1
    assert ["frame", "LV (mL)", "RV (mL)", "alpha LV (mL)", "alpha RV (mL)"] in rows
    assert any(row[:2] == ["7", "mid anterior"] for row in rows)
    assert rows[-1] == ["Research use only"]


def test_small_differences_are_no_minus_zero(needs_display, qtbot) -> None:
    assert difference(10.0, 10.2, 0) == "±0"
    assert difference(8.0, 10.2, 0) == "−2"
    assert difference(None, 10.2, 0) == ""
    table = FunctionTable()
    qtbot.addWidget(table)
    table.show_sources([], {})
    assert table.columnCount() == 0


def test_a_ventricle_has_its_own_numbers_and_the_left_one_the_mass(table, functions) -> None:
    first, _few = functions
    table.show_sources([Source("labels", first)], {})
    assert table.columnCount() == 2
    by_name = {row[0]: line for line, row in enumerate(ROWS)}
    assert table.item(by_name["EDV"], 0).text() == f"{first.lv.edv_ml:.0f}"
    assert table.item(by_name["EDV"], 1).text() == f"{first.rv.edv_ml:.0f}"
    assert table.item(by_name["Mass"], 0).text() == f"{first.lv_mass_g:.0f}"
    assert table.item(by_name["Mass"], 1).text() == ""
    assert value_of(None, "edv_ml", Label.LV) is None


def test_more_than_two_sources_stand_below_each_other_and_back(table, functions) -> None:
    first, few = functions
    sources = [Source("labels", first), *(Source(name, few, first, "ref") for name in "ab")]
    table.show_sources(sources, {})
    assert (table.rowCount(), table.columnCount()) == (3, len(NARROW))
    assert table.verticalHeaderItem(2).text() == "b"
    table.show_sources(sources[:2], {})
    assert (table.rowCount(), table.columnCount()) == (len(ROWS), 4)
    assert table.verticalHeaderItem(0).text() == "EF (%)"


def test_numbers_of_other_lines_are_grey_and_say_so(table, functions) -> None:
    first, few = functions
    table.show_sources([Source("labels", first), Source("a", few, old="from 8 lines")], {})
    assert table.item(0, 2).foreground().color() == QColor(OLD_COLOUR)
    assert "Made from 8 lines" in table.item(0, 2).toolTip()
    assert table.item(0, 0).foreground().color() != QColor(OLD_COLOUR)


def test_copying_takes_the_selection_or_all(table, functions, qtbot) -> None:
    first, _few = functions
    table.show_sources([Source("labels", first)], {})
    table.setCurrentCell(1, 0)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().splitlines()
    assert lines == ["\tLV", f"EDV (mL)\t{first.lv.edv_ml:.0f}"]
    table.clearSelection()
    assert len(table.copied_text().splitlines()) == len(ROWS) + 1


@pytest.mark.parametrize(
    ("percentile", "said"),
    [(0.2, "1st"), (2, "2nd"), (3.4, "3rd"), (11, "11th"), (12, "12th"), (13, "13th"),
     (22, "22nd"), (50, "50th"), (99.9, "99th")],
)  # fmt: skip
def test_a_percentile_is_said_as_a_rank(percentile, said) -> None:
    assert ordinal(percentile) == said
