"""Sizes, counters and measurements of ISMRMRD files that do not say the same."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from helpers.scan_files import coil_images, write_ismrmrd

from napari_cmr.scan import ScanError, open_scan
from napari_cmr.scan.raw.decode import decode_raw

SHAPE = (2, 1, 6, 16)


def smooth_images(seed: int = 0) -> np.ndarray:
    """One coil's images (T, Z, 1, Y, X) without the highest frequencies along the read-out."""
    images = coil_images(SHAPE, 1, seed)
    kspace = np.fft.fftshift(np.fft.fft(images, axis=-1), axes=-1)
    kspace[..., [0, 1, 14, 15]] = 0
    return np.fft.ifft(np.fft.ifftshift(kspace, axes=-1), axis=-1)


def test_samples_to_discard_are_not_used(tmp_path: Path) -> None:
    images = smooth_images()
    whole = decode_raw(write_ismrmrd(tmp_path / "a.h5", images), None)
    marked = decode_raw(write_ismrmrd(tmp_path / "b.h5", images, discard=(1, 0)), None)
    assert marked.spacing == whole.spacing
    np.testing.assert_allclose(marked.image, whole.image, atol=0.2 * np.abs(whole.image).max())


def test_an_asymmetric_echo_keeps_its_field_of_view(tmp_path: Path) -> None:
    path = write_ismrmrd(tmp_path / "a.h5", smooth_images(), samples=slice(6, None))
    scan = decode_raw(path, None)
    assert scan.shape == SHAPE
    assert scan.spacing[2] == pytest.approx(1.5)


def test_oversampling_that_was_removed_is_seen(tmp_path: Path) -> None:
    images = smooth_images()
    path = write_ismrmrd(tmp_path / "a.h5", images, oversampling=1, header_columns=32)
    scan = decode_raw(path, None)
    np.testing.assert_allclose(scan.image, images[:, :, 0], atol=1e-4)
    assert scan.spacing[2] == pytest.approx(1.5)
    assert "oversampling was removed" in scan.notes[0].text


@pytest.mark.parametrize(
    ("oversampling", "header_columns", "samples"),
    [(2, 16, slice(None)), (1, 12, slice(None)), (2, None, slice(4, 28))],
)
def test_lines_that_do_not_fit_the_header_are_refused(
    tmp_path: Path, oversampling: int, header_columns: int | None, samples: slice
) -> None:
    path = write_ismrmrd(
        tmp_path / "a.h5",
        smooth_images(),
        oversampling=oversampling,
        header_columns=header_columns,
        samples=samples,
    )
    with pytest.raises(ScanError, match=r"do not fit the .* columns.*field of view is not known"):
        decode_raw(path, None)


@pytest.mark.parametrize(
    ("counters", "what"),
    [
        ({"encoding_space_ref": 1}, "2 encoding spaces"),
        ({"repetition": 1}, "2 repetitions"),
        ({"set": 1}, "2 sets"),
        ({"contrast": 1}, "2 contrasts"),
    ],
)
def test_of_several_kinds_of_line_the_first_is_taken(
    tmp_path: Path, counters: dict[str, int], what: str
) -> None:
    images = smooth_images()
    write_ismrmrd(tmp_path / "a.h5", images)
    path = write_ismrmrd(tmp_path / "a.h5", 50 * smooth_images(1), counters=counters)
    scan = decode_raw(path, None)
    np.testing.assert_allclose(scan.image, images[:, :, 0], atol=1e-4)
    assert what in scan.notes[0].text


def test_averages_are_averaged(tmp_path: Path) -> None:
    first, second = smooth_images(), smooth_images(1)
    write_ismrmrd(tmp_path / "a.h5", first)
    path = write_ismrmrd(tmp_path / "a.h5", second, counters={"average": 1})
    np.testing.assert_allclose(
        decode_raw(path, None).image, (first + second)[:, :, 0] / 2, atol=1e-4
    )


def test_three_dimensional_encoding_is_refused(tmp_path: Path) -> None:
    write_ismrmrd(tmp_path / "a.h5", smooth_images())
    path = write_ismrmrd(tmp_path / "a.h5", smooth_images(), counters={"kspace_encode_step_2": 1})
    with pytest.raises(ScanError, match="3-D"):
        decode_raw(path, None)


def test_of_several_measurements_the_one_with_images_is_opened(tmp_path: Path) -> None:
    images = smooth_images()
    write_ismrmrd(tmp_path / "a.h5", np.zeros((0, 1, 1, 6, 16)), group="dataset_1")  # noise alone
    path = write_ismrmrd(tmp_path / "a.h5", images, group="dataset_2")
    scan = decode_raw(path, None)
    np.testing.assert_allclose(scan.image, images[:, :, 0], atol=1e-4)
    assert scan.notes == ()
    write_ismrmrd(tmp_path / "a.h5", images[:1], group="dataset_10")
    scan = decode_raw(path, None)
    assert scan.n_frames == 2
    assert "holds 2 measurements: 'dataset_2'" in scan.notes[0].text


@pytest.mark.parametrize("n_coils", [1, 3])
def test_ismrmrd(tmp_path: Path, n_coils: int) -> None:
    coils = coil_images((3, 4, 6, 8), n_coils)
    scan = open_scan(write_ismrmrd(tmp_path / "cine.h5", coils))
    expected = coils[:, :, 0] if n_coils == 1 else np.sqrt((np.abs(coils) ** 2).sum(axis=2))
    assert np.iscomplexobj(scan.image) == (n_coils == 1)
    np.testing.assert_allclose(scan.image, expected, rtol=1e-3, atol=1e-4)
    assert scan.spacing == pytest.approx((9.0, 1.5, 1.5))
    centre = scan.geometry.affines[1] @ (4, 3, 0, 1)
    assert centre[:3] == pytest.approx((-10.0, -20.0, 39.0))  # LPS (10, 20, 39) in RAS
    assert scan.geometry.is_regular
    assert (scan.subject.sex, scan.subject.weight_kg) == ("female", 61.0)
    assert scan.subject.height_cm == pytest.approx(170.0)
    assert scan.subject.identifier is None
    assert scan.notes == ()


def test_ismrmrd_undersampled_and_without_places(tmp_path: Path) -> None:
    coils = coil_images((2, 2, 6, 8), 2)
    path = write_ismrmrd(tmp_path / "cine.h5", coils, skip=2, slice_step=0.0)
    scan = decode_raw_with_thickness(path)
    assert "3.0 of 6 lines" in scan.notes[0].text
    assert "do not rely on volumes" in scan.notes[1].text


def decode_raw_with_thickness(path: Path):
    """Slices that all lie in one place have no distance: the field of view along z serves."""
    with h5py.File(path, "r+") as file:
        text = file["dataset/xml"][0].replace(b"<z>0.0</z>", b"<z>7.0</z>")
        file["dataset/xml"][0] = text
    scan = decode_raw(path, None)
    assert scan.spacing[0] == 7.0
    return scan


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"cartesian", b"radial", "only Cartesian"),
        (b"<ismrmrdHeader", b"<ismrmrdHeade", "cannot be understood"),
        (b"reconSpace", b"otherSpace", "is missing"),
    ],
)
def test_ismrmrd_headers_that_cannot_be_used(
    tmp_path: Path, old: bytes, new: bytes, problem: str
) -> None:
    path = write_ismrmrd(tmp_path / "cine.h5", coil_images((1, 1, 6, 8), 1))
    with h5py.File(path, "r+") as file:
        text = file["dataset/xml"][0]
        assert old in text
        file["dataset/xml"][0] = text.replace(old, new)
    with pytest.raises(ScanError, match=problem):
        decode_raw(path, None)
