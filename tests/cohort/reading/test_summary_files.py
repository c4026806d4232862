"""Files of the summary of scripted readers; no score here is that of a person."""

import pytest
from helpers.reading_studies import rate_all, small_study

from napari_cmr.cohort.reading.summary import summarise
from napari_cmr.cohort.reading.summary_files import FILES, save_summary
from napari_cmr.scan import ScanError


@pytest.fixture
def found(tmp_path):
    study = small_study(tmp_path)
    rate_all(study, "r1")
    return summarise(study.path)


def test_a_summary_lies_in_the_study_or_where_it_is_wanted(found, tmp_path) -> None:
    assert save_summary(found) == found.folder.path / "summary" / "summary.html"
    assert save_summary(found, tmp_path / "other") == tmp_path / "other" / "summary.html"
    for folder in (found.folder.path / "summary", tmp_path / "other"):
        assert sorted(one.name for one in folder.iterdir()) == sorted(FILES)


def test_it_is_replaced_only_when_asked_and_only_its_own(found, tmp_path) -> None:
    page = save_summary(found)
    before = page.read_bytes()
    with pytest.raises(ScanError, match="exists already"):
        save_summary(found)
    save_summary(found, overwrite=True)
    assert page.read_bytes() == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    with pytest.raises(ScanError, match="not of an earlier run"):
        save_summary(found, tmp_path / "other")
