import numpy as np
import pytest
from napari.components import ViewerModel

from napari_cmr.kspace import Acquisition, Measured, undersample
from napari_cmr.viewer import layers


def show(viewer, scan, measured: Measured, *, is_new: bool = True) -> None:
    """Draw all slices of an acquisition."""
    for one in measured:
        pictures = layers.Pictures.of(one, measured.acquisition)
        layers.show_undersampled(viewer, scan, pictures, is_new=is_new)


@pytest.fixture
def viewer(small_scan):
    viewer = ViewerModel()
    layers.show_scan(viewer, small_scan)
    return viewer


def test_every_layer_has_the_same_units(viewer, small_scan):
    result = undersample(small_scan, Acquisition(n_lines=5))
    show(viewer, small_scan, result)
    assert len(viewer.layers) == 4
    for layer in viewer.layers:
        assert [str(unit) for unit in layer.units[-3:]] == ["millimeter"] * 3


def test_undersampled_pictures_change_in_place(viewer, small_scan):
    first = undersample(small_scan, Acquisition(n_lines=5))
    show(viewer, small_scan, first)
    layer = layers.find(viewer, small_scan, "zero_filled")
    buffer = layer.data
    second = undersample(small_scan, Acquisition(n_lines=9), slices=(1,))
    show(viewer, small_scan, second)
    assert layers.find(viewer, small_scan, "zero_filled").data is buffer
    np.testing.assert_allclose(buffer[:, 1], np.abs(second[0].zero_filled()))
    np.testing.assert_allclose(buffer[:, 2], np.abs(first[2].zero_filled()))


def test_a_window_that_a_person_has_set_stays(viewer, small_scan):
    def draw(n_lines):
        result = undersample(small_scan, Acquisition(n_lines=n_lines))
        show(viewer, small_scan, result)

    draw(20)
    layer = layers.find(viewer, small_scan, "zero_filled")
    wide = layer.contrast_limits[1]
    draw(1)
    assert layer.contrast_limits[1] < wide  # one line carries less energy
    layer.contrast_limits = (0.0, 0.123)
    draw(20)
    assert layer.contrast_limits[1] == pytest.approx(0.123)


def test_the_average_is_there_hidden_and_without_time(viewer, small_scan):
    measured = undersample(small_scan, Acquisition(n_lines=5))
    show(viewer, small_scan, measured)
    average = layers.find(viewer, small_scan, "temporal_average")
    assert not average.visible
    assert average.axis_labels == ("slice", "row", "column")
    np.testing.assert_allclose(average.data, np.abs(measured.temporal_average), rtol=1e-5)


def test_pictures_of_a_scan_that_is_gone_are_not_drawn(small_scan):
    viewer = ViewerModel()
    show(viewer, small_scan, undersample(small_scan, Acquisition(n_lines=5), slices=(0,)))
    assert not viewer.layers
