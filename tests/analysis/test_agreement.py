import json

import numpy as np
import pytest

from napari_cmr.analysis.agreement import agreement, weighted_kappa
from napari_cmr.scan import ScanError


def test_bland_altman_by_hand():
    found = agreement([102, 98, 110], [100, 100, 100])  # differences 2, -2, 10
    assert found.n == 3
    assert found.bias == pytest.approx(10 / 3)
    sd = np.sqrt(((2 - 10 / 3) ** 2 + (-2 - 10 / 3) ** 2 + (10 - 10 / 3) ** 2) / 2)
    assert found.sd == pytest.approx(sd)
    assert found.upper_limit - found.lower_limit == pytest.approx(2 * 1.96 * sd)
    assert found.mean_absolute_error == pytest.approx(14 / 3)
    assert found.mean_percent_error == pytest.approx(14 / 3)
    assert np.isnan(found.correlation)  # a constant reference correlates with nothing


def test_percent_errors_are_of_each_reference():
    found = agreement([11, 40], [10, 50])
    assert found.mean_percent_error == pytest.approx(0.5 * (10 + 20))


def test_correlation_of_a_line():
    reference = np.linspace(10, 80, 12)
    assert agreement(2 * reference + 3, reference).correlation == pytest.approx(1)
    assert agreement(-reference, reference).correlation == pytest.approx(-1)


def test_unknown_values_are_left_out():
    found = agreement([50, None, 70, np.nan], [52, 60, None, 1])
    assert (found.n, found.bias) == (1, -2)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["sd"] is None


def test_nothing_to_compare():
    assert agreement([], []).n == 0
    assert agreement([], []).to_dict()["bias"] is None


def test_pairs_are_needed():
    with pytest.raises(ScanError, match="are not pairs"):
        agreement([1, 2], [1])


def test_weighted_kappa_is_that_of_an_independent_package():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    for _ in range(50):
        first = rng.integers(1, 5, 30)
        second = np.clip(first + rng.integers(-1, 2, 30), 1, 4)
        expected = metrics.cohen_kappa_score(first, second, weights="quadratic")
        assert weighted_kappa(first, second) == pytest.approx(expected)


def test_weighted_kappa_by_hand():
    # Squared distances 0, 0, 0, 1: mean 1/4. All pairs of one with the other: mean 3.
    assert weighted_kappa([1, 2, 4, 4], [1, 2, 4, 3]) == pytest.approx(1 - (1 / 4) / 3)
    assert weighted_kappa([1, 2, 3], [1, 2, 3]) == 1
    assert weighted_kappa([1, 4], [4, 1]) == -1


def test_weighted_kappa_of_one_and_the_same_score_is_not_defined():
    assert np.isnan(weighted_kappa([3, 3, 3], [3, 3, 3]))
    assert np.isnan(weighted_kappa([], []))
    with pytest.raises(ScanError, match="not pairs"):
        weighted_kappa([1, 2], [1])
