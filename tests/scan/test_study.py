"""A folder as what was scanned of one patient."""

from pathlib import Path

import numpy as np
import pytest
from helpers import dicom_files as df
from helpers.scan_files import random_image, write_acdc, write_nifti

from napari_cmr.scan import ScanError, open_study


def write_dicom_study(folder: Path) -> None:
    df.write_cine(folder / "sax")
    df.write_cine(folder / "4ch", n_slices=1, series=20, SeriesDescription="cine 4ch")
    df.write_cine(folder / "2ch", n_slices=1, series=21, SeriesDescription="cine 2ch")
    for z in range(4):
        late = df.image(z, 0, 1, series=30, SeriesDescription="LGE sax", InversionTime=300)
        df.save(late, folder / "lge" / str(z))


def test_cine_late_enhancement_and_long_axes_of_a_dicom_study(tmp_path: Path) -> None:
    write_dicom_study(tmp_path)
    study = open_study(tmp_path)
    assert study.cine is not None
    assert study.late_enhancement is not None
    assert (study.cine.key, study.late_enhancement.key) == ("SAX", "SAX-LGE")
    assert [one.view for one in study.long_axes] == ["2CH", "4CH"]
    cine, late = study.open("SAX"), study.open("SAX-LGE")
    assert (cine.kind, cine.view, cine.n_frames) == ("cine", "SAX", 8)
    assert (late.kind, late.view, late.n_frames) == ("lge", "SAX", 1)
    assert study.companion_of(cine) is study.late_enhancement
    assert study.companion_of(late) is study.cine
    assert study.companion_of(study.open(study.long_axes[0].key)) is None


def test_scans_are_opened_late_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dicom_study(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("napari_cmr.scan.dicom.reader.read_pixels", None)  # listing needs no pixels
        study = open_study(tmp_path)
    cine = study.open("SAX")
    assert study.open("SAX") is cine
    with pytest.raises(ScanError, match=r"no scan 'SAX-9' \(choose one of SAX, "):
        study.open("SAX-9")
    with pytest.raises(KeyError):
        study["SAX-9"]
    assert study["SAX"].n_slices == 4


def test_a_folder_of_nifti_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    affine = np.diag([1.5, 1.5, 8.0, 1.0])
    write_nifti(tmp_path / "cine_sax.nii.gz", random_image((9, 7, 4, 6)), affine)
    write_nifti(tmp_path / "cine_sax_seg.nii.gz", np.ones((9, 7, 4, 6), np.uint8), affine)
    write_nifti(tmp_path / "lge_sax.nii.gz", random_image((9, 7, 3)), affine)
    write_nifti(tmp_path / "la_4ch.nii.gz", random_image((9, 7, 1, 6)), affine)
    (tmp_path / "broken.nii.gz").write_bytes(b"\x1f\x8bno more")
    with monkeypatch.context() as patched:
        patched.setattr("napari_cmr.scan.nifti.file.NiftiFile.voxels", None)
        study = open_study(tmp_path)
    assert study.cine is not None
    assert study.late_enhancement is not None
    assert study.cine.key == "cine_sax.nii.gz"
    assert (study.cine.n_frames, study.cine.n_slices, study.cine.shape) == (6, 4, (7, 9))
    assert study.late_enhancement.key == "lge_sax.nii.gz"
    assert [one.key for one in study.long_axes] == ["la_4ch.nii.gz"]
    assert "broken.nii.gz was left out" in study.notes[0].text
    assert study.open("cine_sax.nii.gz").labels is not None


def test_one_scan_is_a_study_of_one(tmp_path: Path) -> None:
    write_nifti(tmp_path / "a.nii.gz", random_image((9, 7, 4, 6)))
    study = open_study(tmp_path / "a.nii.gz")
    assert study.open("1").shape == (6, 4, 7, 9)
    acdc = open_study(write_acdc(tmp_path / "patient001", cine_frames=5))
    assert acdc.cine is not None
    assert acdc.open("1").n_frames == 5
    with pytest.raises(ScanError, match="no such file"):
        open_study(tmp_path / "absent")


def test_biv_me_study(shared_data: Path) -> None:
    study = open_study(shared_data / "bivme" / "dicom" / "patient1")
    assert study.cine is not None
    assert (study.cine.n_slices, study.cine.n_frames) == (6, 25)
    assert [one.view for one in study.long_axes] == ["2CH", "4CH"]
    assert study.late_enhancement is None
