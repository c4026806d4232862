"""One slice of a reconstructed image, and what it came from."""

import numpy as np
from helpers.small_scans import make_scan

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.viewer.core.slice_images import ImageSource, old_image_text, slice_of
from napari_cmr.workflow.reconstruct.solving import reconstruct

TEN = Acquisition(n_lines=10)


def source(acquisition=TEN, **settings):
    return ImageSource("tv-2dt", settings, acquisition)


def test_what_is_old_says_what_it_came_from():
    assert old_image_text(source(), source(), 48) == ""
    assert old_image_text(source(), source(Acquisition(n_lines=20)), 48) == "from 10 of 48 lines"
    other = "from 10 of 48 lines of another acquisition"
    assert old_image_text(source(), source(Acquisition(n_lines=10, seed=1)), 48) == other
    assert old_image_text(source(time=1.0), source(time=2.0), 48) == (
        "from 10 of 48 lines with other settings"
    )
    quick = ImageSource("quick", {}, TEN)
    assert old_image_text(quick, source(), 48) == "by quick, from 10 of 48 lines"


def test_a_slice_is_the_magnitude_of_what_a_method_made_and_not_judged_yet():
    result = reconstruct(undersample(make_scan(), TEN, slices=(1,)), "view-sharing")
    found = slice_of(result, source())
    np.testing.assert_array_equal(found.image, np.abs(result.image[:, 0]))
    assert (found.z, found.std, found.added) == (1, None, None)
    assert not found.is_judged
