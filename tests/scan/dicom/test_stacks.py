"""Which slices make the short-axis cine, and what is said of those that do not."""

from pathlib import Path

import numpy as np
import pytest
from helpers import dicom_files as df
from helpers.notices import said

from napari_cmr.scan import Code
from napari_cmr.scan.dicom.reader import read_dicom
from napari_cmr.scan.index import index_dicom


def turned(degrees: float) -> list[float]:
    """Orientation of slices tilted around their rows."""
    angle = np.deg2rad(degrees)
    down = df.DOWN_COLUMN * np.cos(angle) + df.TO_APEX * np.sin(angle)
    return [float(f"{v:.8f}") for v in (*df.ALONG_ROW, *down)]


def write_replanned(folder: Path, n_replanned: int, **changes) -> None:
    """Six single-slice series, the last ones of which were planned again."""
    for z in range(6):
        own = changes if z >= 6 - n_replanned else {}
        for t in range(8):
            df.save(df.image(z, t, 8, series=z + 1, **own), folder / f"{z}{t}")


def test_slices_that_are_tilted_a_little_belong_to_the_stack(tmp_path: Path) -> None:
    write_replanned(tmp_path, 2, ImageOrientationPatient=turned(1.5))
    scan = read_dicom(tmp_path)
    assert scan.shape == (8, 6, 12, 16)
    assert scan.spacing[0] == pytest.approx(9.0, rel=1e-3)
    (tilted,) = said(scan.notes, Code.SLICES_TILTED)
    assert "slice 5, 6: tilted" in tilted.text
    assert "1.5 degrees" in tilted.text
    columns = scan.geometry.affines[:, :3, 1] / scan.spacing[1]
    angles = np.rad2deg(np.arccos(np.clip(columns @ columns[0], -1, 1)))
    np.testing.assert_allclose(angles, [0, 0, 0, 0, 1.5, 1.5], atol=0.01)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"PixelSpacing": [1.4, 1.17]}, "1.4 x 1.17 mm, not 1.5 x 1.25"),
        ({"ImageOrientationPatient": turned(8)}, "tilted by 8 degrees"),
        ({"SequenceName": "fl2d1"}, "another sequence"),
    ],
)
def test_short_axis_slices_that_are_left_out_are_named(
    tmp_path: Path, changes: dict, why: str
) -> None:
    write_replanned(tmp_path, 1, **changes)
    scan = read_dicom(tmp_path)
    assert scan.shape[1] == 5
    (note,) = (note for note in map(str, scan.notes) if "left out" in note)
    assert "series 6 holds a short-axis slice" in note
    assert why in note


def test_another_matrix_is_named_too(tmp_path: Path) -> None:
    write_replanned(tmp_path, 0)
    for t in range(8):
        df.save(df.image(6, t, 8, series=9, shape=(14, 16)), tmp_path / f"more{t}")
    (note,) = read_dicom(tmp_path).notes
    assert "matrix is 14 x 16, not 12 x 16" in note.text


def test_a_stack_measured_twice_is_nothing_left_out(tmp_path: Path) -> None:
    for series in (7, 8):
        df.write_cine(tmp_path, series=series)
    assert not any("left out" in note for note in map(str, read_dicom(tmp_path).notes))


def write_perfusion(
    folder: Path, description: str, *, jitter: float = 0.0, **changes: object
) -> None:
    for z, delay in enumerate((100.0, 250.0, 400.0)):
        for beat in range(30):
            data = df.image(
                z, 0, 30, series=9, dz=20.0, SeriesDescription=description,
                TriggerTime=delay + jitter * (beat % 5), InstanceNumber=beat * 3 + z + 1,
                AcquisitionTime=f"1100{beat:02d}.{z}00", CardiacNumberOfImages=None,
            )  # fmt: skip
            for keyword in changes:
                delattr(data, keyword)
            df.save(data, folder / f"p{z}{beat}")


@pytest.mark.parametrize("description", ["REST SA", "stress", "SAX"])
@pytest.mark.parametrize(
    "changes", [{}, {"TriggerTime": None}, {"AcquisitionTime": None}, {"jitter": 3.0}]
)
def test_one_image_a_beat_is_no_cine_whatever_it_is_called(
    tmp_path: Path, description: str, changes: dict
) -> None:
    write_perfusion(tmp_path / "perfusion", description, **changes)
    index = index_dicom(tmp_path)
    assert [one.kind for one in index.stacks] == ["other"]
    scan = read_dicom(tmp_path)
    assert scan.shape[:2] == (30, 3)
    notes = [str(note) for note in scan.notes]
    assert any("dynamic series" in note for note in notes)
    assert not any("repeat" in note for note in notes)
    df.write_cine(tmp_path / "cine")
    assert read_dicom(tmp_path).shape == (8, 4, 12, 16)


def test_a_stated_cycle_is_kept_where_the_images_span_several_beats(tmp_path: Path) -> None:
    n_frames = 48
    for z in range(3):
        for t in range(n_frames):
            data = df.image(z, t, n_frames, TriggerTime=50.0 * t, NominalInterval=800)
            df.save(data, tmp_path / f"{z}{t}")
    scan = read_dicom(tmp_path)
    assert scan.cycle_ms == pytest.approx(800)
    assert scan.n_beats == pytest.approx(3, rel=0.05)
    assert not scan.has_full_cycle
    np.testing.assert_allclose(scan.frame_times_ms, 50.0 * np.arange(n_frames))
    assert any("span 3.0 heart beats" in note for note in map(str, scan.notes))


def test_without_a_stated_cycle_no_heart_rate_is_made_of_several_beats(tmp_path: Path) -> None:
    for z in range(3):
        for t in range(48):
            data = df.image(z, t, 48, TriggerTime=50.0 * t, NominalInterval=None)
            df.save(data, tmp_path / f"{z}{t}")
    scan = read_dicom(tmp_path)
    assert scan.cycle_ms is None
    assert not scan.has_full_cycle
    assert any("heart rate is not known" in note for note in map(str, scan.notes))


def test_one_cycle_stays_one_cycle(tmp_path: Path) -> None:
    df.write_cine(tmp_path)
    scan = read_dicom(tmp_path)
    assert (scan.n_beats, scan.has_full_cycle) == (1.0, True)
