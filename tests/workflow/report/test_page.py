"""The report says what it should, holds its pictures itself, and asks for nothing."""

import re

import numpy as np
import pytest
from helpers.report_pages import Page, content

from napari_cmr.analysis import Reading
from napari_cmr.phantom.samples import SAMPLES
from napari_cmr.scan import Code, Label, Notice, ScanError, Subject
from napari_cmr.workflow.edit.provenance import NO_MODEL, ef_fields
from napari_cmr.workflow.measure.function import measure_scan
from napari_cmr.workflow.report.page import render_report, save_report

#: Thickness at ED and ES, thickening, motion.
BULLSEYES = 4


def test_it_is_one_page_whose_tags_close(page) -> None:
    assert page.open == []
    assert page.tags.count("h1") == 1


def test_it_asks_for_nothing_and_runs_nothing(heart, page) -> None:
    text = render_report(content(heart))
    assert not {"script", "iframe", "object", "embed", "link", "form"} & set(page.tags)
    assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
    assert not re.search(r"https?:|url\(|@import|//[a-z]", re.sub(r"base64,[^\"]+", "", text))
    assert "default-src 'none'" in text


def test_it_says_what_matters(page) -> None:
    for words in (
        "For research use only",
        "Synthetic image",
        "59 %",
        "mL",
        "healthy adults (male)",
        "Look at the <labels> & think.",
        "10 to 11 of 256 per frame, acceleration 25.5×",
        "7 voxels changed by hand",
        "ab" * 32,
        "End-systole",
        "napari-cmr 0",
        "2.0 %",
        "48 %, 90 % interval 41 to 55 %",
        "52 %, 90 % interval 38 to 63 %",
        "frame 3: slices 4, 5",
        "frame 1: slice 2",
    ):
        assert words in page.words, words


def test_an_interval_stands_beside_its_own_number_alone(heart) -> None:
    own = content(heart)
    function = measure_scan(heart, labels=own.labels)
    intervals = {"LV": (41.0, 55.0), "RV": (38.0, 63.0)}
    made = own.made_from.model_copy(update=ef_fields(function, intervals))
    page = " ".join(Page(render_report(content(heart, made_from=made))).words.split())
    other = " ".join(Page(render_report(own)).words.split())
    for side, (low, high) in intervals.items():
        words = f"{side} ejection fraction 90 % interval {low:.0f} to {high:.0f} %"
        assert words in page
        assert words not in other


def test_frames_set_by_hand_are_told_from_those_that_corrections_did_not_move(heart) -> None:
    reading = Reading().with_ventricle(Label.LV, ed_frame=4, es_frame=13, held=("es",))
    words = Page(render_report(content(heart, reading=reading))).words
    assert "Set by hand LV ED in frame 5" in words
    assert "Kept while labels were corrected LV ES in frame 14" in words
    assert "end-diastole was set by hand to frame 5" in words
    assert "end-systole was set by hand" not in words


def test_every_labelled_slice_is_shown_at_both_phases(heart, page) -> None:
    ed_es = heart.labels[[0, 12]]
    slices = int(ed_es.any(axis=(0, 2, 3)).sum())
    assert page.tags.count("figure") == 2 * slices + BULLSEYES
    assert page.tags.count("image") == 2 * slices


def test_it_tells_nobody_who_was_scanned(heart) -> None:
    person = Subject(identifier="DOE^JANE 1970-01-01", sex="female", age_years=50)
    text = render_report(content(heart.with_(subject=person, source=None)))
    for secret in ("DOE^JANE", "JANE 1970", "1970-01-01"):
        assert secret not in text
    assert "50 years" in text


def test_names_are_text_and_no_markup(heart) -> None:
    evil = "<script>alert(1)</script><img src=http://x onerror=1>"
    notes = (Notice(Code.SYNTHETIC, evil),)
    changed = heart.with_(name=evil, notes=notes, subject=Subject(group=evil))
    page = Page(render_report(content(changed, labels_from=evil)))
    assert "script" not in page.tags
    assert evil in page.words


def test_without_reference_sex_or_model_there_are_fewer_columns(heart) -> None:
    bare = heart.with_(subject=Subject(), labels=None, labelled_frames=())
    words = Page(
        render_report(content(bare, labels=heart.labels, made_from=NO_MODEL, edited_voxels=None))
    ).words
    assert "reference" not in words
    assert "percentile" not in words
    assert "not made from undersampled lines" in words


def test_a_still_stack_has_a_mass_and_no_ejection_fraction() -> None:
    words = Page(render_report(content(SAMPLES["infarct-lge"]()))).words
    assert "LV mass" in words
    assert "Frame 1" in words
    assert "LV ejection fraction" not in words
    assert "Volumes over the cycle" not in words
    assert "Late enhancement: " in words


def test_equal_content_makes_equal_files(tmp_path, heart) -> None:
    save_report(tmp_path / "a.html", content(heart))
    save_report(tmp_path / "b.html", content(heart))
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert (tmp_path / "a.html").stat().st_size < 2_000_000


def test_nothing_to_report_is_an_error(tmp_path, heart) -> None:
    with pytest.raises(ScanError, match="nothing is labelled"):
        save_report(tmp_path / "a.html", content(heart, labels=np.zeros(heart.shape, np.uint8)))
    with pytest.raises(ScanError, match=r"\.html"):
        save_report(tmp_path / "a.pdf", content(heart))
    assert not list(tmp_path.iterdir())
