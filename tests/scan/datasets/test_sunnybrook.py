"""Contours of the Sunnybrook data as labels."""

from pathlib import Path

import numpy as np
import pytest
from helpers import dicom_files as df
from helpers.notices import said

from napari_cmr.scan import Code, Label, ScanError
from napari_cmr.scan.datasets.sunnybrook import read_contours
from napari_cmr.scan.dicom.reader import read_dicom


def write_contour(folder: Path, number: int, which: str, low: int, high: int) -> None:
    """Write a square through pixel centres ``low`` to ``high``, counted from 1."""
    folder.mkdir(exist_ok=True)
    corners = [(low, low), (high, low), (high, high), (low, high)]
    text = "\n".join(f"{x + 0.5:.2f} {y + 0.5:.2f}" for x, y in corners)
    (folder / f"IM-0001-{number:04d}-{which}contour-manual.txt").write_text(text)


def write_study(folder: Path) -> None:
    for number, (z, t) in enumerate(((z, t) for z in range(3) for t in range(4)), start=1):
        df.save(df.image(z, t, 4), folder / f"{number}.dcm")


def test_contours_become_labels_of_their_frame_and_slice(tmp_path: Path) -> None:
    write_study(tmp_path / "dicom")
    write_contour(tmp_path / "c", 5, "i", 3, 7)
    write_contour(tmp_path / "c", 5, "o", 2, 9)
    write_contour(tmp_path / "c", 7, "i", 4, 6)
    scan = read_contours(tmp_path / "c", read_dicom(tmp_path / "dicom"))
    assert scan.labels is not None
    assert scan.labelled_frames == (0, 2)
    assert (scan.ed_frame, scan.es_frame) == (0, 2)
    labels = scan.labels[0, 1]
    # A square from 3.5 to 7.5, counted from 1, holds the centres 4 to 7: 3 to 6 counted from 0.
    np.testing.assert_array_equal(np.unique(np.argwhere(labels == Label.LV)), np.arange(3, 7))
    assert (labels == Label.LV).sum() == 16
    assert (labels == Label.MYO).sum() == 7 * 7 - 16
    assert (scan.labels[2, 1] == Label.LV).sum() == 4
    assert scan.labels[:, [0, 2]].max() == 0
    (missing,) = said(scan.notes, Code.CONTOURS_DOUBTFUL)
    assert "no epicardial contours" in missing.text
    assert "frame 3" in missing.text


@pytest.mark.parametrize(
    "text", ["", "1 2\n3 4", "1 2 3\n4 5 6\n7 8 9", "a b\nc d\ne f", "nan 1\n2 3\n4 5"]
)
def test_what_is_not_a_contour_is_refused(tmp_path: Path, text: str) -> None:
    write_study(tmp_path / "dicom")
    (tmp_path / "IM-0001-0005-icontour-manual.txt").write_text(text)
    with pytest.raises(ScanError, match="x y points"):
        read_contours(tmp_path, read_dicom(tmp_path / "dicom"))


def test_contours_of_another_patient_are_refused(tmp_path: Path) -> None:
    write_study(tmp_path / "dicom")
    scan = read_dicom(tmp_path / "dicom")
    with pytest.raises(ScanError, match="no contour files"):
        read_contours(tmp_path, scan)
    write_contour(tmp_path / "c", 500, "i", 3, 7)
    with pytest.raises(ScanError, match="no image of the scan has the number 500"):
        read_contours(tmp_path / "c", scan)


@pytest.mark.parametrize(
    ("patient", "contours", "ef"), [("101", "SC-HF-I-1", 26), ("301", "SC-HF-I-4", 22)]
)
def test_ejection_fraction_of_the_real_contours(
    shared_data: Path, patient: str, contours: str, ef: float
) -> None:
    folder = shared_data / "sunnybrook"
    scan = read_contours(folder / "contours" / contours, read_dicom(folder / f"SCD0000{patient}"))
    assert scan.labels is not None
    assert scan.ed_frame is not None
    assert scan.es_frame is not None
    volume = (scan.labels == Label.LV).sum(axis=(1, 2, 3)) * scan.geometry.voxel_volume_ml
    found = 100 * (1 - volume[scan.es_frame] / volume[scan.ed_frame])
    assert found == pytest.approx(ef, abs=0.5)
