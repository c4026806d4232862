"""Each threshold of the doubts, on both of its sides, in numbers of its own."""

import numpy as np
import pytest
from helpers.notices import codes, said

from napari_cmr.analysis.plausibility import (
    frame_warnings,
    stack_warnings,
    stroke_volume_warnings,
    value_warnings,
)
from napari_cmr.phantom import SAMPLES
from napari_cmr.scan import Code, Geometry
from napari_cmr.workflow.measure.function import measure_scan


def doubts(areas, name="LV", dz=10.0, marked=(None, None)):
    """Doubts about a ventricle of areas (T, Z) in mL, with ED and ES where its volumes are."""
    areas = np.asarray(areas)
    volumes = areas.sum(axis=1).astype(float)
    return frame_warnings(
        name,
        areas,
        volumes,
        range(len(areas)),
        dz_mm=dz,
        ed_frame=int(volumes.argmax()),
        es_frame=int(volumes.argmin()),
        marked_ed=marked[0],
        marked_es=marked[1],
    )


@pytest.mark.parametrize(
    ("percent", "doubted"), [(4.99, True), (5.0, False), (85.0, False), (85.01, True)]
)
def test_an_ejection_fraction_below_5_or_above_85_percent(percent, doubted):
    assert codes(value_warnings("RV", percent)) == ["ef-impossible"] * doubted


def test_an_unknown_ejection_fraction_is_not_doubted():
    assert value_warnings("LV", None) == []


@pytest.mark.parametrize(("n", "found"), [(1, ["one-slice"]), (2, ["few-slices"]), (3, [])])
def test_fewer_than_3_slices(n, found):
    assert codes(stack_warnings(Geometry.regular((10, 1, 1), n))) == found


@pytest.mark.parametrize(("step", "doubted"), [(10.99, False), (11.01, True), (8.99, True)])
def test_slices_more_than_a_tenth_off_their_distance(step, doubted):
    affines = Geometry.regular((10.0, 1.0, 1.0), 4).affines.copy()
    affines[3:, :3, 3] *= (20 + step) / 30
    found = stack_warnings(Geometry((10.0, 1.0, 1.0), affines))
    assert codes(found) == ["uneven-slices"] * doubted


@pytest.mark.parametrize("end", [0, -1])
@pytest.mark.parametrize(
    ("at_ed", "at_es", "dz", "doubted"),
    [
        (75, 60, 7.1, True),  # 32 mm x 22 % are more than a slice
        (75, 60, 7.2, False),
        (74, 60, 5.0, False),
        (75, 59, 5.0, False),
    ],
)
def test_a_cavity_three_quarters_as_wide_as_anywhere_where_the_stack_ends(
    end, at_ed, at_es, dz, doubted
):
    areas = np.array([[at_ed, 100, 100, 100, 50], [at_es, 80, 80, 80, 30]])
    found = doubts(areas if end == 0 else areas[:, ::-1], dz=dz)
    assert [one.slices for one in said(found, Code.BASE_CUT_OFF)] == [(end % 5,)] * doubted


@pytest.mark.parametrize(
    ("volumes", "doubted"),
    [
        ([1000, 850, 700, 600, 399, 600, 750, 900], True),
        ([1000, 850, 700, 600, 400, 600, 750, 900], False),  # a fifth of the EDV
        ([1000, 850, 700, 600, 399, 599, 750, 900], False),  # from one neighbour only
        ([1000, 850, 700, 399, 600, 750, 900], False),  # seven frames
        ([1000, 799, 700, 600, 500, 600, 700, 799], True),
        ([1000, 800, 700, 600, 500, 600, 700, 799], False),
    ],
)
def test_an_extreme_more_than_a_fifth_of_the_edv_from_both_neighbours(volumes, doubted):
    areas = np.repeat(np.array(volumes)[:, None], 5, axis=1)
    assert bool(said(doubts(areas), Code.FRAME_LEAPS)) is doubted


@pytest.mark.parametrize(("apex", "doubted"), [(110, False), (111, True)])
@pytest.mark.parametrize("name", ["LV", "RV"])
def test_a_slice_that_gains_more_than_a_fortieth_of_the_edv(name, apex, doubted):
    areas = [[100, 100, 100, 100], [apex, 60, 60, 50]]
    found = said(doubts(areas, name), Code.SLICE_GAINS, name)
    assert [one.slices for one in found] == [(0,)] * doubted


@pytest.mark.parametrize(("dz", "doubted"), [(7.0, False), (6.99, True)])
def test_a_ventricle_shorter_than_35_mm_at_end_diastole(dz, doubted):
    areas = [[20, 100, 100, 100, 50], [10, 50, 50, 50, 20]]
    assert bool(said(doubts(areas, dz=dz), Code.VENTRICLE_SHORT)) is doubted


@pytest.mark.parametrize(
    ("name", "n_es", "doubted"),
    [("LV", 11, False), ("LV", 10, True), ("RV", 7, False), ("RV", 6, True)],
)
def test_a_ventricle_that_is_in_too_few_slices_at_end_systole(name, n_es, doubted):
    areas = np.full((2, 20), 10)
    areas[1, n_es:] = 0
    assert bool(said(doubts(areas, name), Code.SLICES_LOST, name)) is doubted


@pytest.mark.parametrize(
    ("lost", "left", "dz", "doubted"),
    [
        (1, 60, 10.0, False),  # with luck 2 mm are enough, and 32 mm x 40 % are 13
        (1, 93, 10.0, False),
        (1, 94, 10.0, True),  # 32 mm x 6 % are less than those 2 mm
        (2, 62, 10.0, False),  # 12 mm, and 32 mm x 38 %
        (2, 63, 10.0, True),
        (2, 62, 10.2, True),
    ],
)
def test_an_lv_base_that_descends_by_32_mm_at_most_for_all_of_its_area(lost, left, dz, doubted):
    at_es = [0] * lost + [left] * (6 - lost)
    areas = [[100] * 6, at_es]
    found = said(doubts(areas, dz=dz), Code.BASE_LOST)
    assert [one.slices for one in found] == [tuple(range(lost))] * doubted
    assert not said(doubts(areas, "RV", dz=dz), Code.BASE_LOST)


@pytest.mark.parametrize("kind", ["dilated", "infarct"])
def test_true_labels_of_a_weak_heart_that_leaves_one_slice_are_not_doubted(kind):
    scan = SAMPLES[kind]()
    at_ed, at_es = ((scan.labels[t] == 1).any(axis=(1, 2)) for t in (scan.ed_frame, scan.es_frame))
    assert at_ed.sum() > at_es.sum()
    assert not said(measure_scan(scan).warnings, Code.BASE_LOST)


@pytest.mark.parametrize(
    ("marked", "volumes", "doubted"),
    [
        ((1, 3), [1000, 970, 500, 400], False),
        ((1, 3), [1000, 969, 500, 400], True),
        ((0, 2), [1000, 800, 430, 400], False),
        ((0, 2), [1000, 800, 431, 400], True),
    ],
)
def test_marks_whose_volume_is_3_percent_of_the_edv_off(marked, volumes, doubted):
    areas = np.repeat(np.array(volumes)[:, None], 5, axis=1)
    assert bool(said(doubts(areas, marked=marked), Code.MARK_DIFFERS)) is doubted


def test_what_a_notice_is_about():
    areas = np.array([[20, 100, 0, 100, 50], [10, 50, 50, 50, 20]])
    (gap,) = said(doubts(areas, "RV"), Code.SLICE_GAP)
    assert (gap.about, gap.frames, gap.slices) == ("RV", (0,), (2,))
    assert gap.text == (
        "RV: none in slice 3 of frame 1, between slices that have it; the volume is too small."
    )


@pytest.mark.parametrize(
    ("lv", "rv", "doubted"),
    [
        (116.0, 89.0, True),
        (39.0, 105.0, True),
        (80.0, 55.0, False),  # 25 mL
        (80.1, 55.0, True),
        (160.0, 200.0, False),  # a fifth
        (159.9, 200.0, True),
        (None, 90.0, False),
        (90.0, None, False),
    ],
)
def test_stroke_volumes_that_are_a_fifth_and_25_ml_apart(lv, rv, doubted):
    assert codes(stroke_volume_warnings(lv, rv)) == ["stroke-volumes-differ"] * doubted


def right_ventricle(base, rest):
    """Areas (T, 5) of an RV with a basal slice and four more, which share ``rest``."""
    parts = np.round(np.outer(rest, [0.4, 0.3, 0.2, 0.1]))
    return np.column_stack([base, parts]).astype(int)


def losing(base_before, n_frames=8):
    """RV of 1000 mL that loses its basal slice after the third frame, and 20 mL elsewhere."""
    base = [200, 190, base_before, 0, 0, 0, 60, 130]
    rest = [800, 790, 780, 760, 755, 750, 780, 790]
    return right_ventricle(base, rest)[:n_frames]


@pytest.mark.parametrize(
    ("areas", "doubted"),
    [
        (losing(180), False),  # 200 mL at once
        (losing(181), True),
        (losing(181)[:, ::-1], True),
        (losing(181, n_frames=7), False),
    ],
)
def test_an_rv_slice_whose_loss_is_a_step_of_a_fifth_of_the_edv(areas, doubted):
    found = said(doubts(areas, "RV"), Code.SLICE_LOST_AT_ONCE)
    at = 0 if areas[0, -1] == 80 else 4
    assert [(one.frames, one.slices) for one in found] == [((2, 3), (at,))] * doubted
    assert not said(doubts(areas, "LV"), Code.SLICE_LOST_AT_ONCE)


@pytest.mark.parametrize(("base", "doubted"), [(150, False), (151, True)])
def test_a_step_of_which_lost_slices_make_half_is_one_of_the_whole_ventricle(base, doubted):
    rest = 1000 - base - np.array([0, 0, 0, 150, 155, 160, 60, 20])
    areas = right_ventricle([base] * 3 + [0] * 3 + [50, 100], rest)
    assert areas[2].sum() - areas[3].sum() == pytest.approx(base + 150, abs=1)
    assert bool(said(doubts(areas, "RV"), Code.SLICE_LOST_AT_ONCE)) is doubted
