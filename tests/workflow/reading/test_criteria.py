import pytest

from napari_cmr.scan import ScanError
from napari_cmr.workflow.reading.criteria import NAMES, SCORES, criteria_for, read_criteria


def test_every_kind_of_scan_has_a_sentence_for_every_score() -> None:
    for kind in ("cine", "lge", "other"):
        found = criteria_for([kind, kind])
        assert len(set(found)) == len(SCORES) == len(NAMES)
    assert "scar" in " ".join(criteria_for(["lge"]))
    assert "scar" not in " ".join(criteria_for(["cine"]))


def test_mixed_kinds_get_words_that_fit_all() -> None:
    assert criteria_for(["cine", "lge"]) == criteria_for(["other"])


def test_words_of_ones_own_are_four_lines(tmp_path) -> None:
    path = tmp_path / "criteria.txt"
    path.write_text("bad\n\n  so so \ngood\nbest\n")
    assert read_criteria(path) == ("bad", "so so", "good", "best")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"bad\ngood\n", "holds 2 criteria"),
        (b"a\nb\nc\nd\ne\n", "holds 5 criteria"),
        (b"a\nb\nc\n" + 201 * b"d", "more than 200 characters"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_other_files_are_refused(tmp_path, content, said) -> None:
    path = tmp_path / "criteria.txt"
    path.write_bytes(content)
    with pytest.raises(ScanError, match=said):
        read_criteria(path)
    with pytest.raises(ScanError, match="cannot be read"):
        read_criteria(tmp_path / "none.txt")
