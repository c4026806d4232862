"""Lines are shared with the frames that are nearest around the cycle."""

import numpy as np
from helpers.beating_discs import disc_image, disc_slice

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.kspace.encoding import Encoding
from napari_cmr.kspace.fourier import fft1c
from napari_cmr.solvers import find_solver
from napari_cmr.solvers.view_sharing import nearest_frames


def test_the_nearest_frame_is_searched_around_the_cycle():
    mask = np.zeros((8, 2), dtype=bool)
    mask[[1, 7], 0] = True  # frames 0 and 4 are as far from one as from the other
    mask[5, 1] = True
    source = nearest_frames(mask)
    assert source[:, 0].tolist() == [7, 1, 1, 1, 1, 7, 7, 7]
    assert source[:, 1].tolist() == [5] * 8


def test_each_line_is_that_of_its_source():
    one = disc_slice(9, pattern="golden-step", centre_lines=0)
    true = fft1c(disc_image(), axis=-2)
    shared = fft1c(find_solver("view-sharing").run(one).image, axis=-2)
    source, taken = nearest_frames(one.mask), one.mask.any(axis=0)
    for t, frames in enumerate(source):
        expected = np.where(taken[:, None], true[frames, np.arange(len(taken))], 0)
        np.testing.assert_allclose(shared[t], expected, atol=1e-4)


def test_a_still_heart_is_complete_once_each_line_was_taken():
    image = np.repeat(disc_image()[:1], 12, axis=0)
    mask = disc_slice(12, pattern="golden-step", centre_lines=0).mask
    assert mask.any(axis=0).all()
    encoding = Encoding(mask)
    one = MeasuredSlice(0, encoding.forward(image), encoding)
    for name in ("view-sharing", "average"):
        np.testing.assert_allclose(find_solver(name).run(one).image, image, atol=1e-5)
