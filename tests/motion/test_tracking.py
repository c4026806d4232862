import numpy as np
import pytest
from helpers.beating_discs import disc_image
from scipy.ndimage import binary_dilation

from napari_cmr.motion.tracking import (
    TissueMotion,
    follow,
    heart_region,
    motion_error_mm,
    moving_borders,
    track,
)
from napari_cmr.phantom import Protocol, render_scan
from napari_cmr.phantom.samples import TYPICAL
from napari_cmr.scan import Label, ScanError, Stopped

PIXEL = (1.5, 1.5)
CENTRE = np.array([22.0, 19.0])


@pytest.fixture(scope="module")
def beating() -> np.ndarray:
    return np.abs(disc_image())


def test_the_border_of_a_disc_moves_inwards_by_as_much_as_its_radius_shrinks(beating):
    field = track(beating, PIXEL)
    radius = 8 - 2.5 * np.sin(np.pi * np.arange(12) / 12)
    away = np.stack(np.mgrid[:48, :40], axis=-1) - CENTRE
    places = np.argwhere(np.abs(np.linalg.norm(away, axis=2) - 8) < 0.5)
    motion = follow(field, places)
    outwards = (places - CENTRE) / np.linalg.norm(places - CENTRE, axis=1, keepdims=True)
    inwards = -(motion.moved * outwards).sum(axis=2).mean(axis=1)
    np.testing.assert_allclose(inwards, 1.5 * (8 - radius), atol=0.35)
    assert motion.distance[0].max() == 0
    assert motion.distance.shape == (12, len(places))


def test_places_to_follow_lie_where_a_border_moves(beating):
    places = moving_borders(beating[0], track(beating, PIXEL), PIXEL)
    assert len(places) > 8
    assert np.linalg.norm(places - CENTRE, axis=1).max() < 8 + 5
    apart = np.linalg.norm(places[:, None] - places, axis=2)[~np.eye(len(places), dtype=bool)]
    assert apart.min() * PIXEL[0] >= 4


def test_lengths_are_in_mm_along_each_axis():
    y, x = np.mgrid[:60, :40]
    shift = np.array([0.0, 1.0, 2.0])[:, None, None]
    blob = np.exp(-(((y - 30 - 2 * shift) * 1.0) ** 2 + ((x - 20 + shift) * 2.0) ** 2) / 60)
    field = track(blob.astype(np.float32), (1.0, 2.0), region=np.ones((60, 40), bool))
    np.testing.assert_allclose(field[:, 1, 30, 20], (2, -2), atol=0.3)
    np.testing.assert_allclose(field[:, 2, 30, 20], (4, -4), atol=0.6)


def test_motion_is_that_since_the_reference_frame(beating):
    at_rest, small = track(beating, PIXEL), track(beating, PIXEL, reference=6)
    assert not small[:, 6].any()
    edge = (22, 19 + 7)
    assert at_rest[1, 6][edge] < -1
    assert small[1, 0][22, 19 + 5] > 1


def test_what_does_not_change_has_neither_a_heart_nor_motion():
    still = np.repeat(np.random.default_rng(0).random((1, 40, 40)), 3, axis=0)
    assert not heart_region(still, PIXEL).any()
    field = track(still, PIXEL)
    assert not field.any()
    assert len(moving_borders(still[0], field, PIXEL)) == 0


def test_work_is_told_and_ends_when_it_is_unwanted(beating):
    told = []
    track(beating, PIXEL, watch=told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert len(told) > 1

    def stop(_share):
        raise Stopped

    with pytest.raises(Stopped):
        track(beating, PIXEL, watch=stop)


@pytest.mark.parametrize(
    ("image", "reference", "words"),
    [
        (np.zeros((1, 20, 20)), 0, "still image"),
        (np.zeros((4, 20, 20)), 4, "no frame 5"),
        (np.zeros((4, 6, 20)), 0, "too small"),
    ],
)
def test_what_cannot_be_followed_is_refused(image, reference, words):
    with pytest.raises(ScanError, match=words):
        track(image, PIXEL, reference=reference)


def test_the_error_is_the_mean_distance_in_all_other_frames():
    places = np.zeros((2, 2), np.float32)
    true = TissueMotion(0, places, np.zeros((3, 2, 2), np.float32))
    off = true.moved.copy()
    off[1] = (3, 4)
    assert motion_error_mm(TissueMotion(0, places, off), true) == pytest.approx(2.5)
    with pytest.raises(ValueError, match="other places"):
        motion_error_mm(TissueMotion(1, places, off), true)


def test_the_wall_of_a_beating_heart_comes_in_as_far_as_its_labels_say():
    protocol = Protocol(n_rows=96, n_columns=96, pixel_mm=2.0, acquired_pixel_mm=2.4, n_frames=4,
                        slice_distance_mm=25.0)  # fmt: skip
    scan = render_scan(TYPICAL["normal"], protocol)
    z = scan.n_slices // 2
    image, labels, pixel = np.abs(scan.image[:, z]), scan.labels[:, z], scan.spacing[1:]
    areas = (labels == Label.LV).sum(axis=(1, 2)) * pixel[0] * pixel[1]
    es = int(areas.argmin())
    field = track(image, pixel)
    endocardium = (labels[0] == Label.MYO) & binary_dilation(labels[0] == Label.LV)
    assert heart_region(image, pixel)[endocardium].all()
    places = np.argwhere(endocardium)
    towards = np.argwhere(labels[0] == Label.LV).mean(axis=0) - places
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    inwards = (follow(field, places).moved[es] * towards).sum(axis=1).mean()
    shrinks = np.sqrt(areas[0] / np.pi) - np.sqrt(areas[es] / np.pi)
    assert shrinks > 4
    assert inwards == pytest.approx(shrinks, rel=0.3)
