"""Statistics of scripted readers, against hand counts and independent packages.

No score here is that of a person.
"""

import numpy as np
import pytest
from helpers.reading_studies import by_method, rate_all, small_study
from scipy import stats

from napari_cmr.cohort.reading.scores import (
    PanelRating,
    between_readers,
    correlations,
    method_differences,
    opinion_points,
    opinions,
    panel_ratings,
    within_readers,
)
from napari_cmr.scan import ScanError
from napari_cmr.workflow.reading.study import read_key

METHODS = ("a", "b", "c")


def rating(method, case, score, *, reader="r1", z=0, again=False, **quality) -> PanelRating:
    item = f"{method}{case}.{z}"
    names = ("psnr", "ssim", "dice", "full_dice", "sis")
    values = dict.fromkeys(names) | quality
    return PanelRating(reader, 0, item, case, z, method, again, score, 1.0, **values)


def scripted(n_cases=8, readers=("r1", "r2"), seed=0) -> list[PanelRating]:
    """Ratings around 3.5, 2.5 and 1.5 of three methods, some of them given again."""
    rng = np.random.default_rng(seed)
    found = []
    for reader in readers:
        for case in range(n_cases):
            for place, method in enumerate(METHODS):
                score = int(np.clip(round(3.5 - place + rng.normal(0, 0.6)), 1, 4))
                psnr = 30 - 3 * place + case / 10
                found.append(rating(method, case, score, reader=reader, psnr=psnr))
                if case % 2:
                    other = int(np.clip(score + rng.integers(-1, 2), 1, 4))
                    found.append(rating(method, case, other, reader=reader, again=True, psnr=psnr))
    return found


def test_a_mean_opinion_is_that_of_first_showings() -> None:
    given = [rating("a", 0, 4), rating("a", 1, 2), rating("a", 1, 1, again=True),
             rating("a", 0, 3, reader="r2"), rating("a", 1, 3, reader="r2"),
             rating("b", 0, 1), rating("b", 1, 1)]  # fmt: skip
    first, second = opinions(given, ["b", "a"])
    assert (first.method, first.n, first.mean) == ("a", 4, 3.0)
    assert first.sd == pytest.approx(np.std([4, 2, 3, 3], ddof=1))
    assert first.counts == (0, 1, 2, 1)
    assert first.by_reader == {"r1": 3.0, "r2": 3.0}
    assert (second.method, second.mean, second.sd) == ("b", 1.0, 0.0)


def test_measured_quality_is_that_of_the_same_images() -> None:
    given = [rating("a", 0, 4, psnr=30.0, dice=0.6, full_dice=0.8),
             rating("a", 1, 2, psnr=32.0, dice=0.2, full_dice=0.8),
             rating("full", 0, 4), rating("full", 1, 4)]  # fmt: skip
    full, method = opinions(given, ["a", "full"])
    assert (method.psnr, method.ssim) == (31.0, None)
    assert method.sis == pytest.approx(0.4 / 0.8)
    assert (full.psnr, full.ssim, full.sis) == (None, None, None)


def test_methods_are_tested_case_by_case_and_corrected_for_all_pairs() -> None:
    given = scripted(n_cases=12)
    means = {
        (method, case): np.mean(
            [x.score for x in given if (x.method, x.case) == (method, case) and not x.again]
        )
        for method in METHODS
        for case in range(12)
    }
    found = {(one.first, one.second): one for one in method_differences(given, METHODS)}
    assert set(found) == {("a", "b"), ("a", "c"), ("b", "c")}
    raw = {}
    for (first, second), one in found.items():
        pairs = np.array([[means[first, case], means[second, case]] for case in range(12)])
        raw[first, second] = stats.wilcoxon(*pairs.T).pvalue
        assert one.difference.mean == pytest.approx(np.mean(pairs[:, 0] - pairs[:, 1]))
        assert one.difference.p == pytest.approx(raw[first, second])
        assert one.difference.subjects == 12
    worst = max(raw, key=raw.get)
    best = min(raw, key=raw.get)
    assert found[best].p == pytest.approx(3 * raw[best])
    assert found[worst].p >= raw[worst]


def test_slices_and_readers_do_not_count_as_cases() -> None:
    once = [rating(m, c, s) for c in range(6) for m, s in (("a", 4), ("b", 2 + c % 2))]
    often = [
        rating(one.method, one.case, one.score, reader=reader, z=z)
        for one in once
        for reader in ("r1", "r2", "r3")
        for z in (0, 1)
    ]
    [first], [second] = (method_differences(given, ("a", "b")) for given in (once, often))
    assert first.difference == second.difference


def test_few_cases_are_not_tested() -> None:
    [one] = method_differences([x for x in scripted(5) if x.method != "c"], ("a", "b"))
    assert (one.p, one.difference.p) == (None, None)


def test_kappa_within_and_between_readers_is_that_of_an_independent_package() -> None:
    kappa = pytest.importorskip("sklearn.metrics").cohen_kappa_score
    given = scripted(n_cases=20)
    for found in within_readers(given):
        own = [one for one in given if one.reader == found.readers[0]]
        again = [one for one in own if one.again]
        before = {one.item: one.score for one in own if not one.again}
        first, second = [before[one.item] for one in again], [one.score for one in again]
        assert found.n == 30
        assert found.kappa == pytest.approx(kappa(first, second, weights="quadratic"))
        assert found.same == pytest.approx(np.mean(np.array(first) == np.array(second)))
        for a in range(4):
            for b in range(4):
                pairs = list(zip(first, second, strict=True))
                assert found.table[a][b] == pairs.count((a + 1, b + 1))
    [found] = between_readers(given)
    first, second = (
        [x.score for x in sorted(given, key=lambda x: x.item) if x.reader == r and not x.again]
        for r in found.readers
    )
    assert found.readers == ("r1", "r2")
    assert found.n == 60
    assert found.kappa == pytest.approx(kappa(first, second, weights="quadratic"))


def test_agreement_that_is_not_defined_is_none() -> None:
    given = [rating("a", c, 3) for c in range(3)] + [rating("a", 0, 3, again=True)]
    [alike] = within_readers(given)
    assert (alike.n, alike.kappa, alike.same) == (1, None, 1.0)
    [none] = within_readers(given[:3])
    assert (none.n, none.kappa, none.same) == (0, None, None)
    assert between_readers(given) == []


def test_opinions_are_correlated_with_the_quality_of_images() -> None:
    given = scripted(n_cases=10)
    [found] = correlations(given)
    points = opinion_points(given, "psnr")
    expected = stats.spearmanr([p[2] for p in points], [p[3] for p in points]).statistic
    assert (found.quantity, found.n, found.cases) == ("psnr", 30, 10)
    assert found.rho == pytest.approx(expected)
    assert found.low < found.rho < found.high
    assert found == correlations(given)[0]


def test_the_full_image_and_constant_quality_correlate_with_nothing() -> None:
    assert correlations([rating("full", c, 4) for c in range(5)]) == []
    assert correlations([rating("a", c, 1 + c % 4, ssim=0.5) for c in range(5)]) == []
    assert correlations([rating("a", c, 1 + c % 4, ssim=c / 10) for c in range(2)]) == []
    [one] = correlations([rating("a", c, 1 + c % 4, sis=c / 10) for c in range(4)])
    assert one.quantity == "sis"
    assert one.rho == pytest.approx(1.0)


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path)


def test_ratings_are_joined_with_what_made_the_images(study) -> None:
    rate_all(study, "r1")
    found, unfinished = panel_ratings(study, read_key(study))
    assert unfinished == []
    assert [one.place for one in found] == list(range(9))
    assert sum(one.again for one in found) == 3
    made = {one.id: one for one in read_key(study).made}
    for one in found:
        assert one.score == by_method(made[one.item])
        assert (one.case, one.method, one.psnr) == (
            made[one.item].case, made[one.item].method, made[one.item].psnr,
        )  # fmt: skip


def test_readers_who_have_not_finished_are_named_and_left_out(study) -> None:
    rate_all(study, "r1")
    rate_all(study, "r2", n=8)
    found, unfinished = panel_ratings(study, read_key(study))
    assert {one.reader for one in found} == {"r1"}
    assert unfinished == ["r2"]


def test_without_a_reader_who_has_finished_there_is_nothing_to_say(study) -> None:
    with pytest.raises(ScanError, match="no reader has rated all images"):
        panel_ratings(study, read_key(study))
    rate_all(study, "r2", n=8)
    with pytest.raises(ScanError, match="all images: r2 are still reading"):
        panel_ratings(study, read_key(study))
