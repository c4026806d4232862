import numpy as np
import pytest
from helpers.beating_discs import coils_slice, disc_image, disc_scan, disc_slice, error

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.solvers import find_solver, solvers

NAMES = tuple(solvers())


SERIES = [name for name in NAMES if "series" in solvers()[name].needs]


STILL = [name for name in NAMES if name not in SERIES]


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
def test_coils_whose_maps_are_estimated_lose_nothing_against_one_coil(name):
    true = np.abs(disc_image())
    apart = []
    for coils in (1, 6):
        acquisition = Acquisition(n_lines=16, centre_lines=6, seed=1, coils=coils)
        one = undersample(disc_scan(), acquisition)[0]
        apart.append(np.linalg.norm(np.abs(run(name, one)) - true))
    assert 20 * np.log10(apart[1] / apart[0]) < 0.5


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
