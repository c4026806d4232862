import numpy as np
import pytest
from scipy.ndimage import binary_erosion, distance_transform_edt

from napari_cmr.analysis import contours
from napari_cmr.analysis.contours import contour_distance, label_distances
from napari_cmr.scan import Label, ScanError

SPACING = (1.5, 1.25)


def square(top: int, left: int, size: int, shape=(30, 30)) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[top : top + size, left : left + size] = True
    return mask


def blobs(seed: int, n_frames: int = 4) -> np.ndarray:
    """Hearts of a kind: LV in a ring of myocardium beside an RV, all a little different."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:70, :64]
    labels = np.zeros((n_frames, 2, 70, 64), np.uint8)
    for plane in labels.reshape(-1, 70, 64):
        dy, dx = y - 35 - rng.normal(0, 2), x - 38 - rng.normal(0, 2)
        angle = np.arctan2(dy, dx)
        radius = np.hypot(dy, dx) * (1 + 0.08 * np.sin(3 * angle + rng.normal()))
        plane[np.hypot(dy / 1.4, dx + 18) < 13 + rng.normal()] = Label.RV
        plane[radius < 17] = Label.MYO
        plane[radius < 11 + rng.normal()] = Label.LV
    return labels


def by_distance_maps(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Both directed means and the Hausdorff distance, another way: exact distance transforms."""
    edges = [mask & ~binary_erosion(mask) for mask in (first, second)]
    to_second = distance_transform_edt(~edges[1], sampling=SPACING)[edges[0]]
    to_first = distance_transform_edt(~edges[0], sampling=SPACING)[edges[1]]
    return to_second.mean(), to_first.mean(), max(to_second.max(), to_first.max())


def test_identical_masks_are_zero_apart():
    distance = contour_distance(square(5, 5, 8), square(5, 5, 8), SPACING)
    assert (distance.mean_contour, distance.hausdorff, distance.average_surface) == (0, 0, 0)


def test_single_pixels_by_hand():
    distance = contour_distance(square(2, 3, 1), square(6, 6, 1), (2.0, 1.0))
    assert distance.hausdorff == pytest.approx(np.hypot(4 * 2.0, 3 * 1.0))
    assert distance.mean_contour == pytest.approx(np.hypot(8.0, 3.0))


def test_nested_squares_by_hand():
    # Contour of 3 x 3 has 8 pixels, all 1 mm from that of 5 x 5, whose 4 corners are sqrt(2) away.
    distance = contour_distance(square(6, 6, 3), square(5, 5, 5), (1.0, 1.0))
    assert distance.first_to_second == pytest.approx(1.0)
    assert distance.second_to_first == pytest.approx((12 + 4 * np.sqrt(2)) / 16)
    assert distance.mean_contour == pytest.approx(
        0.5 * (distance.first_to_second + distance.second_to_first)
    )
    assert distance.average_surface == pytest.approx((8 + 12 + 4 * np.sqrt(2)) / 24)
    assert distance.hausdorff == pytest.approx(np.sqrt(2))


def test_directions_swap_with_the_masks():
    a, b = square(6, 6, 3), square(4, 8, 9)
    one, other = contour_distance(a, b, SPACING), contour_distance(b, a, SPACING)
    assert one.first_to_second == other.second_to_first
    assert one.hausdorff == other.hausdorff


def test_the_edge_of_the_image_is_a_contour():
    whole = np.ones((6, 6), bool)
    distance = contour_distance(whole, square(0, 0, 6, (6, 6)), (1.0, 1.0))
    assert distance.mean_contour == 0
    shifted = contour_distance(whole, square(0, 0, 5, (6, 6)), (1.0, 1.0))
    assert shifted.hausdorff == pytest.approx(np.sqrt(2))


def test_empty_mask_has_no_distance():
    empty = np.zeros((30, 30), bool)
    assert contour_distance(empty, square(5, 5, 3), SPACING) is None
    assert contour_distance(empty, empty, SPACING) is None


@pytest.mark.parametrize("largest_table", [0, 1 << 18])
def test_labels_agree_with_distance_maps(monkeypatch, largest_table):
    # A table of 0 pairs sends every comparison to the tree.
    monkeypatch.setattr(contours, "_LARGEST_TABLE", largest_table)
    first, second = blobs(1), blobs(2)
    distances = label_distances(first, second, (10.0, *SPACING))
    for t, z, i in np.ndindex(4, 2, 3):
        label = distances.labels[i]
        to_second, to_first, hausdorff = by_distance_maps(
            first[t, z] == label, second[t, z] == label
        )
        assert distances.first_to_second[t, z, i] == pytest.approx(to_second, abs=1e-9)
        assert distances.second_to_first[t, z, i] == pytest.approx(to_first, abs=1e-9)
        assert distances.hausdorff[t, z, i] == pytest.approx(hausdorff, abs=1e-9)
    np.testing.assert_allclose(
        distances.mean_contour, 0.5 * (distances.first_to_second + distances.second_to_first)
    )


def test_absent_labels_are_nan_and_counted():
    first, second = blobs(1), blobs(2)
    first[0, 0][first[0, 0] == Label.RV] = 0
    for labels in (first, second):
        labels[1, 1][labels[1, 1] == Label.RV] = 0
    distances = label_distances(first, second, SPACING)
    assert np.isnan(distances.hausdorff[0, 0, 2])
    assert np.isnan(distances.hausdorff[1, 1, 2])
    assert np.isnan(distances.hausdorff).sum() == 2
    assert distances.n_disagreements.tolist() == [0, 0, 1]
    assert np.isfinite(distances.mean()[Label.RV])


def test_label_that_is_nowhere():
    empty = np.zeros((2, 1, 8, 8), np.uint8)
    distances = label_distances(empty, empty, SPACING)
    assert np.isnan(distances.mean_contour).all()
    assert np.isnan(distances.mean()[Label.LV])


def test_maps_must_share_a_grid():
    with pytest.raises(ScanError, match="cannot be compared"):
        label_distances(blobs(1), blobs(2)[:, :, 1:], SPACING)


def test_equal_to_monai():
    monai = pytest.importorskip("monai.metrics", reason="MONAI is not installed")
    torch = pytest.importorskip("torch")
    first, second = blobs(3), blobs(4)
    ours = label_distances(first, second, SPACING)

    def one_hot(labels: np.ndarray):
        planes = labels.reshape(-1, *labels.shape[2:])
        return torch.from_numpy(np.stack([planes == label for label in ours.labels], 1)).float()

    given = {"include_background": True, "spacing": list(SPACING)}
    a, b = one_hot(first), one_hot(second)
    hausdorff = monai.compute_hausdorff_distance(a, b, **given).numpy()
    average = monai.compute_average_surface_distance(a, b, symmetric=True, **given).numpy()
    np.testing.assert_allclose(ours.hausdorff.reshape(-1, 3), hausdorff, atol=1e-5)
    np.testing.assert_allclose(ours.average_surface.reshape(-1, 3), average, atol=1e-5)
