"""The semantic interpretability score, on squares whose overlap is known."""

import numpy as np
import pytest

from napari_cmr.analysis.reconstruction.interpretability import image_dice, interpretability


def square(first: int, last: int, label: int = 1) -> np.ndarray:
    image = np.zeros((8, 8), dtype=np.uint8)
    image[:, first:last] = label
    return image


def test_dice_of_every_image_and_class() -> None:
    reference = np.stack([square(0, 4), square(0, 4) + square(6, 8, 2), np.zeros((8, 8))])
    found = np.stack([square(2, 6), square(0, 4), square(0, 8)])
    expected = [[0.5, np.nan], [1.0, 0.0], [np.nan, np.nan]]
    np.testing.assert_allclose(image_dice(found, reference, (1, 2)), expected)


def test_the_score_is_dice_over_that_of_full_images() -> None:
    on_full = np.array([[0.8, 0.5], [0.6, np.nan], [np.nan, np.nan]])
    on_reconstructions = np.array([[0.4, 0.5], [0.3, np.nan], [np.nan, np.nan]])
    score = interpretability(on_reconstructions, on_full)
    assert score.classes == pytest.approx((0.5, 1.0))
    assert score.images == (2, 1)
    assert score.mean == pytest.approx((0.35 + 0.5) / (0.7 + 0.5))


def test_full_images_score_one_and_unreadable_ones_zero() -> None:
    reference = np.stack([square(0, 4), square(2, 6), square(4, 8)])
    found = np.stack([square(0, 5), square(2, 7), square(3, 8)])
    on_full = image_dice(found, reference, (1,))
    assert interpretability(on_full, on_full).mean == 1.0
    nothing = image_dice(np.zeros_like(found), reference, (1,))
    assert interpretability(nothing, on_full).mean == 0.0


def test_absent_classes_are_excluded_whatever_was_found_there() -> None:
    """Published code counts an absent class as 1, which lifts every score."""
    reference = np.stack([square(0, 4), np.zeros((8, 8), np.uint8)])
    on_full = image_dice(np.stack([square(0, 4), square(0, 1)]), reference, (1, 2))
    half = image_dice(np.stack([square(2, 6), square(0, 8)]), reference, (1, 2))
    score = interpretability(half, on_full)
    assert score.mean == 0.5
    assert np.isnan(score.classes[1])
    assert score.images == (1, 0)


def test_a_segmenter_that_reads_nothing_in_full_images_gives_no_score() -> None:
    assert np.isnan(interpretability(np.array([[0.3]]), np.array([[0.0]])).mean)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (np.zeros((2, 1)), np.zeros((3, 1)), r"\(2, 1\) beside \(3, 1\)"),
        (np.array([[0.5], [np.nan]]), np.array([[0.5], [0.5]]), "are not the same"),
        (np.full((2, 1), np.nan), np.full((2, 1), np.nan), "no image shows"),
    ],
)
def test_what_cannot_be_scored_is_refused(first, second, message) -> None:
    with pytest.raises(ValueError, match=message):
        interpretability(first, second)
    with pytest.raises(ValueError, match="beside a reference"):
        image_dice(np.zeros((2, 3, 3)), np.zeros((2, 3, 4)), (1,))
