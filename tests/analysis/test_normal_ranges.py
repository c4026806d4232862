import numpy as np
import pytest

from napari_cmr.analysis.function import CardiacFunction, VentricularFunction
from napari_cmr.analysis.normal_ranges import NORMAL_RANGES, NormalRange, compare_to_normal

NOTHING = np.array([])


def test_percentile_of_the_normal_distribution():
    normal = NormalRange(60, 5, "a study")
    assert normal.percentile(60) == pytest.approx(50)
    assert normal.percentile(65) == pytest.approx(84.134, abs=1e-3)
    low, high = normal.limits
    assert normal.percentile(low) == pytest.approx(2.5, abs=0.01)
    assert normal.percentile(high) == pytest.approx(97.5, abs=0.01)


def test_every_range_names_its_study_and_a_real_measurement():
    empty = CardiacFunction(lv=VentricularFunction(NOTHING), rv=VentricularFunction(NOTHING))
    numbers = empty.to_dict()
    for name, by_sex in NORMAL_RANGES.items():
        assert set(by_sex) == {"female", "male"}
        assert all("et al." in normal.source and normal.sd > 0 for normal in by_sex.values())
        owner = numbers
        for part in name.split("."):
            owner = owner[part]  # a KeyError would be a range that nothing is compared with


def test_a_womans_ventricle_is_compared_with_women():
    function = CardiacFunction(
        lv=VentricularFunction(NOTHING, edv_ml=166.0), rv=VentricularFunction(NOTHING)
    )
    man = compare_to_normal(function, "male")
    woman = compare_to_normal(function, "female")
    assert list(man) == ["lv.edv_ml"]
    assert man["lv.edv_ml"].percentile == pytest.approx(50)
    assert woman["lv.edv_ml"].percentile > 97.5
    assert woman["lv.edv_ml"].to_dict()["normal_mean"] == 124


def test_without_the_sex_nothing_is_compared():
    function = CardiacFunction(
        lv=VentricularFunction(NOTHING, edv_ml=166.0), rv=VentricularFunction(NOTHING)
    )
    assert compare_to_normal(function, None) == {}
