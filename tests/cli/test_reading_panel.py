"""The commands of the reading panel; scores are scripted, none is that of a person."""

import csv
import json
import re
from pathlib import Path

import pytest
from helpers.command_runs import failed, run
from helpers.reading_studies import rate_all, write_cases

from napari_cmr.workflow.reading.study import open_study, read_key

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "json.md"


@pytest.fixture
def cases(tmp_path) -> Path:
    folder = tmp_path / "cases"
    folder.mkdir()
    write_cases(folder, 2)
    return folder


def make(cases, out, *more):
    return (
        "reading-panel", "make", cases, "--methods", "full,zero-filled", "--lines", "4x", "-o", out,
        "--no-sis", *more,
    )  # fmt: skip


def test_a_study_is_made_read_and_summarised(cases, tmp_path) -> None:
    out = tmp_path / "study"
    words = tmp_path / "words.txt"
    words.write_text("no\nhardly\nyes\nsurely\n")
    done = run(
        *make(cases, out, "--slices", 2, "--repeats", 0.25, "--seed", 3, "--no-zoom"),
        "--criteria", words,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "8 images of 2 cases, 2 of them twice" in done.stdout
    assert "keep it from the readers" in done.stdout
    assert "research use only" in done.stdout
    study = open_study(out)
    assert (study.study.seed, study.study.may_zoom, study.study.may_window) == (3, False, True)
    assert study.study.criteria == ("no", "hardly", "yes", "surely")
    assert [one.name for one in read_key(study).methods] == ["full", "zero-filled"]
    rate_all(study, "r1")
    done = run("reading-panel", "summarise", out)
    assert done.exit_code == 0, done.output
    assert "4.00 ± 0.00" in done.stdout
    assert "Weighted kappa within readers: 1.00" in done.stdout
    assert "1.00 ± 0.00" in (out / "summary" / "summary.html").read_text()
    with (out / "summary" / "ratings.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10
    assert {row["method"] for row in rows} == {"full", "zero-filled"}
    assert "exists already" in failed("reading-panel", "summarise", out)
    other = tmp_path / "elsewhere"
    done = run("reading-panel", "summarise", out, "-o", other, "--json")
    assert json.loads(done.stdout) == json.loads((other / "summary.json").read_text())
    assert run("reading-panel", "summarise", out, "--force").exit_code == 0


def test_the_record_is_described_in_the_manual(cases, tmp_path) -> None:
    run(*make(cases, tmp_path / "study"))
    rate_all(open_study(tmp_path / "study"), "r1")
    run("reading-panel", "summarise", tmp_path / "study")
    record = json.loads((tmp_path / "study" / "summary" / "summary.json").read_text())
    section = PAGE.read_text().split("## `napari-cmr reading-panel summarise`")[1]
    assert set(record) <= set(re.findall(r"`([^`]+)`", section.split("\n## ")[0]))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--methods", "full"], "a reading study compares methods"),
        (["--methods", ","], "a reading study compares methods"),
        (["--methods", "full,grappa"], "choose one of"),
        (["--lines", "few"], "neither a number of lines nor an acceleration"),
        (["--criteria", __file__], "give a line for each score"),
        (["--lines", "400"], "400 lines per frame were asked for"),
    ],
)
def test_what_makes_no_study_is_one_line(cases, tmp_path, options, said) -> None:
    assert said in failed(*make(cases, tmp_path / "study", *options))
    assert not (tmp_path / "study").exists()


def test_no_case_and_no_study_are_one_line(tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no scan" in failed(*make(tmp_path / "empty", tmp_path / "study"))
    assert "no such file or folder" in failed(*make(tmp_path / "none", tmp_path / "study"))
    assert "no such folder" in failed("reading-panel", "summarise", tmp_path / "none")
    assert "is no reading study" in failed("reading-panel", "summarise", tmp_path / "empty")


def test_a_study_that_nobody_has_read_is_one_line(cases, tmp_path) -> None:
    run(*make(cases, tmp_path / "study"))
    assert "no reader has rated all images" in failed(
        "reading-panel", "summarise", tmp_path / "study"
    )
    assert not (tmp_path / "study" / "summary").exists()


def test_reading_opens_the_window_of_a_study(cases, tmp_path, monkeypatch) -> None:
    opened = []
    monkeypatch.setattr("napari_cmr.cli.viewer.call_viewer", lambda *given: opened.append(given))
    assert run("reading-panel", "read", tmp_path / "study", "--reader", "r1").exit_code == 0
    assert run("reading-panel", "read", tmp_path / "study").exit_code == 0
    assert opened == [
        ("run_reading", tmp_path / "study", "r1"),
        ("run_reading", tmp_path / "study", None),
    ]
