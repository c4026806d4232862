"""K-space as groups of people save it: names, axes and parts."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from helpers.scan_files import coil_images, forward, write_cmrxrecon
from helpers.smooth_kspace import SHAPE, magnitude, make_kspace
from scipy.io import savemat

from napari_cmr.scan import ScanError, open_scan, read_raw
from napari_cmr.scan.raw.decode import decode_raw


@pytest.mark.parametrize("name", ["kspace_full", "kspace_sub04", "underkspace", "kus", "k_space"])
def test_names_of_k_space(tmp_path: Path, name: str) -> None:
    kspace = make_kspace()
    scan = decode_raw(write_cmrxrecon(tmp_path / "a.mat", kspace, name), None)
    assert scan.shape == SHAPE


def test_the_full_k_space_is_preferred_to_an_undersampled_one(tmp_path: Path) -> None:
    kspace = make_kspace()
    under = kspace.copy()
    under[..., ::2, :] = 0
    savemat(tmp_path / "a.mat", {"kspace_sub02": under.T, "kspace_full": kspace.T})
    assert decode_raw(tmp_path / "a.mat", None).raw.is_fully_sampled


def test_an_array_of_any_name_is_known_by_its_numbers(tmp_path: Path) -> None:
    kspace = make_kspace()
    images = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(kspace, axes=(-2, -1))), axes=(-2, -1))
    noise = np.random.default_rng(0).normal(size=(2, *images.shape))
    images = images + 0.1 * np.abs(images).max() * (noise[0] + 1j * noise[1])
    savemat(tmp_path / "a.mat", {"data": kspace.T, "weights": np.ones((2, 2))})
    assert decode_raw(tmp_path / "a.mat", None).shape == SHAPE
    savemat(tmp_path / "b.mat", {"data": images.T})
    with pytest.raises(ScanError, match="but data"):
        decode_raw(tmp_path / "b.mat", None)


def test_axes_in_the_other_order_are_put_right_and_said(tmp_path: Path) -> None:
    kspace = make_kspace()
    with h5py.File(tmp_path / "a.mat", "w", userblock_size=512) as file:
        file["kspace_full"] = kspace.transpose(4, 3, 2, 1, 0)
    scan = decode_raw(tmp_path / "a.mat", None)
    np.testing.assert_allclose(scan.image, magnitude(kspace), rtol=1e-3, atol=1e-5)
    assert "reverse order" in scan.notes[0].text


def test_axes_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["kspace_full"] = np.ones((24, 6, 3, 4, 32), dtype=np.complex64)
    with pytest.raises(ScanError, match="is not \\(frames, slices, coils, ky, kx\\)"):
        decode_raw(tmp_path / "a.mat", None)


def test_one_frame_of_one_coil(tmp_path: Path) -> None:
    kspace = make_kspace(1)[0, 0, 0]
    savemat(tmp_path / "a.mat", {"kspace": kspace.T})
    scan = decode_raw(tmp_path / "a.mat", None)
    assert scan.shape == (1, 1, 24, 32)
    assert np.iscomplexobj(scan.image)


@pytest.mark.parametrize("layout", ["last", "first", "two", "compound", "integers"])
def test_complex_numbers_in_parts(tmp_path: Path, layout: str) -> None:
    kspace = make_kspace()
    real, imaginary = kspace.real.astype(np.float32), kspace.imag.astype(np.float32)
    scale = 1.0
    with h5py.File(tmp_path / "a.h5", "w") as file:
        if layout == "last":
            file["kspace"] = np.stack([real, imaginary], axis=-1)
        elif layout == "first":
            file["kspace"] = np.stack([real, imaginary])
        elif layout == "two":
            file["kspace_real"], file["kspace_imag"] = real, imaginary
        else:
            kind = "<f8" if layout == "compound" else "<i4"
            scale = 1.0 if layout == "compound" else 10_000.0
            pairs = np.empty(kspace.shape, dtype=[("r", kind), ("i", kind)])
            pairs["r"], pairs["i"] = np.round(real * scale, 4), np.round(imaginary * scale, 4)
            file["kspace"] = pairs
    scan = decode_raw(tmp_path / "a.h5", None)
    np.testing.assert_allclose(scan.image / scale, magnitude(kspace), rtol=0.01, atol=1e-3)


@pytest.mark.parametrize("beside", [True, False])
def test_a_mask_says_what_was_measured(tmp_path: Path, beside: bool) -> None:
    kspace = make_kspace()
    mask = np.zeros((24, 32), dtype=np.uint8)
    mask[::2] = 1
    kspace[..., 1::2, :] = 0
    kspace[..., 0, :] = 0  # measured, and nothing was heard
    both = {"kspace_sub02": kspace.T}
    if beside:
        savemat(tmp_path / "cine_sax_mask.mat", {"mask02": mask.T})
    else:
        both["mask"] = mask.T
    savemat(tmp_path / "cine_sax.mat", both)
    scan = open_scan(tmp_path)
    assert scan.name == "cine_sax"
    np.testing.assert_array_equal(scan.raw.measured[2, 1], mask[:, 0] > 0)
    assert "12.0 of 24 lines" in scan.notes[0].text


def test_masks_that_do_not_belong(tmp_path: Path) -> None:
    kspace = make_kspace()
    mask = np.zeros(24, dtype=np.uint8)
    mask[::2] = 1
    savemat(tmp_path / "a.mat", {"kspace_full": kspace.T, "mask": mask})
    scan = decode_raw(tmp_path / "a.mat", None)
    assert scan.raw.is_fully_sampled
    assert "was not used" in scan.notes[0].text
    savemat(tmp_path / "b.mat", {"kspace_full": kspace.T, "mask": mask[:5]})
    with pytest.raises(ScanError, match="does not fit k-space of 24 lines"):
        decode_raw(tmp_path / "b.mat", None)
    savemat(tmp_path / "c_mask.mat", {"mask": mask})
    with pytest.raises(ScanError, match="a mask of lines"):
        decode_raw(tmp_path / "c_mask.mat", None)


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
