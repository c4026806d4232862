"""A rendered scan lies in the patient, shows what its labels say, and sees the base descend."""

import numpy as np
import pytest

from napari_cmr.phantom import HeartParameters, Protocol
from napari_cmr.phantom.renderer import render_scan, slice_centres_mm
from napari_cmr.phantom.samples import TYPICAL
from napari_cmr.scan import Label

SMALL = Protocol(n_rows=160, n_columns=144, pixel_mm=1.9, acquired_pixel_mm=2.2, n_frames=6)


@pytest.fixture(scope="module")
def normal():
    return render_scan(TYPICAL["normal"], SMALL)


def volume_ml(scan, *wanted):
    return np.isin(scan.labels, wanted).sum(axis=(1, 2, 3)) * scan.geometry.voxel_volume_ml


@pytest.mark.parametrize("distance", [5.0, 8.0, 10.0, 13.0])
def test_slices_go_from_above_the_base_to_the_apex(distance):
    parameters = HeartParameters()
    centres = slice_centres_mm(parameters, Protocol(slice_distance_mm=distance))
    np.testing.assert_allclose(np.diff(centres), -distance)
    assert centres[0] > parameters.lv_length_mm
    assert -0.4 * distance <= centres[-1] <= 0.6 * distance
    # The base is as far from a border between slices at end-diastole as at end-systole.
    descent = parameters.lv_length_mm * parameters.long_axis_shortening_percent / 100
    ends = np.array([parameters.lv_length_mm, parameters.lv_length_mm - descent])
    borders = centres[:, None] - distance / 2
    first, second = np.abs(borders - ends).min(axis=0)
    assert first == pytest.approx(second)
    assert first <= distance / 4 + 1e-9


def test_another_seed_is_other_noise_on_the_same_heart(normal):
    one = Protocol(n_rows=160, n_columns=144, pixel_mm=1.9, acquired_pixel_mm=2.2, n_frames=1)
    first, second = (render_scan(TYPICAL["normal"], one, seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(first.labels, second.labels)
    assert (first.image != second.image).mean() > 0.5
    np.testing.assert_array_equal(first.labels[0], normal.labels[0])


def test_stack_lies_in_the_patient_as_a_short_axis_stack(normal):
    affine = normal.geometry.affine
    towards_apex, right_of_screen, down = affine[:3, 2], affine[:3, 0], affine[:3, 1]
    assert towards_apex[0] < 0 < towards_apex[1]  # to the left and to the front
    assert towards_apex[2] < 0  # and down
    assert right_of_screen[1] < 0  # the back
    assert down[2] < 0  # the feet
    unit = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    np.testing.assert_allclose(unit.T @ unit, np.eye(3), atol=1e-9)


def test_base_descends_so_that_the_top_slices_lose_their_ventricle_in_systole(normal):
    has_lv = (normal.labels == Label.LV).any(axis=(2, 3))
    assert has_lv[normal.ed_frame].sum() > has_lv[normal.es_frame].sum()
    first = [int(np.flatnonzero(has_lv[f])[0]) for f in (normal.ed_frame, normal.es_frame)]
    assert first[1] > first[0]


def test_image_shows_what_the_labels_say(normal):
    frame = normal.image[0]
    middle = slice(normal.n_slices // 3, normal.n_slices // 2)
    labels = normal.labels[0, middle]
    blood, wall = (frame[middle][labels == label].mean() for label in (Label.LV, Label.MYO))
    assert blood > 1.8 * wall
    corner = frame[:, :10, :10].mean()
    assert wall > 3 * corner


def test_lge_has_a_bright_scar_in_dark_muscle():
    scan = render_scan(TYPICAL["infarct"], SMALL, lge=True)
    assert scan.kind == "lge"
    assert scan.n_frames == 1
    present = [label for label in Label if label <= Label.NO_REFLOW]
    assert set(np.unique(scan.labels)) == set(present)
    by_label = {label: scan.image[scan.labels == label].mean() for label in present}
    assert by_label[Label.SCAR] > 3 * by_label[Label.MYO]
    assert by_label[Label.NO_REFLOW] < 0.7 * by_label[Label.SCAR]
    scarred = volume_ml(scan, Label.SCAR, Label.NO_REFLOW)[0]
    assert 0.08 < scarred / volume_ml(scan, Label.MYO, Label.SCAR, Label.NO_REFLOW)[0] < 0.45


def test_lge_of_a_healthy_heart_has_no_scar():
    scan = render_scan(TYPICAL["normal"], SMALL, lge=True)
    assert set(np.unique(scan.labels)) == {0, 1, 2, 3}
