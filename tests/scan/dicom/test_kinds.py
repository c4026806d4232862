"""Kinds of image and repeats in one series: what is told apart by what, and what cannot be."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import dicom_files as df
from pydicom.uid import generate_uid

from napari_cmr.scan import ScanError
from napari_cmr.scan.dicom.reader import read_dicom
from napari_cmr.scan.index import index_dicom

N_SLICES, N_FRAMES = 3, 8


def expected(n_slices: int = N_SLICES) -> np.ndarray:
    return np.array(
        [[df.pixels_of(z, t / N_FRAMES) for z in range(n_slices)] for t in range(N_FRAMES)],
        dtype=np.float32,
    )


def write_twice(folder: Path, *kinds: dict[str, Any], **both: Any) -> None:
    """Write a cine with two or more images of every place and time; all but the first are dark."""
    for z in range(N_SLICES):
        for t in range(N_FRAMES):
            for k, kind in enumerate(kinds):
                given = {**both, **kind}
                ge = given.pop("ge", None)
                given.setdefault("InstanceNumber", (z * N_FRAMES + t) * len(kinds) + k + 1)
                data = df.image(z, t, N_FRAMES, **given)
                if k:
                    data.PixelData = (9000 - df.pixels_of(z, t / N_FRAMES)).tobytes()
                if ge is not None:
                    block = data.private_block(0x0043, "GEMS_PARM_01", create=True)
                    block.add_new(0x2F, "SS", ge)
                df.save(data, folder / f"{z}_{t}_{k}")


KINDS = {
    "real part": ({"ImageType": ["ORIGINAL", "PRIMARY", "M_FFE", "M"]},
                  {"ImageType": ["ORIGINAL", "PRIMARY", "R_FFE", "R"]}),
    "GE phase": ({"ge": 0}, {"ge": 1}),
    "echo": ({"EchoTime": 1.5}, {"EchoTime": 8.0}),
    "fat": ({"ImageType": ["DERIVED", "PRIMARY", "WATER"]},
            {"ImageType": ["DERIVED", "PRIMARY", "FAT"]}),
    "inversion": ({"InversionTime": 0}, {"InversionTime": 300}),
    "description": ({"SeriesDescription": "cine"}, {"SeriesDescription": "cine MOCO"}),
    "comments": ({"ImageComments": "T2 prep 0 ms"}, {"ImageComments": "T2 prep 40 ms"}),
    "velocity": ({"SequenceName": "fl2d1"}, {"SequenceName": "fl2d1_v150in"},
                 {"SequenceName": "fl2d1_v150ap"}),
}  # fmt: skip


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("name", KINDS)
def test_other_kinds_of_image_stay_apart_from_the_cine(
    tmp_path: Path, name: str, timed: bool
) -> None:
    write_twice(tmp_path, *KINDS[name], **({} if timed else {"TriggerTime": None}))
    scan = read_dicom(tmp_path)
    np.testing.assert_array_equal(scan.image, expected())
    assert not any("repeat" in note for note in map(str, scan.notes))
    stacks = index_dicom(tmp_path).stacks
    assert [one.kind for one in stacks] == ["cine"] + ["other"] * (len(KINDS[name]) - 1)
    assert [one.n_frames for one in stacks] == [N_FRAMES] * len(KINDS[name])


@pytest.mark.parametrize(
    ("both", "missing"),
    [
        ({}, "echo time, image type, acquisition time"),
        ({"AcquisitionTime": "101500"}, "echo time, image type, acquisition time"),
        ({"TriggerTime": None, "InstanceNumber": None}, "trigger time, temporal position"),
        ({"TriggerTime": None}, "trigger time, temporal position"),
        ({"TriggerTime": 0, "InstanceNumber": 1}, "trigger time, temporal position"),
    ],
)
def test_what_nothing_tells_apart_is_refused_and_never_called_a_repeat(
    tmp_path: Path, both: dict[str, Any], missing: str
) -> None:
    write_twice(tmp_path, {}, {}, **both)
    with pytest.raises(ScanError, match=f"slice 1 holds 16 images.*cannot be told.*{missing}"):
        read_dicom(tmp_path)
    assert any("cannot be told" in note for note in map(str, index_dicom(tmp_path).stacks[0].notes))


def test_equal_pixels_are_copies(tmp_path: Path) -> None:
    for name in ("first", "second"):
        df.write_cine(tmp_path / name)
    scan = read_dicom(tmp_path)
    np.testing.assert_array_equal(scan.image, expected(4))
    assert any("slice 1: 8 copies of images" in note for note in map(str, scan.notes))


@pytest.mark.parametrize("what", ["SeriesInstanceUID", "StudyInstanceUID"])
def test_uids_made_up_file_by_file_do_not_tear_a_cine_apart(tmp_path: Path, what: str) -> None:
    for z in range(N_SLICES):
        for t in range(N_FRAMES):
            uids = {"SeriesInstanceUID": generate_uid(), what: generate_uid()}
            df.save(df.image(z, t, N_FRAMES, **uids), tmp_path / f"{z}{t}")
    scan = read_dicom(tmp_path)
    np.testing.assert_array_equal(scan.image, expected())
    assert any("series UID of its own" in note for note in map(str, scan.notes))
    assert len(index_dicom(tmp_path).series) == 1


def test_single_image_series_of_late_enhancement_stay_series(tmp_path: Path) -> None:
    for z in range(5):
        data = df.image(z, 0, 1, series=20 + z, SeriesDescription="LGE", TriggerTime=None)
        df.save(data, tmp_path / str(z))
    index = index_dicom(tmp_path)
    assert [one.number for one in index.series] == [20, 21, 22, 23, 24]
    assert read_dicom(tmp_path).shape == (1, 5, 12, 16)


def test_slices_with_a_location_but_no_position(tmp_path: Path) -> None:
    for z in range(N_SLICES):
        for t in range(N_FRAMES):
            data = df.image(z, t, N_FRAMES, SliceLocation=12.5 * z)
            del data.ImagePositionPatient, data.ImageOrientationPatient
            df.save(data, tmp_path / f"{z}{t}")
    scan = read_dicom(tmp_path)
    np.testing.assert_array_equal(scan.image, expected())
    assert scan.spacing[0] == pytest.approx(12.5)
    assert not scan.geometry.trusted
    assert any("does not say where the slices lie" in note for note in map(str, scan.notes))


def test_slices_that_all_claim_one_position_are_told_apart_by_their_location(
    tmp_path: Path,
) -> None:
    for z in range(N_SLICES):
        for t in range(N_FRAMES):
            place = df.image(0, t, N_FRAMES).ImagePositionPatient
            data = df.image(z, t, N_FRAMES, SliceLocation=-9.0 * z, ImagePositionPatient=place)
            df.save(data, tmp_path / f"{z}{t}")
    scan = read_dicom(tmp_path)
    assert scan.shape == (N_FRAMES, N_SLICES, 12, 16)
    assert scan.spacing[0] == pytest.approx(9.0)
    assert not scan.geometry.trusted
    assert any("claim one position" in note for note in map(str, scan.notes))


def test_pixel_spacing_as_text_of_any_kind(tmp_path: Path) -> None:
    from pydicom.dataelem import DataElement

    for vr, value in (("UT", "1.5\\1.25"), ("LO", ["1.5", "1.25"]), ("FD", [1.5, 1.25])):
        for z in range(2):
            data = df.image(z, 0, 1, PixelSpacing=None)
            data.add(DataElement(0x00280030, vr, value))
            df.save(data, tmp_path / vr / str(z))
        assert read_dicom(tmp_path / vr).spacing[1:] == (1.5, 1.25)
