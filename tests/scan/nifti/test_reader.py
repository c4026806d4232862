import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest
from helpers.scan_files import AFFINE, acdc_labels, random_image, write_nifti

from napari_cmr.scan import Label, ScanError, open_scan, read_labels, read_nifti


def test_axes_and_affine(tmp_path: Path) -> None:
    array = random_image((5, 6, 4, 3))
    scan = read_nifti(write_nifti(tmp_path / "cine.nii.gz", array))
    assert scan.shape == (3, 4, 6, 5)
    assert scan.image[2, 1, 4, 3] == array[3, 4, 1, 2]
    assert scan.image.dtype == np.float32
    assert scan.spacing == pytest.approx((2.5, 1.5, 1.5))
    place = scan.geometry.affines[2] @ (3, 4, 0, 1)
    assert place == pytest.approx(AFFINE @ (3, 4, 2, 1), abs=1e-4)
    assert scan.geometry.trusted
    assert (scan.name, scan.kind, scan.notes) == ("cine", "cine", ())


def test_still_stack(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "case_LGE.nii", random_image((5, 6, 4)))
    assert read_nifti(path).shape == (1, 4, 6, 5)
    assert read_nifti(path).kind == "lge"


def test_slope_and_intercept(tmp_path: Path) -> None:
    array = random_image((5, 6, 4))
    image = nibabel.Nifti1Image(array, AFFINE)
    image.header.set_slope_inter(0.5, -3)
    nibabel.save(image, tmp_path / "a.nii")
    stored = nibabel.load(tmp_path / "a.nii")
    assert float(stored.dataobj.slope) == 0.5
    np.testing.assert_allclose(
        read_nifti(tmp_path / "a.nii").image[0], stored.get_fdata().transpose(2, 1, 0), atol=1e-3
    )


def test_slope_of_zero_means_none(tmp_path: Path) -> None:
    array = random_image((5, 6, 4))
    path = write_nifti(tmp_path / "a.nii", array)
    _patch(path, 112, struct.pack("<ff", 0.0, 7.0))
    np.testing.assert_array_equal(read_nifti(path).image[0], array.transpose(2, 1, 0))


def test_big_endian_complex_nifti2_and_trailing_axis(tmp_path: Path) -> None:
    array = random_image((5, 6, 4, 3))
    nibabel.save(
        nibabel.Nifti1Image(array, AFFINE, nibabel.Nifti1Header(endianness=">")),
        tmp_path / "big.nii",
    )
    assert (tmp_path / "big.nii").read_bytes()[:4] == struct.pack(">i", 348)
    phase = (array * np.exp(0.3j)).astype(np.complex64)
    nibabel.save(nibabel.Nifti1Image(phase, AFFINE), tmp_path / "phase.nii.gz")
    nibabel.save(nibabel.Nifti2Image(array, AFFINE), tmp_path / "two.nii")
    nibabel.save(nibabel.Nifti1Image(array[..., None], AFFINE), tmp_path / "five.nii")
    expected = array.transpose(3, 2, 1, 0)
    for name in ("big.nii", "two.nii", "five.nii"):
        np.testing.assert_array_equal(read_nifti(tmp_path / name).image, expected)
    complex_scan = read_nifti(tmp_path / "phase.nii.gz")
    assert complex_scan.image.dtype == np.complex64
    np.testing.assert_allclose(np.angle(complex_scan.image[expected > 0]), 0.3, atol=1e-5)


def test_without_affine(tmp_path: Path) -> None:
    scan = read_nifti(write_nifti(tmp_path / "a.nii", random_image((5, 6, 4)), affine=None))
    assert scan.spacing == (8.0, 1.5, 1.5)
    assert not scan.geometry.trusted
    assert "directions are a guess" in scan.notes[0].text


def test_affine_that_contradicts_the_voxel_sizes(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "a.nii", random_image((5, 6, 4)))
    _patch(path, 80, struct.pack("<fff", 1.25, 1.25, 10.0))
    _patch(path, 252, struct.pack("<h", 0))  # no qform
    scan = read_nifti(path)
    assert scan.spacing == pytest.approx((10.0, 1.25, 1.25))
    assert not scan.geometry.trusted
    step = scan.geometry.affines[1, :3, 3] - scan.geometry.affines[0, :3, 3]
    assert step == pytest.approx(AFFINE[:3, 2] * 4, rel=1e-5)  # 2.5 mm became 10 mm, same way


def test_qform_serves_where_the_sform_does_not(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "a.nii", random_image((5, 6, 4)))
    image = nibabel.load(path)
    image.header.set_qform(AFFINE, 1)
    nibabel.save(nibabel.Nifti1Image(image.dataobj, None, image.header), path)
    _patch(path, 280, np.full(12, np.nan, "<f4").tobytes())
    scan = read_nifti(path)
    assert scan.geometry.trusted
    np.testing.assert_allclose(scan.geometry.affine, AFFINE, atol=1e-4)


@pytest.mark.parametrize(
    ("step", "units", "step_ms", "is_noted"),
    [
        (0.03, 8, 30.0, False),  # seconds, as declared
        (30.0, 16, 30.0, False),  # milliseconds, as declared
        (30.0, 8, 30.0, True),  # milliseconds declared as seconds
        (0.03, 0, 30.0, True),  # nothing declared
        (30000.0, 24, 30.0, False),  # microseconds
        (1.0, 0, None, False),  # the default of writers that know no time
        (1.0, 8, None, True),  # one second is no frame of a cine
        (0.0, 8, None, False),
        (float("nan"), 8, None, False),
    ],
)
def test_frame_times(
    tmp_path: Path, step: float, units: int, step_ms: float | None, is_noted: bool
) -> None:
    path = write_nifti(tmp_path / "a.nii", random_image((4, 4, 2, 20)))
    _patch(path, 92, struct.pack("<f", step))
    _patch(path, 123, bytes([2 | units]))
    scan = read_nifti(path)
    assert bool(scan.notes) == is_noted
    if step_ms is None:
        assert scan.frame_times_ms is None
    else:
        np.testing.assert_allclose(scan.frame_times_ms, step_ms * np.arange(20), rtol=1e-5)
        assert scan.cycle_ms == pytest.approx(600.0, rel=1e-5)


@pytest.mark.parametrize("spacing", [(0.0, 1.5, 8.0), (float("nan"), 1.5, 8.0)])
def test_no_voxel_size(tmp_path: Path, spacing: tuple[float, ...]) -> None:
    path = write_nifti(tmp_path / "a.nii", random_image((5, 6, 4)), affine=None)
    _patch(path, 80, struct.pack("<fff", *spacing))
    with pytest.raises(ScanError, match="not three positive lengths"):
        read_nifti(path)


def test_nan(tmp_path: Path) -> None:
    array = random_image((5, 6, 4)).astype(np.float32)
    array[2, 2, 2] = np.nan
    with pytest.raises(ScanError, match="NaN"):
        read_nifti(write_nifti(tmp_path / "a.nii.gz", array))


@pytest.mark.parametrize("dims", [(2, 5, 24, 1, 1), (5, 5, 6, 1, 1, 4), (0, 5, 6, 4), (9, 5, 6, 4)])
def test_wrong_number_of_axes(tmp_path: Path, dims: tuple[int, ...]) -> None:
    path = write_nifti(tmp_path / "a.nii", random_image((5, 6, 4)))
    _patch(path, 40, struct.pack(f"<{len(dims)}h", *dims))
    with pytest.raises(ScanError, match="not a stack of slices"):
        read_nifti(path)


@pytest.mark.parametrize("ending", ["_gt", "_seg", "_labels"])
def test_labels_beside(tmp_path: Path, ending: str) -> None:
    labels = acdc_labels((5, 6, 4))
    path = write_nifti(tmp_path / "heart.nii.gz", random_image((5, 6, 4)))
    write_nifti(tmp_path / f"heart{ending}.nii.gz", labels)
    scan = read_nifti(path, label_scheme="acdc")
    expected = np.array([0, Label.RV, Label.MYO, Label.LV])[labels.transpose(2, 1, 0)]
    np.testing.assert_array_equal(scan.labels[0], expected)
    assert scan.notes == ()
    assumed = read_nifti(path)
    np.testing.assert_array_equal(assumed.labels[0], labels.transpose(2, 1, 0))
    assert "assumed" in assumed.notes[0].text


def test_acdc_names_suggest_their_scheme(tmp_path: Path) -> None:
    labels = acdc_labels((5, 6, 4))
    write_nifti(tmp_path / "patient007_frame09.nii.gz", random_image((5, 6, 4)))
    path = write_nifti(tmp_path / "patient007_frame09_gt.nii.gz", labels)
    scan = open_scan(path)  # the label file brings its image along
    assert scan.name == "patient007_frame09"
    assert scan.source_frames == (8,)
    assert np.array_equal(scan.labels[0] == Label.LV, labels.transpose(2, 1, 0) == 3)


def test_labels_that_do_not_fit_are_left_out_and_named(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "heart.nii.gz", random_image((5, 6, 4)))
    write_nifti(tmp_path / "heart_gt.nii.gz", acdc_labels((5, 6, 3)))
    scan = read_nifti(path)
    assert scan.labels is None
    assert "left out" in scan.notes[0].text
    with pytest.raises(ScanError, match="on an image of"):
        read_nifti(path, label_scheme="acdc")


def test_labels_elsewhere_in_the_patient(tmp_path: Path) -> None:
    scan = read_nifti(write_nifti(tmp_path / "heart.nii.gz", random_image((5, 6, 4))))
    moved = AFFINE.copy()
    moved[0, 3] += 20.0
    path = write_nifti(tmp_path / "other.nii.gz", acdc_labels((5, 6, 4)), moved)
    with pytest.raises(ScanError, match="elsewhere"):
        read_labels(path, "acdc", scan)
    assert read_labels(path, "acdc").shape == (1, 4, 6, 5)


@pytest.mark.parametrize(
    ("values", "scheme", "problem"),
    [(4, "acdc", "not part of the scheme"), (0.5, "acdc", "not part"), (1, "other", "unknown")],
)
def test_values_that_are_no_labels(
    tmp_path: Path, values: float, scheme: str, problem: str
) -> None:
    path = write_nifti(tmp_path / "x_gt.nii", np.full((5, 6, 4), values, np.float32))
    with pytest.raises(ScanError, match=problem):
        read_labels(path, scheme)


def test_labels_alone_are_shown_and_measured(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "result_seg.nii.gz", acdc_labels((5, 6, 4)))
    scan = open_scan(path, label_scheme="acdc")
    np.testing.assert_array_equal(scan.image, scan.labels)
    assert any("labels only" in note for note in map(str, scan.notes))
    many = write_nifti(tmp_path / "image_seg.nii.gz", random_image((5, 6, 4)))
    assert open_scan(many).labels is None  # an image, whatever its name


def test_real_frame(shared_data: Path) -> None:
    scan = open_scan(shared_data / "acdc/patient001/patient001_frame01.nii.gz")
    assert scan.shape == (1, 10, 256, 216)
    assert scan.spacing == (10.0, 1.5625, 1.5625)
    volume = (scan.labels == Label.LV).sum() * scan.geometry.voxel_volume_ml
    assert volume == pytest.approx(295.5, abs=0.1)


def _patch(path: Path, offset: int, content: bytes) -> None:
    """Overwrite a field of an unpacked NIfTI-1 header."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)
