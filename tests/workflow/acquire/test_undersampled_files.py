import json

import numpy as np
import pytest

from napari_cmr.kspace.acquisition import Acquisition
from napari_cmr.kspace.masks import LineMask, line_mask
from napari_cmr.scan import Geometry, Scan, ScanError, open_scan
from napari_cmr.workflow.acquire.undersampled_files import nifti_name, save_undersampled


@pytest.fixture
def scan() -> Scan:
    image = np.random.default_rng(1).random((5, 3, 24, 20), np.float32)
    return Scan(
        image=image, geometry=Geometry.regular((9, 2, 2), 3, trusted=True), ed_frame=0, es_frame=3
    )


def test_record_is_enough_to_make_it_again(scan, tmp_path):
    acquisition = Acquisition(n_lines=6, seed=9, centre_lines=2, toggled=frozenset({(1, 0)}))
    saved, _ = save_undersampled(scan, acquisition, tmp_path / "few.nii.gz")
    record = json.loads(saved.record.read_text(encoding="utf-8"))
    again = Acquisition.model_validate(record["acquisition"])
    assert again == acquisition
    drawn = line_mask(again, record["n_frames"], record["n_phase_encodes"])
    written = np.zeros_like(drawn.array)
    for frame, lines in enumerate(record["lines"]):
        written[frame, lines] = True
    np.testing.assert_array_equal(written, drawn.array)
    assert record["acceleration"] == pytest.approx(LineMask(written).acceleration)


def test_files_beside_the_image(scan, tmp_path):
    saved, _ = save_undersampled(
        scan, Acquisition(n_lines=6), tmp_path / "few.nii", temporal_average=True
    )
    assert {path.name for path in tmp_path.iterdir()} == {
        "few.nii",
        "few.json",
        "few_average.nii",
    }
    assert open_scan(saved.average).shape == (1, 3, 24, 20)
    assert open_scan(saved.image).shape == scan.shape


def test_the_scan_itself_is_never_replaced(scan, tmp_path):
    path = tmp_path / "scan.nii.gz"
    with pytest.raises(ScanError, match="would replace what is read"):
        save_undersampled(scan.with_(source=path), Acquisition(n_lines=6), path)
    assert not path.exists()


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "A.NII.GZ"])
def test_nifti_names(tmp_path, name):
    assert nifti_name(tmp_path / name).lower() == "a"


@pytest.mark.parametrize("name", ["a.png", ".nii.gz", "nii"])
def test_other_names(tmp_path, name):
    with pytest.raises(ScanError, match="let it end in"):
        nifti_name(tmp_path / name)
