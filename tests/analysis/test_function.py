import json

import numpy as np
import pytest
from helpers.hearts import GEOMETRY, N_SLICES, heart, said

from napari_cmr.analysis import cardiac_function
from napari_cmr.scan import Geometry, Label, ScanError, Subject


def test_numbers_by_hand():
    function = cardiac_function(
        heart([100, 120, 60, 48, 90], [130, 150, 100, 80, 75], myo=100),
        GEOMETRY,
        cycle_ms=1000.0,
        subject=Subject(height_cm=180, weight_kg=80),  # 2 m2
    )
    lv, rv = function.lv, function.rv
    assert (lv.ed_frame, lv.es_frame, lv.edv_ml, lv.esv_ml, lv.sv_ml) == (1, 3, 120, 48, 72)
    assert lv.ef_percent == pytest.approx(60.0)
    assert (rv.ed_frame, rv.es_frame) == (1, 4)
    assert rv.ef_percent == pytest.approx(50.0)
    assert function.heart_rate_bpm == pytest.approx(60.0)
    assert lv.cardiac_output_l_min == pytest.approx(0.072 * 60)
    assert lv.edv_index_ml_m2 == pytest.approx(60.0)
    assert lv.cardiac_index_l_min_m2 == pytest.approx(0.036 * 60)
    assert function.lv_mass_g == pytest.approx(105.0)
    assert function.lv_mass_index_g_m2 == pytest.approx(52.5)
    assert function.warnings == ()


def test_scar_and_no_reflow_are_muscle():
    labels = heart([100, 40], myo=90)
    muscle = np.argwhere(labels == Label.MYO)
    labels[tuple(muscle[0])] = Label.SCAR
    labels[tuple(muscle[1])] = Label.NO_REFLOW
    assert cardiac_function(labels, GEOMETRY).lv_mass_g == pytest.approx(90 * 1.05)


def test_frames_that_nobody_labelled_do_not_count():
    labels = heart([0, 100, 0, 0, 40, 0], myo=90)
    function = cardiac_function(labels, GEOMETRY, frames=(1, 4), marked_ed=1, marked_es=4)
    assert (function.lv.ed_frame, function.lv.es_frame) == (1, 4)
    assert np.isnan(function.lv.volumes_ml[[0, 2, 3, 5]]).all()
    assert function.frames == (1, 4)
    assert not said(function, "LV")


def test_absent_ventricle_gives_no_numbers_and_says_so():
    function = cardiac_function(heart([100, 40]), GEOMETRY)
    assert function.rv.edv_ml is function.rv.ef_percent is function.rv.ed_frame is None
    assert said(function, "No RV in the labels")


def test_empty_labels_give_nothing_but_warnings():
    function = cardiac_function(np.zeros((3, N_SLICES, 4, 4), np.uint8), GEOMETRY)
    assert function.lv.ef_percent is None
    assert function.lv_mass_g is None
    assert said(function, "No LV in the labels")


def test_a_frame_without_lv_is_not_an_ejection_fraction_of_100_percent():
    function = cardiac_function(heart([100, 0, 60, 80]), GEOMETRY)
    assert function.lv.es_frame == 2
    assert function.lv.ef_percent == pytest.approx(40.0)
    assert said(function, "No LV in frame 2", "left out")


def test_one_frame_is_named_only_if_it_is_marked():
    labels = heart([100], [90], myo=50)
    unmarked = cardiac_function(labels, GEOMETRY)
    assert unmarked.lv.edv_ml is None
    assert unmarked.lv.volumes_ml.tolist() == [100]
    assert unmarked.lv_mass_g == pytest.approx(52.5)
    assert said(unmarked, "LV in one frame only")
    marked = cardiac_function(labels, GEOMETRY, marked_ed=0)
    assert (marked.lv.edv_ml, marked.lv.esv_ml, marked.lv.ef_percent) == (100, None, None)


def test_two_unmarked_frames_are_doubted_and_marked_ones_are_not():
    labels = heart([100, 40], [100, 50])
    assert said(cardiac_function(labels, GEOMETRY), "LV in two frames only")
    assert cardiac_function(labels, GEOMETRY, marked_ed=0, marked_es=1).warnings == (
        "No myocardium in frame 1: LV mass is not known.",
    )


def test_disagreement_with_the_marked_frame_is_reported():
    labels = heart([90, 100, 50, 40, 60])
    function = cardiac_function(labels, GEOMETRY, marked_ed=0, marked_es=2)
    assert (function.lv.ed_frame, function.lv.es_frame) == (1, 3)
    assert said(function, "LV is largest in frame 2", "frame 1 is marked as end-diastole")
    assert said(function, "LV is smallest in frame 4", "frame 3 is marked as end-systole")


def test_a_mark_beside_the_extreme_is_as_good():
    labels = heart([99, 100, 50, 42, 40, 60])
    function = cardiac_function(labels, GEOMETRY, marked_ed=0, marked_es=3)
    assert (function.lv.ed_frame, function.lv.es_frame) == (1, 4)
    assert not said(function, "LV is largest")
    assert not said(function, "LV is smallest")


def test_swapped_marks_are_reported_once():
    function = cardiac_function(heart([40, 100]), GEOMETRY, marked_ed=0, marked_es=1)
    assert function.lv.ef_percent == pytest.approx(60.0)
    assert sum("the marks or the labels are wrong" in text for text in function.warnings) == 1


def test_a_tie_goes_to_the_marked_frame():
    function = cardiac_function(heart([100, 100, 40, 40, 50]), GEOMETRY, marked_ed=1, marked_es=3)
    assert (function.lv.ed_frame, function.lv.es_frame) == (1, 3)


def test_rv_may_have_its_own_end_systole():
    function = cardiac_function(
        heart([100, 50, 60, 80], [100, 60, 50, 80]), GEOMETRY, marked_ed=0, marked_es=1
    )
    assert function.rv.es_frame == 2
    assert not said(function, "RV is")


@pytest.mark.parametrize(("smallest", "doubted"), [(97, True), (10, True), (40, False)])
def test_hardly_possible_ejection_fraction(smallest, doubted):
    function = cardiac_function(heart([100, smallest, 98]), GEOMETRY)
    assert said(function, "LV ejection fraction", "hardly possible") is doubted


def test_gap_between_slices():
    labels = heart([100, 40])
    labels[0, 2] = 0
    assert said(cardiac_function(labels, GEOMETRY), "No LV in slice 3 of frame 1")


def test_stack_that_ends_inside_the_ventricle():
    labels = heart([100, 40, 60])
    assert not said(cardiac_function(labels, GEOMETRY), "cut off")
    labels = labels[:, 1:]  # the first slice is now as wide as any
    geometry = Geometry.regular((20, 10, 5), N_SLICES - 1)
    assert said(cardiac_function(labels, geometry), "LV is still wide in slice 1", "cut off")


def test_single_slice():
    function = cardiac_function(heart([99, 42])[:, 1:2], Geometry.regular((8, 10, 10), 1))
    assert said(function, "Only one slice")


def test_missing_slice_in_the_geometry():
    affines = Geometry.regular((20, 10, 5), 6).affines[[0, 1, 2, 4, 5]]
    function = cardiac_function(heart([99, 42, 50]), Geometry((20, 10, 5), affines))
    assert said(function, "20.0 to 40.0 mm apart")


def test_slices_lost_at_end_systole():
    labels = heart([100, 40, 60])
    labels[1, 2:] = 0  # one slice of three is left: an EF of 86 % that is too high
    function = cardiac_function(labels, GEOMETRY)
    assert said(function, "LV is in 1 slice at end-systole and in 3", "too high")


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("smallest", "doubted"), [(70, True), (15, False)])
def test_base_that_descends_further_than_the_heart_contracts(smallest, doubted, turned):
    labels = heart([100, smallest, 100])
    apex = np.argwhere(labels[:, 3] == Label.LV)[::2]
    labels[apex[:, 0], 3, apex[:, 1], apex[:, 2]] = 0  # the narrow end
    labels[1, 1] = 0
    if turned:
        labels = labels[:, ::-1].copy()
    function = cardiac_function(labels, GEOMETRY)
    slices = "slice 4" if turned else "slice 2"
    assert said(function, f"LV leaves {slices} (20 mm)", "too high") is doubted


def test_ventricle_of_two_slices():
    function = cardiac_function(heart([99, 42, 60])[:, 1:3], Geometry.regular((10, 10, 10), 2))
    assert said(function, "LV is only 20 mm long")


def test_lone_dip_in_a_fine_cycle():
    smooth = [100, 95, 80, 60, 50, 60, 75, 85, 90, 95]
    assert not said(cardiac_function(heart(smooth), GEOMETRY), "leaps")
    torn = [100, 95, 80, 60, 20, 60, 75, 85, 90, 95]
    assert said(cardiac_function(heart(torn), GEOMETRY), "frame 5 leaps away")


def test_implausible_cycle_and_body_surface_are_not_used():
    function = cardiac_function(
        heart([100, 40, 50]), GEOMETRY, cycle_ms=5.0, subject=Subject(height_cm=1.7, weight_kg=7)
    )
    assert function.lv.cardiac_output_l_min is None
    assert function.lv.edv_index_ml_m2 is None
    assert said(function, "heart cycle of 5 ms")
    assert said(function, "body surface of 0.06 m2")


def test_dictionary_is_json_without_nan():
    function = cardiac_function(heart([100, 0, 40]), GEOMETRY, frames=(0, 2))
    back = json.loads(json.dumps(function.to_dict(), allow_nan=False))
    assert back["lv"]["volumes_ml"] == [100, None, 40]
    assert (back["lv"]["ed_frame"], back["lv"]["es_frame"]) == (0, 2)
    assert back["rv"]["ef_percent"] is None
    assert back["frames_count_from"] == 0


def test_frame_outside_the_labels():
    with pytest.raises(ScanError, match="frame 8 lies outside the 2 frames"):
        cardiac_function(heart([100, 40]), GEOMETRY, frames=(0, 7))


def test_labels_of_other_slices():
    with pytest.raises(ScanError, match="do not fit a geometry of 5"):
        cardiac_function(heart([100, 40])[:, :3], GEOMETRY)
