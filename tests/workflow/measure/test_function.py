import numpy as np
import pytest
from helpers.notices import said

from napari_cmr.scan import Code, Geometry, Label, Scan, ScanError, open_scan
from napari_cmr.workflow.measure.function import (
    measure_scan,
    measure_segments,
    measurement_record,
    no_volumes,
)


def labelled_scan(**changes) -> Scan:
    labels = np.zeros((4, 3, 8, 8), np.uint8)
    labels[0, 1, 2:6, 2:6] = Label.LV
    labels[2, 1, 3:5, 2:6] = Label.LV
    scan = Scan(
        image=np.ones(labels.shape, np.float32),
        geometry=Geometry.regular((10, 10, 10), 3),
        labels=labels,
        labelled_frames=(0, 2),
        ed_frame=0,
        es_frame=2,
    )
    return scan.with_(**changes)


def test_reference_labels_with_the_marked_frames():
    function = measure_scan(labelled_scan())
    assert (function.lv.edv_ml, function.lv.esv_ml) == (16, 8)
    assert function.lv.ef_percent == pytest.approx(50)
    assert function.frames == (0, 2)
    assert not said(function.warnings, Code.MARK_DIFFERS)


def test_marks_are_passed_along():
    function = measure_scan(labelled_scan(ed_frame=2, es_frame=0))
    assert said(function.warnings, Code.MARKS_SWAPPED)


def test_other_labels_cover_every_frame():
    labels = np.zeros((4, 3, 8, 8), np.uint8)
    for frame, width in enumerate((4, 3, 2, 3)):
        labels[frame, 1, 2:6, 2 : 2 + width] = Label.LV
    function = measure_scan(labelled_scan(), labels=labels)
    assert function.frames == (0, 1, 2, 3)
    assert function.lv.volumes_ml.tolist() == [16, 12, 8, 12]


def test_no_labels_says_what_to_do():
    with pytest.raises(ScanError, match=r"no labels.*segment the scan"):
        measure_scan(labelled_scan(labels=None, labelled_frames=()))


def test_labels_of_another_grid():
    with pytest.raises(ScanError, match="own grid"):
        measure_scan(labelled_scan(), labels=np.zeros((4, 3, 8, 9), np.uint8))


def test_a_long_axis_has_no_volumes_and_says_why():
    scan = labelled_scan(view="4CH")
    function = measure_scan(scan)
    assert function.lv.ef_percent is None
    assert function.lv.edv_ml is None
    assert np.isnan(function.rv.volumes_ml).all()
    assert function.frames == (0, 2)
    assert function.warnings == (no_volumes(scan),)
    assert (no_volumes(scan).code, no_volumes(scan).about) == (Code.LONG_AXIS, "scan")
    assert "4-chamber" in no_volumes(scan).text
    assert measure_segments(scan, function) is None
    record = measurement_record(scan, function)
    assert record["lv"]["ef_percent"] is None
    assert measure_scan(scan.with_(view="other")).lv.ef_percent == pytest.approx(50)


@pytest.mark.parametrize("patient", ["patient009", "patient030", "patient083", "patient090"])
def test_real_patients(shared_data, patient):
    scan = open_scan(shared_data / "acdc" / patient)
    function = measure_scan(scan)
    assert (function.lv.ed_frame, function.lv.es_frame) == (scan.ed_frame, scan.es_frame)
    for ventricle in (function.lv, function.rv):
        assert ventricle.edv_ml - ventricle.esv_ml == pytest.approx(ventricle.sv_ml)
        assert 5 < ventricle.ef_percent < 90
    assert 30 < function.lv_mass_g < 300


def test_segments_are_part_of_the_record_where_there_is_muscle():
    bare = labelled_scan()
    assert measure_segments(bare, measure_scan(bare)) is None
    assert measurement_record(bare, measure_scan(bare))["segments"] is None
    labels = np.zeros((4, 3, 24, 24), np.uint8)
    labels[::2, :, 4:20, 4:20] = Label.MYO
    labels[0, :, 7:17, 7:17] = Label.LV
    labels[2, :, 9:15, 9:15] = Label.LV
    scan = labelled_scan(image=np.ones(labels.shape, np.float32), labels=labels)
    function = measure_scan(scan)
    segments = measure_segments(scan, function)
    assert (segments.ed_frame, segments.es_frame) == (0, 2)
    values = measurement_record(scan, function, segments=segments)["segments"]["values"]
    assert values[6]["thickness_es_mm"] > values[6]["thickness_ed_mm"] > 20
    assert values[6]["thickness_mm"][1] is None
