"""What every solver refuses, how it tells of progress, and which unit it works in."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.beating_discs import coils_slice, disc_image, disc_slice, error

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.kspace.encoding import Encoding
from napari_cmr.scan import ScanError, Stopped
from napari_cmr.solvers import find_solver, solvers

NAMES = tuple(solvers())


SERIES = [name for name in NAMES if "series" in solvers()[name].needs]


ITERATIVE = [name for name in NAMES if solvers()[name].settings.model_fields]


FEWER = {"dictionary": {"rounds": 3}}  # enough to tell, and quicker


def run(name, one, **watch):
    return find_solver(name).run(one, FEWER.get(name), **watch).image


@pytest.mark.parametrize("name", NAMES)
def test_an_image_twice_as_bright_comes_out_twice_as_bright(name):
    one = disc_slice()
    brighter = MeasuredSlice(0, 2 * one.lines, one.encoding)
    once, twice = (run(name, each) for each in (one, brighter))
    np.testing.assert_allclose(twice, 2 * once, atol=2e-3)


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
def test_coils_without_central_lines_are_refused(name):
    mask = disc_slice().mask.copy()
    mask[:, 24] = False  # the centre of 48
    one = coils_slice()
    encoding = Encoding(mask, sensitivities=one.sensitivities)
    with pytest.raises(ScanError, match=r"slice 1: the central lines are too few.*keep 6 lines"):
        run(name, MeasuredSlice(0, encoding.forward(disc_image()), encoding))


def test_a_method_for_so_many_coils_refuses_other_numbers():
    of_one, of_six = (replace(find_solver("zero-filled"), coils=n) for n in (1, 6))
    assert of_one.run(disc_slice()).image.any()
    with pytest.raises(ScanError, match="takes lines of one coil, these are of 4 coils"):
        of_one.run(coils_slice(4))
    assert of_six.run(coils_slice(6)).image.any()
    with pytest.raises(ScanError, match="takes lines of 6 coils, these are of one coil"):
        of_six.run(disc_slice())
    assert of_six.to_dict()["coils"] == 6


@pytest.mark.parametrize("axis", ["Y", "X"])
@pytest.mark.parametrize("name", NAMES)
def test_some_columns_are_nearly_those_of_the_whole_slice(name, axis):
    one = disc_slice(16, axis=axis)
    solver, wanted = find_solver(name), slice(8, 30)
    kept = (..., wanted) if axis == "Y" else (slice(None), wanted)
    settings = FEWER.get(name, {})
    whole = solver.run(one, settings).image[kept]
    some = solver.run(one, settings, columns=wanted).image
    assert some.shape == whole.shape
    # dictionaries and random shifts are of the columns that are seen, thresholds are not
    close = 0.06 if name.startswith(("dictionary", "wavelet", "low-rank")) else 0.02
    assert error(some, whole) < close


@pytest.mark.parametrize("wanted", [slice(5, 5), slice(30, 41), slice(0, 20, 2), slice(50, 60)])
def test_columns_that_are_not_there_are_refused(wanted):
    with pytest.raises(ScanError, match=r"slice 1: there are no columns .* of 40"):
        find_solver("zero-filled").run(disc_slice(), columns=wanted)


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
