import re
from dataclasses import replace
from pathlib import Path

import pytest

from napari_cmr.scan import Code, Notice, joined, of_ventricle, texts_and_details

ROOT = Path(__file__).parents[2]
SHORT = Notice(Code.VENTRICLE_SHORT, "LV is short.", "LV")


def test_a_thing_is_said_once_and_in_order():
    other = Notice(Code.UNEVEN_SLICES, "Uneven.")
    assert joined((SHORT, other), (SHORT,)) == (SHORT, other)


def test_the_same_of_another_ventricle_frame_or_slice_is_another_thing():
    gaps = [
        Notice(Code.SLICE_GAP, "a gap", about, frames=frames, slices=slices)
        for about, frames, slices in (("LV", (0,), (2,)), ("RV", (0,), (2,)), ("LV", (3,), (2,)))
    ]
    assert joined(gaps) == tuple(gaps)


@pytest.mark.parametrize("swapped", [False, True])
def test_what_another_notice_implies_is_left_out(swapped):
    few = Notice(Code.FEW_SLICES, "Only 2 slices.")
    groups = [[few], [SHORT]]
    assert joined(*(groups[::-1] if swapped else groups)) == (few,)


def test_a_notice_about_one_ventricle_implies_nothing_of_the_other():
    base = Notice(Code.BASE_LOST, "LV leaves slice 2.", "LV")
    lost = [Notice(Code.SLICES_LOST, "few", about) for about in ("LV", "RV")]
    assert joined([base, *lost]) == (base, lost[1])


def test_what_is_said_of_both_ventricles_in_the_same_words_is_said_once():
    gaps = [
        of_ventricle(Code.SLICE_GAP, name, "none in slice 3.", frames=(0,), slices=(2,))
        for name in ("LV", "RV")
    ]
    (both,) = joined([gaps[0]], [gaps[1]])
    assert both == replace(gaps[0], text="LV and RV: none in slice 3.", about="LV and RV")
    other = replace(gaps[1], slices=(3,))
    assert joined([gaps[0], other]) == (gaps[0], other)
    longer = replace(gaps[1], text="RV: none in slice 3, and not above.")
    assert joined([gaps[0], longer]) == (gaps[0], longer)
    assert joined([both], gaps) == (both,)


def test_json_has_the_sentences_and_beside_them_what_they_are_about():
    gap = Notice(Code.SLICE_GAP, "LV: none in slice 3 of frame 1.", "LV", frames=(0,), slices=(2,))
    assert texts_and_details([gap]) == {
        "warnings": ["LV: none in slice 3 of frame 1."],
        "warning_details": [{"code": "slice-gap", "about": "LV", "frames": [0], "slices": [2]}],
    }
    assert set(texts_and_details([], "notes")) == {"notes", "note_details"}


def test_every_code_is_used_and_explained():
    source = "\n".join(
        path.read_text() for path in (ROOT / "src").rglob("*.py") if path.name != "notices.py"
    )
    used = set(re.findall(r"\bCode\.([A-Z_]+)", source))
    assert used == set(Code.__members__)
    page = (ROOT / "docs" / "reference" / "warnings.md").read_text()
    cells = re.findall(r"^\| (`[^|]*`) \|", page, re.MULTILINE)
    explained = [code for cell in cells for code in re.findall(r"`([a-z0-9-]+)`", cell)]
    assert sorted(explained) == sorted(code.value for code in Code)
