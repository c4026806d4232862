"""Least squares over all coils: what unfolds a lattice."""

import numpy as np
from helpers.beating_discs import coils_slice, disc_image, error

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.kspace.encoding import Encoding
from napari_cmr.solvers import find_solver


def test_cg_sense_unfolds_a_lattice_that_every_frame_shares():
    one = coils_slice(6, 16)
    mask = np.zeros_like(one.mask)
    mask[:, ::3] = True  # threefold, six coils
    mask[:, 21:27] = True  # what each coil sees is told by lines around the centre
    encoding = Encoding(mask, sensitivities=one.sensitivities)
    folded = MeasuredSlice(0, encoding.forward(disc_image()), encoding)
    unfolded = find_solver("cg-sense").run(folded, {"iterations": 60, "damping": 1e-4}).image
    assert error(folded.zero_filled(), disc_image()) > 0.1
    assert error(unfolded, disc_image()) < 0.05


def test_cg_sense_is_the_least_squares_solution():
    one = coils_slice(3, 16, n_frames=2)
    damping = 0.05
    found = find_solver("cg-sense").run(one, {"iterations": 200, "damping": damping}).image
    left = one.encoding.normal(found) + damping * found - one.zero_filled()
    assert np.abs(left).max() < 1e-4 * np.abs(found).max()
