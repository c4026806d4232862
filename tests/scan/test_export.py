import gzip
import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
from helpers.scan_files import AFFINE, random_image, write_acdc, write_nifti

from napari_cmr.scan import (
    Geometry,
    Scan,
    ScanError,
    Subject,
    file_stem,
    open_scan,
    read_labels,
    read_nifti,
    save_image,
    save_json,
    save_labels,
)
from napari_cmr.scan.notices import Code


@pytest.fixture
def scan() -> Scan:
    return Scan(
        image=random_image((3, 4, 6, 5)),
        geometry=Geometry.from_affine(AFFINE, 4),
        frame_times_ms=5.0 + 40.0 * np.arange(3),
        subject=Subject(identifier="Jane Doe 1970"),
        name="Jane Doe 1970",
        source=Path("Jane Doe 1970"),
    )


@pytest.mark.parametrize("name", ["out.nii", "out.nii.gz"])
def test_image_round_trip(tmp_path: Path, scan: Scan, name: str) -> None:
    save_image(tmp_path / name, scan.image, scan)
    again = read_nifti(tmp_path / name)
    np.testing.assert_array_equal(again.image, scan.image)
    np.testing.assert_allclose(again.geometry.affines, scan.geometry.affines, atol=1e-4)
    np.testing.assert_allclose(again.frame_times_ms, scan.frame_times_ms, rtol=1e-5)
    assert again.geometry.trusted
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_complex_and_fewer_frames(tmp_path: Path, scan: Scan) -> None:
    image = scan.image[:2] * np.exp(0.5j)
    save_image(tmp_path / "a.nii.gz", image, scan)
    again = read_nifti(tmp_path / "a.nii.gz")
    np.testing.assert_allclose(again.image, image, rtol=1e-6)
    assert again.frame_times_ms is None
    save_image(tmp_path / "one.nii", scan.image[0], scan)
    assert nibabel.load(tmp_path / "one.nii").shape == (5, 6, 4)


def test_other_software_sees_the_same_grid(tmp_path: Path, scan: Scan) -> None:
    save_image(tmp_path / "a.nii.gz", scan.image, scan)
    image = nibabel.load(tmp_path / "a.nii.gz")
    np.testing.assert_allclose(image.affine, AFFINE, atol=1e-5)
    np.testing.assert_allclose(image.get_qform(), AFFINE, atol=1e-4)
    assert image.header.get_xyzt_units() == ("mm", "sec")
    np.testing.assert_array_equal(np.asarray(image.dataobj).transpose(3, 2, 1, 0), scan.image)


def test_labels_round_trip_byte_equal(tmp_path: Path, scan: Scan) -> None:
    labels = np.random.default_rng(1).integers(0, 6, scan.shape)
    path = (
        tmp_path / "patient001_frame01_gt.nii.gz"
    )  # ACDC's name, but our numbers: the header wins
    save_labels(path, labels, scan)
    again = read_labels(path, scan=scan)
    assert again.dtype == np.uint8
    assert again.tobytes() == labels.astype(np.uint8).tobytes()
    assert nibabel.load(path).get_data_dtype() == np.uint8
    first = path.read_bytes()
    save_labels(path, labels, scan)
    assert path.read_bytes() == first


def test_labels_are_found_beside_the_image(tmp_path: Path, scan: Scan) -> None:
    labels = np.random.default_rng(1).integers(0, 4, scan.shape)
    save_image(tmp_path / "heart.nii.gz", scan.image, scan)
    save_labels(tmp_path / "heart_labels.nii.gz", labels, scan)
    again = open_scan(tmp_path)
    np.testing.assert_array_equal(again.labels, labels)
    assert again.notes == ()


def test_unknown_orientation_stays_unknown(tmp_path: Path) -> None:
    scan = open_scan(write_acdc(tmp_path / "patient001"))
    save_image(tmp_path / "out.nii.gz", scan.image, scan)
    again = read_nifti(tmp_path / "out.nii.gz")
    assert not again.geometry.trusted
    np.testing.assert_allclose(again.geometry.affines, scan.geometry.affines, atol=1e-5)
    save_labels(tmp_path / "out_labels.nii.gz", scan.labels, scan)
    np.testing.assert_array_equal(open_scan(tmp_path / "out.nii.gz").labels, scan.labels)


def test_spacing_survives_a_selection_of_slices(tmp_path: Path, scan: Scan) -> None:
    part = scan.select_slices([0, 2])
    save_image(tmp_path / "a.nii", part.image, part)
    assert read_nifti(tmp_path / "a.nii").spacing == pytest.approx(part.spacing)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_no_identifier_is_written(tmp_path: Path, scan: Scan, name: str) -> None:
    path = tmp_path / name
    save_image(path, scan.image, scan)
    content = path.read_bytes()
    content = gzip.decompress(content) if name.endswith("gz") else content
    assert b"Jane" not in content
    assert not any(content[4:38])  # data_type, db_name
    assert not any(content[148:252])  # descrip, aux_file


@pytest.mark.parametrize(
    ("labels", "problem"),
    [(np.full((3, 4, 6, 5), 7), "not a label"), (np.zeros((3, 4, 6, 4)), "grid")],
)
def test_labels_that_cannot_be_written(
    tmp_path: Path, scan: Scan, labels: np.ndarray, problem: str
) -> None:
    with pytest.raises(ScanError, match=problem):
        save_labels(tmp_path / "a.nii", labels, scan)
    assert not list(tmp_path.iterdir())


def test_places_that_cannot_be_written(tmp_path: Path, scan: Scan) -> None:
    for path, problem in [
        (tmp_path / "a.dcm", "NIfTI is written"),
        (tmp_path / "none" / "a.nii", "does not exist"),
        (tmp_path / ("a" * 300 + ".nii"), "cannot be written"),
    ]:
        with pytest.raises(ScanError, match=problem):
            save_image(path, scan.image, scan)
    (tmp_path / "folder.nii").mkdir()
    with pytest.raises(ScanError, match="a folder of that name"):
        save_image(tmp_path / "folder.nii", scan.image, scan)
    with pytest.raises(ScanError, match="NaN"):
        save_image(tmp_path / "a.nii", np.full(scan.shape, np.nan), scan)


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    content = {
        "lv": {"edv_ml": np.float32(150.5), "ed_frame": np.int64(3), "curve": np.arange(3)},
        "subject": {"identifier": "Jane Doe", "group": "DCM"},
        "source": Path("x"),
        "ef_percent": None,
    }
    save_json(path, content)
    assert json.loads(path.read_text()) == {
        "lv": {"edv_ml": 150.5, "ed_frame": 3, "curve": [0, 1, 2]},
        "subject": {"group": "DCM"},
        "source": "x",
        "ef_percent": None,
    }
    before = path.read_bytes()
    with pytest.raises(ScanError, match="JSON"):
        save_json(path, {"ef_percent": float("nan")})
    assert path.read_bytes() == before


def test_labels_of_a_single_frame(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "lge.nii.gz", random_image((5, 6, 4)))
    scan = read_nifti(path)
    save_labels(tmp_path / "lge_labels.nii.gz", np.ones((4, 6, 5), bool), scan)
    assert open_scan(path).labels.sum() == 120


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("synthetic", [True, False])
def test_a_synthetic_image_says_so_when_it_is_read_again(tmp_path, synthetic, trusted) -> None:
    image = np.random.default_rng(0).random((4, 2, 8, 9), dtype=np.float32)
    scan = Scan(image, Geometry.regular((8, 1.5, 1.5), 2, trusted=trusted), synthetic=synthetic)
    save_image(tmp_path / "heart.nii.gz", scan.image, scan)
    again = read_nifti(tmp_path / "heart.nii.gz")
    assert again.synthetic is synthetic
    assert again.geometry.trusted is trusted


def test_an_image_of_few_lines_says_so_and_so_does_what_is_made_of_it(tmp_path, scan) -> None:
    few, whole, again = (tmp_path / f"{name}.nii.gz" for name in ("few", "whole", "again"))
    save_image(few, scan.image, scan, few_lines=True)
    save_image(whole, scan.image, scan)
    save_image(again, scan.image, read_nifti(few))
    codes = [[one.code for one in read_nifti(path).notes] for path in (few, whole, again)]
    assert [Code.IMAGE_OF_FEW_LINES in one for one in codes] == [True, False, True]


@pytest.mark.parametrize(
    ("source", "name", "stem"),
    [
        ("a/Heart (1).nii.gz", "x", "Heart (1)"),  # its labels are found by this very name
        ("patient1/", "short axis", "patient1_short-axis"),
        ("patient001/", "patient001", "patient001"),
        ("P 01/cine_sax.mat", "cine_sax", "P-01_cine_sax"),
        ("P01/IM-1.dcm", "../../etc: *", "P01_etc"),
        (None, "sample: dilated", "sample-dilated"),
        (None, "...", "scan"),
        (None, "a" * 300, "a" * 100),
    ],
)
def test_files_are_named_after_the_study(tmp_path: Path, scan: Scan, source, name, stem) -> None:
    if source is not None:
        path = tmp_path / source
        (path if source.endswith("/") else path.parent).mkdir(parents=True)
        scan = scan.with_(source=path)
    assert file_stem(scan.with_(name=name)) == stem


@pytest.mark.parametrize("axis", ["Y", "X"])
def test_the_phase_encode_axis_is_written_and_read_again(tmp_path: Path, scan: Scan, axis) -> None:
    path = tmp_path / "image.nii.gz"
    save_image(path, scan.image, scan.with_(phase_encode_axis=axis))
    assert open_scan(path).phase_encode_axis == axis
    _, phase, _ = nibabel.load(path).header.get_dim_info()
    assert phase == (0 if axis == "X" else None)


@pytest.mark.parametrize(("phase", "axis"), [(0, "Y"), (1, "X"), (2, "Y")])
def test_the_axis_is_that_of_the_plane_where_slices_are_stored_first(tmp_path, phase, axis) -> None:
    image = nibabel.Nifti1Image(np.arange(3 * 24 * 20, dtype=np.float32).reshape(3, 24, 20), None)
    image.header.set_zooms((8.0, 1.5, 1.5))
    image.header.set_dim_info(freq=None, phase=phase, slice=None)
    nibabel.save(image, tmp_path / "first.nii.gz")
    scan = open_scan(tmp_path / "first.nii.gz")
    assert scan.shape == (1, 3, 20, 24)
    assert scan.phase_encode_axis == axis
