"""The summary of scripted readers; no score here is that of a person."""

import json

import pytest
from helpers.reading_studies import METHODS, rate_all, small_study

from napari_cmr.cohort.reading.scores import ReaderAgreement
from napari_cmr.cohort.reading.summary import mean_kappa, summarise
from napari_cmr.scan import ScanError


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    made = small_study(tmp_path_factory.mktemp("made"), n_cases=6)
    rate_all(made, "r1")
    rate_all(made, "r2", lambda one: 1 + (one.case + len(one.method)) % 4)
    rate_all(made, "r3", n=1)
    return made


def test_all_that_a_panel_says_is_in_the_record(study) -> None:
    found = summarise(study.path)
    record = found.to_dict()
    assert json.loads(json.dumps(record, allow_nan=False)) == json.loads(json.dumps(record))
    assert (record["cases"], record["images"], record["repeats"]) == (6, 18, 9)
    assert (record["readers"], record["unfinished"]) == (["r1", "r2"], ["r3"])
    assert {one["method"] for one in record["opinions"]} == set(METHODS)
    assert len(record["differences"]) == 3
    assert all(one["p_holm"] is not None for one in record["differences"])
    assert [one["kappa"] for one in record["within_readers"]] == [1.0, 1.0]
    assert record["mean_kappa_within"] == 1.0
    assert record["mean_kappa_between"] == record["between_readers"][0]["kappa"] < 1
    assert {one["quantity"] for one in record["correlations"]} == {"psnr", "ssim"}
    assert record["seconds"] == {"r1": 2.0, "r2": 2.0}
    assert len(record["acquisitions"]) == 6


def test_the_better_method_has_the_better_opinion(study) -> None:
    [mine] = [{one.method: one.by_reader["r1"] for one in summarise(study.path).opinions}]
    assert mine == {"full": 4.0, "view-sharing": 3.0, "zero-filled": 1.0}


def test_the_key_may_be_kept_elsewhere(study, tmp_path) -> None:
    (study.path / "key.json").rename(tmp_path / "kept.json")
    try:
        with pytest.raises(ScanError, match="key is not in the study"):
            summarise(study.path)
        assert summarise(study.path, tmp_path / "kept.json").readers == ("r1", "r2")
    finally:
        (tmp_path / "kept.json").rename(study.path / "key.json")


def test_the_mean_of_kappas_is_of_those_that_are_defined() -> None:
    one = ReaderAgreement(("r1",), 3, 0.5, 0.9, ((0,) * 4,) * 4)
    two = ReaderAgreement(("r2",), 3, None, 1.0, ((0,) * 4,) * 4)
    assert mean_kappa([one, two]) == 0.5
    assert mean_kappa([two]) is None
