"""A reconstruction beside the full scan, slice by slice."""

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.analysis.image_quality import ImageQuality
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.workflow.reconstruct.quality import full_slice, mean_quality, quality_of
from napari_cmr.workflow.reconstruct.solving import reconstruct


def test_all_lines_give_the_full_image_back():
    scan = make_scan(n_slices=2)
    acquisition = Acquisition(seed=3)
    result = reconstruct(undersample(scan, acquisition), "view-sharing")
    found = quality_of(scan, result)
    assert sorted(found) == [0, 1]
    for quality in found.values():
        assert quality.nrmse < 1e-5
        assert quality.ssim > 0.9999
        assert quality.psnr > 90


def test_noise_is_no_part_of_the_full_image_and_the_phase_is():
    scan = make_scan(n_slices=1)
    quiet = full_slice(scan, 0, Acquisition(seed=2))
    noisy = full_slice(scan, 0, Acquisition(seed=2, noise=0.1, n_lines=4))
    np.testing.assert_array_equal(quiet, noisy)
    np.testing.assert_allclose(np.abs(quiet), scan.image[:, 0], rtol=1e-5)
    assert np.abs(np.angle(quiet)).max() > 0.1


def test_fewer_lines_are_further_away():
    scan = make_scan(n_slices=1)
    few, many = (
        quality_of(scan, reconstruct(undersample(scan, Acquisition(n_lines=n)), "zero-filled"))[0]
        for n in (4, 24)
    )
    assert few.psnr < many.psnr
    assert few.nrmse > many.nrmse


def test_coils_are_compared_with_what_they_see_of_all_lines():
    scan = make_scan(n_slices=1)
    acquisition = Acquisition(n_lines=20, centre_lines=6, coils=4, noise=0.05, seed=2)
    every = undersample(scan, Acquisition(coils=4, seed=2))[0]
    np.testing.assert_array_equal(full_slice(scan, 0, acquisition), every.zero_filled())
    whole = acquisition.model_copy(update={"n_lines": None, "noise": 0.0})
    exact = quality_of(scan, reconstruct(undersample(scan, whole), "zero-filled"))[0]
    assert exact.nrmse < 1e-5


def test_the_mean_is_taken_of_each_number():
    first, second = ImageQuality(30.0, 20.0, 0.8, 0.1), ImageQuality(40.0, 24.0, 0.9, 0.3)
    assert mean_quality([first, second]) == ImageQuality(35.0, 22.0, pytest.approx(0.85), 0.2)
