"""Damaged files of every format give a ScanError or a valid scan, nothing else."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from helpers.mutations import N_MUTATIONS, mutate, survive_mutations
from helpers.scan_files import (
    acdc_labels,
    coil_images,
    forward,
    random_image,
    write_acdc,
    write_cmrxrecon,
    write_ismrmrd,
    write_nifti,
)
from scipy.io import savemat

from napari_cmr.scan import open_scan, read_labels, read_raw

GZIP = (gzip.decompress, lambda content: gzip.compress(content, 1))


def test_damage_is_reproducible_and_does_something() -> None:
    content = bytes(range(256)) * 8
    damaged = [mutate(content, np.random.default_rng(seed)) for seed in range(50)]
    assert damaged == [mutate(content, np.random.default_rng(seed)) for seed in range(50)]
    assert sum(one != content for one in damaged) > 40


@pytest.mark.parametrize("name", ["cine.nii", "cine.nii.gz"])
def test_nifti(tmp_path: Path, name: str) -> None:
    path = write_nifti(tmp_path / name, random_image((12, 10, 3, 4)))
    outcome = survive_mutations(
        path,
        path,
        lambda: open_scan(path),
        header=352,
        repack=GZIP if name.endswith("gz") else None,
    )
    assert outcome["refused"]
    assert outcome["scan"], "every damage was fatal: the damage is too coarse to test anything"


def test_nifti_labels(tmp_path: Path) -> None:
    image = open_scan(write_nifti(tmp_path / "heart.nii.gz", random_image((12, 10, 3))))
    path = write_nifti(tmp_path / "heart_labels.nii.gz", acdc_labels((12, 10, 3)))

    def read():  # a label map, as a scan that is checked like any other
        return image.with_(labels=read_labels(path, "acdc", image))

    outcome = survive_mutations(path, path, read, header=352, repack=GZIP)
    assert outcome["refused"]
    assert survive_mutations(path, path, lambda: open_scan(tmp_path), n=20, seed=1)["scan"] == 20


@pytest.mark.parametrize(
    "name", ["Info.cfg", "patient001_frame01.nii.gz", "patient001_frame03_gt.nii.gz"]
)
def test_acdc(tmp_path: Path, name: str) -> None:
    folder = write_acdc(tmp_path / "patient001")
    path = folder / name
    outcome = survive_mutations(
        path,
        path,
        lambda: open_scan(folder),
        header=352,
        repack=GZIP if name.endswith("gz") else None,
    )
    assert outcome["refused"]


# Raw data are read in a child process each (half a second), hence fewer of them.
N_RAW = max(8, N_MUTATIONS // 15)


def test_cmrxrecon(tmp_path: Path) -> None:
    kspace = forward(coil_images((3, 2, 8, 6), 2))
    path = write_cmrxrecon(tmp_path / "cine_sax.mat", kspace)
    outcome = survive_mutations(path, path, lambda: read_raw(path, timeout_s=5), n=N_RAW)
    assert outcome["refused"]


@pytest.mark.parametrize("compressed", [False, True])
def test_matlab_before_7_3(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "cine_sax.mat"
    kspace = forward(coil_images((3, 2, 8, 6), 2)).astype(np.complex64)
    savemat(path, {"kspace_full": kspace.T}, do_compression=compressed)
    outcome = survive_mutations(
        path, path, lambda: read_raw(path, timeout_s=5), n=N_RAW, header=400
    )
    assert outcome["refused"]


def test_ismrmrd(tmp_path: Path) -> None:
    path = write_ismrmrd(tmp_path / "cine.h5", coil_images((2, 2, 6, 8), 2))
    outcome = survive_mutations(
        path, path, lambda: read_raw(path, timeout_s=5), n=N_RAW, header=8192
    )
    assert outcome["refused"]
