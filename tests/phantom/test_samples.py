import numpy as np
import pytest

from napari_cmr.phantom import SAMPLES, HeartParameters, Protocol, heart_scan, sample_population
from napari_cmr.phantom.samples import TYPICAL
from napari_cmr.scan import Label, ScanError

SMALL = Protocol(n_rows=160, n_columns=144, pixel_mm=1.9, acquired_pixel_mm=2.2)


@pytest.fixture(scope="module")
def normal():
    return heart_scan("normal", n_frames=6, protocol=SMALL)


def volume_ml(scan, *wanted):
    return np.isin(scan.labels, wanted).sum(axis=(1, 2, 3)) * scan.geometry.voxel_volume_ml


def test_a_sample_is_a_whole_labelled_cine(normal):
    assert normal.shape[0] == 6
    assert 8 <= normal.n_slices <= 12
    assert normal.synthetic
    assert normal.kind == "cine"
    assert normal.has_full_cycle
    assert normal.labelled_frames == tuple(range(6))
    assert normal.ed_frame == 0
    assert set(np.unique(normal.labels)) == {0, 1, 2, 3}
    assert normal.geometry.trusted
    assert normal.geometry.is_regular
    assert normal.subject.body_surface_area_m2 == pytest.approx(1.96, abs=0.05)


@pytest.mark.parametrize("kind", list(TYPICAL))
def test_label_volumes_agree_with_the_surfaces(kind):
    """10 mm slices: 8 % of a volume and 4 points of EF, the error of thick slices themselves."""
    wanted = TYPICAL[kind]
    scan = heart_scan(kind, n_frames=12, protocol=SMALL)
    lv, rv = volume_ml(scan, Label.LV), volume_ml(scan, Label.RV)
    assert lv.max() == pytest.approx(wanted.lv_end_diastolic_volume_ml, rel=0.08)
    assert rv.max() == pytest.approx(wanted.rv_end_diastolic_volume_ml, rel=0.08)
    lv_ef, rv_ef = (100 * (1 - v.min() / v.max()) for v in (lv, rv))
    assert lv_ef == pytest.approx(wanted.lv_ejection_fraction_percent, abs=4)
    assert rv_ef == pytest.approx(wanted.rv_ejection_fraction_percent, abs=5)
    wall = volume_ml(scan, Label.MYO, Label.SCAR, Label.NO_REFLOW)
    assert wall[0] * 1.05 == pytest.approx(wanted.lv_mass_g, rel=0.12)
    assert abs(int(lv.argmin()) - scan.es_frame) <= 1


def test_lv_lies_inside_a_closed_ring_of_muscle(normal):
    n = normal.n_slices
    for frame in normal.labels:
        for plane in frame[n // 3 : 2 * n // 3 + 1]:
            lv = plane == Label.LV
            assert lv.any()
            neighbours = np.zeros_like(lv)
            for axis in (0, 1):
                for step in (-1, 1):
                    neighbours |= np.roll(lv, step, axis=axis)
            touched = set(np.unique(plane[neighbours & ~lv]))
            assert touched == {int(Label.MYO)}


def test_same_seed_same_scan_and_another_seed_another_heart(normal):
    again = heart_scan("normal", n_frames=6, protocol=SMALL)
    np.testing.assert_array_equal(again.image, normal.image)
    np.testing.assert_array_equal(again.labels, normal.labels)
    other = heart_scan("normal", seed=4, n_frames=2, protocol=SMALL)
    assert other.cycle_ms != normal.cycle_ms


def test_acdc_names_are_understood_and_others_are_not():
    assert heart_scan("DCM", n_frames=1, protocol=SMALL).subject.group == "DCM"
    with pytest.raises(ScanError, match="unknown kind"):
        heart_scan("broken")


def test_samples_are_made_once_and_say_what_they_are():
    assert {"normal", "dilated", "hypertrophic", "infarct-lge", "rv"} <= set(SAMPLES)
    scan = SAMPLES["infarct-lge"]()
    assert scan is SAMPLES["infarct-lge"]()
    assert scan.name.startswith("Sample: ")
    assert scan.synthetic


def test_population_is_seeded_and_takes_turns():
    first, second = sample_population(7, seed=3), sample_population(12, seed=3)
    assert second[:7] == first
    assert sample_population(7, seed=4) != first
    assert {p.subject.group for p in first} == {"NOR", "DCM", "HCM", "MINF", "RV"}
    assert all(p.disease == "rv" for p in sample_population(3, 1, "rv"))


def test_healthy_population_follows_the_published_means():
    people = sample_population(300, seed=0, disease="normal")
    for sex, edv, mass in (("male", 166, 103), ("female", 124, 70)):
        group = [p for p in people if p.subject.sex == sex]
        assert np.mean([p.lv_end_diastolic_volume_ml for p in group]) == pytest.approx(
            edv, rel=0.06
        )
        assert np.mean([p.lv_mass_g for p in group]) == pytest.approx(mass, rel=0.06)
    strokes = [
        (
            p.lv_end_diastolic_volume_ml * p.lv_ejection_fraction_percent,
            p.rv_end_diastolic_volume_ml * p.rv_ejection_fraction_percent,
        )
        for p in people
    ]
    np.testing.assert_allclose(*np.transpose(strokes), rtol=1e-6)


def test_default_parameters_are_the_normal_sample():
    assert TYPICAL["normal"] == HeartParameters()


def test_blood_thins_out_towards_the_labelled_border_as_in_patients():
    """In ACDC blood takes a third of the contrast 1 mm inside the border, and half at 2 mm."""
    from scipy.ndimage import distance_transform_edt

    scan = heart_scan("normal", n_frames=4, protocol=Protocol(signal_to_noise=200.0))
    middle = scan.n_slices // 2
    for frame in (scan.ed_frame, scan.es_frame):
        image, labels = scan.image[frame, middle], scan.labels[frame, middle]
        cavity = labels == Label.LV
        inside = (distance_transform_edt(cavity) - 0.5) * scan.spacing[1]
        muscle, blood = np.median(image[labels == Label.MYO]), np.quantile(image[cavity], 0.8)
        part = (image - muscle) / (blood - muscle)
        near, deeper = (part[cavity & (abs(inside - mm) < 0.5)].mean() for mm in (1, 2))
        assert 0.2 < near < 0.45
        assert 0.4 < deeper < 0.65
