"""K-space as groups of people save it: other MATLAB versions, names, axes and parts."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from helpers.scan_files import coil_images, forward, write_cmrxrecon
from scipy.io import savemat

from napari_cmr.scan import ScanError, open_scan
from napari_cmr.scan.raw.decode import decode_raw

SHAPE = (6, 3, 24, 32)


def make_kspace(n_coils: int = 4, shape: tuple[int, int, int, int] = SHAPE) -> np.ndarray:
    """K-space (T, Z, C, Y, X) of smooth images, its energy in the middle."""
    y, x = np.indices(shape[2:]) - np.array(shape[2:])[:, None, None] / 2
    disc = np.exp(-(y**2 + x**2) / 30)
    coils = coil_images((*shape[:2], 1, 1), n_coils)
    return forward(coils * disc).astype(np.complex64)


def magnitude(kspace: np.ndarray) -> np.ndarray:
    shifted = np.fft.ifftshift(kspace, axes=(-2, -1))
    images = np.fft.fftshift(np.fft.ifft2(shifted, norm="ortho"), axes=(-2, -1))
    return np.sqrt((np.abs(images) ** 2).sum(axis=2))


@pytest.mark.parametrize("compressed", [False, True])
def test_matlab_before_7_3(tmp_path: Path, compressed: bool) -> None:
    kspace = make_kspace()
    path = tmp_path / "cine_sax.mat"
    savemat(path, {"kspace_full": kspace.T}, do_compression=compressed)
    scan = open_scan(path)
    np.testing.assert_allclose(scan.image, magnitude(kspace), rtol=1e-3, atol=1e-5)
    assert scan.raw is not None
    assert scan.raw.n_coils == 4


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


def test_links_out_of_the_file_are_not_followed(tmp_path: Path) -> None:
    kspace = make_kspace()
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["kspace"] = kspace
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["kspace_full"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/kspace")
    with h5py.File(tmp_path / "b.mat", "w") as file:
        file["elsewhere"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/")
        file["kspace_full"] = h5py.SoftLink("/elsewhere/kspace")
    for name in ("a.mat", "b.mat"):
        with pytest.raises(ScanError, match="is a link to somewhere else"):
            open_scan(tmp_path / name)


def test_numbers_stored_in_other_files_are_not_read(tmp_path: Path) -> None:
    kspace = make_kspace()
    kspace.tofile(tmp_path / "secret")
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file.create_dataset(
            "kspace_full",
            kspace.shape,
            "<c8",
            external=[(str(tmp_path / "secret"), 0, kspace.nbytes)],
        )
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["kspace"] = kspace
    layout = h5py.VirtualLayout(kspace.shape, "<c8")
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "kspace", kspace.shape)
    with h5py.File(tmp_path / "b.mat", "w") as file:
        file.create_virtual_dataset("kspace_full", layout)
    for name in ("a.mat", "b.mat"):
        with pytest.raises(ScanError, match="stored in another file"):
            open_scan(tmp_path / name)


def test_matlab_headers_that_promise_too_much(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    savemat(path, {"kspace": np.ones((8, 8, 4), dtype=complex)})
    content = bytearray(path.read_bytes())
    at = content.index(np.array([8, 8, 4], dtype="<i4").tobytes())
    content[at : at + 12] = np.array([4096, 4096, 4000], dtype="<i4").tobytes()
    path.write_bytes(content)
    with pytest.raises(ScanError, match=r"more than the file holds|damaged"):
        decode_raw(path, None)
    path.write_bytes(content[:200])
    with pytest.raises(ScanError, match=r"damaged|but nothing"):
        decode_raw(path, None)
