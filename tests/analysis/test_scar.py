"""Scar in drawn rings of known grey values, and in the phantom's late enhancement image."""

import re

import numpy as np
import pytest
from helpers.notices import said
from helpers.scar_rings import GEOMETRY, polar, quarter, ring

from napari_cmr.analysis.scar import Scar, ScarFinder, ScarSettings, otsu_threshold
from napari_cmr.analysis.scar_extent import scar_extent
from napari_cmr.phantom import SAMPLES
from napari_cmr.scan import Code, Label, ScanError


def find_scar(image, labels, geometry, settings=None, *, remote=None) -> Scar:
    return ScarFinder(image, labels, geometry, remote=remote).find(settings)


@pytest.mark.parametrize("method", ["nsd", "fwhm", "otsu"])
def test_a_bright_quarter_is_found_and_nothing_else(method) -> None:
    image, labels, truth = ring(quarter())
    scar = find_scar(image, labels, GEOMETRY, ScarSettings(method=method))
    found = scar.labels == Label.SCAR
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.95
    assert not (scar.labels == Label.NO_REFLOW).any()
    np.testing.assert_array_equal(scar.labels == Label.LV, labels == Label.LV)


@pytest.mark.parametrize("method", ["nsd", "fwhm", "otsu"])
def test_healthy_muscle_has_no_scar(method) -> None:
    image, labels, _ = ring()
    scar = find_scar(image, labels, GEOMETRY, ScarSettings(method=method))
    assert not np.isin(scar.labels, (Label.SCAR, Label.NO_REFLOW)).any()


def test_the_remote_region_lies_in_healthy_muscle_of_every_slice() -> None:
    image, labels, truth = ring(quarter())
    remote = find_scar(image, labels, GEOMETRY).remote
    assert not (remote.mask & truth).any()
    assert remote.mask.any(axis=(1, 2)).all()
    assert (labels[remote.mask] == Label.MYO).all()
    np.testing.assert_allclose(remote.mean, 20.0, atol=1.5)
    assert not remote.given


def test_a_slice_of_scar_all_round_goes_by_the_remote_muscle_of_the_others() -> None:
    radius, angle = polar()
    image, labels, _ = ring(quarter(), level=50.0)
    patchy = np.where((angle // 12) % 2 == 0, 70.0, 55.0)  # no sector without scar
    muscle = labels[3] == Label.MYO
    image[3][muscle] = patchy[muscle]
    scar = find_scar(image, labels, GEOMETRY)
    np.testing.assert_allclose(scar.remote.mean, 20.0, atol=2.0)
    assert (scar.labels[3][muscle & (radius < 22)] == Label.SCAR).mean() > 0.95
    assert not said(scar.warnings, Code.REMOTE_UNEVEN)


@pytest.mark.parametrize(("noise", "doubted"), [(4.0, False), (30.0, True)])
def test_remote_muscle_that_is_too_uneven_to_go_by_is_doubted(noise, doubted) -> None:
    image, labels, _ = ring(quarter(), noise=noise)
    finder = ScarFinder(image, labels, GEOMETRY)
    percent = 100 * finder.remote.sd / 50.0  # of the way from muscle at 20 to blood at 70
    assert (percent > 20) is doubted
    for settings in (ScarSettings(), ScarSettings(method="nsd", n=3.0)):
        doubts = said(finder.find(settings).warnings, Code.REMOTE_UNEVEN)
        assert bool(doubts) is doubted
        assert not doubts or abs(float(re.findall(r"(\d+) %", doubts[0].text)[0]) - percent) < 2


def test_a_coil_that_brightens_one_side_makes_no_scar() -> None:
    image, labels, _ = ring()
    _, angle = polar()
    image += np.where(np.abs(angle) < 40, 18.0, 0.0)  # 10 SD, but far from the blood's 50
    for method in ("fwhm", "nsd", "otsu"):
        settings = ScarSettings(method=method)
        assert not (find_scar(image, labels, GEOMETRY, settings).labels == Label.SCAR).any()
        anything = ScarSettings(method=method, blood_part=0)
        assert (find_scar(image, labels, GEOMETRY, anything).labels == Label.SCAR).sum() > 100


def test_a_slice_without_blood_is_held_against_the_blood_of_the_others() -> None:
    image, labels, truth = ring(quarter())
    cap = labels[0] == Label.LV
    labels[0][cap] = Label.MYO
    image[0][cap] = 22.0  # healthy, and a little brighter than the rest
    scar = find_scar(image, labels, GEOMETRY)
    assert not (scar.labels[0] == Label.SCAR).any()
    assert scar.threshold[0] > 20 + 0.6 * 50
    found = scar.labels == Label.SCAR
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.95


def test_labels_without_any_blood_are_measured_with_a_warning() -> None:
    image, labels, truth = ring(quarter())
    labels[labels == Label.LV] = Label.BACKGROUND
    scar = find_scar(image, labels, GEOMETRY, ScarSettings(method="nsd"))
    assert said(scar.warnings, Code.CAVITY_MISSING)
    assert (scar.labels[truth] == Label.SCAR).mean() > 0.95


def test_slices_of_other_scales_have_thresholds_of_their_own() -> None:
    image, labels, truth = ring(quarter())
    image[2] += 100.0
    found = find_scar(image, labels, GEOMETRY).labels == Label.SCAR
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.95


def test_a_region_drawn_by_a_person_is_used() -> None:
    image, labels, _ = ring(quarter())
    _, angle = polar()
    drawn = np.zeros(labels.shape, dtype=bool)
    drawn[2, np.abs(angle - 135) < 20] = True
    scar = find_scar(image, labels, GEOMETRY, remote=drawn)
    assert scar.remote.given
    np.testing.assert_array_equal(scar.remote.mask, drawn & (labels == Label.MYO))
    assert np.unique(scar.remote.mean).size == 1  # one slice speaks for all
    with pytest.raises(ScanError, match="remote region holds"):
        find_scar(image, labels, GEOMETRY, remote=labels == Label.LV)


def test_a_dark_core_inside_scar_is_no_reflow() -> None:
    radius, angle = polar()
    core = (np.abs(angle + 45) < 20) & (radius > 16) & (radius < 20)
    image, labels, _ = ring(quarter() & ~core, core)
    scar = find_scar(image, labels, GEOMETRY)
    found = scar.labels[1:] == Label.NO_REFLOW
    wanted = np.broadcast_to(core, found.shape) & (labels[1:] == Label.MYO)
    assert 2 * (found & wanted).sum() / (found.sum() + wanted.sum()) > 0.8
    assert not (scar.labels[0] == Label.NO_REFLOW).any()


def test_specks_and_epicardial_brightness_do_not_count_unless_asked() -> None:
    radius, angle = polar()
    rim = (np.abs(angle + 45) < 45) & (radius > 21)
    image, labels, _ = ring(rim)
    assert not (find_scar(image, labels, GEOMETRY).labels == Label.SCAR).any()
    anywhere = ScarSettings(from_endocardium=False)
    assert (find_scar(image, labels, GEOMETRY, anywhere).labels == Label.SCAR).sum() > 100
    speck = (np.abs(angle) < 4) & (radius < 20)
    image, labels, _ = ring(speck)
    assert (find_scar(image, labels, GEOMETRY).labels == Label.SCAR).any()
    coarse = ScarSettings(least_ml=2.0)
    assert not (find_scar(image, labels, GEOMETRY, coarse).labels == Label.SCAR).any()


def test_otsu_parts_two_classes_where_the_textbook_does() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(0, 1, 500), rng.normal(10, 1, 200)])
    assert 3 < otsu_threshold(values) < 7
    from skimage.filters import threshold_otsu

    whole = np.round(values * 10)
    mine, theirs = otsu_threshold(whole), threshold_otsu(whole.astype(int))
    assert ((whole > mine) == (whole > theirs)).mean() > 0.995
    assert otsu_threshold(np.full(5, 3.0)) == 3.0


def test_what_cannot_be_measured_is_refused() -> None:
    image, labels, _ = ring()
    with pytest.raises(ScanError, match="no myocardium"):
        find_scar(image, np.zeros_like(labels), GEOMETRY)
    with pytest.raises(ScanError, match="do not belong together"):
        find_scar(image[:2], labels, GEOMETRY)
    with pytest.raises(ScanError, match="no myocardium"):
        scar_extent(np.zeros_like(labels), GEOMETRY)
    lone = np.where(labels == Label.LV, 0, labels)
    extent = scar_extent(lone, GEOMETRY)
    assert extent.model is None
    assert said(extent.warnings, Code.NO_SEGMENTS)


@pytest.mark.parametrize("method", ["nsd", "fwhm", "otsu"])
def test_the_phantoms_infarct_is_found_where_it_is(method) -> None:
    scan = SAMPLES["infarct-lge"]()
    healthy = np.where(scan.labels[0] > Label.RV, Label.MYO, scan.labels[0])
    finder = ScarFinder(scan.image[0], healthy, scan.geometry)
    found = scar_extent(finder.find(ScarSettings(method=method)).labels, scan.geometry)
    truth = scar_extent(scan.labels[0], scan.geometry)
    # Blurred edges of a scar of high contrast lie above every threshold: all find too much.
    assert truth.scar_g < found.scar_g < 1.6 * truth.scar_g
    hit = truth.segment_percent > 30
    assert np.nanmin(found.transmurality_percent[hit]) > 30
    assert np.corrcoef(found.segment_percent[:16], truth.segment_percent[:16])[0, 1] > 0.9
