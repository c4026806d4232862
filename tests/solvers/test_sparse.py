import numpy as np
import pytest
from helpers.beating_discs import coils_slice, disc_image, disc_parts, disc_slice, error
from skimage.restoration import denoise_tv_chambolle

from napari_cmr.kspace import LineMask, MeasuredSlice
from napari_cmr.kspace.encoding import Encoding
from napari_cmr.scan import ScanError
from napari_cmr.solvers import find_solver
from napari_cmr.solvers.dictionary import better_dictionary, sparse_codes
from napari_cmr.solvers.low_rank_sparse import LowRankSparseSettings, low_rank, separate
from napari_cmr.solvers.sparsity import from_frequencies, shrink, to_frequencies
from napari_cmr.solvers.total_variation import divergence, gradient
from napari_cmr.solvers.wavelets import _step, analyse, synthesise


def random_images(*shape):
    rng = np.random.default_rng(2)
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(np.complex64)


def full(image):
    encoding = Encoding(np.ones(image.shape[:2], dtype=bool))
    return MeasuredSlice(0, encoding.forward(image), encoding)


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


@pytest.mark.parametrize("axes", [(-2, -1), (0,), (0, -2, -1)])
def test_the_divergence_is_minus_the_adjoint_of_the_gradient(axes):
    image, field = random_images(3, 5, 4), random_images(len(axes), 3, 5, 4)
    np.testing.assert_allclose(
        np.vdot(gradient(image, axes), field), -np.vdot(image, divergence(field, axes)), rtol=1e-4
    )


@pytest.mark.parametrize("n", [4, 8, 24])
def test_a_wavelet_level_is_orthonormal(n):
    np.testing.assert_allclose(_step(n) @ _step(n).T, np.eye(n), atol=1e-6)


def test_wavelets_have_four_vanishing_moments():
    rows = _step(32)[16:24].astype(np.float64)  # those that do not wrap around
    for power in range(4):
        assert np.abs(rows @ (np.arange(32) / 32) ** power).max() < 1e-6
    assert np.abs(rows @ (np.arange(32) / 32) ** 4).max() > 1e-6


def test_the_wavelet_transform_comes_back():
    image = random_images(2, 24, 16)
    waves = analyse(image, 3)
    np.testing.assert_allclose(np.linalg.norm(waves), np.linalg.norm(image), rtol=1e-5)
    np.testing.assert_allclose(synthesise(waves, 3), image, atol=1e-5)


def test_spatial_tv_of_all_lines_is_that_of_scikit_image():
    rng = np.random.default_rng(0)
    image = np.zeros((1, 32, 32))
    image[:, 9:23, 8:20] = 1.0
    noisy = (image + rng.normal(0, 0.1, image.shape)).astype(np.complex64)
    one = full(noisy)
    unit = np.percentile(np.abs(one.temporal_average), 99)
    found = find_solver("tv-2d").run(one, {"space": 0.15 / unit, "iterations": 1000}).image.real
    # Theirs minimises |x - y|^2 / 2 + weight TV(x) too, but does not wrap around the edges.
    tiled = np.pad(noisy.real[0], 16, mode="wrap")
    theirs = denoise_tv_chambolle(tiled, weight=0.15, max_num_iter=2000, eps=1e-9)
    np.testing.assert_allclose(found[0], theirs[16:-16, 16:-16], atol=0.01)
    assert error(found, image) < 0.5 * error(noisy, image)


def test_low_rank_shrinks_singular_values():
    image = random_images(6, 5, 7)
    values = np.linalg.svd(image.reshape(6, -1), compute_uv=False)
    kept = np.linalg.svd(low_rank(image, 0.5).reshape(6, -1), compute_uv=False)
    np.testing.assert_allclose(kept, np.maximum(values - 0.5 * values[0], 0), atol=1e-4)


def test_l_plus_s_separates_a_still_body_from_a_beating_disc():
    still, beating = disc_parts()
    one = disc_slice(24, centre_lines=6)
    background, changes = separate(one, LowRankSparseSettings(sparse=0.03), lambda share: None)
    moves = np.abs(still + beating).std(axis=0) > 0.05
    assert error(background[:, ~moves], np.repeat((still + beating[0])[None, ~moves], 12, 0)) < 0.1
    assert np.linalg.norm(changes[:, moves]) > 3 * np.linalg.norm(changes[:, ~moves])


@pytest.mark.parametrize("centre_lines", [0, 4])
def test_l_plus_s_refuses_a_lattice(centre_lines):
    one = disc_slice(12, pattern="uniform", centre_lines=centre_lines)
    assert LineMask(one.mask).coherence > 0.5
    with pytest.raises(ScanError, match=r"as those of a lattice .*variable-density"):
        find_solver("low-rank-sparse").run(one)
    find_solver("xf-fista").run(one)


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


def test_matching_pursuit_finds_the_atoms_of_a_patch():
    rng = np.random.default_rng(0)
    dictionary = np.linalg.qr(random_images(16, 16))[0][:12]
    codes = np.zeros((200, 12), np.complex64)
    for row in codes:
        chosen = rng.choice(12, 3, replace=False)
        row[chosen] = rng.uniform(1, 2, 3) * np.exp(1j * rng.uniform(0, 6, 3))
    found = sparse_codes(codes @ dictionary, dictionary, 3)
    np.testing.assert_allclose(found, codes, atol=1e-3)


def test_the_renewed_dictionary_explains_the_patches_better():
    patches = random_images(300, 16)
    dictionary = np.linalg.qr(random_images(16, 16))[0][:10]
    codes = sparse_codes(patches, dictionary, 3)
    before = np.linalg.norm(patches - codes @ dictionary)
    renewed = better_dictionary(patches, codes, dictionary)
    again = sparse_codes(patches, renewed, 3)
    assert np.linalg.norm(patches - again @ renewed) < before
    np.testing.assert_allclose(np.linalg.norm(renewed, axis=1), 1, atol=1e-4)
