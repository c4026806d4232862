"""The temporal transform, the soft threshold, and methods that rest on them."""

import numpy as np
from helpers.beating_discs import coils_slice, disc_image, disc_slice, error, random_images

from napari_cmr.solvers import find_solver
from napari_cmr.solvers.sparsity import from_frequencies, shrink, to_frequencies


def test_the_temporal_transform_is_an_isometry():
    image = random_images(5, 4, 3)
    spectrum = to_frequencies(image)
    np.testing.assert_allclose(np.linalg.norm(spectrum), np.linalg.norm(image), rtol=1e-5)
    np.testing.assert_allclose(from_frequencies(spectrum), image, atol=1e-6)


def test_shrinking_is_the_proximal_map_of_the_sum_of_magnitudes():
    values = random_images(400)
    kept = shrink(values, 0.7)

    def cost(z):
        return 0.5 * np.abs(z - values) ** 2 + 0.7 * np.abs(z)

    for nudge in (0.01, -0.01, 0.01j, -0.01j):
        assert (cost(kept) <= cost(kept + nudge) + 1e-6).all()


def test_sparse_methods_beat_view_sharing_on_a_beating_disc():
    one, true = disc_slice(12, centre_lines=6), disc_image()
    shared = error(find_solver("view-sharing").run(one).image, true)
    for name in ("kt-focuss", "xf-fista", "tv-2dt", "low-rank-sparse"):
        assert error(find_solver(name).run(one).image, true) < shared


def test_several_coils_see_more_than_one():
    true = disc_image()
    one = disc_slice(12)
    several = coils_slice(6, 12)
    for name in ("tv-2d", "xf-fista"):
        run = find_solver(name).run
        assert error(run(several).image, true) < error(run(one).image, true)
