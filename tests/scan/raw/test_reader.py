from pathlib import Path

import h5py
import numpy as np
import pytest
from helpers.scan_files import coil_images, forward, write_cmrxrecon, write_ismrmrd

from napari_cmr.scan import ScanError, open_scan, read_raw
from napari_cmr.scan.raw.decode import decode_raw


def test_cmrxrecon_several_coils(tmp_path: Path) -> None:
    coils = coil_images((3, 2, 8, 6), 4)
    scan = open_scan(write_cmrxrecon(tmp_path / "cine_sax.mat", forward(coils)))
    assert scan.shape == (3, 2, 8, 6)
    assert scan.image.dtype == np.float32
    np.testing.assert_allclose(scan.image, np.sqrt((np.abs(coils) ** 2).sum(axis=2)), rtol=1e-4)
    assert not scan.geometry.trusted
    assert "voxel size" in scan.notes[0].text
    assert scan.source == tmp_path / "cine_sax.mat"


def test_cmrxrecon_one_coil_and_given_spacing(tmp_path: Path) -> None:
    image = coil_images((3, 2, 8, 6), 1)[:, :, 0]
    path = write_cmrxrecon(tmp_path / "a.mat", forward(image), "kspace_single_full")
    scan = read_raw(path, spacing=(10.0, 1.5, 1.4))
    np.testing.assert_allclose(scan.image, image, atol=1e-5)
    assert scan.spacing == (10.0, 1.5, 1.4)
    assert scan.notes == ()


def test_cmrxrecon_matlab_drops_trailing_axes(tmp_path: Path) -> None:
    coils = coil_images((1, 2, 8, 6), 3)
    kspace = forward(coils)
    whole = decode_raw(write_cmrxrecon(tmp_path / "a.mat", kspace), None)
    still = decode_raw(write_cmrxrecon(tmp_path / "b.mat", kspace[0]), None)
    one = decode_raw(write_cmrxrecon(tmp_path / "c.mat", kspace[0, 0]), None)
    flat = decode_raw(write_cmrxrecon(tmp_path / "d.mat", kspace[0, 0, 0]), None)
    np.testing.assert_array_equal(still.image, whole.image)
    np.testing.assert_array_equal(one.image, whole.image[:, :1])
    assert flat.shape == (1, 1, 8, 6)


def test_cmrxrecon_undersampled(tmp_path: Path) -> None:
    kspace = forward(coil_images((3, 2, 8, 6), 2))
    kspace[..., 1::2, :] = 0
    path = write_cmrxrecon(tmp_path / "a.mat", kspace, "kspace_sub04")
    assert "4.0 of 8 lines" in decode_raw(path, None).notes[0].text


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


def test_other_hdf5_files(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["angles"] = np.ones((4, 4))
    with pytest.raises(ScanError, match="but angles") as caught:
        open_scan(tmp_path / "a.h5")
    assert caught.value.source == str(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.mat", "w") as file:
        file["kspace"] = np.ones((4, 4), dtype=np.int32)
    with pytest.raises(ScanError, match="not complex numbers"):
        decode_raw(tmp_path / "b.mat", None)


def test_header_that_promises_terabytes(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file.create_dataset("kspace", shape=(100, 100, 100, 4096, 4096), dtype="<f4", chunks=True)
    with pytest.raises(ScanError, match="more than the file holds"):
        decode_raw(tmp_path / "a.mat", None)


def test_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_cmrxrecon(tmp_path / "a.mat", forward(coil_images((1, 1, 4, 4), 1)))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ScanError, match=r"napari-cmr\[raw\]"):
        read_raw(path)


def test_endless_reading_is_given_up(tmp_path: Path) -> None:
    path = write_cmrxrecon(tmp_path / "a.mat", forward(coil_images((1, 1, 4, 4), 1)))
    with pytest.raises(ScanError, match="came to no end"):
        read_raw(path, timeout_s=0.001)
