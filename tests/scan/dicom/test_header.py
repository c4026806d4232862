"""What a header says of an image, and what is said of one that cannot be used."""

from pathlib import Path

import numpy as np
import pytest
from helpers import dicom_files as df
from helpers.dicom_files import expected
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from napari_cmr.scan import ScanError
from napari_cmr.scan.dicom.header import Plane, UnusableFile, read_planes
from napari_cmr.scan.dicom.reader import read_dicom


def test_files_without_a_preamble_are_read(tmp_path: Path) -> None:
    for i, (z, t) in enumerate((z, t) for z in range(4) for t in range(2)):
        buffer = DicomBytesIO()
        buffer.is_little_endian, buffer.is_implicit_VR = True, True
        write_dataset(buffer, df.image(z, t, 2))
        (tmp_path / str(i)).write_bytes(buffer.getvalue())
    np.testing.assert_array_equal(read_dicom(tmp_path).image, expected(4, 2))


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"Modality": "CT"}, "modality CT, not MR"),
        ({"PixelSpacing": [0.0, 0.0]}, "no usable pixel spacing"),
        ({"PixelSpacing": None}, "no usable pixel spacing"),
        ({"ImageOrientationPatient": [1.0, 0, 0, 1.0, 0, 0]}, "orientation is not two"),
        ({"ImagePositionPatient": [1e30, 0, 0]}, "position is not three"),
        ({"Rows": 60000, "Columns": 60000}, "60000 x 60000"),
        ({"Rows": 0}, "0 x 16"),
        ({"NumberOfFrames": 2000000000}, "2000000000 frames"),
        ({"NumberOfFrames": 9000}, "truncated"),
        ({"PixelData": None}, "no pixel data"),
        ({"SamplesPerPixel": 3}, "colour"),
        ({"BitsAllocated": 1}, "1 bits"),
    ],
)
def test_unusable_headers_say_what_is_wrong(
    tmp_path: Path, attributes: dict[str, object], message: str
) -> None:
    df.save(df.image(0, 0, 1, **attributes), tmp_path / "one.dcm")
    with pytest.raises(ScanError, match=message):
        read_dicom(tmp_path)


def test_a_position_that_is_not_a_number_is_refused(tmp_path: Path) -> None:
    path = df.save(df.image(0, 0, 1), tmp_path / "one.dcm")
    content = path.read_bytes()
    assert b"-60.0\\-150.0\\90.0" in content
    path.write_bytes(content.replace(b"-60.0\\-150.0\\90.0", b"nan  \\-150.0\\90.0"))
    with pytest.raises(ScanError, match="position is not three plausible numbers"):
        read_dicom(path)


def header(tmp_path: Path, **attributes) -> Plane:
    (found,) = read_planes(df.save(df.image(1, 3, 20, **attributes), tmp_path / "one.dcm"))
    return found


def test_what_a_header_says(tmp_path: Path) -> None:
    one = header(tmp_path, SequenceName="*tfi2d1_17", ScanningSequence="GR")
    assert (one.rows, one.columns, one.spacing) == (12, 16, (1.5, 1.25))
    assert (one.number, one.instance, one.n_phases) == (7, 24, 20)
    assert (one.trigger_ms, one.cycle_ms) == (120.0, 800.0)
    assert (one.phase_encode_axis, one.thickness, one.placed) == ("Y", 6.0, True)
    assert one.sequence == "tfid/GR"
    assert (one.localizer, one.inverted) == (False, False)
    np.testing.assert_allclose(np.linalg.norm(one.normal), 1)


@pytest.mark.parametrize(
    ("attributes", "field", "value"),
    [
        ({"NominalInterval": 0, "HeartRate": 75}, "cycle_ms", 800.0),
        ({"NominalInterval": 3500, "HeartRate": 10}, "cycle_ms", None),
        ({"TriggerTime": -5}, "trigger_ms", None),
        ({"TriggerTime": None}, "trigger_ms", None),
        ({"InPlanePhaseEncodingDirection": "ROW"}, "phase_encode_axis", "X"),
        ({"InPlanePhaseEncodingDirection": None}, "phase_encode_axis", None),
        ({"SliceThickness": 900}, "thickness", None),
        ({"SpacingBetweenSlices": 9}, "slice_spacing", 9.0),
        ({"InversionTime": 300}, "inversion_ms", 300.0),
        ({"AcquisitionTime": "101530.25"}, "acquired_s", 36930.25),
        ({"AcquisitionTime": "10:15:30"}, "acquired_s", 36930.0),
        ({"AcquisitionTime": "1015"}, "acquired_s", None),
        ({"AcquisitionDateTime": "20200101101530.5+0100"}, "acquired_s", 36930.5),
        ({"ProtocolName": "cine"}, "description", "cine"),
        ({"ImageType": ["ORIGINAL", "LOCALIZER"]}, "localizer", True),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "inverted", True),
        ({"TemporalPositionIdentifier": 4}, "temporal_index", 4),
        ({"ImagePositionPatient": None, "SliceLocation": 12.5}, "placed", False),
    ],
)
def test_each_value_is_read_or_not_known(tmp_path: Path, attributes, field, value) -> None:
    assert getattr(header(tmp_path, **attributes), field) == value


def test_without_a_place_the_location_counts(tmp_path: Path) -> None:
    one = header(tmp_path, ImageOrientationPatient=None, SliceLocation=12.5)
    assert one.position.tolist() == [0, 0, 12.5]
    np.testing.assert_allclose(one.normal, [0, 0, 1])


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"Modality": "CT"}, "modality CT, not MR"),
        ({"Modality": ""}, "modality not stated"),
        ({"Rows": 1}, "image size 1 x 16"),
        ({"Rows": 30000, "Columns": 30000}, "image size 30000"),
        ({"BitsAllocated": 12}, "12 bits per pixel"),
        ({"NumberOfFrames": 10**6}, "frames in one file is not plausible"),
        ({"Rows": 500}, "truncated"),
        ({"PixelSpacing": [0.01, 1]}, "no usable pixel spacing"),
        ({"SamplesPerPixel": 3}, "colour picture"),
        ({"ImagePositionPatient": [0, 0, 1e5]}, "slice position"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "not two perpendicular"),
        ({"ImageOrientationPatient": [1, 0, 0, 0, 2, 0]}, "not two perpendicular"),
        ({"Rows": None}, "DICOM without an image"),
    ],
)
def test_what_is_no_image_says_why(tmp_path: Path, attributes, reason) -> None:
    with pytest.raises(UnusableFile, match=reason):
        header(tmp_path, **attributes)


def test_frames_of_one_file_are_images_of_their_own(tmp_path: Path) -> None:
    planes = read_planes(df.save(df.enhanced(2, 3), tmp_path / "one.dcm"))
    assert len(planes) == 6
    assert [one.frame for one in planes] == list(range(6))
    assert len({one.uid for one in planes}) == 6
    assert len({one.trigger_ms for one in planes}) == 3
    assert len({tuple(one.position) for one in planes}) == 2
