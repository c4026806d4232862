"""What a folder holds, listed without reading pixels."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from helpers import dicom_files as df
from helpers.scan_files import random_image, write_nifti

from napari_cmr.scan import ScanError, Study
from napari_cmr.scan.dicom.folder import read_folder
from napari_cmr.scan.dicom.reader import read_dicom
from napari_cmr.scan.dicom.stacks import assemble
from napari_cmr.scan.heart_views import sort_of, view_of
from napari_cmr.scan.index import index_dicom, index_scans
from napari_cmr.scan.notices import Code


@pytest.mark.parametrize(
    ("description", "view"),
    [
        ("cine_trufi_retro 4CH", "4CH"),
        ("CINE_2ch_LV", "2CH"),
        ("sBTFE_BH_SA_12sl", "SAX"),
        ("Short Axis cine", "SAX"),
        ("trufi_SAX_stack", "SAX"),
        ("LVOT 3ch", "3CH"),
        ("RVOT cine", "other"),
        ("four chamber", "4CH"),
        ("cine HLA", "4CH"),
        ("localizer sax", "other"),
        ("cine_trufi_retro", None),
        ("usability", None),
    ],
)
def test_views_by_description(description: str, view: str | None) -> None:
    assert view_of(description) == view


@pytest.mark.parametrize(
    ("description", "sort"),
    [
        ("PSIR_SAX", "lge"),
        ("2D DE TFL", "lge"),
        ("late enhancement", "lge"),
        ("dLGE", "lge"),
        ("cine_sax", ""),
        ("T1_map_MOLLI", "map"),
        ("flow_aorta_venc150", "flow"),
        ("dynamic rest perfusion", "perfusion"),
        ("side view", ""),
    ],
)
def test_sorts_by_description(description: str, sort: str) -> None:
    assert sort_of(description) == sort


def test_one_slice_per_series_is_assembled_and_tabled(tmp_path: Path) -> None:
    df.write_cine(tmp_path, one_series_per_slice=True, without={(1, 2)})
    index = index_dicom(tmp_path)
    assert index.n_series == 4
    stack = index.short_axis
    assert stack is not None
    assert (stack.key, stack.members) == ("SAX", ("7", "17", "27", "37"))
    assert index.default == "SAX"
    assert (stack.n_slices, stack.n_frames, stack.shape) == (4, 8, (12, 16))
    wanted = np.ones((4, 8), dtype=bool)
    wanted[1, 2] = False
    np.testing.assert_array_equal(stack.complete, wanted)
    first, *others = index.table()
    assert first["key"] == "SAX *"
    assert first["complete"] == "31 of 32"
    assert first["dz (mm)"] == "9.0"
    assert len(others) == 4
    assert {tuple(row) for row in index.table()} == {tuple(first)}
    told = json.loads(json.dumps(index.to_dict()))
    assert told["n_series"] == 4
    assert told["short_axis"] == "SAX"
    assert told["stacks"][0]["missing"] == [[1, 2]]


def test_transverse_stacks_are_not_short_axis(tmp_path: Path) -> None:
    places = [[-150.0, -150.0, 10.0 * z] for z in range(12)]
    for z, place in enumerate(places):
        orientation = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        data = df.image(
            z, 0, 1, series=2, ImagePositionPatient=place, ImageOrientationPatient=orientation
        )
        df.save(data, tmp_path / f"axial{z}")
    df.write_cine(tmp_path, n_slices=3, n_frames=2)
    index = index_dicom(tmp_path)
    views = {one.number: (one.view, one.kind) for one in index.series}
    assert views == {2: ("other", "other"), 7: ("SAX", "cine")}


def test_studies_are_not_mixed(tmp_path: Path) -> None:
    df.write_cine(tmp_path / "a", n_frames=2, one_series_per_slice=True, study="1.2.3")
    df.write_cine(tmp_path / "b", n_frames=2, one_series_per_slice=True, study="1.2.4")
    index = index_dicom(tmp_path)
    assert [stack.n_slices for stack in index.stacks] == [4, 4]
    assert index.n_series == 8
    assert {one.key for one in index.series} >= {"7", "7-2", "37-2"}


def test_a_description_is_needed_where_the_place_is_unknown(tmp_path: Path) -> None:
    df.write_cine(tmp_path, ImagePositionPatient=None, ImageOrientationPatient=None, n_frames=2)
    stack = index_dicom(tmp_path).series[0]
    assert (stack.view, stack.n_slices) == ("other", 1)
    assert any("does not say where" in note for note in map(str, stack.notes))


def test_other_formats_give_one_entry(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "cine.nii.gz", random_image((12, 10, 3, 4)))
    index = index_scans(path)
    assert index.format == "NIfTI"
    (entry,) = index.series
    assert (entry.n_slices, entry.n_frames, entry.shape) == (3, 4, (10, 12))
    assert index[index.default] is entry
    json.dumps(index.to_dict())


def test_nothing_there_is_a_scan_error(tmp_path: Path) -> None:
    with pytest.raises(ScanError):
        index_scans(tmp_path)
    with pytest.raises(KeyError):
        index_dicom(df.write_cine(tmp_path, n_frames=1)[0])["SAX-9"]


def test_biv_me(shared_data: Path) -> None:
    index = index_scans(shared_data / "bivme" / "dicom" / "patient1")
    assert index.n_series == 11
    stack = index.short_axis
    assert stack is not None
    assert (stack.n_slices, stack.n_frames, stack.is_complete) == (6, 25, True)
    assert stack.spacing[0] == pytest.approx(17.7, abs=1e-3)
    views = {one.number: one.view for one in index.series}
    assert [views[number] for number in (14001, 17001, 19001, 22001)] == [
        "4CH",
        "2CH",
        "2CH",
        "other",
    ]
    assert sum(view == "SAX" for view in views.values()) == 6


def test_views_of_biv_me_by_geometry_alone(shared_data: Path) -> None:
    folder = read_folder(shared_data / "bivme" / "dicom" / "patient1")
    series, stacks = assemble([replace(plane, description="") for plane in folder.planes])
    assert [stack.n_slices for stack in stacks] == [6]
    views = [one.view for one in series]
    # By its description series 16001 is a 4-chamber view; its plane is that of the outflow tract.
    assert views == ["SAX"] * 6 + ["4CH", "3CH", "2CH", "2CH", "other"]


def test_sunnybrook_patients_side_by_side(shared_data: Path) -> None:
    index = index_dicom(shared_data / "sunnybrook")
    assert {(one.n_slices, one.n_frames) for one in index.stacks} == {(12, 20), (10, 20)}
    assert all(one.view == "SAX" and one.is_complete for one in index.stacks)


def test_patients_of_one_folder_are_told_apart_without_their_names(tmp_path: Path) -> None:
    """Even where an anonymiser gave both the same UIDs."""
    df.write_cine(tmp_path / "a", n_frames=2, one_series_per_slice=True)
    df.write_cine(tmp_path / "b", n_slices=5, n_frames=2, PatientID="HOSP-4712")
    late = df.image(0, 0, 1, series=30, SeriesDescription="LGE sax", InversionTime=300)
    df.save(late, tmp_path / "lge")
    index = index_dicom(tmp_path)
    assert {one.key: (one.patient, one.n_slices) for one in index.stacks} == {
        "SAX": (2, 5),
        "SAX-2": (1, 4),
    }
    assert (index.default, index.n_patients, index.is_one_patient) == ("SAX", 2, False)
    (said,) = [one for one in index.notes if one.code == Code.OTHER_PATIENTS]
    assert said.text == (
        "the folder holds images of 2 patients: SAX is of one of them, series 7, 17, 27, 30, 37 of "
        "others"
    )
    assert said in read_dicom(tmp_path).notes
    assert {row["patient"] for row in index.table()} == {"1", "2"}
    study = Study.of_index(index)
    assert study.cine is index["SAX"]
    assert study.late_enhancement is None  # it is the other's
    secrets = (df.PATIENT_ID, "HOSP-4712", df.NAME)
    assert not any(one in json.dumps(index.to_dict()) for one in secrets)


def test_identifiers_that_differ_in_every_file_tell_no_patients_apart(tmp_path: Path) -> None:
    for path in df.write_cine(tmp_path, n_frames=2):
        data = pydicom.dcmread(path)
        data.PatientID = path.name
        data.save_as(path)
    index = index_dicom(tmp_path)
    assert (index.n_patients, index["SAX"].n_slices) == (1, 4)
    assert not any(one.code == Code.OTHER_PATIENTS for one in index.notes)
