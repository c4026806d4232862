"""Planted discs whose size, contrast and response are known."""

import numpy as np
import pytest
from scipy.ndimage import uniform_filter

from napari_cmr.analysis.reconstruction.lesions import (
    disc,
    is_there,
    places_in,
    plant,
    response,
    ring,
    wall,
)
from napari_cmr.scan import Label

SPACING = (0.5, 0.625)
PLACE = (40, 32)
PLAIN = np.random.default_rng(0).uniform(80, 120, (80, 64)).astype(np.float32)


@pytest.mark.parametrize("diameter", [2.0, 4.0, 8.0])
def test_a_disc_has_its_area_and_a_ring_does_not_touch_it(diameter: float) -> None:
    cover = disc(PLAIN.shape, PLACE, diameter, SPACING)
    area = cover.sum() * SPACING[0] * SPACING[1]
    assert area == pytest.approx(np.pi * diameter**2 / 4, rel=0.1)
    around = ring(PLAIN.shape, PLACE, diameter, SPACING)
    assert around.min() == 0
    assert around.sum() > cover.sum()
    assert (cover[around > 0.99] < 0.01).all()


@pytest.mark.parametrize("contrast", [50.0, -50.0])
def test_the_full_image_shows_the_whole_contrast_and_the_plain_one_nothing(contrast) -> None:
    planted = plant(PLAIN, [PLACE], 6.0, contrast, SPACING)
    assert planted.dtype == np.float32
    assert response(PLAIN, PLAIN, PLACE, 6.0, SPACING) == 0
    found = response(planted, PLAIN, PLACE, 6.0, SPACING)
    assert found == pytest.approx(contrast, rel=0.1)
    assert is_there(found, contrast)
    assert not is_there(-found, contrast)
    half = PLAIN + 0.4 * (planted - PLAIN)
    assert not is_there(response(half, PLAIN, PLACE, 6.0, SPACING), contrast)


def test_a_small_lesion_vanishes_in_a_blur_that_a_large_one_survives() -> None:
    for diameter, stays in ((2.0, False), (8.0, True)):
        planted = plant(PLAIN, [PLACE], diameter, 50.0, SPACING)
        blurred = PLAIN + uniform_filter(planted - PLAIN, 7)
        assert is_there(response(blurred, PLAIN, PLACE, diameter, SPACING), 50.0) == stays


def test_an_offset_or_a_ramp_of_the_whole_image_is_no_lesion() -> None:
    ramp = np.linspace(0, 40, 80)[:, None]
    assert abs(response(PLAIN + 30 + ramp, PLAIN, PLACE, 4.0, SPACING)) < 0.5


def test_dark_lesions_stop_at_zero_and_overlapping_discs_do_not_add_up() -> None:
    assert plant(PLAIN, [PLACE], 4.0, -500.0, SPACING).min() == 0
    twice = plant(PLAIN, [PLACE, PLACE], 4.0, 50.0, SPACING)
    np.testing.assert_array_equal(twice, plant(PLAIN, [PLACE], 4.0, 50.0, SPACING))


def test_the_wall_is_muscle_or_what_surrounds_the_atrium() -> None:
    labels = np.zeros((40, 40), dtype=np.uint8)
    assert not wall(labels, (1.0, 1.0)).any()
    labels[10:20, 10:20] = Label.LA
    around = wall(labels, (1.0, 1.0))
    assert around[7:10, 10:20].all()
    assert not around[10:20, 10:20].any()
    assert not around[6].any()
    labels[30:33, 30:33] = Label.MYO
    labels[31, 31] = Label.SCAR
    assert wall(labels, (1.0, 1.0)).sum() == 9


def test_places_are_apart_from_each_other_and_from_the_edge() -> None:
    where = np.ones((80, 64), dtype=bool)
    found = places_in(
        where, 5, apart_mm=10, margin_mm=5, spacing=SPACING, rng=np.random.default_rng(1)
    )
    assert len(found) == 5
    for k, (row, column) in enumerate(found):
        assert 10 <= row < 70
        assert 8 <= column < 56
        for other in found[:k]:
            assert np.hypot((row - other[0]) * 0.5, (column - other[1]) * 0.625) >= 10
    where[:] = False
    assert not places_in(
        where, 5, apart_mm=10, margin_mm=5, spacing=SPACING, rng=np.random.default_rng(1)
    )


def test_images_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="beside one of"):
        response(PLAIN[1:], PLAIN, PLACE, 4.0, SPACING)
