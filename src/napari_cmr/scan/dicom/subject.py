"""What a DICOM header says about the person, as far as it matters for the numbers."""

import os
from pathlib import Path
from typing import Literal

from napari_cmr.scan.dicom.values import BoundedReader, as_number, quiet_dicom, within
from napari_cmr.scan.subject import Subject


def read_subject(path: Path, *, keep_identifiers: bool) -> Subject:
    """Read sex, age, height and weight; the patient's ID only when asked to.

    Damaged or absurd values become None: they must not cost anybody the images.
    """
    import pydicom

    tags = ["PatientSex", "PatientAge", "PatientSize", "PatientWeight"]
    if keep_identifiers:
        tags.append("PatientID")
    found: dict[str, str] = {}
    try:
        with quiet_dicom(), open(path, "rb") as file:
            reader = BoundedReader(file, os.fstat(file.fileno()).st_size, str(path))
            dataset = pydicom.dcmread(
                reader,
                stop_before_pixels=True,
                force=True,
                specific_tags=list(tags),
            )
            for tag in tags:
                found[tag] = str(dataset.get(tag, "") or "").strip()
    except Exception:  # the subject is a courtesy, see the docstring
        found = {}
    sex: Literal["female", "male"] | None = None
    if found.get("PatientSex", "") in ("F", "M"):
        sex = "female" if found["PatientSex"] == "F" else "male"
    height = as_number(found.get("PatientSize"))
    if height is not None and height < 3:
        height *= 100.0  # DICOM says metres; some scanners write centimetres
    return Subject(
        identifier=found.get("PatientID") or None,
        sex=sex,
        age_years=_age_years(found.get("PatientAge", "")),
        height_cm=within(height, 30.0, 250.0),
        weight_kg=within(as_number(found.get("PatientWeight")), 0.5, 500.0),
    )


def _age_years(text: str) -> float | None:
    units = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
    if len(text) != 4 or not text[:3].isdigit() or text[3] not in units:
        return None
    return within(int(text[:3]) * units[text[3]], 0.0, 130.0)
