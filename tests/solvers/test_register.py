import numpy as np
import pytest
from helpers.beating_discs import coils_slice, disc_image, disc_slice, error

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.kspace.encoding import Encoding
from napari_cmr.scan import ScanError, Stopped
from napari_cmr.solvers import find_solver, solvers

NAMES = tuple(solvers())
SERIES = [name for name in NAMES if "series" in solvers()[name].needs]
STILL = [name for name in NAMES if name not in SERIES]
ITERATIVE = [name for name in NAMES if solvers()[name].settings.model_fields]


FEWER = {"dictionary": {"rounds": 3}}  # enough to tell, and quicker


def run(name, one, **watch):
    return find_solver(name).run(one, FEWER.get(name), **watch).image


def test_every_method_of_the_issue_is_there():
    assert set(NAMES) >= {
        "zero-filled", "average", "view-sharing", "cg-sense", "kt-focuss", "xf-fista",
        "wavelet-2d", "wavelet-2dt", "tv-2d", "tv-2dt", "low-rank-sparse", "dictionary",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_its_settings_make_a_form_and_its_text_a_row(name):
    solver = solvers()[name]
    described = solver.to_dict()
    assert described["title"]
    assert described["name"] == name
    for field in solver.settings.model_fields.values():
        assert field.description
        assert field.metadata, "a form needs the range"
    assert solver.parse({}) == solver.settings()


@pytest.mark.parametrize("name", NAMES)
def test_all_lines_give_the_image_back(name):
    result = run(name, disc_slice(None))
    assert result.dtype == np.complex64
    assert error(result, disc_image()) < 0.03


@pytest.mark.parametrize("axis", ["Y", "X"])
@pytest.mark.parametrize("name", sorted({*NAMES} - {"zero-filled", "cg-sense"}))
def test_it_is_better_than_zero_filled(name, axis):
    one, true = disc_slice(20, axis=axis), disc_image()
    assert error(run(name, one), true) < 0.9 * error(one.zero_filled(), true)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "zero-filled"])
def test_it_is_better_than_zero_filled_with_several_coils(name):
    one, true = coils_slice(), disc_image()
    assert error(run(name, one), true) < 0.9 * error(one.zero_filled(), true)


@pytest.mark.parametrize("name", NAMES)
def test_an_image_twice_as_bright_comes_out_twice_as_bright(name):
    one = disc_slice()
    brighter = MeasuredSlice(0, 2 * one.lines, one.encoding)
    once, twice = (run(name, each) for each in (one, brighter))
    np.testing.assert_allclose(twice, 2 * once, atol=2e-3)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_lines_give_the_same_image(name):
    first, second = (run(name, disc_slice()) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", ["zero-filled", "average", "view-sharing", "dictionary"])
def test_it_keeps_the_lines_of_a_single_coil(name):
    one = disc_slice()
    again = one.encoding.forward(run(name, one))
    np.testing.assert_allclose(again, one.lines, atol=1e-4)


@pytest.mark.parametrize("name", STILL)
def test_a_still_image_is_reconstructed(name):
    one = disc_slice(24, n_frames=1)
    true = disc_image(1)
    assert error(run(name, one), true) < 1.02 * error(one.zero_filled(), true)


@pytest.mark.parametrize("name", SERIES)
def test_a_method_for_cines_refuses_one_frame(name):
    with pytest.raises(ScanError, match="one frame"):
        run(name, disc_slice(n_frames=1))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_measured_and_nan_are_refused(name):
    one = disc_slice()
    nothing = Encoding(np.zeros_like(one.mask))
    with pytest.raises(ScanError, match="no line was measured"):
        run(name, MeasuredSlice(0, one.lines[:, :, :0], nothing))
    broken = one.lines.copy()
    broken[3, 0, 2, 5] = np.nan
    with pytest.raises(ScanError, match=r"slice 1.*NaN"):
        run(name, MeasuredSlice(0, broken, one.encoding))


@pytest.mark.parametrize("name", NAMES)
def test_a_black_slice_stays_black(name):
    one = disc_slice()
    black = MeasuredSlice(0, np.zeros_like(one.lines), one.encoding)
    assert not run(name, black).any()


@pytest.mark.parametrize("name", NAMES)
def test_progress_rises_to_the_end(name):
    told = []
    run(name, disc_slice(), progress=told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("name", ITERATIVE)
def test_it_ends_soon_after_it_is_asked_to(name):
    asked = []

    def stop():
        asked.append(True)
        return len(asked) > 3

    with pytest.raises(Stopped):
        run(name, disc_slice(), stop=stop)
    assert len(asked) == 4


def test_unknown_methods_and_settings_are_named_with_what_there_is():
    with pytest.raises(ScanError, match=r"no reconstruction method 'grappa' .*view-sharing"):
        find_solver("grappa")
    with pytest.raises(ScanError, match=r"settings of xf-fista: speed: .*iterations, threshold"):
        find_solver("xf-fista").run(disc_slice(), {"speed": 3})
    with pytest.raises(ScanError, match=r"settings of xf-fista: threshold: .*less than"):
        find_solver("xf-fista").parse({"threshold": "7"})
    assert find_solver("xf-fista").parse({"threshold": ".02"}).threshold == 0.02
