import numpy as np
import pytest

from napari_cmr.analysis import Reading, cardiac_function
from napari_cmr.analysis.slices import slice_shares
from napari_cmr.analysis.volumes import voxel_counts
from napari_cmr.scan import Geometry, Label

GEOMETRY = Geometry.regular((10.0, 1.0, 1.0), 3)
AT_ED, AT_ES = (20, 30, 10), (10, 10, 0)  # voxels of the LV in each slice


@pytest.fixture
def labels():
    labels = np.zeros((2, 3, 8, 8), np.uint8)
    for frame, counts in enumerate((AT_ED, AT_ES)):
        for z, count in enumerate(counts):
            labels[frame, z].reshape(-1)[:count] = Label.LV
    return labels


def shares(labels, reading=None):
    reading = reading or Reading()
    function = cardiac_function(labels, GEOMETRY, reading=reading)
    return slice_shares(voxel_counts(labels), GEOMETRY, function, Label.LV, reading)


def test_each_slice_gives_its_volume_and_the_ejection_fraction_without_it(labels):
    found = shares(labels)
    np.testing.assert_allclose(found.ed_ml, np.array(AT_ED) / 100)
    np.testing.assert_allclose(found.es_ml, np.array(AT_ES) / 100)
    assert found.ef_percent == pytest.approx(100 * (60 - 20) / 60)
    without = [100 * (60 - ed - (20 - es)) / (60 - ed) for ed, es in zip(AT_ED, AT_ES, strict=True)]
    np.testing.assert_allclose(found.ef_without, without)


def test_a_slice_that_is_left_out_is_counted_again_when_it_is_toggled(labels):
    reading = Reading().with_ventricle(Label.LV, ed_slices=(0, 1))
    found = shares(labels, reading)
    assert found.ed_counts.tolist() == [True, True, False]
    assert found.ef_percent == pytest.approx(100 * (50 - 20) / 50)
    assert found.ef_toggled_ed[2] == pytest.approx(100 * (60 - 20) / 60)
    assert found.ef_toggled_ed[0] == pytest.approx(100 * (30 - 20) / 30)
    assert found.ef_toggled_es[1] == pytest.approx(100 * (50 - 10) / 50)


def test_without_the_only_slice_there_is_no_ejection_fraction(labels):
    labels[:, 1:] = 0
    assert np.isnan(shares(labels).ef_without[0])


def test_without_phases_there_are_no_shares(labels):
    labels[:] = 0
    assert shares(labels) is None
