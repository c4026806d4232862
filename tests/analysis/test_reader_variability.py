import pytest

from napari_cmr.analysis.reader_variability import LV_EF_READERS, mean_difference_percent


def test_two_repetitions_are_compared_as_two_readers_are() -> None:
    assert mean_difference_percent([57.0, 63.0]) == pytest.approx(10.0)  # 6 points of 60
    assert mean_difference_percent([50.0, 50.0, 50.0]) == 0.0
    assert mean_difference_percent([50.0, float("nan")]) is None


def test_readers_differ_by_a_part_of_the_value() -> None:
    low, high = LV_EF_READERS.points(60.0)
    assert (low, high) == (pytest.approx(2.04), pytest.approx(3.78))
    assert "Bai" in LV_EF_READERS.source
