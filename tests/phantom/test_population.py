"""Hearts of a population: each disease within its own range, seeded."""

import numpy as np
import pytest

from napari_cmr.phantom.population import _length, _normal, sample_population


@pytest.mark.parametrize(
    ("disease", "ranges"),
    [
        ("dilated", {"lv_ejection_fraction_percent": (15, 35), "twist_deg": (1, 5)}),
        (
            "hypertrophic",
            {"lv_ejection_fraction_percent": (62, 72), "septal_hypertrophy": (1.3, 1.9)},
        ),
        ("infarct", {"lv_ejection_fraction_percent": (22, 38), "twist_deg": (3, 7)}),
        ("rv", {"rv_ejection_fraction_percent": (25, 42), "septal_flattening": (0.06, 0.16)}),
    ],
)  # fmt: skip
def test_a_disease_has_its_ranges(disease, ranges) -> None:
    hearts = sample_population(12, 3, disease)
    assert {heart.disease for heart in hearts} == {disease}
    for name, (low, high) in ranges.items():
        values = [getattr(heart, name) for heart in hearts]
        assert low <= min(values) < max(values) <= high
    assert all((heart.infarct is not None) == (disease == "infarct") for heart in hearts)


def test_dilated_hearts_are_large_and_hypertrophic_ones_heavy() -> None:
    def means(disease: str) -> tuple[float, float]:
        hearts = sample_population(12, 3, disease)
        size = [heart.subject.body_surface_area_m2 for heart in hearts]
        edv = [heart.lv_end_diastolic_volume_ml for heart in hearts]
        mass = [heart.lv_mass_g for heart in hearts]
        return float(np.mean(np.divide(edv, size))), float(np.mean(np.divide(mass, size)))

    normal, dilated, thick = (means(one) for one in ("normal", "dilated", "hypertrophic"))
    assert 118 <= dilated[0] <= 170
    assert dilated[0] > 1.3 * normal[0]
    assert 112 <= thick[1] <= 135
    assert thick[1] > 1.5 * normal[1]
    assert thick[0] < normal[0]


def test_the_same_seed_makes_the_same_people_and_more_of_them_the_same_first() -> None:
    assert sample_population(3, 5, "normal") == sample_population(3, 5, "normal")
    assert sample_population(3, 5, "normal") != sample_population(3, 6, "normal")


def test_draws_are_cut_off_and_lengths_keep_proportions() -> None:
    rng = np.random.default_rng(0)
    drawn = [_normal(rng, 0.5) for _ in range(200)]
    assert (min(drawn), max(drawn)) == (-0.5, 0.5)
    assert _length(100, 90, 5, 100) == 90
    assert _length(800, 90, 50, 100) == pytest.approx(180)
    assert _length(800, 90, 5, 100) == 100
    assert _length(1, 90, 5, 100) == 80
