import numpy as np
import pytest

from napari_cmr.analysis import volumes_ml, voxel_counts
from napari_cmr.scan import Geometry, Label, ScanError

GEOMETRY = Geometry.regular((10.0, 2.0, 1.0), 3)  # a voxel is 0.02 mL


def two_frames() -> np.ndarray:
    labels = np.zeros((2, 3, 8, 8), dtype=np.uint8)
    labels[0, :, 2:5, 2:4] = Label.LV  # 18 voxels
    labels[1, 1, 2, 2] = Label.LV
    labels[0, 0, 6, :5] = Label.MYO
    labels[0, 1, 6, :2] = Label.SCAR
    return labels


def test_counts_add_up_to_every_voxel():
    counts = voxel_counts(two_frames())
    assert counts.shape == (2, 3, len(Label))
    assert (counts.sum(axis=2) == 64).all()
    assert counts[0, :, Label.LV].tolist() == [6, 6, 6]
    assert counts[0, :, Label.MYO].tolist() == [5, 0, 0]


def test_counts_agree_with_numpy_on_random_labels():
    labels = np.random.default_rng(3).integers(0, len(Label), (2, 3, 9, 7))
    expected = np.stack([(labels == label).sum(axis=(2, 3)) for label in Label], axis=-1)
    np.testing.assert_array_equal(voxel_counts(labels), expected)


def test_volume_is_voxels_times_spacing():
    np.testing.assert_allclose(volumes_ml(two_frames(), GEOMETRY, Label.LV), [0.36, 0.02])


def test_volumes_of_several_labels_add():
    both = volumes_ml(two_frames(), GEOMETRY, (Label.MYO, Label.SCAR))
    np.testing.assert_allclose(both, [7 * 0.02, 0.0])


def test_labels_must_fit_the_geometry():
    with pytest.raises(ScanError, match="3 slices do not fit a geometry of 5"):
        volumes_ml(two_frames(), Geometry.regular((10, 2, 1), 5), Label.LV)
    with pytest.raises(ScanError, match=r"not a \(T, Z, Y, X\) stack"):
        voxel_counts(np.zeros((3, 8, 8), dtype=np.uint8))
