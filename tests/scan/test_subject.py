import pytest

from napari_cmr.scan import ScanError, Subject


def test_body_surface_area_is_that_of_mosteller():
    assert Subject(height_cm=180, weight_kg=80).body_surface_area_m2 == pytest.approx(2.0)
    for half in ({"height_cm": 180}, {"weight_kg": 80}, {"height_cm": 0, "weight_kg": 80}):
        assert Subject(**half).body_surface_area_m2 is None


@pytest.mark.parametrize("name", ["age_years", "height_cm", "weight_kg"])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_what_cannot_be_measured_is_refused(name, value):
    with pytest.raises(ScanError, match=name):
        Subject(**{name: value})
