import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel
from napari.utils.notifications import notification_manager

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import LABEL_COLOURS, Label
from napari_cmr.viewer import layers


@pytest.fixture
def viewer(small_scan):
    viewer = ViewerModel()
    layers.show_scan(viewer, small_scan)
    return viewer


def test_layers_carry_axes_units_and_scale(viewer):
    for layer in viewer.layers:
        assert layer.axis_labels == ("time", "slice", "row", "column")
        assert [str(unit) for unit in layer.units] == ["millisecond", *["millimeter"] * 3]
        np.testing.assert_allclose(layer.scale, (150.0, 10.0, 1.5, 1.5))


def test_labels_share_one_colour_map_in_the_projects_colours(viewer, small_scan):
    labels = layers.find(viewer, small_scan, "labels")
    colours = labels.colormap.map(np.array([Label.BACKGROUND, Label.LV, Label.MYO, Label.RV]))
    assert colours[0, 3] == 0
    for row, label in zip(colours[1:], (Label.LV, Label.MYO, Label.RV), strict=True):
        np.testing.assert_allclose(row[:3], LABEL_COLOURS[label], atol=1e-6)


def test_editing_a_labels_layer_leaves_the_scan_alone(viewer, small_scan):
    layers.find(viewer, small_scan, "labels").data[:] = 0
    assert small_scan.labels.any()


def test_a_scan_without_times_counts_frames():
    scan = make_scan().with_(cycle_ms=None)
    assert layers.grid(scan)["scale"][0] == 1.0


def test_another_kind_of_scan_takes_the_place_of_one_without_a_word_on_units(
    open_viewer, small_scan, settle
):
    said = []
    listen = lambda notification: said.append(notification.message)  # noqa: E731
    notification_manager.notification_ready.connect(listen)
    viewer = open_viewer(small_scan, show=True)
    for scan in (make_scan(n_frames=1), make_scan().with_(cycle_ms=None), small_scan.with_()):
        layers.show_scan(viewer, scan)
        settle(viewer)
    notification_manager.notification_ready.disconnect(listen)
    assert not [text for text in said if "nits" in text]


def test_a_complex_scan_shows_its_magnitude(small_scan):
    scan = small_scan.with_(image=small_scan.image * np.exp(1j).astype(np.complex64))
    data, keywords, kind = layers.layer_tuples(scan)[0]
    assert data.dtype == np.float32
    np.testing.assert_allclose(data, small_scan.image.clip(0), atol=0.2)
    assert keywords["contrast_limits"][0] == 0.0
    assert kind == "image"


def test_removing_a_scan_says_whether_labels_were_edited(viewer, small_scan):
    labels = layers.find(viewer, small_scan, "labels")
    labels.data[0, 0, 0, 0] = Label.RV
    assert layers.remove_scan(viewer, small_scan)
    assert not viewer.layers


def test_removing_a_scan_takes_untouched_labels_along(viewer, small_scan):
    assert not layers.remove_scan(viewer, small_scan)
    assert not viewer.layers


@pytest.mark.parametrize("synthetic", [True, False])
def test_notice_says_what_is_shown(viewer, small_scan, synthetic):
    scan = small_scan.with_(synthetic=synthetic)
    mask = undersample(small_scan, Acquisition(n_lines=5)).mask
    layers.write_notice(viewer, scan, mask)
    text = viewer.canvas.overlays.text.text
    assert "Research use only" in text
    assert "5 of 48 lines" in text
    assert ("Synthetic" in text) is synthetic


def test_labels_that_a_person_drew_are_no_reference(viewer, small_scan):
    assert layers.holds_reference(layers.find(viewer, small_scan, "labels"))
    drawn = layers.add_empty_labels(viewer, small_scan)
    assert not layers.holds_reference(drawn)
    drawn.data[0, 0, 0, 0] = Label.LV
    assert layers.remove_scan(viewer, small_scan)
    assert not viewer.layers
