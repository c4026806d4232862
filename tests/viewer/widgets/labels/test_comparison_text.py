"""A comparison in words and rows: signs, dashes, and counting from one."""

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import Label
from napari_cmr.viewer.widgets.labels.comparison_text import (
    SliceRows,
    comparison_text,
    function_text,
    place_text,
    shown,
)
from napari_cmr.workflow.measure.comparison import compare_labels

SCAN = make_scan(n_frames=3, n_slices=3)


@pytest.fixture(scope="module")
def found():
    """The second reader leaves out slice 3 and draws a smaller LV in slice 1 at the first frame."""
    other = SCAN.labels.copy()
    other[:, 2] = 0
    cavity = other[0, 0] == Label.LV
    rows = np.arange(cavity.shape[0])[:, None]
    other[0, 0][cavity & (rows < 24)] = Label.MYO
    return compare_labels(SCAN, SCAN.labels, other, names=("A", "B"))


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [(None, ".1f", "–"), (-1.25, "+.1f", "−1.2"), (1.25, "+.1f", "+1.2"), (-0.01, "+.1f", "0.0")],
)
def test_numbers_have_a_true_minus_and_zero_no_sign(value, form, text) -> None:
    assert shown(value, form) == text


def test_rows_are_of_one_frame_or_of_all(found) -> None:
    every, first = SliceRows(found, None), SliceRows(found, 0)
    assert every.slices == first.slices == [0, 1, 2]
    assert first.texts(1)[:4] == ("1.00", "1.00", "1.00", "0.0")
    lv, *_, delta_lv, delta_rv = first.texts(0)
    assert float(lv) < 0.9
    assert delta_lv.startswith("−")
    assert delta_rv == "0.0"
    assert SliceRows(found, 1).texts(0)[0] == "1.00"
    assert float(every.texts(0)[0]) > float(lv)


def test_text_to_copy_says_who_is_compared_and_counts_from_one(found) -> None:
    lines = comparison_text(found).splitlines()
    assert lines[0] == "B beside A, second minus first"
    assert lines[-1] == "Research use only"
    titles = lines[1].split("\t")
    rows = [dict(zip(titles, line.split("\t"), strict=True)) for line in lines[2:-2]]
    slices = {row[title] for row in rows for title in titles if "slice" in title}
    assert slices <= {"1", "2", "3"}
    assert len(rows) >= 9


def test_a_place_and_the_function_in_words(found) -> None:
    worst = found.worst()[0]
    said = place_text(worst)
    assert f"slice {worst.slice + 1}, frame {worst.frame + 1}" in said
    assert said.endswith("mm apart")
    text = function_text(found.to_dict())
    assert text.splitlines()[0].startswith("LV   EF ")
    assert "−" in text.splitlines()[0]
    nothing = {"lv": {"edv_ml": None}, "rv": {"edv_ml": None}, "lv_mass_g": None}
    assert function_text({"difference": nothing}) == ""
