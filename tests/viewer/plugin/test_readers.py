import nibabel
import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.utils.notifications import notification_manager

from napari_cmr.scan import Label
from napari_cmr.scan.export import save_image, save_labels
from napari_cmr.viewer import layers
from napari_cmr.viewer.layers.state import metadata
from napari_cmr.viewer.plugin.readers import NOTHING, get_reader
from napari_cmr.viewer.plugin.writers import write_image, write_labels
from napari_cmr.viewer.workbench import workbench_of


@pytest.fixture
def said():
    messages = []

    def listen(notification):
        messages.append(notification.message)

    notification_manager.notification_ready.connect(listen)
    yield messages
    notification_manager.notification_ready.disconnect(listen)


@pytest.fixture
def cine(tmp_path, small_scan):
    path = tmp_path / "cine.nii.gz"
    save_image(path, small_scan.image, small_scan)
    save_labels(tmp_path / "cine_labels.nii.gz", small_scan.labels, small_scan)
    return path


def test_a_cine_opens_as_image_and_labels(open_viewer, cine, small_scan, settle):
    viewer = open_viewer()
    opened = viewer.open(str(cine), plugin="napari-cmr")
    settle(viewer)
    assert [type(layer).__name__ for layer in opened] == ["Image", "Labels"]
    np.testing.assert_array_equal(opened[1].data, small_scan.labels)
    session = workbench_of(viewer).session
    assert session.scan.shape == small_scan.shape
    assert session.function is not None
    assert viewer.dims.current_step[:2] == (0, 1)


def test_a_torn_file_becomes_a_message_and_no_layer(open_viewer, cine, said):
    cine.write_bytes(cine.read_bytes()[:300])
    viewer = open_viewer()
    assert viewer.open(str(cine), plugin="napari-cmr") == []
    assert not viewer.layers
    assert any("cine.nii.gz" in message for message in said)


def test_files_of_others_are_left_to_other_readers(tmp_path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert get_reader(str(picture)) is None
    assert get_reader(str(tmp_path)) is None


def test_a_scan_with_a_broken_header_is_answered_for(tmp_path, said):
    empty = tmp_path / "empty.nii.gz"
    empty.write_bytes(b"")
    assert get_reader(str(empty))(str(empty)) == NOTHING
    assert any("empty" in message for message in said)


def test_real_scans_open(open_viewer, shared_data, settle):
    viewer = open_viewer()
    viewer.open(str(shared_data / "acdc" / "patient001"), plugin="napari-cmr")
    settle(viewer)
    function = workbench_of(viewer).session.function
    assert function.lv.edv_ml == pytest.approx(295.5, abs=0.5)
    assert function.lv.ef_percent == pytest.approx(23.7, abs=0.1)


def test_labels_are_saved_on_the_grid_of_their_scan(tmp_path, small_scan):
    data, keywords, _ = layers.layer_tuples(small_scan)[1]
    data[0, 0, :2, :2] = Label.RV
    path = tmp_path / "labels.nii.gz"
    assert write_labels(str(path), data, keywords) == [str(path)]
    saved = nibabel.load(path)
    np.testing.assert_allclose(saved.header.get_zooms()[:3], (1.5, 1.5, 10.0))
    np.testing.assert_array_equal(np.asarray(saved.dataobj).transpose(3, 2, 1, 0), data)


def test_the_temporal_average_is_saved_as_a_still(tmp_path, small_scan):
    keywords = {"metadata": metadata(small_scan, "labels")}
    path = tmp_path / "average.nii.gz"
    write_image(str(path), small_scan.image.mean(axis=0), keywords)
    assert np.squeeze(nibabel.load(path).dataobj).shape == (40, 48, 3)


def test_a_layer_of_no_scan_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="which scan"):
        write_labels(str(tmp_path / "a.nii.gz"), np.zeros((1, 1, 2, 2), np.uint8), {})
    assert not list(tmp_path.iterdir())


def test_a_drawn_layer_is_saved_through_napari(open_viewer, tmp_path, settle):
    scan = make_scan(labels=False)
    viewer = open_viewer(scan)
    layer = layers.add_empty_labels(viewer, scan)
    layer.data[1, 1, 10:20, 10:20] = Label.LV
    written = layer.save(str(tmp_path / "drawn.nii.gz"), plugin="napari-cmr")
    settle(viewer)
    assert written == [str(tmp_path / "drawn.nii.gz")]
    assert int((np.asarray(nibabel.load(written[0]).dataobj) == Label.LV).sum()) == 100


def test_a_folder_of_emidec_cases_opens_with_the_first_and_lists_all(tmp_path, needs_display):
    import numpy as np
    from PIL import Image

    from napari_cmr.viewer.controllers.scans import _read

    (tmp_path / "images").mkdir()
    for case in ("Case_P003", "Case_P002"):
        for z in range(2):
            picture = Image.fromarray(np.full((9, 8), 100 + z, np.uint8))
            picture.save(tmp_path / "images" / f"{case}_slice{z:03d}.png")
    index, scan = _read(tmp_path, None, None)
    assert [one.key for one in index.series] == ["Case_P002", "Case_P003"]
    assert scan.name == "Case_P002"
    again, other = _read(tmp_path, "Case_P003", index)
    assert again is index
    assert other.name == "Case_P003"
