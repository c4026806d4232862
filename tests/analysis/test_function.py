import json

import numpy as np
import pytest
from helpers.hearts import GEOMETRY, N_SLICES, heart
from helpers.notices import codes, said

from napari_cmr.analysis import cardiac_function
from napari_cmr.scan import Code, Geometry, Label, ScanError, Subject


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
    assert not any(one.about == "LV" for one in function.warnings)


def test_absent_ventricle_gives_no_numbers_and_says_so():
    function = cardiac_function(heart([100, 40]), GEOMETRY)
    assert function.rv.edv_ml is function.rv.ef_percent is function.rv.ed_frame is None
    assert said(function.warnings, Code.VENTRICLE_MISSING, "RV")


def test_empty_labels_give_nothing_but_warnings():
    function = cardiac_function(np.zeros((3, N_SLICES, 4, 4), np.uint8), GEOMETRY)
    assert function.lv.ef_percent is None
    assert function.lv_mass_g is None
    assert said(function.warnings, Code.VENTRICLE_MISSING, "LV")


def test_a_frame_without_lv_is_not_an_ejection_fraction_of_100_percent():
    function = cardiac_function(heart([100, 0, 60, 80]), GEOMETRY)
    assert function.lv.es_frame == 2
    assert function.lv.ef_percent == pytest.approx(40.0)
    (notice,) = said(function.warnings, Code.VENTRICLE_MISSING_IN_FRAMES)
    assert notice.text == "LV: none in frame 2; left out, as no ventricle empties itself."


def test_one_frame_is_named_only_if_it_is_marked():
    labels = heart([100], [90], myo=50)
    unmarked = cardiac_function(labels, GEOMETRY)
    assert unmarked.lv.edv_ml is None
    assert unmarked.lv.volumes_ml.tolist() == [100]
    assert unmarked.lv_mass_g == pytest.approx(52.5)
    assert said(unmarked.warnings, Code.ONE_FRAME_LABELLED, "LV")
    marked = cardiac_function(labels, GEOMETRY, marked_ed=0)
    assert (marked.lv.edv_ml, marked.lv.esv_ml, marked.lv.ef_percent) == (100, None, None)


def test_two_unmarked_frames_are_doubted_and_marked_ones_are_not():
    labels = heart([100, 40], [100, 50])
    unmarked = cardiac_function(labels, GEOMETRY)
    assert said(unmarked.warnings, Code.TWO_FRAMES_LABELLED, "LV")
    marked = cardiac_function(labels, GEOMETRY, marked_ed=0, marked_es=1)
    assert codes(marked.warnings) == ["myocardium-missing"]


def test_disagreement_with_the_marked_frame_is_reported():
    labels = heart([90, 100, 50, 40, 60])
    function = cardiac_function(labels, GEOMETRY, marked_ed=0, marked_es=2)
    assert (function.lv.ed_frame, function.lv.es_frame) == (1, 3)
    largest, smallest = said(function.warnings, Code.MARK_DIFFERS, "LV")
    assert (largest.frames, smallest.frames) == ((1, 0), (3, 2))
    assert largest.text == (
        "LV: largest in frame 2 (100 mL), but frame 1 is marked as end-diastole (90 mL there); "
        "the largest is used."
    )


def test_a_mark_beside_the_extreme_is_as_good():
    labels = heart([99, 100, 50, 42, 40, 60])
    function = cardiac_function(labels, GEOMETRY, marked_ed=0, marked_es=3)
    assert (function.lv.ed_frame, function.lv.es_frame) == (1, 4)
    assert not said(function.warnings, Code.MARK_DIFFERS)


def test_swapped_marks_are_reported_once():
    function = cardiac_function(heart([40, 100]), GEOMETRY, marked_ed=0, marked_es=1)
    assert function.lv.ef_percent == pytest.approx(60.0)
    assert len(said(function.warnings, Code.MARKS_SWAPPED)) == 1
    assert not said(function.warnings, Code.MARK_DIFFERS)


def test_a_tie_goes_to_the_marked_frame():
    function = cardiac_function(heart([100, 100, 40, 40, 50]), GEOMETRY, marked_ed=1, marked_es=3)
    assert (function.lv.ed_frame, function.lv.es_frame) == (1, 3)


def test_rv_may_have_its_own_end_systole():
    function = cardiac_function(
        heart([100, 50, 60, 80], [100, 60, 50, 80]), GEOMETRY, marked_ed=0, marked_es=1
    )
    assert function.rv.es_frame == 2
    assert not said(function.warnings, Code.MARK_DIFFERS)


@pytest.mark.parametrize(("smallest", "doubted"), [(97, True), (10, True), (40, False)])
def test_hardly_possible_ejection_fraction(smallest, doubted):
    function = cardiac_function(heart([100, smallest, 98]), GEOMETRY)
    assert bool(said(function.warnings, Code.EF_IMPOSSIBLE, "LV")) is doubted


def test_gap_between_slices():
    labels = heart([100, 40])
    labels[0, 2] = 0
    (gap,) = said(cardiac_function(labels, GEOMETRY).warnings, Code.SLICE_GAP)
    assert (gap.frames, gap.slices) == ((0,), (2,))


def test_stack_that_ends_inside_the_ventricle():
    labels = heart([100, 30, 60])
    assert not said(cardiac_function(labels, GEOMETRY).warnings, Code.BASE_CUT_OFF)
    labels = labels[:, 1:]  # the first slice is now as wide as any
    geometry = Geometry.regular((20, 10, 5), N_SLICES - 1)
    (notice,) = said(cardiac_function(labels, geometry).warnings, Code.BASE_CUT_OFF, "LV")
    assert notice.slices == (0,)


def test_single_slice():
    function = cardiac_function(heart([99, 42])[:, 1:2], Geometry.regular((8, 10, 10), 1))
    assert said(function.warnings, Code.ONE_SLICE)
    assert (function.lv.edv_ml, function.lv.esv_ml) == pytest.approx((26.4, 11.2))
    assert function.lv.sv_ml is function.lv.ef_percent is None


def test_missing_slice_in_the_geometry():
    affines = Geometry.regular((20, 10, 5), 6).affines[[0, 1, 2, 4, 5]]
    function = cardiac_function(heart([99, 42, 50]), Geometry((20, 10, 5), affines))
    (notice,) = said(function.warnings, Code.UNEVEN_SLICES)
    assert "20.0 to 40.0 mm apart" in notice.text


def test_slices_lost_at_end_systole():
    labels = heart([100, 40, 60])
    labels[1, 2:] = 0  # one slice of three is left: an EF of 86 % that is too high
    function = cardiac_function(labels, GEOMETRY)
    (notice,) = said(function.warnings, Code.SLICES_LOST, "LV")
    assert notice.text.startswith("LV: in 1 slice at end-systole and in 3 at end-diastole")


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("smallest", "doubted"), [(96, True), (15, False)])
def test_base_that_descends_further_than_the_heart_contracts(smallest, doubted, turned):
    labels = heart([100, smallest, 100])
    apex = np.argwhere(labels[:, 3] == Label.LV)[::2]
    labels[apex[:, 0], 3, apex[:, 1], apex[:, 2]] = 0  # the narrow end
    labels[1, 1] = 0
    if turned:
        labels = labels[:, ::-1].copy()
    function = cardiac_function(labels, GEOMETRY)
    found = said(function.warnings, Code.BASE_LOST, "LV")
    assert [one.slices for one in found] == [(3,) if turned else (1,)] * doubted


def test_ventricle_that_is_too_short_for_one():
    function = cardiac_function(heart([99, 42, 60])[:, 1:4], Geometry.regular((10, 10, 10), 3))
    (notice,) = said(function.warnings, Code.VENTRICLE_SHORT, "LV")
    assert "LV: only 30 mm long" in notice.text


def test_lone_dip_in_a_fine_cycle():
    smooth = [100, 95, 80, 60, 50, 60, 75, 85, 90, 95]
    assert not said(cardiac_function(heart(smooth), GEOMETRY).warnings, Code.FRAME_LEAPS)
    torn = [100, 95, 80, 60, 20, 60, 75, 85, 90, 95]
    (notice,) = said(cardiac_function(heart(torn), GEOMETRY).warnings, Code.FRAME_LEAPS)
    assert notice.frames == (4,)


def test_implausible_cycle_and_body_surface_are_not_used():
    function = cardiac_function(
        heart([100, 40, 50]), GEOMETRY, cycle_ms=5.0, subject=Subject(height_cm=1.7, weight_kg=7)
    )
    assert function.lv.cardiac_output_l_min is None
    assert function.lv.edv_index_ml_m2 is None
    assert said(function.warnings, Code.CYCLE_IMPOSSIBLE)
    assert said(function.warnings, Code.BODY_SURFACE_IMPOSSIBLE)


@pytest.mark.parametrize(
    ("cycle_ms", "used"), [(199.9, False), (200.0, True), (3000.0, True), (3000.1, False)]
)
def test_a_cycle_of_200_ms_to_3_s_is_used(cycle_ms, used):
    function = cardiac_function(heart([100, 40, 50]), GEOMETRY, cycle_ms=cycle_ms)
    assert (function.cycle_ms is not None) is used
    assert bool(said(function.warnings, Code.CYCLE_IMPOSSIBLE)) is not used


@pytest.mark.parametrize(
    ("height_cm", "weight_kg", "used"),
    # The square root of their product over 3600.
    [(36, 1, True), (35, 1, False), (240, 240, True), (240, 241, False)],
)
def test_a_body_surface_of_a_tenth_to_4_square_metres_is_used(height_cm, weight_kg, used):
    subject = Subject(height_cm=height_cm, weight_kg=weight_kg)
    function = cardiac_function(heart([100, 40, 50]), GEOMETRY, subject=subject)
    assert (function.body_surface_area_m2 is not None) is used
    assert bool(said(function.warnings, Code.BODY_SURFACE_IMPOSSIBLE)) is not used


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


def test_stroke_volumes_of_both_ventricles_are_compared():
    apart = cardiac_function(heart([200, 84, 120], [180, 91, 120], myo=100), GEOMETRY)
    (notice,) = said(apart.warnings, Code.STROKE_VOLUMES_DIFFER)
    assert "LV ejects 116 mL and the RV 89 mL" in notice.text
    alike = cardiac_function(heart([200, 84, 120], [200, 91, 120], myo=100), GEOMETRY)
    assert not said(alike.warnings, Code.STROKE_VOLUMES_DIFFER)
