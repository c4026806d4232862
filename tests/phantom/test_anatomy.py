import numpy as np
import pytest

from napari_cmr.phantom import Heart, HeartParameters, Infarct, sample_population, true_function
from napari_cmr.phantom.anatomy import surface_volumes_ml
from napari_cmr.phantom.samples import TYPICAL
from napari_cmr.scan import ScanError


@pytest.mark.parametrize("kind", list(TYPICAL))
def test_surfaces_hold_the_wanted_volumes(kind):
    wanted = TYPICAL[kind]
    true = true_function(wanted)
    assert true.lv_end_diastolic_volume_ml == pytest.approx(
        wanted.lv_end_diastolic_volume_ml, rel=0.01
    )
    assert true.rv_end_diastolic_volume_ml == pytest.approx(
        wanted.rv_end_diastolic_volume_ml, rel=0.01
    )
    assert true.lv_ejection_fraction_percent == pytest.approx(
        wanted.lv_ejection_fraction_percent, abs=0.5
    )
    assert true.rv_ejection_fraction_percent == pytest.approx(
        wanted.rv_ejection_fraction_percent, abs=0.5
    )
    assert true.lv_mass_g == pytest.approx(wanted.lv_mass_g, rel=0.01)


def test_cavity_volume_agrees_with_the_divergence_theorem_on_a_mesh():
    heart = Heart(HeartParameters())
    time = np.array([250.0])
    length = float(heart.length_mm(time)[0])
    z = length * np.linspace(1e-6, 1 - 1e-6, 160)
    phi = np.linspace(-np.pi, np.pi, 240, endpoint=False)
    radius = heart.contours(time, z, phi).endo[0]
    points = np.stack(
        [radius * np.cos(phi), radius * np.sin(phi), np.broadcast_to(z[:, None], radius.shape)], -1
    )
    a, b = points[:-1], points[1:]
    a_next, b_next = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
    top = np.array([0.0, 0.0, z[-1]])
    rim = points[-1]

    def signed(p, q, r):
        return np.einsum("...i,...i->...", p, np.cross(q, r)).sum() / 6000.0

    side = signed(a, a_next, b_next) + signed(a, b_next, b)
    lid = signed(np.broadcast_to(top, rim.shape), rim, np.roll(rim, -1, axis=0))
    assert abs(side + lid) == pytest.approx(float(heart.lv_volume_ml(time)[0]), rel=0.01)


@pytest.mark.parametrize("kind", ["normal", "infarct", "hypertrophic"])
def test_wall_keeps_its_volume_and_thickens(kind):
    heart = Heart(TYPICAL[kind])
    cycle = heart.parameters.cycle_ms
    walls = [surface_volumes_ml(heart, t)[2] for t in np.linspace(0, cycle, 6, endpoint=False)]
    assert np.ptp(walls) / np.mean(walls) < 0.01
    lengths = heart.length_mm(np.linspace(0, cycle, 50))
    systole = float(np.linspace(0, cycle, 50)[lengths.argmin()])
    lateral = np.array([0.0])
    thickness = []
    for t, length in ((0.0, lengths[0]), (systole, lengths.min())):
        c = heart.contours(np.array([t]), np.array([0.6 * length]), lateral)
        thickness.append(float((c.epi - c.endo)[0, 0, 0]))
    assert thickness[1] > 1.15 * thickness[0]


def test_motion_is_periodic():
    heart = Heart(HeartParameters())
    cycle = heart.parameters.cycle_ms
    times, z = np.array([0.0, 130.0, 500.0]), np.array([20.0, 60.0])
    phi = np.linspace(-np.pi, np.pi, 90, endpoint=False)
    here, later = heart.contours(times, z, phi), heart.contours(times + cycle, z, phi)
    for name in ("endo", "epi", "rv_outer"):
        np.testing.assert_allclose(getattr(here, name), getattr(later, name), atol=1e-6)
    just_before = heart.contours(np.array([cycle - 1e-3]), z, phi)
    np.testing.assert_allclose(just_before.endo[0], here.endo[0], atol=1e-3)


def test_surfaces_are_nested():
    heart = Heart(TYPICAL["infarct"])
    length = heart.parameters.lv_length_mm
    z = np.linspace(-5, 1.2 * length, 30)
    c = heart.contours(np.array([0.0, 350.0]), z, np.linspace(-np.pi, np.pi, 120))
    assert (c.epi >= c.endo).all()
    assert (c.rv_outer >= c.rv_inner).all()
    wall = (c.zeta > 0.05) & (c.zeta < 0.98)
    assert ((c.epi - c.endo)[wall] > 1.5).all()


def test_infarct_moves_less_than_the_wall_opposite():
    heart = Heart(TYPICAL["infarct"])
    times = np.array([0.0, 345.0])
    c = heart.contours(times, np.array([45.0]), np.deg2rad([-115.0, 65.0]))
    moved = 1.0 - c.endo[1, 0] / c.endo[0, 0]
    assert moved[0] < 0.35 * moved[1]


def test_impossible_ejection_fraction_is_refused():
    parameters = HeartParameters(
        lv_ejection_fraction_percent=75.0,
        infarct=Infarct("LAD", extent_deg=180.0, wall_motion=-0.3),
        disease="infarct",
    )
    with pytest.raises(ScanError, match="out of reach"):
        true_function(parameters)


def test_true_function_of_a_population_lies_in_its_groups_range():
    for parameters in sample_population(10, seed=5):
        true = true_function(parameters)
        bsa = parameters.subject.body_surface_area_m2
        if parameters.disease == "normal":
            assert true.lv_ejection_fraction_percent > 48
        elif parameters.disease == "dilated":
            assert true.lv_ejection_fraction_percent < 40
            assert true.lv_end_diastolic_volume_ml / bsa > 100
        elif parameters.disease == "hypertrophic":
            assert true.lv_ejection_fraction_percent > 55
            assert true.lv_mass_g / bsa > 110
        elif parameters.disease == "infarct":
            assert true.lv_ejection_fraction_percent < 40
        else:
            assert (
                true.rv_ejection_fraction_percent < 40
                or true.rv_end_diastolic_volume_ml / bsa > 110
            )
