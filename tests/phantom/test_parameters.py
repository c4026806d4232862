import pytest

from napari_cmr.phantom import HeartParameters, Infarct, Protocol
from napari_cmr.scan import ScanError


@pytest.mark.parametrize(
    "wrong",
    [
        {"lv_end_diastolic_volume_ml": -1.0},
        {"lv_ejection_fraction_percent": float("nan")},
        {"heart_rate_per_min": 0.0},
        {"disease": "broken"},
        {"shape_seed": -3},
    ],
)
def test_heart_refuses_what_is_no_heart(wrong):
    with pytest.raises(ScanError, match=next(iter(wrong)) if "disease" not in wrong else "kind"):
        HeartParameters(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"territory": "LMCA"}, {"transmurality": 1.5}, {"extent_deg": 300.0}]
)
def test_infarct_refuses_impossible_values(wrong):
    with pytest.raises(ScanError):
        Infarct(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_frames": 0},
        {"pixel_mm": 0.0},
        {"n_rows": 20},
        {"acquired_pixel_mm": 1.0},
        {"signal_to_noise": float("inf")},
    ],
)
def test_protocol_refuses_what_makes_no_image(wrong):
    with pytest.raises(ScanError):
        Protocol(**wrong)


def test_cycle_follows_from_the_heart_rate():
    assert HeartParameters(heart_rate_per_min=60.0).cycle_ms == 1000.0
