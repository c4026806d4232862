"""Which reader a file of raw data goes to, and what is not followed out of it."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from helpers.smooth_kspace import magnitude, make_kspace
from scipy.io import savemat

from napari_cmr.scan import ScanError, open_scan
from napari_cmr.scan.raw.decode import decode_raw


@pytest.mark.parametrize("compressed", [False, True])
def test_matlab_before_7_3(tmp_path: Path, compressed: bool) -> None:
    kspace = make_kspace()
    path = tmp_path / "cine_sax.mat"
    savemat(path, {"kspace_full": kspace.T}, do_compression=compressed)
    scan = open_scan(path)
    np.testing.assert_allclose(scan.image, magnitude(kspace), rtol=1e-3, atol=1e-5)
    assert scan.raw is not None
    assert scan.raw.n_coils == 4


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
