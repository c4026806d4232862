"""Folders as ACDC has them, of a disc that contracts."""

from pathlib import Path

import nibabel as nib
import numpy as np


def write_subject(folder: Path, seed: int) -> None:
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
