"""Left atria of the 2018 challenge, a NumPy archive a patient."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from helpers.notices import said

from napari_cmr.cohort.scans import find_scans
from napari_cmr.scan import Code, Label, ScanError, open_scan
from napari_cmr.scan.datasets import lasc
from napari_cmr.scan.datasets.lasc import is_lasc_file, read_lasc
from napari_cmr.scan.index import index_scans
from napari_cmr.scan.opener import kind_of

IMAGE = np.random.default_rng(0).integers(0, 255, (4, 12, 10)).astype(np.uint8)
LABEL = (IMAGE > 150).astype(np.uint8)


def write(path: Path, image: np.ndarray = IMAGE, label: np.ndarray = LABEL) -> Path:
    np.savez_compressed(path, image=image, label=label)
    return path


def test_a_patient_is_a_still_axial_stack_with_a_labelled_atrium(tmp_path: Path) -> None:
    scan = open_scan(write(tmp_path / "case07.npz"))
    np.testing.assert_array_equal(scan.image[0], IMAGE)
    np.testing.assert_array_equal(scan.labels[0], np.where(LABEL, Label.LA, 0))
    assert (scan.kind, scan.view, scan.name, scan.n_frames) == ("lge", "other", "case07", 1)
    assert scan.spacing == (0.625, 0.625, 0.625)
    assert said(scan.notes, Code.SPACING_ASSUMED)
    assert said(scan.notes, Code.GREY_LEVELS_CHANGED)


def test_arrays_in_the_order_of_columns_are_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "case07.npz", np.asfortranarray(IMAGE), np.asfortranarray(LABEL))
    np.testing.assert_array_equal(read_lasc(path).image[0], IMAGE)


def test_a_folder_lists_its_patients_and_leaves_other_archives_alone(tmp_path: Path) -> None:
    for name in ("case01", "case30"):
        write(tmp_path / f"{name}.npz")
    np.savez(tmp_path / "weights.npz", kernel=IMAGE)
    assert [one.name for one in find_scans(tmp_path)] == ["case01", "case30"]
    with pytest.raises(ScanError, match=r"2 scans \(case01"):
        open_scan(tmp_path)
    (tmp_path / "case30.npz").unlink()
    assert kind_of(tmp_path) == "folder"
    assert open_scan(tmp_path).name == "case01"
    assert index_scans(tmp_path / "case01.npz").format == "left atrium"
    assert not is_lasc_file(tmp_path / "weights.npz")
    with pytest.raises(ScanError, match="is a ZIP archive"):
        open_scan(tmp_path / "weights.npz")


@pytest.mark.parametrize(
    ("image", "label", "message"),
    [
        (IMAGE.astype(np.float32), LABEL, "float32.*no stack of bytes"),
        (IMAGE[0], LABEL[0], r"shape \(12, 10\) is no stack"),
        (IMAGE[:0], LABEL[:0], r"\(0, 12, 10\) is no stack"),
        (IMAGE, LABEL[:3], "on an image of shape"),
        (IMAGE, LABEL * 3, "label values 3"),
    ],
)
def test_what_does_not_fit_is_named(
    tmp_path: Path, image: np.ndarray, label: np.ndarray, message: str
) -> None:
    path = write(tmp_path / "case07.npz", image, label)
    with pytest.raises(ScanError, match=message) as caught:
        read_lasc(path)
    assert str(path) in str(caught.value)


def test_damage_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "case07.npz")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ScanError, match="no readable archive"):
        open_scan(path)
    np.savez(path, image=IMAGE)
    with pytest.raises(ScanError, match=r"label\.npy"):
        open_scan(path)
    np.savez(path, image=IMAGE, label=np.array([None]))
    with pytest.raises(ScanError, match="no stack of bytes"):
        open_scan(path)


def test_an_archive_unpacks_to_no_more_than_a_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lasc, "_MAX_BYTES", 400)
    path = write(tmp_path / "case07.npz")
    with pytest.raises(ScanError, match="too large for a scan"):
        read_lasc(path)
    header = b"\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (900, 9, 9)}"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("image.npy", "label.npy"):
            archive.writestr(name, header.ljust(127) + b"\n")
    with pytest.raises(ScanError, match="cut off"):
        read_lasc(path)


def test_real_atria(shared_data: Path) -> None:
    folder = shared_data / "lasc2018"
    if not folder.exists():
        pytest.skip("no left-atrium data here")
    scan = open_scan(folder / "case30.npz")
    assert scan.shape == (1, 66, 139, 198)
    assert (scan.labels == Label.LA).any(axis=(0, 2, 3)).all()
    assert set(np.unique(scan.labels)) == {0, Label.LA}
