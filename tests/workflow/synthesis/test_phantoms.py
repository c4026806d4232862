"""A synthetic heart on disk: image, labels and truth of one name, all or none."""

import json
from pathlib import Path

import pytest

from napari_cmr.scan import ScanError, open_scan
from napari_cmr.workflow.synthesis.phantoms import save_phantom


def test_files_belong_together_and_say_that_they_are_synthetic(tmp_path: Path) -> None:
    saved = save_phantom(tmp_path / "made", "infarct", n_frames=3, seed=4)
    assert {path.name for path in (tmp_path / "made").iterdir()} == {
        "phantom_infarct_4.nii.gz", "phantom_infarct_4_labels.nii.gz", "phantom_infarct_4.json",
    }  # fmt: skip
    scan = open_scan(saved.image)
    assert scan.n_frames == 3
    assert scan.labels.any()
    record = json.loads(Path(saved.record).read_text())
    assert record["synthetic"]
    assert (record["disease"], record["seed"], record["n_frames"]) == ("infarct", 4, 3)
    assert record["truth"]["lv"]["edv_ml"] > record["truth"]["lv"]["esv_ml"] > 0


def test_late_enhancement_is_a_still_of_its_own_name(tmp_path: Path) -> None:
    saved = save_phantom(tmp_path, "infarct", lge=True)
    assert saved.image.name == "phantom_infarct_0_lge.nii.gz"
    assert open_scan(saved.image).n_frames == 1


def test_what_cannot_be_made_or_would_replace_something_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="unknown kind of heart 'broken'"):
        save_phantom(tmp_path, "broken")
    label = tmp_path / "phantom_normal_0_labels.nii.gz"
    label.write_text("precious")
    with pytest.raises(ScanError, match="exists already"):
        save_phantom(tmp_path, "normal", n_frames=2)
    with pytest.raises(ScanError, match="frames"):
        save_phantom(tmp_path / "new", "normal", n_frames=0)
    assert [path.name for path in tmp_path.iterdir()] == [label.name]
    with pytest.raises(ScanError, match="cannot be made"):
        save_phantom(label, "normal", n_frames=2)
