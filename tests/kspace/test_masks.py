import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cmr.kspace import Acquisition, LineMask, line_density, line_mask
from napari_cmr.kspace.masks import COHERENT, count_lines
from napari_cmr.scan import ScanError

PATTERNS = ["variable-density", "uniform", "golden-step"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_frame_keeps_exactly_the_wanted_lines(data):
    n = data.draw(st.integers(1, 64))
    n_lines = data.draw(st.integers(1, n))
    centre = data.draw(st.integers(0, n + 2))
    acquisition = Acquisition(
        n_lines=n_lines,
        pattern=data.draw(st.sampled_from(PATTERNS)),
        centre_lines=centre,
        seed=data.draw(st.integers(0, 10_000)),
    )
    mask = line_mask(acquisition, data.draw(st.integers(1, 9)), n)
    assert (mask.n_lines == n_lines).all()
    if centre <= n_lines:
        assert mask.array[:, n // 2 - centre // 2 :][:, :centre].all()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_seed_decides(pattern):
    def draw(seed):
        return line_mask(Acquisition(n_lines=9, pattern=pattern, seed=seed), 6, 64).array

    np.testing.assert_array_equal(draw(4), draw(4))
    assert (draw(4) != draw(5)).any()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_frames_differ_from_each_other(pattern):
    array = line_mask(Acquisition(n_lines=8, pattern=pattern), 5, 64).array
    assert len({row.tobytes() for row in array}) == 5


@pytest.mark.parametrize(("n_lines", "centre"), [(1, 0), (10, 0), (10, 4), (60, 0), (150, 8)])
def test_variable_density_is_the_density_it_states(n_lines, centre):
    n_frames = 30_000
    mask = line_mask(Acquisition(n_lines=n_lines, centre_lines=centre), n_frames, 208)
    expected = line_density(n_lines, 208, centre)
    assert expected.sum() == pytest.approx(n_lines)
    deviation = np.abs(mask.density - expected)
    sampling = np.sqrt(expected * (1 - expected) / n_frames)
    assert (deviation < 5 * sampling + 0.015 * expected + 1e-12).all()


def test_density_falls_from_the_centre_to_a_floor():
    density = line_density(10, 208)
    assert density.argmax() == 104
    assert (np.diff(density[104:]) < 0).all()
    floor = 10 / (2 * 208)
    assert density[-1] / density[104] == pytest.approx(floor / (1 + floor), rel=1e-3)


def test_one_line_more_keeps_most_of_the_others():
    kept = [line_mask(Acquisition(n_lines=n), 50, 208).array for n in (20, 21)]
    assert (kept[0] & kept[1]).sum() > 0.9 * kept[0].sum()


def test_uniform_lines_are_even_and_cover_k_space_in_turn():
    mask = line_mask(Acquisition(n_lines=8, pattern="uniform"), 8, 64)
    for row in mask.array:
        assert set(np.diff(np.flatnonzero(row))) == {8}
    np.testing.assert_allclose(mask.density, 1 / 8)


def test_golden_steps_go_through_all_lines_before_they_repeat():
    array = line_mask(Acquisition(n_lines=8, pattern="golden-step"), 26, 208).array
    np.testing.assert_array_equal(array.sum(axis=0), 1)
    few = np.flatnonzero(array[:4].any(axis=0))
    assert np.diff(few).max() < 3 * 208 / 32


def test_none_keeps_all_lines():
    assert line_mask(Acquisition(), 3, 20).is_full


def test_too_many_lines_are_refused_with_a_remedy():
    with pytest.raises(ScanError, match="between 1 and 20 lines"):
        line_mask(Acquisition(n_lines=21), 3, 20)


def test_edits_flip_lines():
    drawn = line_mask(Acquisition(n_lines=2), 3, 20)
    edited = line_mask(Acquisition(n_lines=2, toggled=frozenset({(0, 5), (2, 7)})), 3, 20)
    different = np.argwhere(drawn.array != edited.array)
    np.testing.assert_array_equal(different, [[0, 5], [2, 7]])
    np.testing.assert_array_equal(edited.toggle(0, 5).toggle(2, 7).array, drawn.array)


@pytest.mark.parametrize("cell", [(3, 0), (0, 20), (-1, 0)])
def test_an_edit_outside_the_scan_is_refused(cell):
    with pytest.raises(ScanError, match="another scan"):
        line_mask(Acquisition(toggled=frozenset({cell})), 3, 20)


def test_counts_of_a_mask():
    array = np.zeros((2, 10), bool)
    array[0, :3] = array[1, :1] = True
    mask = LineMask(array)
    np.testing.assert_array_equal(mask.n_lines, [3, 1])
    assert mask.acceleration == pytest.approx(5)
    assert mask.scan_time_saved == pytest.approx(0.8)
    assert mask.density[0] == 1
    assert LineMask(np.zeros((1, 4), bool)).acceleration == float("inf")
    assert LineMask.full(2, 4).scan_time_saved == 0


def test_a_mask_cannot_be_changed_in_place():
    array = np.zeros((2, 10), bool)
    mask = LineMask(array)
    array[0, 0] = True
    assert not mask.array.any()
    with pytest.raises(ValueError, match="read-only"):
        mask.array[0, 0] = True
    with pytest.raises(ScanError, match="not \\(frames, lines\\)"):
        LineMask(np.zeros(4, bool))


@pytest.mark.parametrize("n_lines", [12, 24, 48])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_lattice_is_coherent_and_random_lines_are_not(n_lines, seed):
    def coherence(pattern, centre_lines=0):
        acquisition = Acquisition(
            n_lines=n_lines, pattern=pattern, centre_lines=centre_lines, seed=seed
        )
        return line_mask(acquisition, 20, 192).coherence

    assert coherence("uniform") > 0.8
    assert coherence("uniform", centre_lines=6) > 1.1 * COHERENT
    assert coherence("variable-density") < 0.6 * COHERENT
    assert coherence("variable-density", centre_lines=6) < 0.6 * COHERENT


def test_masks_that_change_nothing_have_no_coherence_in_time():
    assert LineMask.full(5, 12).coherence == pytest.approx(0)
    assert LineMask(np.zeros((5, 12), dtype=bool)).coherence == 0
    assert LineMask(np.tile(np.arange(12) % 3 == 0, (5, 1))).coherence == pytest.approx(0)


@pytest.mark.parametrize(
    ("text", "lines"), [("24", 24), ("8x", 25), ("1x", 200), ("16x", 12), ("999x", 1)]
)
def test_lines_are_a_number_or_an_acceleration(text, lines):
    assert count_lines(text, 200) == lines


@pytest.mark.parametrize("text", ["", "0", "-3", "8 x", "x", "2.5x", "full", "1234567", "٣"])
def test_what_is_neither_is_refused(text):
    with pytest.raises(ScanError, match="neither a number of lines nor an acceleration"):
        count_lines(text, 200)
