"""Objects tell what they are in one line and one table."""

import pytest

from napari_cmr.scan.summary import Summarised, counted


class Thing(Summarised):
    def _facts(self):
        return {"name": "<b>", "size": 3, "colour": None}


def test_one_line_and_one_table_leave_out_what_is_not_known() -> None:
    assert repr(Thing()) == "<Thing: name <b>, size 3>"
    table = Thing()._repr_html_()
    assert "<caption>Thing</caption>" in table
    assert "<td>&lt;b&gt;</td>" in table
    assert table.count("<tr>") == 2


def test_who_says_no_facts_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="_facts"):
        Summarised()


def test_nouns_are_counted() -> None:
    assert [counted(n, "slice") for n in (0, 1, 2)] == ["0 slices", "1 slice", "2 slices"]
