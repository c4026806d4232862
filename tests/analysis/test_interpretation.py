"""Numbers after a person has set ED and ES, left slices out, or counted papillaries as blood."""

import numpy as np
import pytest
from helpers.hearts import GEOMETRY, N_SLICES, heart
from helpers.notices import said
from pydantic import ValidationError

from napari_cmr.analysis import (
    Reading,
    VentricleReading,
    cardiac_function,
    function_from_counts,
    voxel_counts,
)
from napari_cmr.analysis.slices import slice_shares
from napari_cmr.scan import Code, Label, ScanError

LV, RV = [120, 99, 60, 90], [150, 120, 90, 75]


def test_frames_set_by_hand_are_used_for_that_ventricle_alone():
    reading = Reading(rv=VentricleReading(ed_frame=1, es_frame=2))
    function = cardiac_function(heart(LV, RV), GEOMETRY, reading=reading)
    assert (function.lv.ed_frame, function.lv.es_frame) == (0, 2)
    assert (function.rv.ed_frame, function.rv.es_frame) == (1, 2)
    assert function.rv.ef_percent == pytest.approx(25.0)
    ed, es = said(function.warnings, Code.FRAME_SET_BY_HAND)
    assert ed.text == (
        "RV: end-diastole was set by hand to frame 2 (120 mL); the volume is largest in frame 1 "
        "(150 mL)."
    )
    assert (ed.about, ed.frames, es.about, es.frames) == ("RV", (1, 0), "RV", (2, 3))


def test_a_frame_set_by_hand_that_is_what_was_found_is_no_warning():
    reading = Reading(lv=VentricleReading(ed_frame=0, es_frame=2))
    function = cardiac_function(heart(LV, RV), GEOMETRY, reading=reading)
    assert not said(function.warnings, Code.FRAME_SET_BY_HAND)


def test_a_frame_that_corrections_did_not_move_counts_as_found():
    held = Reading(lv=VentricleReading(es_frame=3, held=("es",)))
    function = cardiac_function(heart(LV, RV), GEOMETRY, reading=held)
    by_hand = cardiac_function(
        heart(LV, RV), GEOMETRY, reading=Reading(lv=VentricleReading(es_frame=3))
    )
    assert function.lv.ef_percent == by_hand.lv.ef_percent == pytest.approx(25.0)
    assert said(by_hand.warnings, Code.FRAME_SET_BY_HAND, "LV")
    assert not said(function.warnings, Code.FRAME_SET_BY_HAND)
    with pytest.raises(ValidationError, match="held at no frame"):
        VentricleReading(held=("es",))


def test_a_frame_that_is_not_labelled_falls_back_and_says_so():
    reading = Reading(lv=VentricleReading(es_frame=3))
    function = cardiac_function(heart(LV), GEOMETRY, frames=(0, 2), reading=reading)
    assert function.lv.es_frame == 2
    (notice,) = said(function.warnings, Code.SET_FRAME_NOT_LABELLED, "LV")
    assert notice.frames == (3,)


def test_slices_are_left_out_at_one_phase():
    reading = Reading(lv=VentricleReading(es_slices=(2, 3)))
    function = cardiac_function(heart(LV), GEOMETRY, reading=reading)
    assert function.lv.edv_ml == 120
    assert function.lv.esv_ml == 40  # one of three slices of 20 mL is gone
    assert function.lv.volumes_ml[1] == 99  # other frames count what either phase counts
    (notice,) = said(function.warnings, Code.SLICES_SET_BY_HAND, "LV")
    assert notice.text == "LV: only slices 3 to 4 count at end-systole, as set by hand."
    both = Reading(lv=VentricleReading(ed_slices=(2, 3), es_slices=(2, 3)))
    assert cardiac_function(heart(LV), GEOMETRY, reading=both).lv.volumes_ml[1] == 66


def test_the_mass_takes_the_slices_of_end_diastole():
    labels = heart(LV, myo=90)
    whole = cardiac_function(labels, GEOMETRY).lv_mass_g
    reading = Reading(lv=VentricleReading(ed_slices=(1, 2)))
    part = cardiac_function(labels, GEOMETRY, reading=reading).lv_mass_g
    assert part == pytest.approx(whole * 2 / 3)


def test_a_phase_without_a_slice_has_no_volume():
    reading = Reading(lv=VentricleReading(es_slices=(0, 0)))
    function = cardiac_function(heart(LV), GEOMETRY, reading=reading)
    assert function.lv.esv_ml is None
    assert function.lv.ef_percent is None


def test_papillary_muscles_move_from_mass_to_volume():
    labels = np.zeros((2, N_SLICES, 20, 20), np.uint8)
    for frame, half in ((0, 6), (1, 4)):
        labels[frame, :, 10 - half : 10 + half, 10 - half : 10 + half] = Label.MYO
        inner = slice(11 - half, 9 + half)
        labels[frame, :, inner, inner] = Label.LV
        labels[frame, :, 10, 10] = Label.MYO
    plain = cardiac_function(labels, GEOMETRY)
    filled = cardiac_function(labels, GEOMETRY, reading=Reading(papillary_in_blood=True))
    assert filled.lv.edv_ml == plain.lv.edv_ml + N_SLICES
    assert filled.lv_mass_g == pytest.approx(plain.lv_mass_g - 1.05 * N_SLICES)
    assert said(filled.warnings, Code.PAPILLARIES_IN_BLOOD)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValidationError):
        VentricleReading(ed_frame=2, es_frame=2)
    with pytest.raises(ValidationError):
        VentricleReading(ed_slices=(3, 1))
    with pytest.raises(ScanError, match="frame 5"):
        cardiac_function(heart(LV), GEOMETRY, reading=Reading(lv=VentricleReading(ed_frame=4)))
    with pytest.raises(ScanError, match="slice 6"):
        cardiac_function(
            heart(LV), GEOMETRY, reading=Reading(rv=VentricleReading(es_slices=(0, 5)))
        )


def test_a_reading_survives_a_file():
    reading = Reading().with_ventricle(Label.RV, ed_frame=3, es_slices=(1, 4))
    assert reading.rv.ed_frame == 3
    assert reading.lv == VentricleReading()
    assert Reading.model_validate_json(reading.model_dump_json()) == reading


def test_the_ejection_fraction_without_a_slice():
    counts = voxel_counts(heart(LV))
    function = function_from_counts(counts, GEOMETRY)
    shares = slice_shares(counts, GEOMETRY, function, Label.LV)
    np.testing.assert_allclose(shares.ed_ml, [0, 40, 40, 40, 0])
    np.testing.assert_allclose(shares.es_ml, [0, 20, 20, 20, 0])
    assert shares.ef_percent == pytest.approx(50)
    np.testing.assert_allclose(shares.ef_without, 50)
    np.testing.assert_allclose(shares.ef_toggled_ed, [50, 25, 25, 25, 50])
    np.testing.assert_allclose(shares.ef_toggled_es, [50, 200 / 3, 200 / 3, 200 / 3, 50])


@pytest.mark.parametrize("z", range(N_SLICES))
def test_what_a_slice_is_said_to_change_is_what_leaving_it_out_changes(z):
    labels = heart([110, 100, 63], [90, 80, 70])
    counts = voxel_counts(labels)
    function = function_from_counts(counts, GEOMETRY)
    shares = slice_shares(counts, GEOMETRY, function, Label.LV)
    without = labels.copy()
    without[function.lv.es_frame, z] = 0
    expected = cardiac_function(without, GEOMETRY).lv.ef_percent
    assert shares.ef_toggled_es[z] == pytest.approx(expected)
    without[:, z] = 0
    assert shares.ef_without[z] == pytest.approx(cardiac_function(without, GEOMETRY).lv.ef_percent)


def test_a_slice_that_is_left_out_shows_what_it_would_add():
    counts = voxel_counts(heart(LV))
    reading = Reading(lv=VentricleReading(es_slices=(2, 4)))
    function = function_from_counts(counts, GEOMETRY, reading=reading)
    shares = slice_shares(counts, GEOMETRY, function, Label.LV, reading)
    assert shares.ef_percent == pytest.approx(function.lv.ef_percent)
    assert not shares.es_counts[1]
    assert shares.ef_toggled_es[1] == pytest.approx(50)


def test_no_phases_no_shares():
    counts = voxel_counts(heart([100]))
    function = function_from_counts(counts, GEOMETRY)
    assert slice_shares(counts, GEOMETRY, function, Label.LV) is None
