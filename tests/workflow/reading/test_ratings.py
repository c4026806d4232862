"""Order of the images, and files of ratings that can be stopped, gone on with, and trusted.

All scores are scripted: none is that of a person.
"""

import json
import shutil
from collections import Counter

import pytest
from helpers.reading_studies import rate_all, small_study

from napari_cmr.scan import ScanError
from napari_cmr.workflow.reading.ratings import (
    PanelReading,
    ratings_path,
    read_ratings,
    readers_of,
    reading_order,
)
from napari_cmr.workflow.reading.study import StudyFolder, open_study


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("made"), n_cases=4)


@pytest.fixture
def study(made, tmp_path) -> StudyFolder:
    shutil.copytree(made.path, tmp_path / "study")
    return open_study(tmp_path / "study")


def test_every_image_is_shown_and_repeats_twice(study) -> None:
    shown = Counter(reading_order(study.study, "r1"))
    assert set(shown) == set(study.items)
    assert {one for one, n in shown.items() if n == 2} == set(study.study.repeats)
    assert max(shown.values()) == 2


def test_readers_have_orders_of_their_own_that_stay(study) -> None:
    orders = {reading_order(study.study, f"r{n}") for n in range(20)}
    assert len(orders) == 20
    assert reading_order(study.study, "r1") == reading_order(study.study, "r1")
    other = study.study.model_copy(update={"seed": 1})
    assert reading_order(other, "r1") != reading_order(study.study, "r1")


def test_a_third_of_what_is_shown_once_lies_between_two_showings(study) -> None:
    once = len(study.items) - len(study.study.repeats)
    for n in range(50):
        order = reading_order(study.study, f"r{n}")
        for one in study.study.repeats:
            first = order.index(one)
            assert order.index(one, first + 1) - first > once // 3


def test_orders_are_random_over_readers(study) -> None:
    """Which image comes first, and where an image that is shown once lies, differs by reader."""
    orders = [reading_order(study.study, f"r{n}") for n in range(300)]
    assert set(order[0] for order in orders) == set(study.items)
    once = next(one for one in study.items if one not in study.study.repeats)
    places = [order.index(once) / (len(order) - 1) for order in orders]
    assert sum(places) / len(places) == pytest.approx(0.5, abs=0.06)
    assert min(places) < 0.1
    assert max(places) > 0.9


def test_each_rating_is_on_disk_at_once_and_the_reader_goes_on_later(study) -> None:
    reading = PanelReading(study, "r1")
    assert reading.n_images == 18
    for n, score in enumerate((3, 1, 4)):
        reading.rate(score, 1.234)
        assert json.loads(reading.path.read_text())["ratings"][n]["score"] == score
    again = PanelReading(open_study(study.path), "r1")
    assert again.n_rated == 3
    assert again.item == reading.item
    assert [(one.score, one.seconds) for one in again.ratings] == [(3, 1.23), (1, 1.23), (4, 1.23)]
    assert readers_of(study) == ("r1",)
    assert PanelReading(study, "r2").n_rated == 0


def test_the_last_rating_is_taken_back(study) -> None:
    reading = PanelReading(study, "r1")
    reading.take_back()  # nothing was rated
    assert not reading.path.exists()
    first = reading.item
    reading.rate(2)
    reading.take_back()
    assert reading.item == first
    assert PanelReading(study, "r1").n_rated == 0
    reading.rate(3)
    assert [one.score for one in PanelReading(study, "r1").ratings] == [3]


def test_at_the_end_there_is_nothing_to_rate(study) -> None:
    reading = rate_all(study, "r1")
    assert reading.item is None
    with pytest.raises(ScanError, match="all images of the study are rated"):
        reading.rate(1)
    reading.take_back()
    assert reading.n_rated == 17


@pytest.mark.parametrize("score", [0, 5])
def test_a_score_that_is_none_changes_nothing(study, score) -> None:
    reading = PanelReading(study, "r1")
    with pytest.raises(ValueError, match="score"):
        reading.rate(score)
    assert reading.n_rated == 0
    assert not reading.path.exists()


@pytest.mark.parametrize("code", ["", "Jane Doe", "r_1", "../r1", "R1", "-r", "a" * 25, "é"])
def test_readers_have_codes_not_names(study, code) -> None:
    with pytest.raises(ScanError, match="is no code of a reader"):
        PanelReading(study, code)


def test_two_windows_of_one_reader_do_not_write_over_each_other(study) -> None:
    one, other = PanelReading(study, "r1"), PanelReading(study, "r1")
    one.rate(3)
    with pytest.raises(ScanError, match="was changed while this window was reading"):
        other.rate(1)
    assert other.n_rated == 0
    assert [x.score for x in PanelReading(study, "r1").ratings] == [3]


def test_what_cannot_be_written_leaves_the_reading_as_it_was(study) -> None:
    reading = PanelReading(study, "r1")
    (study.path / "ratings").write_text("in the way")
    with pytest.raises(ScanError, match="cannot be written"):
        reading.rate(3)
    assert reading.n_rated == 0


def test_damaged_and_foreign_files_are_refused(study) -> None:
    path = rate_all(study, "r1", n=4).path
    whole = path.read_text()
    content = json.loads(whole)
    given = content["ratings"]
    for changed, said in (
        (whole[:-20], "not readable JSON"),
        ("[]", "is no file of ratings of napari-cmr"),
        (json.dumps(content | {"version": 2}), "another version"),
        (json.dumps(content | {"study": "0" * 64}), "ratings of another study"),
        (json.dumps(content | {"reader": "r2"}), "holds the ratings of reader r2"),
        (json.dumps(content | {"ratings": given[1:]}), "not in the order"),
        (json.dumps(content | {"ratings": [*given[:-1], given[0]]}), "not in the order"),
        (json.dumps(content | {"ratings": [given[0] | {"score": 5}]}), "ratings.0.score"),
        (json.dumps(content | {"ratings": [given[0] | {"score": True}]}), "ratings.0.score"),
        (json.dumps(content | {"ratings": [given[0] | {"score": 2.5}]}), "ratings.0.score"),
        (json.dumps(content | {"ratings": [given[0] | {"seconds": -1}]}), "ratings.0.seconds"),
    ):
        path.write_text(changed)
        with pytest.raises(ScanError) as caught:
            PanelReading(study, "r1")
        assert said in str(caught.value)
        assert caught.value.source == str(path)
        assert path.read_text() == changed, "a file that is refused must stay as it is"
    path.write_text(whole)
    assert len(read_ratings(study, path).ratings) == 4


def test_a_study_that_was_changed_refuses_its_ratings(study) -> None:
    rate_all(study, "r1", n=2)
    file = study.path / "study.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"seed": 5}))
    with pytest.raises(ScanError, match="another study, or the study was changed"):
        PanelReading(open_study(study.path), "r1")


def test_other_files_beside_the_ratings_are_no_readers(study) -> None:
    assert readers_of(study) == ()
    for name in ("b", "a"):
        rate_all(study, name, n=1)
    (study.path / "ratings" / "notes.txt").write_text("lunch")
    (study.path / "ratings" / ".reader-c.json.swp").write_text("")
    assert readers_of(study) == ("a", "b")
    assert ratings_path(study, "a").name == "reader-a.json"
