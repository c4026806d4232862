import json

import nibabel
import numpy as np
import pytest
from helpers.beating_discs import disc_scan
from helpers.scan_files import coil_images, forward, write_cmrxrecon

from napari_cmr.kspace import Acquisition, line_mask, undersample
from napari_cmr.scan import ScanError, Stopped, open_scan, save_image
from napari_cmr.workflow.reconstruct.reconstructed_files import save_reconstruction
from napari_cmr.workflow.reconstruct.solving import reconstruct

FEW = Acquisition(n_lines=12, centre_lines=4, seed=3)


@pytest.fixture
def saved(tmp_path):
    """A scan that is a file of its own."""
    scan = disc_scan()
    save_image(tmp_path / "scan.nii.gz", np.abs(scan.image), scan)
    return open_scan(tmp_path / "scan.nii.gz")


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


def test_progress_covers_all_slices_and_stopping_leaves_the_rest():
    told = []
    measured = undersample(disc_scan(), FEW)
    reconstruct(measured, "kt-focuss", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    with pytest.raises(Stopped):
        reconstruct(measured, "kt-focuss", stop=lambda: True)


def test_the_files_are_enough_to_make_it_again(saved, tmp_path):
    measured = undersample(saved, FEW)
    result = reconstruct(measured, "tv-2dt", {"iterations": 5})
    image, record = tmp_path / "out.nii.gz", tmp_path / "out.json"
    save_reconstruction(saved, measured, result, image, record)
    written = json.loads(record.read_text())
    again = reconstruct(
        undersample(saved, Acquisition.model_validate(written["acquisition"])),
        written["method"],
        written["settings"],
    )
    np.testing.assert_allclose(open_scan(image).image, np.abs(again.image), atol=1e-5)
    assert written["publication"]


def test_the_phase_can_be_kept(saved, tmp_path):
    measured = undersample(saved, FEW)
    result = reconstruct(measured)
    save_reconstruction(saved, measured, result, tmp_path / "out.nii", keep_phase=True)
    voxels = np.asarray(nibabel.load(tmp_path / "out.nii").dataobj)
    np.testing.assert_allclose(voxels.transpose(3, 2, 1, 0), result.image)


def test_some_slices_are_no_file(saved, tmp_path):
    measured = undersample(saved, FEW, slices=(1,))
    with pytest.raises(ScanError, match="1 of 2 slices"):
        save_reconstruction(saved, measured, reconstruct(measured), tmp_path / "out.nii")
    assert not (tmp_path / "out.nii").exists()


def test_raw_data_of_several_coils_keep_them(tmp_path):
    """The combination by estimated sensitivities is as bright as the root of the sum of squares."""
    coils = coil_images((1, 2, 32, 24), 3)
    path = write_cmrxrecon(tmp_path / "raw.mat", forward(coils).astype(np.complex64))
    scan = open_scan(path)
    measured = undersample(scan, Acquisition(n_lines=None))
    result = reconstruct(measured, "cg-sense", {"damping": 1e-4, "iterations": 50})
    assert measured[0].sensitivities.shape[0] == 3
    np.testing.assert_allclose(np.abs(result.image), np.abs(scan.image), rtol=0.05, atol=0.05)
