"""Wall thickness on rings of known thickness, and on the beating phantom."""

import numpy as np
import pytest
from helpers.notices import said

from napari_cmr.analysis.aha import SEGMENT_NAMES
from napari_cmr.analysis.wall import segmental_function, wall_thickness_mm
from napari_cmr.phantom import HeartParameters, heart_scan
from napari_cmr.phantom.parameters import Infarct
from napari_cmr.scan import Code, Geometry, Label, ScanError


def ring(inner_mm, outer_mm, spacing=(1.4, 1.4), size=96, shift=(0.0, 0.0)):
    y, x = np.indices((size, size))
    y, x = (y - size / 2 + 0.3) * spacing[0], (x - size / 2 + 0.6) * spacing[1]
    labels = np.zeros((size, size), dtype=np.uint8)
    labels[np.hypot(y, x) < outer_mm] = Label.MYO
    labels[np.hypot(y - shift[0], x - shift[1]) < inner_mm] = Label.LV
    return labels


@pytest.mark.parametrize(("inner", "wall"), [(25.0, 5.0), (25.0, 9.0), (12.0, 14.0), (8.0, 10.0)])
@pytest.mark.parametrize("spacing", [(1.4, 1.4), (1.0, 1.8)])
def test_thickness_of_a_ring_is_the_difference_of_its_radii(inner, wall, spacing) -> None:
    thickness, _ = wall_thickness_mm(ring(inner, inner + wall, spacing), spacing)
    known = thickness[np.isfinite(thickness)]
    assert known.mean() == pytest.approx(wall, abs=0.3)
    assert known.std() < 0.4


def test_thickness_follows_a_wall_that_is_thick_on_one_side() -> None:
    labels = ring(20.0, 30.0, shift=(0.0, 4.0))
    thickness, _ = wall_thickness_mm(labels, (1.4, 1.4))
    _, x = np.indices(labels.shape)
    mid = np.abs(np.indices(labels.shape)[0] - 48) < 3
    assert np.nanmean(thickness[mid & (x < 40)]) == pytest.approx(14.0, abs=0.9)
    assert np.nanmean(thickness[mid & (x > 56)]) == pytest.approx(6.0, abs=0.9)


def test_without_a_cavity_there_is_no_thickness() -> None:
    labels = ring(0.0, 12.0)
    thickness, outline = wall_thickness_mm(labels, (1.4, 1.4))
    assert np.isnan(thickness).all()
    assert outline.shape == (0, 2)


def beating_rings(inner_ed=24.0, inner_es=15.0, outer_ed=33.0, outer_es=29.0, n_slices=6):
    slices = [[ring(a, b)] * n_slices for a, b in ((inner_ed, outer_ed), (inner_es, outer_es))]
    return np.array(slices), Geometry.regular((10.0, 1.4, 1.4), n_slices)


def test_thickening_and_motion_of_rings() -> None:
    found = segmental_function(*beating_rings())
    assert (found.ed_frame, found.es_frame) == (0, 1)
    np.testing.assert_allclose(found.thickness_mm[0, :16], 9.0, atol=0.4)
    np.testing.assert_allclose(found.thickness_mm[1, :16], 14.0, atol=0.4)
    np.testing.assert_allclose(found.thickening_percent[:16], 100 * 5 / 9, atol=8)
    np.testing.assert_allclose(found.motion_mm[1, :16], 9.0, atol=0.4)
    np.testing.assert_allclose(found.motion_mm[0, :16], 0.0, atol=1e-9)
    assert np.isnan(found.thickness_mm[:, 16]).all()


def test_a_heart_that_moves_as_a_whole_does_not_count_as_motion() -> None:
    labels, geometry = beating_rings(inner_es=24.0, outer_es=33.0)
    labels[1] = np.roll(labels[1], (4, -3), axis=(-2, -1))
    found = segmental_function(labels, geometry)
    np.testing.assert_allclose(found.motion_mm[:, :16], 0.0, atol=1e-6)


def test_a_slice_that_closes_at_end_systole_does_not_distort_thickening() -> None:
    labels, geometry = beating_rings()
    labels[0, 0] = ring(18.0, 34.0)
    closed = labels[1, 0] == Label.LV
    labels[1, 0, closed] = Label.MYO
    found = segmental_function(labels, geometry, ed_frame=0, es_frame=1)
    basal = found.thickening_percent[:6]
    np.testing.assert_allclose(basal, 100 * 5 / 9, atol=8)
    assert (found.thickness_mm[0, :6] > 10).all()


def test_one_frame_has_thickness_and_no_thickening() -> None:
    labels, geometry = beating_rings()
    found = segmental_function(labels[:1], geometry)
    assert found.es_frame is None
    assert np.isnan(found.thickening_percent).all()
    assert found.to_dict()["values"][0]["thickening_percent"] is None
    assert found.to_dict()["values"][0]["thickness_ed_mm"] == pytest.approx(9.0, abs=0.4)


def test_only_some_frames_are_measured_if_asked() -> None:
    labels, geometry = beating_rings()
    labels = np.concatenate([labels[:1], labels[:1], labels[1:], labels[:1]])
    whole = segmental_function(labels, geometry)
    part = segmental_function(labels, geometry, frames=(0, 2))
    assert (part.ed_frame, part.es_frame) == (whole.ed_frame, whole.es_frame) == (0, 2)
    np.testing.assert_array_equal(part.thickness_mm[[0, 2]], whole.thickness_mm[[0, 2]])
    np.testing.assert_array_equal(part.thickening_percent, whole.thickening_percent)
    assert np.isnan(part.thickness_mm[[1, 3]]).all()
    np.testing.assert_array_equal(part.model.segments[2], whole.model.segments[2])


def test_missing_muscle_is_named() -> None:
    labels, geometry = beating_rings()
    labels[:, :2] = np.where(labels[:, :2] == Label.MYO, 0, labels[:, :2])
    labels[:, 2:, 60:] = 0
    found = segmental_function(labels, geometry)
    assert said(found.warnings, Code.SEGMENTS_EMPTY)
    with pytest.raises(ScanError):
        segmental_function(np.zeros_like(labels), geometry)


def test_the_phantoms_wall_has_its_true_thickness_everywhere() -> None:
    from napari_cmr.phantom.anatomy import Heart

    parameters = HeartParameters(septal_hypertrophy=1.5, twist_deg=0.0)
    scan = heart_scan(parameters=parameters, n_frames=6)
    found = segmental_function(scan.labels, scan.geometry)
    model, heart = found.model, Heart(parameters)
    assert model.septum_from == "labels"
    assert model.anterior_from == "patient directions"
    phi = np.deg2rad(np.arange(-180, 180, 2))
    # Anterior is at -90, anteroseptal at -150, ... in the phantom's own angles.
    centres = dict(zip(range(1, 7), (-90, -150, 150, 90, 30, -30), strict=True))
    for frame in (found.ed_frame, found.es_frame):
        time = scan.frame_times_ms[frame : frame + 1]
        truth = heart.contours(time, 0.55 * heart.length_mm(time), phi)
        wall = (truth.epi - truth.endo)[0, 0]
        for segment, centre in centres.items():
            away = np.abs(np.mod(phi - np.deg2rad(centre) + np.pi, 2 * np.pi) - np.pi)
            true_mm = wall[away < np.deg2rad(30)].mean()
            assert found.thickness_mm[frame, segment + 5] == pytest.approx(true_mm, rel=0.06)


@pytest.mark.parametrize(
    ("territory", "hit", "spared"),
    [
        ("LAD", (7, 8, 13), (5, 10, 11)),
        ("RCA", (4, 9, 10), (1, 2, 6)),
        ("LCX", (11, 12), (8, 9)),
    ],
)
def test_an_infarct_thickens_and_moves_less_in_its_own_segments(territory, hit, spared) -> None:
    parameters = HeartParameters(
        lv_ejection_fraction_percent=45.0,
        infarct=Infarct(territory, extent_deg=110.0, wall_motion=0.0),
        disease="infarct",
    )
    scan = heart_scan(parameters=parameters, n_frames=6)
    found = segmental_function(scan.labels, scan.geometry)
    index = {name: np.array(which) - 1 for name, which in (("hit", hit), ("spared", spared))}
    thickening, motion = found.thickening_percent, found.motion_mm[found.es_frame]
    assert thickening[index["hit"]].mean() < 0.6 * thickening[index["spared"]].mean()
    assert motion[index["hit"]].mean() < 0.6 * motion[index["spared"]].mean()


def test_json_names_every_segment_once() -> None:
    record = segmental_function(*beating_rings()).to_dict()
    assert [one["name"] for one in record["values"]] == list(SEGMENT_NAMES)
    assert [one["segment"] for one in record["values"]] == list(range(1, 18))
    assert len(record["values"][0]["thickness_mm"]) == 2
