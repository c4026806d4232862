"""The page of a panel of scripted readers; no score here is that of a person."""

import re

import pytest
from helpers.reading_studies import rate_all, small_study

from napari_cmr.cohort.reading.page import summary_page
from napari_cmr.cohort.reading.summary import summarise


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("made"), n_cases=6)


@pytest.fixture(scope="module")
def page(made) -> str:
    rate_all(made, "r1")
    rate_all(made, "r2", lambda one: 1 + (one.case + len(one.method)) % 4)
    rate_all(made, "r3", n=1)
    return summary_page(summarise(made.path))


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_is_one_file_that_asks_for_nothing(page) -> None:
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert "<script" not in page
    assert "For research use only" in page
    assert "default-src 'none'" in page


def test_it_says_opinions_tests_agreement_and_correlation(page) -> None:
    text = plain(page)
    for said in (
        "6 cases, 3 methods, 18 images, 9 of them shown twice. 2 readers (r1, r2)",
        "Left out, as not all images are rated: r3",
        "Wilcoxon's signed-rank test, two-sided, after Holm's correction",
        "r1, first and second showing 9 1.00 100 %",
        "r1 and r2 18 ",
        "PSNR (dB) ",
        "SSIM ",
        "6 to 8 of 24 to 34 lines in every frame, pattern variable-density, 4 centre lines",
        "4 Very good",
    ):
        assert said in text
    assert "SIS" not in text, "no image of these has one"


def test_details_that_may_be_invented_and_the_score_are_told(made) -> None:
    rate_all(made, "r1")
    found = summarise(made.path)
    key = found.key
    methods = [
        one.model_copy(update={"invents": "May be invented." if one.name != "full" else ""})
        for one in key.methods
    ]
    how = [
        one
        if one.method == "full"
        else one.model_copy(update={"dice": 0.1 + one.case / 10, "full_dice": 0.5})
        for one in key.made
    ]
    changed = key.model_copy(update={"methods": tuple(methods), "made": tuple(how)})
    (made.path.parent / "changed.json").write_text(changed.model_dump_json())
    text = plain(summary_page(summarise(made.path, made.path.parent / "changed.json")))
    assert text.count("details may be invented") == 2
    assert "View sharing: May be invented." in text
    assert " SIS " in text
    assert " 0.700" in text  # the mean of .1 to .6 over .5


def test_numbers_of_the_page_are_those_of_the_summary(made, page) -> None:
    text = plain(page)
    found = summarise(made.path)
    for one in found.opinions:
        title = found.titles[one.method]
        assert f"{title} {one.n} {one.mean:.2f} ± {one.sd:.2f}" in text
    for one in found.correlations:
        assert f"{one.rho:.2f} ({one.low:.2f} to {one.high:.2f}) {one.n}" in text


def test_a_typical_case_shows_every_method_once(made, page) -> None:
    pictures = re.findall(r'<img alt="([^"]+)" src="data:image/png', page)
    assert sorted(pictures) == sorted(summarise(made.path).titles.values())


def test_equal_content_makes_an_equal_page(made, page) -> None:
    assert summary_page(summarise(made.path)) == page


def test_one_reader_and_few_cases_are_told_as_such(tmp_path) -> None:
    study = small_study(tmp_path, n_cases=1, repeats=0)
    rate_all(study, "r1", lambda one: 3)
    text = plain(summary_page(summarise(study.path)))
    assert "Fewer than 6 cases are not tested" in text
    assert "No image was shown twice" in text
    assert "No quality was measured of three images or more" in text
    assert "1 case, 3 methods" in text
