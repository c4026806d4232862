"""From a folder of subjects to weights that the zoo runs."""

import nibabel as nib
import numpy as np
import pytest

from napari_cmr.scan import ScanError
from napari_cmr.workflow.train import ACDC, TrainingRequest, train_model
from napari_cmr.workflow.train.cines import CINE_FRAMES, prepare_cines
from napari_cmr.workflow.train.export import export
from napari_cmr.zoo.cards import read_card

pytest.importorskip("lightning", reason="the extra 'train' is not installed")


def write_subject(folder, seed: int) -> None:
    """An ACDC folder: a disc that contracts between frames 1 and 4."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    x, y = np.mgrid[:48, :48]
    affine = np.diag([2.0, 2.0, 8.0, 1.0])
    for frame, radius in ((1, 8), (4, 5)):
        labels = np.zeros((48, 48, 2), np.uint8)
        labels[np.hypot(x - 11, y - 24) < radius - 1] = 1  # RV in ACDC's numbers
        labels[np.hypot(x - 25, y - 24) < radius + 3] = 2
        labels[np.hypot(x - 25, y - 24) < radius] = 3
        image = np.array([20, 180, 80, 200])[labels] + rng.normal(0, 3, labels.shape)
        stem = folder / f"{folder.name}_frame{frame:02d}"
        nib.save(nib.Nifti1Image(image.astype(np.float32), affine), f"{stem}.nii.gz")
        nib.save(nib.Nifti1Image(labels, affine), f"{stem}_gt.nii.gz")
    (folder / "Info.cfg").write_text(
        "ED: 1\nES: 4\nGroup: NOR\nHeight: 170.0\nNbFrame: 10\nWeight: 70.0\n"
    )


@pytest.fixture
def data(tmp_path):
    for number in (1, 2, 14):
        write_subject(tmp_path / "data" / f"patient{number:03d}", number)
    (tmp_path / "data" / "patient099").mkdir()
    return tmp_path / "data"


def test_a_subject_that_cannot_be_used_is_named_and_left_out(data, tmp_path) -> None:
    said: list[str] = []
    done = prepare_cines(data, tmp_path / "cines", frames=6, report=said.append)
    assert [path.stem for path in done] == ["patient001", "patient002", "patient014"]
    assert any("left out patient099" in text for text in said)
    said.clear()
    prepare_cines(data, tmp_path / "cines", frames=6, report=said.append)
    assert all("left out" in text for text in said)  # the others are there already


def test_a_folder_without_subjects_is_an_error(tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScanError, match="no subject folder"):
        prepare_cines(tmp_path / "empty", tmp_path / "cines")


def test_training_ends_in_weights_with_a_card(data, tmp_path) -> None:
    request = TrainingRequest(
        model="localiser",
        data=data,
        out=tmp_path / "out",
        steps=2,
        device="cpu",
        precision="32-true",
        workers=0,
    )
    weights = train_model(request)
    card = read_card(weights)
    assert (card.name, card.task, card.steps) == ("localiser", "localisation", 2)
    assert card.licence == "that of the training data"
    assert card.sampling.startswith("variable density; a fifth fully sampled, 10 % one line")
    assert f"cines of 12 to {CINE_FRAMES} frames" in card.sampling
    again = export(tmp_path / "out" / "localiser-live", tmp_path / "other", declaration=ACDC)
    assert "CC BY-NC-SA 4.0" in read_card(again).licence
    assert again.read_bytes() == weights.read_bytes()
