"""Low rank and sparse parts, and what cannot be told apart."""

import numpy as np
import pytest
from helpers.beating_discs import disc_parts, disc_slice, error, random_images

from napari_cmr.kspace import LineMask
from napari_cmr.scan import ScanError
from napari_cmr.solvers import find_solver
from napari_cmr.solvers.low_rank_sparse import LowRankSparseSettings, low_rank, separate


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
