"""Files of a reconstruction."""

import json
from dataclasses import replace

import nibabel
import numpy as np
import pytest
from helpers.beating_discs import disc_scan

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Code, Notice, ScanError, open_scan, save_image
from napari_cmr.workflow.reconstruct.reconstructed_files import save_reconstruction
from napari_cmr.workflow.reconstruct.solving import reconstruct

FEW = Acquisition(n_lines=12, centre_lines=4, seed=3)


@pytest.fixture
def saved(tmp_path):
    """A scan that is a file of its own."""
    scan = disc_scan()
    save_image(tmp_path / "scan.nii.gz", np.abs(scan.image), scan)
    return open_scan(tmp_path / "scan.nii.gz")


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
    result = reconstruct(measured, "view-sharing")
    save_reconstruction(saved, measured, result, tmp_path / "out.nii", keep_phase=True)
    voxels = np.asarray(nibabel.load(tmp_path / "out.nii").dataobj)
    np.testing.assert_allclose(voxels.transpose(3, 2, 1, 0), result.image)


def test_motion_is_written_in_mm_by_methods_that_read_it(saved, tmp_path):
    measured = undersample(saved, FEW)
    plain = reconstruct(measured, "view-sharing")
    still = np.zeros((2, *plain.image.shape), dtype=np.float32)
    still[0, 3], still[1, 3] = 3.0, 4.0  # pixels of 1.5 mm
    moved = replace(plain, motion=still)
    image, motion = tmp_path / "out.nii.gz", tmp_path / "motion.nii.gz"
    save_reconstruction(saved, measured, moved, image, motion=motion)
    written = open_scan(motion)
    assert written.spacing == pytest.approx(saved.spacing)
    np.testing.assert_allclose(written.image[3], 7.5, rtol=1e-5)
    assert not written.image[[0, 1, 2, 4]].any()
    with pytest.raises(ScanError, match="view-sharing reads no motion"):
        save_reconstruction(
            saved, measured, plain, tmp_path / "other.nii", motion=tmp_path / "none.nii"
        )
    assert not (tmp_path / "other.nii").exists()


def test_files_of_invented_details_say_so_and_so_does_what_opens_them(saved, tmp_path):
    measured = undersample(saved, FEW)
    plain = reconstruct(measured, "view-sharing")
    notice = Notice(Code.DETAILS_INVENTED, "Details may be invented.", "model")
    for name, result in (("plain", plain), ("refined", replace(plain, notices=(notice,)))):
        image, record = tmp_path / f"{name}.nii.gz", tmp_path / f"{name}.json"
        save_reconstruction(saved, measured, result, image, record)
        written = json.loads(record.read_text())
        invented = name == "refined"
        assert written["warnings"] == [notice.text] * invented
        assert [one["code"] for one in written["warning_details"]] == [
            "details-invented"
        ] * invented
        said = [one.code for one in open_scan(image).notes]
        assert (Code.DETAILS_INVENTED in said) is invented


def test_some_slices_are_no_file(saved, tmp_path):
    measured = undersample(saved, FEW, slices=(1,))
    with pytest.raises(ScanError, match="1 of 2 slices"):
        save_reconstruction(saved, measured, reconstruct(measured), tmp_path / "out.nii")
    assert not (tmp_path / "out.nii").exists()
