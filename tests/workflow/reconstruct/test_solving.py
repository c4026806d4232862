import numpy as np
import pytest
from helpers.beating_discs import disc_scan
from helpers.reconstruction_models import write_reconstruction_model
from helpers.scan_files import coil_images, forward, write_cmrxrecon

from napari_cmr.kspace import Acquisition, line_mask, undersample
from napari_cmr.scan import Stopped, open_scan
from napari_cmr.workflow.reconstruct.solving import reconstruct
from napari_cmr.zoo.folders import MODELS_VARIABLE

FEW = Acquisition(n_lines=12, centre_lines=4, seed=3)


def test_all_slices_are_reconstructed_in_their_order():
    measured = undersample(disc_scan(), FEW).select((1, 0))
    result = reconstruct(measured, "view-sharing")
    assert result.image.shape == (12, 2, 48, 40)
    assert result.slices == (1, 0)
    for place, z in enumerate(result.slices):
        alone = reconstruct(undersample(disc_scan(), FEW, slices=(z,)), "view-sharing")
        np.testing.assert_array_equal(result.image[:, place], alone.image[:, 0])


def test_the_result_says_what_it_came_from():
    measured = undersample(disc_scan(), FEW)
    result = reconstruct(measured, "xf-fista", {"threshold": 0.02})
    assert (result.method, result.acquisition) == ("xf-fista", FEW)
    assert result.settings == {"iterations": 40, "threshold": 0.02}
    np.testing.assert_array_equal(result.mask.array, line_mask(FEW, 12, 48).array)
    assert result.std is None


def test_a_method_that_reads_motion_gives_that_of_all_slices(tmp_path, monkeypatch):
    write_reconstruction_model(tmp_path, "dc-mac")
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    result = reconstruct(undersample(disc_scan(), FEW), "dc-mac")
    assert result.motion.shape == (2, 12, 2, 48, 40)
    alone = reconstruct(undersample(disc_scan(), FEW, slices=(1,)), "dc-mac")
    np.testing.assert_allclose(result.motion[:, :, 1], alone.motion[:, :, 0], atol=1e-4)
    assert result.motion[:, 1:].any()


def test_progress_covers_all_slices_and_stopping_leaves_the_rest():
    told = []
    measured = undersample(disc_scan(), FEW)
    reconstruct(measured, "kt-focuss", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    with pytest.raises(Stopped):
        reconstruct(measured, "kt-focuss", stop=lambda: True)


def test_raw_data_of_several_coils_keep_them(tmp_path):
    """The combination by estimated sensitivities is as bright as the root of the sum of squares."""
    coils = coil_images((1, 2, 32, 24), 3)
    path = write_cmrxrecon(tmp_path / "raw.mat", forward(coils).astype(np.complex64))
    scan = open_scan(path)
    measured = undersample(scan, Acquisition(n_lines=None))
    result = reconstruct(measured, "cg-sense", {"damping": 1e-4, "iterations": 50})
    assert measured[0].sensitivities.shape[0] == 3
    np.testing.assert_allclose(np.abs(result.image), np.abs(scan.image), rtol=0.05, atol=0.05)
