"""Grids of NIfTI files that are unusual, wrong, or not what they seem."""

import gzip
import os
from pathlib import Path

import nibabel
import numpy as np
import pytest
from helpers.dicom_files import write_cine
from helpers.mutations import no_hang
from helpers.scan_files import AFFINE, random_image, write_acdc, write_nifti

from napari_cmr.scan import (
    Geometry,
    ScanError,
    open_scan,
    read_labels,
    save_labels,
    translate_labels,
)
from napari_cmr.scan.dicom.reader import read_dicom
from napari_cmr.workflow.measure.function import measure_scan


def with_header(path: Path, **fields) -> Path:
    """The same file with other values in its header: ``pixdim_3=-8`` sets one of several."""
    image = nibabel.load(path)
    header = image.header.copy()
    for name, value in fields.items():
        field, _, index = name.partition("__")
        if index:
            header[field][int(index)] = value
        else:
            header[field] = value
    path.write_bytes(bytes(header.binaryblock) + path.read_bytes()[348:])
    return path


@pytest.mark.parametrize("value", [0.0, 2.0, -3.0, 1.5])
def test_a_qform_of_any_sign_number_is_read(tmp_path: Path, value: float) -> None:
    affine = np.diag([-1.5, -1.5, 8.0, 1.0]) if value >= 0 else np.diag([-1.5, -1.5, -8.0, 1.0])
    path = write_nifti(tmp_path / "a.nii", random_image((9, 7, 4)), affine)
    with_header(path, pixdim__0=value, sform_code=0, qform_code=1)
    geometry = open_scan(path).geometry
    assert geometry.trusted
    np.testing.assert_allclose(geometry.affine, affine, atol=1e-5)


def test_negative_sizes_beside_a_qform_are_sizes(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "a.nii", random_image((9, 7, 4)))
    with_header(path, pixdim__1=-1.5, pixdim__3=-2.5, sform_code=0, qform_code=1)
    scan = open_scan(path)
    assert scan.spacing == pytest.approx((2.5, 1.5, 1.5))
    assert scan.geometry.trusted


@pytest.mark.parametrize(
    ("spacing", "shown"),
    [((1e6, 1e6, 1e6), "1e\\+06"), ((1.5, 1.5, 4000), "4000"), ((0.0015, 0.0015, 0.008), "0.0015")],
)
def test_voxels_that_are_no_scan_of_a_body_are_refused(
    tmp_path: Path, spacing: tuple[float, ...], shown: str
) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", random_image((9, 7, 4)), np.diag([*spacing, 1.0]))
    with pytest.raises(ScanError, match=f"{shown}.*not those of a scan of a body"):
        open_scan(path)


def test_a_packed_file_that_asks_for_far_more_than_it_holds(tmp_path: Path) -> None:
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.uint8)
    header.set_data_shape((512, 512, 20, 100))
    header["vox_offset"], header["pixdim"][1:4] = 352, (1.5, 1.5, 8)
    header["magic"] = b"n+1"
    path = tmp_path / "a.nii.gz"
    path.write_bytes(gzip.compress(bytes(header.binaryblock) + bytes(4) + os.urandom(2**20)))
    with no_hang(), pytest.raises(ScanError, match=r"more than a packed file of 1\.05 MB"):
        open_scan(path)


@pytest.mark.parametrize("axis", [0, 1])
def test_slices_that_the_file_stores_first_come_out_last(tmp_path: Path, axis: int) -> None:
    image = random_image((20, 24, 4, 3))
    affine = AFFINE.copy()
    affine[:3, 2] *= 4  # slices 10 mm apart
    plain = open_scan(write_nifti(tmp_path / "plain.nii.gz", image, affine))
    columns = [0, 1]
    columns.insert(axis, 2)
    path = tmp_path / "turned.nii.gz"
    turned = open_scan(write_nifti(path, np.moveaxis(image, 2, axis), affine[:, [*columns, 3]]))
    np.testing.assert_array_equal(turned.image, plain.image)
    np.testing.assert_allclose(turned.geometry.affines, plain.geometry.affines, atol=1e-5)
    assert any("does not store slices last" in note for note in map(str, turned.notes))


def test_frames_are_not_taken_for_slices(tmp_path: Path) -> None:
    y, x = np.indices((40, 48)) - np.array([20, 24])[:, None, None]
    phases = 2 * np.pi * np.arange(24) / 24
    frames = [np.hypot(y, x) < 10 + 3 * np.cos(phase) for phase in phases]
    cine = (1000 * np.stack(frames) + np.hypot(y, x)).astype(np.int16).transpose(2, 1, 0)
    path = write_nifti(tmp_path / "a.nii.gz", cine, np.diag([1.5, 1.5, 1.0, 1.0]))
    with pytest.raises(ScanError, match=r"24 slices look like frames.*\(x, y, slice, time\)"):
        open_scan(path)
    as_cine = write_nifti(tmp_path / "b.nii.gz", cine[:, :, None], np.diag([1.5, 1.5, 8.0, 1.0]))
    assert open_scan(as_cine).shape == (24, 1, 40, 48)
    cone = [np.hypot(y, x) < 14 - z / 3 for z in range(24)]
    stack = (1000 * np.stack(cone) + np.hypot(y, x)).astype(np.int16).transpose(2, 1, 0)
    path = write_nifti(tmp_path / "c.nii.gz", stack, np.diag([1.5, 1.5, 3.0, 1.0]))
    assert open_scan(path).shape == (1, 24, 40, 48)


def store(path: Path, labels: np.ndarray, affine: np.ndarray, *axes: int) -> Path:
    """Write (x, y, z, t) labels with some axes reversed, and an affine that says so."""
    affine = affine.copy()
    for axis in axes:
        affine[:3, 3] += affine[:3, axis] * (labels.shape[axis] - 1)
        affine[:3, axis] *= -1
        labels = np.flip(labels, axis)
    return write_nifti(path, np.ascontiguousarray(labels), affine)


def test_mirrored_labels_are_refused_on_an_uneven_stack_too(tmp_path: Path) -> None:
    write_cine(tmp_path / "study", n_slices=6, n_frames=2)
    from helpers import dicom_files as df

    for t in range(2):  # one slice lies 3 mm aside
        place = df.BASE + 3 * 9.0 * df.TO_APEX + 3.0 * df.ALONG_ROW
        data = df.image(3, t, 2, ImagePositionPatient=[float(f"{v:.6g}") for v in place])
        for path in (tmp_path / "study").rglob("*"):
            if path.is_file() and df_instance(path) == data.InstanceNumber:
                df.save(data, path)
    scan = read_dicom(tmp_path / "study")
    assert not scan.geometry.is_regular
    labels = np.ones((16, 12, 6, 2), dtype=np.uint8)
    affine = scan.geometry.affine
    assert (
        read_labels(store(tmp_path / "good.nii.gz", labels, affine), scan=scan).shape == scan.shape
    )
    for axes in ((0,), (1,), (2,), (0, 1)):
        path = store(tmp_path / "flipped.nii.gz", labels, affine, *axes)
        with pytest.raises(ScanError, match="mirrored or turned"):
            read_labels(path, scan=scan)


def df_instance(path: Path) -> int:
    import pydicom

    return int(pydicom.dcmread(path).InstanceNumber)


def test_mirrored_labels_are_refused_for_acdc(tmp_path: Path) -> None:
    folder = write_acdc(tmp_path / "patient001")
    assert open_scan(folder).labels is not None
    for path in folder.glob("*frame01_gt.nii.gz"):
        labels = np.asarray(nibabel.load(path).dataobj)
        mirrored = nibabel.Nifti1Image(labels[:, ::-1], None)
        mirrored.header.set_sform(np.diag([-1.0, 1.0, 1.0, 1.0]), 2)
        mirrored.header["pixdim"][1:4] = 1.5, 1.5, 10.0
        nibabel.save(mirrored, path)
    with pytest.raises(ScanError, match="mirrored or turned"):
        open_scan(folder)


def test_labels_for_an_image_without_orientation_may_have_one(tmp_path: Path) -> None:
    write_nifti(tmp_path / "a.nii.gz", random_image((9, 7, 4, 3)), None)
    labels = np.ones((9, 7, 4, 3), dtype=np.uint8)
    write_nifti(tmp_path / "a_seg.nii.gz", labels, np.diag([-1.5, 1.5, 8.0, 1.0]))
    assert open_scan(tmp_path / "a.nii.gz").labels is not None


def test_saved_labels_fit_an_uneven_stack_again(tmp_path: Path) -> None:
    affines = Geometry.regular((8.0, 1.5, 1.5), 4).affines.copy()
    affines[2, :2, 3] += 2.0
    scan = open_scan(write_nifti(tmp_path / "a.nii.gz", random_image((9, 7, 4, 3))))
    scan = scan.with_(geometry=Geometry((8.0, 1.5, 1.5), affines))
    labels = np.ones(scan.shape, dtype=np.uint8)
    save_labels(tmp_path / "labels.nii.gz", labels, scan)
    np.testing.assert_array_equal(read_labels(tmp_path / "labels.nii.gz", scan=scan), labels)


def test_labels_that_are_whole_but_for_rounding(tmp_path: Path) -> None:
    values = np.array([0.0, 1.00000002, 2.9999, 2.0009])
    np.testing.assert_array_equal(translate_labels(values, "napari-cmr"), [0, 1, 3, 2])
    with pytest.raises(ScanError, match=r"values 1\.002 are not part"):
        translate_labels(np.array([0, 1.002]), "napari-cmr")


def test_measuring_says_why_labels_were_left_out(tmp_path: Path) -> None:
    write_nifti(tmp_path / "a.nii.gz", random_image((9, 7, 4, 3)))
    write_nifti(tmp_path / "a_seg.nii.gz", np.full((9, 7, 4, 3), 77, dtype=np.uint8))
    scan = open_scan(tmp_path / "a.nii.gz")
    assert scan.labels is None
    with pytest.raises(ScanError, match=r"no labels to measure, as those beside.*values 77"):
        measure_scan(scan)
