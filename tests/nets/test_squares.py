"""A network's square is cut out around a place in mm and laid back where it came from."""

import numpy as np
import pytest
import torch

from napari_cmr.nets.squares import (
    clipped,
    sample,
    sample_at,
    square_grid,
    square_places,
    standardised,
    touched,
    way_back,
)
from napari_cmr.scan import ScanError

IMAGE = torch.arange(20 * 30, dtype=torch.float32).reshape(1, 1, 20, 30)


def test_places_lie_around_the_middle_in_mm() -> None:
    rows, columns = square_places((9.5, 12.0), (2.0, 1.0), 4, 1.0)
    assert rows.tolist() == [8.75, 9.25, 9.75, 10.25]
    assert columns.tolist() == [10.5, 11.5, 12.5, 13.5]


def test_pixels_of_the_image_come_back_as_they_are() -> None:
    rows, columns = square_places((7.0, 11.0), (1.5, 1.5), 5, 1.5)
    found = sample_at(IMAGE, rows, columns)
    torch.testing.assert_close(found, IMAGE[:, :, 5:10, 9:14])
    grid = square_grid((7.0, 11.0), (1.5, 1.5), (20, 30), 5, 1.5)
    torch.testing.assert_close(sample(IMAGE, grid), found)
    torch.testing.assert_close(sample(IMAGE, grid[None]), found)
    halfway = sample_at(IMAGE, torch.tensor([2.5]), torch.tensor([3.0]))
    assert halfway.item() == pytest.approx((IMAGE[0, 0, 2, 3] + IMAGE[0, 0, 3, 3]) / 2)


def test_outside_there_is_nothing() -> None:
    rows, columns = square_places((0.0, 0.0), (1.0, 1.0), 5, 1.0)
    found = sample_at(IMAGE + 1, rows, columns)
    assert (found[..., :2, :] < 1e-3).all()
    assert (found[..., 2:, 2:] > 0.5).all()


def test_rows_that_samples_touch() -> None:
    assert touched(torch.tensor([2.2, 5.7]), 30) == (2, 7)
    assert touched(torch.tensor([-3.0, 40.0]), 30) == (0, 30)
    assert touched(torch.tensor([-1.0, 0.5]), 30) == (0, 2)
    for positions in ([-9.0, -2.0], [29.5, 40.0], [31.0, 40.0]):
        with pytest.raises(ScanError, match="outside the image"):
            touched(torch.tensor(positions), 30)


def test_the_way_back_inverts_the_way_there() -> None:
    middle, step, size, mm = 9.3, 2.0, 8, 1.5
    covered, places = way_back(middle, step, 20, size, mm)
    there, _ = square_places((middle, 0.0), (step, 1.0), size, mm)
    assert there[0] <= covered.start <= there[0] + 1
    assert there[-1] - 1 <= covered.stop - 1 <= there[-1]
    back = np.interp(places.numpy(), np.arange(size), there.numpy())
    np.testing.assert_allclose(back, np.arange(covered.start, covered.stop), atol=1e-5)
    part, within = way_back(middle, step, 20, size, mm, part=(2, 6))
    kept = (places >= 2) & (places <= 5)
    assert part == slice(covered.start + int(kept.long().argmax()), part.stop)
    torch.testing.assert_close(within, places[kept] - 2)
    assert way_back(1.0, 1.0, 20, 9, 1.0)[0] == slice(0, 6)
    for middle in (-9.0, 40.0):
        with pytest.raises(ScanError, match="outside the image"):
            way_back(middle, 1.0, 20, 9, 1.0)


def test_grey_values_are_cut_and_standardised_image_by_image() -> None:
    images = torch.rand(2, 1, 20, 20) * torch.tensor([1.0, 50.0])[:, None, None, None]
    images[0, 0, 0, 0] = 1e6
    cut, low, high = clipped(images)
    assert cut[0].max() == high[0].item() < 1.01
    assert cut[0].min() == low[0].item() > 0
    assert (cut[0] == high[0]).sum() == 5  # a hundredth, and the one at the border
    found = standardised(images)
    torch.testing.assert_close(found.mean(dim=(1, 2, 3)), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(found.std(dim=(1, 2, 3)), torch.ones(2), atol=1e-4, rtol=0)
    assert torch.isfinite(standardised(torch.ones(1, 1, 8, 8))).all()
