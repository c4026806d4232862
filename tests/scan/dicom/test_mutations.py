"""Damaged DICOM files give a ScanError or a valid scan, nothing else."""

from pathlib import Path

import pytest
from helpers import dicom_files as df
from helpers.mutations import N_MUTATIONS, survive_mutations
from pydicom.uid import RLELossless

from napari_cmr.scan.dicom.reader import read_dicom
from napari_cmr.scan.index import index_dicom

# The preamble is 128 bytes that nobody reads; most of what follows is header.
HEADER = 1500


def test_a_damaged_file_alone(tmp_path: Path) -> None:
    path = df.save(df.image(0, 0, 1, RescaleSlope=2), tmp_path / "one.dcm")
    outcome = survive_mutations(path, path, lambda: read_dicom(path), header=HEADER)
    assert outcome["refused"]
    assert outcome["scan"], "every damage was fatal: the damage is too coarse to test anything"


def test_a_damaged_file_among_good_ones(tmp_path: Path) -> None:
    path = df.write_cine(tmp_path, n_slices=2, n_frames=4)[5]

    def read():
        index_dicom(tmp_path).to_dict()
        return read_dicom(tmp_path)

    n = max(N_MUTATIONS // 5, 20)
    outcome = survive_mutations(path, path, read, header=HEADER, n=n)
    assert outcome["scan"] > n // 2


@pytest.mark.parametrize("header", [HEADER, 8000])
def test_a_damaged_enhanced_file(tmp_path: Path, header: int) -> None:
    path = df.save(df.enhanced(2, 3), tmp_path / "one.dcm")
    outcome = survive_mutations(
        path, path, lambda: read_dicom(path), header=header, n=max(N_MUTATIONS // 2, 20)
    )
    assert outcome["refused"]


def test_a_damaged_compressed_file(tmp_path: Path) -> None:
    data = df.image(0, 0, 1)
    df.save(data, tmp_path / "one.dcm")
    data.compress(RLELossless, generate_instance_uid=False)
    path = df.save(data, tmp_path / "one.dcm", RLELossless)
    outcome = survive_mutations(
        path, path, lambda: read_dicom(path), header=len(path.read_bytes()), seed=2
    )
    assert outcome["refused"]
