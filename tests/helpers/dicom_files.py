"""Small DICOM studies made from scratch, for tests of the reader."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import (
    UID,
    EnhancedMRImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    generate_uid,
)

# A short axis in the usual place (LPS+): rows and columns of the image, and base to apex.
ALONG_ROW = np.array([0.70, 0.70, -0.14142136])
DOWN_COLUMN = np.array([-0.30, 0.10, -0.99])
ALONG_ROW /= np.linalg.norm(ALONG_ROW)
DOWN_COLUMN -= (DOWN_COLUMN @ ALONG_ROW) * ALONG_ROW
DOWN_COLUMN /= np.linalg.norm(DOWN_COLUMN)
TO_APEX = -np.cross(ALONG_ROW, DOWN_COLUMN)
BASE = np.array([-60.0, -150.0, 90.0])
CYCLE_MS = 800.0
NAME, PATIENT_ID, BIRTH_DATE = "Nightingale^Florence", "HOSP-4711", "18200512"


def pixels_of(z: int, phase: float, shape: tuple[int, int] = (12, 16)) -> np.ndarray:
    """Image whose mean tells the slice and whose modulation tells the phase (in cycles)."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    pattern = 1 + 0.2 * np.sin(2 * np.pi * phase) + 0.1 * np.cos(2 * np.pi * phase)
    return np.round(1000 + 1000 * z + 10 * y + 3 * x + 400 * pattern).astype(np.uint16)


def image(
    z: int,
    frame: int,
    n_frames: int,
    *,
    study: str = "1.2.3",
    series: int = 7,
    dz: float = 9.0,
    shape: tuple[int, int] = (12, 16),
    cycle_ms: float = CYCLE_MS,
    **attributes: Any,
) -> Dataset:
    """One image of a cine; ``attributes`` replace elements, None removes them."""
    data = Dataset()
    data.SOPClassUID = MRImageStorage
    data.SOPInstanceUID = generate_uid()
    data.StudyInstanceUID = study
    data.SeriesInstanceUID = f"{study}.{series}"
    data.SeriesNumber = series
    data.SeriesDescription = ""
    data.Modality = "MR"
    data.ImageType = ["ORIGINAL", "PRIMARY", "M"]
    data.PatientName, data.PatientID, data.PatientBirthDate = NAME, PATIENT_ID, BIRTH_DATE
    data.PatientSex, data.PatientAge = "F", "045Y"
    data.PatientSize, data.PatientWeight = 1.62, 58.0
    data.InstanceNumber = z * n_frames + frame + 1
    data.TriggerTime = round(frame * cycle_ms / n_frames, 3)
    data.NominalInterval = round(cycle_ms)
    data.CardiacNumberOfImages = n_frames
    data.InPlanePhaseEncodingDirection = "COL"
    data.ImagePositionPatient = [float(f"{v:.6g}") for v in BASE + z * dz * TO_APEX]
    data.ImageOrientationPatient = [float(f"{v:.8f}") for v in (*ALONG_ROW, *DOWN_COLUMN)]
    data.SliceThickness = 6.0
    data.PixelSpacing = [1.5, 1.25]
    data.Rows, data.Columns = shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
    data.PixelData = pixels_of(z, frame / n_frames, shape).tobytes()
    for keyword, value in attributes.items():
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)
    return data


def save(data: Dataset, path: Path, syntax: UID = ExplicitVRLittleEndian) -> Path:
    """Write a data set as a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = data.SOPClassUID
    meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    data.file_meta = meta
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(path, enforce_file_format=True)
    return path


def write_cine(
    folder: Path,
    *,
    n_slices: int = 4,
    n_frames: int | Sequence[int] = 8,
    without: Collection[tuple[int, int]] = (),
    one_series_per_slice: bool = False,
    series: int = 7,
    seed: int = 0,
    **attributes: Any,
) -> list[Path]:
    """Write a short-axis cine under names that tell nothing.

    ``n_frames`` may differ from slice to slice; ``without`` names (slice, frame) cells left out.
    """
    counts = [n_frames] * n_slices if isinstance(n_frames, int) else list(n_frames)
    cells = [(z, t) for z in range(n_slices) for t in range(counts[z]) if (z, t) not in without]
    names = np.random.default_rng(seed).permutation(len(cells))
    paths = []
    for (z, t), name in zip(cells, names, strict=True):
        number = series + (10 * z if one_series_per_slice else 0)
        data = image(z, t, counts[z], series=number, **attributes)
        paths.append(save(data, folder / f"{name % 3}" / f"{series}-{name:04d}"))
    return paths


def enhanced(n_slices: int = 3, n_frames: int = 5, dz: float = 9.0) -> Dataset:
    """Whole cine in one enhanced multi-frame file, its frames in a scrambled order."""
    data = image(0, 0, n_frames)
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing",
                    "SliceThickness", "TriggerTime", "NominalInterval", "ImageType",
                    "InPlanePhaseEncodingDirection", "CardiacNumberOfImages"):  # fmt: skip
        delattr(data, keyword)
    data.SOPClassUID = EnhancedMRImageStorage
    cells = [(z, t) for z in range(n_slices) for t in range(n_frames)]
    cells = [cells[i] for i in np.random.default_rng(3).permutation(len(cells))]
    data.NumberOfFrames = len(cells)
    shared = Dataset()
    shared.PixelMeasuresSequence = _item(PixelSpacing=[1.5, 1.25], SliceThickness=6.0)
    orientation = [float(f"{v:.8f}") for v in (*ALONG_ROW, *DOWN_COLUMN)]
    shared.PlaneOrientationSequence = _item(ImageOrientationPatient=orientation)
    shared.MRFOVGeometrySequence = _item(InPlanePhaseEncodingDirection="ROW")
    data.SharedFunctionalGroupsSequence = DicomSequence([shared])
    groups = []
    for z, t in cells:
        group = Dataset()
        place = [float(f"{v:.6g}") for v in BASE + z * dz * TO_APEX]
        group.PlanePositionSequence = _item(ImagePositionPatient=place)
        group.CardiacSynchronizationSequence = _item(
            NominalCardiacTriggerDelayTime=t * CYCLE_MS / n_frames, RRIntervalTimeNominal=CYCLE_MS
        )
        group.PixelValueTransformationSequence = _item(
            RescaleSlope=2.0, RescaleIntercept=-100.0, RescaleType="US"
        )
        groups.append(group)
    data.PerFrameFunctionalGroupsSequence = DicomSequence(groups)
    data.PixelData = b"".join(pixels_of(z, t / n_frames).tobytes() for z, t in cells)
    return data


def _item(**elements: Any) -> DicomSequence:
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return DicomSequence([item])


def expected(n_slices: int = 4, n_frames: int = 8) -> np.ndarray:
    return np.array(
        [[pixels_of(z, t / n_frames) for z in range(n_slices)] for t in range(n_frames)],
        dtype=np.float32,
    )
