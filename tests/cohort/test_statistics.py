import numpy as np
import pytest
from scipy import stats

from napari_cmr.cohort.statistics import holm, mean_interval, paired_difference


def test_the_interval_of_the_mean_is_that_of_normal_differences() -> None:
    rng = np.random.default_rng(0)
    theirs = rng.normal(30, 3, 200)
    ours = theirs + rng.normal(1, 2, 200)
    found = paired_difference(ours, theirs)
    half = 1.96 * np.std(ours - theirs) / np.sqrt(200)
    assert found.mean == pytest.approx(np.mean(ours - theirs))
    assert found.low == pytest.approx(found.mean - half, abs=0.03)
    assert found.high == pytest.approx(found.mean + half, abs=0.03)
    assert found.p == pytest.approx(stats.wilcoxon(ours, theirs).pvalue)
    assert found.subjects == 200


def test_few_subjects_get_an_interval_and_no_test() -> None:
    found = paired_difference([2.0, 3.0, 4.0], [1.0, 1.0, 1.0])
    assert found.mean == 2
    assert (found.low, found.high) == (1, 3)
    assert found.p is None
    assert paired_difference([1.0] * 8, [1.0] * 8).p == 1


def test_nobody_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="no subject"):
        paired_difference([], [])


def test_holm_multiplies_the_smallest_by_all_and_never_falls() -> None:
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.5})
    assert found == pytest.approx({"a": 0.04, "b": 0.09, "c": 0.09, "d": 0.5})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}


def test_the_interval_of_a_mean_holds_it() -> None:
    values = np.random.default_rng(0).normal(30, 2, 100)
    mean, low, high = mean_interval(values)
    assert mean == pytest.approx(values.mean())
    assert low == pytest.approx(mean - 1.96 * values.std() / 10, abs=0.05)
    assert high == pytest.approx(mean + 1.96 * values.std() / 10, abs=0.05)
    with pytest.raises(ValueError, match="no subject"):
        mean_interval([])
