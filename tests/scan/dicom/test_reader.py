"""DICOM studies, most of them made here, and the real ones where they are."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import dicom_files as df
from helpers.dicom_files import expected

from napari_cmr.scan import ScanError
from napari_cmr.scan.dicom.reader import dicom_cells, read_dicom
from napari_cmr.scan.index import index_dicom


@pytest.mark.parametrize("one_series_per_slice", [False, True])
def test_a_cine_under_shuffled_names_comes_back_in_order(
    tmp_path: Path, one_series_per_slice: bool
) -> None:
    df.write_cine(tmp_path, one_series_per_slice=one_series_per_slice)
    scan = read_dicom(tmp_path)
    np.testing.assert_array_equal(scan.image, expected())
    np.testing.assert_allclose(scan.spacing, (9.0, 1.5, 1.25), rtol=1e-4)
    np.testing.assert_allclose(scan.frame_times_ms, np.arange(8) * 100.0, atol=0.01)
    assert scan.cycle_ms == pytest.approx(800)
    assert (scan.kind, scan.name, scan.phase_encode_axis) == ("cine", "short axis", "Y")
    assert scan.notes == ()


def test_affines_place_an_oblique_stack_in_ras(tmp_path: Path) -> None:
    df.write_cine(tmp_path, n_frames=3)
    geometry = read_dicom(tmp_path).geometry
    column, row, z = 5, 7, 2
    lps = df.BASE + z * 9.0 * df.TO_APEX + column * 1.25 * df.ALONG_ROW + row * 1.5 * df.DOWN_COLUMN
    ras = geometry.affines[z] @ (column, row, 0, 1)
    np.testing.assert_allclose(ras[:3], lps * (-1, -1, 1), atol=2e-3)
    assert geometry.is_regular
    np.testing.assert_allclose(geometry.affine @ (column, row, z, 1), ras, atol=2e-3)


def test_slices_run_from_base_to_apex_whichever_way_they_were_measured(tmp_path: Path) -> None:
    df.write_cine(tmp_path, n_frames=2, dz=-9.0)
    scan = read_dicom(tmp_path)
    np.testing.assert_array_equal(scan.image, expected(4, 2)[:, ::-1])


def test_names_birth_dates_and_identifiers_are_dropped(tmp_path: Path) -> None:
    folder = tmp_path / df.NAME.replace("^", "_")
    df.write_cine(folder, n_frames=2)
    scan = read_dicom(folder)
    subject = scan.subject
    assert subject.identifier is None
    assert (subject.sex, subject.age_years) == ("female", 45.0)
    assert (subject.height_cm, subject.weight_kg) == (pytest.approx(162), 58.0)
    told = repr((scan.name, scan.notes, subject)) + json.dumps(index_dicom(folder).to_dict())
    for secret in (*df.NAME.split("^"), df.PATIENT_ID, df.BIRTH_DATE):
        assert secret not in told
    kept = read_dicom(folder, keep_identifiers=True)
    assert kept.subject.identifier == df.PATIENT_ID
    assert df.NAME.split("^")[0] not in repr(kept.subject)


def test_a_missing_phase_is_named_and_interpolated(tmp_path: Path) -> None:
    df.write_cine(tmp_path, without={(2, 3), (2, 0)})
    index = index_dicom(tmp_path)
    assert index.short_axis is not None
    assert index.short_axis.missing == ((2, 0), (2, 3))
    scan = read_dicom(tmp_path)
    assert scan.n_frames == 8
    assert any("slice 3" in note and "missing phase 1, 4" in note for note in map(str, scan.notes))
    assert any("phase 1, 4 interpolated" in note for note in map(str, scan.notes))
    there = [t for t in range(8) if t not in (0, 3)]
    np.testing.assert_array_equal(scan.image[there], expected()[there])
    # The pattern moves by 180 over the cycle; a cubic between neighbours is within a tenth.
    assert np.abs(scan.image - expected()).max() < 18


def test_a_phase_missing_everywhere_is_found_by_the_clock(tmp_path: Path) -> None:
    df.write_cine(tmp_path, without={(z, 5) for z in range(4)})
    index = index_dicom(tmp_path)
    assert index.short_axis is not None
    assert index.short_axis.n_frames == 8
    assert index.short_axis.missing == tuple((z, 5) for z in range(4))


def test_a_missing_phase_is_found_without_trigger_times(tmp_path: Path) -> None:
    df.write_cine(tmp_path, without={(1, 4)}, TriggerTime=None)
    scan = read_dicom(tmp_path)
    assert any("slice 2: missing phase 5" in note for note in map(str, scan.notes))
    assert any("no trigger times" in note for note in map(str, scan.notes))
    np.testing.assert_array_equal(scan.image[5:, 1], expected()[5:, 1])


def test_a_slice_that_is_mostly_missing_is_refused_by_name(tmp_path: Path) -> None:
    df.write_cine(tmp_path, without={(1, t) for t in (1, 2, 4, 5)})
    with pytest.raises(ScanError, match="slice 2 lacks 4 of its 8 phases"):
        read_dicom(tmp_path)


def test_a_slice_of_one_image_is_not_a_cine(tmp_path: Path) -> None:
    df.write_cine(tmp_path, n_frames=[8, 8, 1, 8])
    stack = index_dicom(tmp_path)["SAX"]
    assert stack.complete.sum(axis=1).tolist() == [8, 8, 1, 8]
    with pytest.raises(ScanError, match="slice 3 lacks 7 of its 8 phases"):
        read_dicom(tmp_path)


def test_other_numbers_of_phases_are_resampled_onto_the_common_cycle(tmp_path: Path) -> None:
    df.write_cine(tmp_path, n_frames=[20, 16, 20, 25])
    scan = read_dicom(tmp_path)
    assert scan.shape == (20, 4, 12, 16)
    assert any("slice 2 has 16 phases, not 20: resampled" in note for note in map(str, scan.notes))
    assert any("slice 4 has 25 phases" in note for note in map(str, scan.notes))
    np.testing.assert_allclose(scan.image, expected(4, 20), atol=2.0)
    assert index_dicom(tmp_path)["SAX"].is_complete


def test_cycles_of_different_length_are_matched_by_fraction(tmp_path: Path) -> None:
    for z, cycle in enumerate((700.0, 800.0, 950.0)):
        for t in range(8):
            df.save(df.image(z, t, 8, cycle_ms=cycle), tmp_path / f"{z}{t}")
    scan = read_dicom(tmp_path)
    np.testing.assert_array_equal(scan.image, expected(3, 8))
    assert scan.cycle_ms == pytest.approx(800)


def test_of_repeated_slices_and_images_the_later_is_kept(tmp_path: Path) -> None:
    df.write_cine(tmp_path, AcquisitionTime="101500")
    for t in range(8):
        pixels = (df.pixels_of(1, t / 8) + 7).tobytes()
        again = df.image(1, t, 8, series=90, AcquisitionTime="103000", PixelData=pixels)
        df.save(again, tmp_path / f"again{t}")
    pixels = (df.pixels_of(3, 2 / 8) + 9).tobytes()
    once = df.image(3, 2, 8, InstanceNumber=99, AcquisitionTime="102000", PixelData=pixels)
    df.save(once, tmp_path / "once")
    scan = read_dicom(tmp_path)
    wanted = expected()
    wanted[:, 1] += 7
    wanted[2, 3] += 9
    np.testing.assert_array_equal(scan.image, wanted)
    assert any("slice 2 was measured in 2 series" in note for note in map(str, scan.notes))
    assert any("slice 4: 1 repeated images" in note for note in map(str, scan.notes))


def test_two_whole_stacks_at_one_place_are_not_mixed(tmp_path: Path) -> None:
    df.write_cine(tmp_path, series=7)
    df.write_cine(tmp_path, series=8)
    index = index_dicom(tmp_path)
    assert [stack.members for stack in index.stacks] == [("7",), ("8",)]


def test_of_a_cycle_measured_twice_the_second_is_kept(tmp_path: Path) -> None:
    for z in range(3):
        for t in range(8):
            df.save(df.image(z, t, 8), tmp_path / f"first{z}{t}")
            delay = t * 104.0  # another breath hold, another heart rate
            pixels = (df.pixels_of(z, t / 8) + 5).tobytes()
            again = df.image(
                z, t, 8, TriggerTime=delay, InstanceNumber=500 + 8 * z + t, PixelData=pixels
            )
            df.save(again, tmp_path / f"second{z}{t}")
    scan = read_dicom(tmp_path)
    np.testing.assert_array_equal(scan.image, expected(3) + 5)
    assert any("slice 1: 8 repeated images" in note for note in map(str, scan.notes))


def test_enhanced_multi_frame(tmp_path: Path) -> None:
    path = df.save(df.enhanced(), tmp_path / "IM_0001")
    scan = read_dicom(path)
    np.testing.assert_array_equal(scan.image, 2 * expected(3, 5) - 100)
    assert scan.phase_encode_axis == "X"
    assert scan.n_phase_encodes == 16
    assert scan.cycle_ms == pytest.approx(800)
    np.testing.assert_allclose(scan.spacing, (9.0, 1.5, 1.25), rtol=1e-4)
    (path2, _), n_frames = dicom_cells(path)[1, 2], len(dicom_cells(path))
    assert (path2, n_frames) == (path, 15)


def test_mixed_orientations_in_one_series_are_split(tmp_path: Path) -> None:
    df.write_cine(tmp_path, n_slices=4)
    left = np.array([1.0, 0.0, 0.0]) - df.TO_APEX[0] * df.TO_APEX
    left /= np.linalg.norm(left)
    # The 4-chamber plane is nearly level; the 2- and 3-chamber planes are turned from it.
    for i, turn in enumerate((5.0, 65.0, 125.0)):
        angle = np.deg2rad(turn)
        across = np.cos(angle) * left + np.sin(angle) * np.cross(df.TO_APEX, left)
        for t in range(8):
            orientation = [round(float(v), 6) for v in (*across, *df.TO_APEX)]
            number = 1000 + 8 * i + t
            data = df.image(0, t, 8, ImageOrientationPatient=orientation, InstanceNumber=number)
            df.save(data, tmp_path / f"long{i}{t}")
    index = index_dicom(tmp_path)
    assert index.n_series == 1
    assert [one.key for one in index.series] == ["7.1", "7.2", "7.3", "7.4"]
    assert [one.view for one in index.series] == ["SAX", "4CH", "2CH", "3CH"]
    np.testing.assert_array_equal(read_dicom(tmp_path).image, expected())


def test_unequal_matrices_are_separate_stacks(tmp_path: Path) -> None:
    df.write_cine(tmp_path)
    for z in (4, 5):
        for t in range(8):
            df.save(df.image(z, t, 8, shape=(10, 10)), tmp_path / f"small{z}{t}")
    assert [stack.n_slices for stack in index_dicom(tmp_path).stacks] == [4, 2]
    assert read_dicom(tmp_path).shape == (8, 4, 12, 16)


def test_an_unstated_phase_encode_axis_is_y_and_said(tmp_path: Path) -> None:
    df.write_cine(tmp_path, InPlanePhaseEncodingDirection=None)
    scan = read_dicom(tmp_path)
    assert scan.phase_encode_axis == "Y"
    assert any("phase-encode axis not stated" in note for note in map(str, scan.notes))


def test_phase_images_stay_apart_from_magnitude(tmp_path: Path) -> None:
    df.write_cine(tmp_path)
    df.write_cine(tmp_path, n_slices=5, series=8, ImageType=["ORIGINAL", "PRIMARY", "P"])
    index = index_dicom(tmp_path)
    phase = next(one for one in index.series if one.number == 8)
    assert (phase.view, phase.kind, phase.component) == ("other", "other", "phase")
    assert read_dicom(tmp_path).n_slices == 4


def test_late_enhancement_is_a_still_stack(tmp_path: Path) -> None:
    df.write_cine(
        tmp_path,
        n_frames=1,
        SeriesDescription="PSIR_SAX",
        TriggerTime=None,
        CardiacNumberOfImages=None,
        InversionTime=300,
    )
    scan = read_dicom(tmp_path)
    assert (scan.kind, scan.shape, scan.name) == ("lge", (1, 4, 12, 16), "short axis LGE")
    assert scan.frame_times_ms is None


def test_a_single_slice_says_where_its_dz_is_from(tmp_path: Path) -> None:
    df.write_cine(tmp_path, n_slices=1)
    scan = read_dicom(tmp_path)
    assert scan.spacing[0] == 6.0
    assert any("the slice thickness" in note for note in map(str, scan.notes))


def test_a_gap_between_slices_is_noted(tmp_path: Path) -> None:
    for z in (0, 1, 2, 4, 5):
        df.save(df.image(z, 0, 1), tmp_path / str(z))
    scan = read_dicom(tmp_path)
    assert scan.spacing[0] == pytest.approx(9.0, abs=1e-3)
    assert any("not evenly spaced" in note for note in map(str, scan.notes))


def test_series_are_chosen_by_number_or_key(tmp_path: Path) -> None:
    df.write_cine(tmp_path, one_series_per_slice=True)
    assert read_dicom(tmp_path, series=17).n_slices == 1
    np.testing.assert_array_equal(read_dicom(tmp_path, series="17").image[:, 0], expected()[:, 1])
    assert read_dicom(tmp_path, series="sax").n_slices == 4
    with pytest.raises(ScanError, match=r"no series '99'.*SAX"):
        read_dicom(tmp_path, series=99)


def test_one_truncated_file_is_treated_as_missing(tmp_path: Path) -> None:
    paths = df.write_cine(tmp_path)
    paths[0].write_bytes(paths[0].read_bytes()[:-100])
    scan = read_dicom(tmp_path)
    assert any("truncated" in note for note in map(str, scan.notes))
    assert any("interpolated" in note for note in map(str, scan.notes))


def test_biv_me_study(shared_data: Path) -> None:
    scan = read_dicom(shared_data / "bivme" / "dicom" / "patient1")
    assert scan.shape == (25, 6, 208, 256)
    np.testing.assert_allclose(scan.spacing, (17.7, 1.40625, 1.40625), atol=1e-3)
    assert scan.geometry.is_regular
    assert scan.notes == ()
    # In order, the heart never moves more from frame to frame than across half a cycle.
    steps = np.abs(np.diff(scan.image, axis=0, append=scan.image[:1])).mean(axis=(1, 2, 3))
    across = np.abs(scan.image - np.roll(scan.image, 12, axis=0)).mean()
    assert steps.max() < across


@pytest.mark.parametrize(
    ("patient", "n_slices", "dz", "axis"), [("101", 12, 10.0, "Y"), ("301", 10, 8.0, "X")]
)
def test_sunnybrook_studies(
    shared_data: Path, patient: str, n_slices: int, dz: float, axis: str
) -> None:
    scan = read_dicom(shared_data / "sunnybrook" / f"SCD0000{patient}")
    assert scan.shape == (20, n_slices, 256, 256)
    assert scan.spacing[0] == pytest.approx(dz, abs=1e-3)
    assert scan.phase_encode_axis == axis
    assert scan.notes == ()
