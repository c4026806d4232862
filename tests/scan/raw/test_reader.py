from pathlib import Path

import h5py
import numpy as np
import pytest
from helpers.scan_files import coil_images, forward, write_cmrxrecon

from napari_cmr.scan import ScanError, open_scan, read_raw
from napari_cmr.scan.raw.decode import decode_raw


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
