"""What a segmenter reads in reconstructions: which one, on which frames, against what."""

import numpy as np
import pytest
from helpers.brightness_reader import BrightnessReader, beating_scan
from helpers.lively_models import write_lively_models, write_model
from helpers.small_atria import atrium_scan
from helpers.small_scans import make_scan

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Label, ScanError, open_scan
from napari_cmr.workflow.reconstruct.image_reader import ATRIUM, VENTRICLES, ImageReader
from napari_cmr.workflow.segment.cine import segment
from napari_cmr.zoo import default_choice
from napari_cmr.zoo.folders import MODELS_VARIABLE


def reader_of(scan, slices=(0, 1, 2)) -> BrightnessReader:
    return BrightnessReader(scan, slices, default_choice("full cine"), VENTRICLES)


def test_a_kind_of_scan_has_its_segmenter() -> None:
    cine = make_scan(n_frames=4, n_slices=2)
    assert ImageReader.of(cine, (0,)).classes == VENTRICLES
    assert ImageReader.of(cine, (0,)).model == default_choice("full cine")
    atrium = atrium_scan("case30", (20, 24))
    assert ImageReader.of(atrium, (0,)).model == default_choice("left atrium")
    assert ImageReader.of(atrium.with_(view="SAX"), (0,)).classes == ATRIUM  # labels say so
    for other in (cine.with_(view="4CH"), make_scan(n_frames=1, n_slices=2).with_(kind="lge")):
        with pytest.raises(ScanError, match="no segmenter of full images belongs"):
            ImageReader.of(other, (0,))


def test_labelled_frames_are_scored_against_the_labels() -> None:
    reader = reader_of(beating_scan(labelled=True), (1, 2))
    assert reader.frames == (0, 2)
    images = reader.scan.image[:, 1:].copy()
    assert reader.score(images).mean == 1.0
    images[0, 0, :, 7:10] = 0.5  # half of the cavity of one slice at ED reads as muscle
    score = reader.score(images)
    lv = (2 * 3 / (3 + 6) + 3) / 4
    myo = (2 * 4 / (7 + 4) + 3) / 4
    assert score.classes[:2] == pytest.approx((lv, myo))
    assert np.isnan(score.classes[2])  # no RV is there
    assert score.mean == pytest.approx((lv + myo) / 2)
    images[1] = 0  # a frame without labels does not count
    assert reader.score(images).mean == score.mean


def test_a_scan_without_labels_is_compared_with_what_is_read_in_its_full_images() -> None:
    reader = reader_of(beating_scan(labelled=False))
    assert reader.frames == (0, 1, 2, 3)
    np.testing.assert_array_equal(reader.reference, reader.in_full)
    assert reader.full_dice[..., :2].min() == 1.0
    assert reader.score(reader.scan.image * 0.65).mean < 1


def test_errors_of_the_segmenter_on_full_images_are_divided_out() -> None:
    scan = beating_scan(labelled=True)
    labels = scan.labels.copy()
    labels[:, :, :, 10] = 0  # the reader is wrong in this column of the full image, too
    reader = reader_of(scan.with_(labels=labels))
    assert np.nanmax(reader.full_dice[..., 0]) < 1
    assert reader.score(scan.image).mean == 1.0


def test_frames_are_read_by_the_network_as_it_reads_a_scan(tmp_path, monkeypatch) -> None:
    write_lively_models(tmp_path)
    write_model(tmp_path, "fcn")
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    scan = make_scan(n_frames=4, n_slices=2, shape=(40, 36))
    reader = ImageReader.of(scan, (1,), device="cpu")
    whole = undersample(scan, Acquisition())
    expected = segment(whole, default_choice("full cine", device="cpu"), location=reader.location)
    found = reader.read(scan.image[:, 1:])
    assert found.any()
    same = (found == expected.labels[list(reader.frames), 1:]).mean()
    assert same > 0.99  # a magnitude against itself with a phase: rounding


def test_an_atrium_is_read_by_its_own_network(monkeypatch) -> None:
    from types import SimpleNamespace

    from napari_cmr import zoo

    class Bright:
        def segment(self, images, spacing):
            assert spacing == (0.625, 0.625)
            return SimpleNamespace(labels=np.where(images > 130, np.uint8(Label.LA), np.uint8(0)))

    monkeypatch.setattr(zoo, "load", lambda *_: Bright(), raising=False)
    reader = ImageReader.of(atrium_scan("case30", (20, 24)), (0, 2))
    assert reader.score(reader.scan.image[:, [0, 2]]).mean == 1.0
    assert reader.score(reader.scan.image[:, [0, 2]] * 0.1).mean == 0.0


def test_the_atrium_is_read_in_a_real_patient_that_nobody_trained_on(shared_data) -> None:
    path = shared_data / "lasc2018" / "case37.npz"
    if not path.exists():
        pytest.skip("no left-atrium data here")
    scan = open_scan(path)
    reader = ImageReader.of(scan, (20, 28, 36), device="cpu")
    assert reader.full_dice.mean() > 0.8
    assert reader.score(scan.image[:, [20, 28, 36]]).mean == 1.0
