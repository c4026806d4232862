"""What a header says about the person: plausible values, and no name."""

from pathlib import Path

import pytest
from helpers import dicom_files as df

from napari_cmr.scan import Subject
from napari_cmr.scan.dicom.subject import read_subject


def subject(folder: Path, *, keep: bool = False, **attributes) -> Subject:
    path = df.save(df.image(0, 0, 1, **attributes), folder / "one.dcm")
    return read_subject(path, keep_identifiers=keep)


def test_plausible_values_are_read_in_our_units(tmp_path: Path) -> None:
    found = subject(tmp_path)
    assert found == Subject(sex="female", age_years=45.0, height_cm=162.0, weight_kg=58.0)
    assert subject(tmp_path, keep=True).identifier == df.PATIENT_ID
    assert df.NAME not in repr(subject(tmp_path, keep=True))


@pytest.mark.parametrize(
    ("age", "years"),
    [("006M", 0.5), ("002W", 14 / 365.25), ("010D", 10 / 365.25), ("131Y", None), (None, None)],
)
def test_ages_have_units(tmp_path: Path, age, years) -> None:
    found = subject(tmp_path, PatientAge=age).age_years
    assert found == (None if years is None else pytest.approx(years))


@pytest.mark.parametrize(
    ("size", "height"), [(1.7, 170.0), (170, 170.0), (2.9, None), (0, None), (300, None)]
)
def test_heights_in_metres_or_centimetres(tmp_path: Path, size, height) -> None:
    assert subject(tmp_path, PatientSize=size).height_cm == height


def test_what_is_absurd_or_damaged_is_not_known(tmp_path: Path) -> None:
    found = subject(tmp_path, PatientWeight=900, PatientSex="O", PatientAge=None, PatientSize=None)
    assert found == Subject()
    path = tmp_path / "one.dcm"
    path.write_bytes(path.read_bytes()[:200] + b"\xff" * 50)
    assert read_subject(path, keep_identifiers=True).sex is None
    assert read_subject(tmp_path / "nothing.dcm", keep_identifiers=True) == Subject()
