import numpy as np
import pytest

from napari_cmr.kspace.coil_array import LOOPS, CoilArray, compress_coils
from napari_cmr.kspace.noise import complex_noise
from napari_cmr.kspace.partial_dft import LineTransform

SHAPE = (36, 30)


def drawn(seed=0):
    return CoilArray.draw(SHAPE, np.random.default_rng(seed))


def all_lines(n_frames=3):
    return LineTransform(np.ones((n_frames, SHAPE[0]), bool))


def test_the_seed_decides_where_the_loops_are_and_how_their_noise_couples():
    first, again, other = drawn(), drawn(), drawn(1)
    np.testing.assert_array_equal(first.maps, again.maps)
    np.testing.assert_array_equal(first.colour, again.colour)
    assert np.abs(first.maps - other.maps).max() > 0.1
    assert np.abs(first.colour - other.colour).max() > 0.1
    np.testing.assert_allclose((np.abs(first.maps) ** 2).sum(axis=0), 1, atol=1e-5)


def test_without_noise_a_loop_measures_what_it_sees():
    array, transform = drawn(), all_lines()
    image = complex_noise((3, *SHAPE), 1.0, np.random.default_rng(5))
    lines = array.measure(image, transform)
    assert lines.shape == (3, LOOPS, *SHAPE)
    for loop in (0, LOOPS - 1):
        seen = transform.adjoint(lines[:, loop])
        np.testing.assert_allclose(seen, array.maps[loop] * image, atol=1e-5)


def test_combined_noise_is_that_of_one_coil_and_loops_share_some():
    array, transform = drawn(), all_lines(60)
    black = np.zeros((60, *SHAPE), np.complex64)
    lines = array.measure(black, transform, noise_sd=0.3, rng=np.random.default_rng(2))
    images = transform.adjoint(lines)
    combined = (array.maps.conj() * images).sum(axis=1)
    assert np.sqrt(np.mean(np.abs(combined) ** 2)) == pytest.approx(0.3, rel=0.02)
    flat = images.swapaxes(0, 1).reshape(LOOPS, -1)
    shared = np.abs(np.corrcoef(flat))
    neighbours = shared[np.arange(LOOPS), (np.arange(LOOPS) + 1) % LOOPS]
    assert neighbours.min() > 0.05
    assert shared[0, LOOPS // 2] < neighbours.min()


def test_virtual_coils_keep_most_of_the_signal_and_all_coils_all_of_it():
    array, transform = drawn(3), all_lines()
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    image = np.repeat((np.hypot(y - 18, x - 15) < 12)[None], 3, axis=0).astype(np.complex64)
    lines = array.measure(image, transform)
    power = np.linalg.norm(lines) ** 2
    kept = [np.linalg.norm(compress_coils(lines, n)) ** 2 / power for n in range(1, LOOPS + 1)]
    assert kept == sorted(kept)
    assert kept[3] > 0.95
    assert kept[-1] == pytest.approx(1, rel=1e-5)


def test_virtual_coils_come_strongest_first_and_keep_noise_white():
    rng = np.random.default_rng(4)
    white = complex_noise((10, 6, 20, 16), 1.0, rng)
    white[:, 2] *= 5  # one that outshines the others
    virtual = compress_coils(white, 4)
    power = [np.linalg.norm(virtual[:, coil]) for coil in range(4)]
    assert power == sorted(power, reverse=True)
    flat = virtual[:, 1:].swapaxes(0, 1).reshape(3, -1)
    np.testing.assert_allclose(np.abs(np.corrcoef(flat)), np.eye(3), atol=1e-3)
    again = compress_coils(white, 4)
    np.testing.assert_array_equal(virtual, again)


@pytest.mark.parametrize("n_coils", [0, 7])
def test_more_virtual_coils_than_there_are_coils_are_refused(n_coils):
    with pytest.raises(ValueError, match=f"{n_coils} virtual coils of 6"):
        compress_coils(np.zeros((2, 6, 5, 4), np.complex64), n_coils)


def test_nothing_measured_stays_nothing():
    assert not compress_coils(np.zeros((2, LOOPS, 3, 4), np.complex64), 4).any()
