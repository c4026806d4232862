"""Pixels are decoded, rescaled and checked, and missing phases filled in between."""

from pathlib import Path

import numpy as np
import pytest
from helpers import dicom_files as df
from helpers.dicom_files import expected
from pydicom.uid import JPEGLosslessSV1, generate_uid

from napari_cmr.scan import ScanError
from napari_cmr.scan.dicom.header import read_planes
from napari_cmr.scan.dicom.pixels import have_equal_pixels, interpolate_phases, read_pixels
from napari_cmr.scan.dicom.reader import read_dicom


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    df.write_cine(tmp_path, PhotometricInterpretation="MONOCHROME1")
    scan = read_dicom(tmp_path)
    wanted = expected()
    np.testing.assert_array_equal(scan.image, wanted.max() + wanted.min() - wanted)
    assert any("MONOCHROME1" in note for note in map(str, scan.notes))


def test_rescale_and_row_phase_encoding(tmp_path: Path) -> None:
    df.write_cine(
        tmp_path, RescaleSlope=0.5, RescaleIntercept=10, InPlanePhaseEncodingDirection="ROW"
    )
    scan = read_dicom(tmp_path)
    np.testing.assert_array_equal(scan.image, expected() / 2 + 10)
    assert scan.phase_encode_axis == "X"


def test_compression_without_a_decoder_names_the_package(tmp_path: Path) -> None:
    from pydicom.encaps import encapsulate
    from pydicom.pixels import get_decoder

    if get_decoder(JPEGLosslessSV1).is_available:
        pytest.skip("a lossless JPEG decoder is installed here")
    data = df.image(0, 0, 1, PixelData=encapsulate([bytes(64)]))
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    df.save(data, tmp_path / "one.dcm", JPEGLosslessSV1)
    with pytest.raises(ScanError, match=r"JPEG lossless compressed.*pylibjpeg-libjpeg"):
        read_dicom(tmp_path)


def test_compressed_rle_is_read(tmp_path: Path) -> None:
    from pydicom.uid import RLELossless

    data = df.image(0, 0, 1)
    df.save(data, tmp_path / "one.dcm")
    data.compress(RLELossless, generate_instance_uid=False)
    data.SOPInstanceUID = generate_uid()
    df.save(data, tmp_path / "one.dcm", RLELossless)
    np.testing.assert_array_equal(read_dicom(tmp_path).image[0, 0], df.pixels_of(0, 0))


CYCLE = np.arange(6) / 6


def wave(fractions: np.ndarray) -> np.ndarray:
    """Images of one pixel row that follow a sine and a cosine over the cycle."""
    angle = 2 * np.pi * np.asarray(fractions)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1)[:, None]


def test_phases_in_between_follow_a_curve_that_closes() -> None:
    wanted = np.array([0.0, 1 / 12, 11 / 12, 1.0])
    found = interpolate_phases(wave(CYCLE), CYCLE, wanted)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[[0, 3]], wave([0, 0]), atol=1e-6)
    np.testing.assert_allclose(found[1:3], np.clip(wave(wanted[1:3]), -0.8661, 1), atol=0.02)


def test_no_pixel_leaves_the_range_that_it_takes() -> None:
    images = np.zeros((6, 1, 1))
    images[2:4] = 1
    found = interpolate_phases(images, CYCLE, np.linspace(0, 1, 50))
    assert found.min() == 0
    assert found.max() == 1


def test_few_phases_are_joined_by_lines_and_one_stays() -> None:
    found = interpolate_phases(np.array([[[0.0]], [[3.0]]]), np.array([0.0, 0.5]), CYCLE)
    np.testing.assert_allclose(found.ravel(), [0, 1, 2, 3, 2, 1], atol=1e-6)
    one = interpolate_phases(np.array([[[4.0]]]), np.array([0.2]), CYCLE)
    np.testing.assert_allclose(one.ravel(), [4] * 6)
    late = interpolate_phases(np.array([[[0.0]], [[3.0]]]), np.array([0.1, 0.6]), np.array([0.0]))
    np.testing.assert_allclose(late.ravel(), [0.6], atol=1e-6)


def test_a_slope_that_is_none_is_one(tmp_path: Path) -> None:
    for slope, factor in ((0, 1), (2, 2), (None, 1)):
        attributes = {} if slope is None else {"RescaleSlope": slope, "RescaleIntercept": 5}
        path = df.save(df.image(0, 0, 1, **attributes), tmp_path / "one.dcm")
        (plane,) = read_planes(path)
        images, failures = read_pixels([plane])
        expected = df.pixels_of(0, 0.0) * float(factor) + (0 if slope is None else 5)
        np.testing.assert_allclose(images[plane], expected)
        assert not failures


def test_equal_pixels_are_known_from_others_and_from_none(tmp_path: Path) -> None:
    paths = [df.save(df.image(0, f, 4), tmp_path / f"{f}.dcm") for f in (0, 0, 1)]
    again = df.save(df.image(0, 0, 4, InstanceNumber=99), tmp_path / "again.dcm")
    first, other, copy = (read_planes(path)[0] for path in (paths[0], paths[2], again))
    assert have_equal_pixels(first, copy)
    assert not have_equal_pixels(first, other)
    again.unlink()
    assert not have_equal_pixels(first, copy)
