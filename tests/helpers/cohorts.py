"""Tiny cohorts that nobody owns, and tiny models of random weights."""

from pathlib import Path

import numpy as np

from helpers.zoo_models import ARCHITECTURES, COMPARED
from napari_cmr.scan import Geometry, Label, Scan, save_image, save_labels

MODELS = (*ARCHITECTURES, *COMPARED)

SIZE, DZ, PIXEL = 40, 8.0, 2.0


def beating_heart(seed: int, n_frames: int = 6) -> Scan:
    """A beating disc in two slices: LV inside a ring of MYO, RV beside it."""
    rng = np.random.default_rng(seed)
    shrink = 1 + seed % 3
    labels = np.zeros((n_frames, 2, SIZE, SIZE), np.uint8)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    for frame in range(n_frames):
        radius = 7 - shrink * np.sin(np.pi * frame / n_frames)
        distance = np.hypot(rows - 20, columns - 22)
        labels[frame][:, np.hypot(rows - 20, columns - 11) < radius] = Label.RV
        labels[frame][:, distance < radius + 3] = Label.MYO
        labels[frame][:, distance < radius] = Label.LV
    grey = np.array([0.1, 0.9, 0.4, 0.8], np.float32)
    image = np.abs(grey[labels] + rng.normal(0, 0.02, labels.shape))
    return Scan(
        image,
        Geometry.regular((DZ, PIXEL, PIXEL), 2),
        labels=labels,
        ed_frame=0,
        es_frame=n_frames // 2,
        cycle_ms=900.0,
        frame_times_ms=np.arange(n_frames) * 900.0 / n_frames,
    )


def write_acdc(folder: Path, number: int, group: str) -> Path:
    """A patient folder as ACDC has them: ED and ES with labels in ACDC's numbering."""
    scan = beating_heart(number)
    name = f"patient{number:03d}"
    patient = folder / name
    patient.mkdir(parents=True)
    info = f"ED: 1\nES: 4\nGroup: {group}\nHeight: 170.0\nNbFrame: 6\nWeight: 70.0\n"
    (patient / "Info.cfg").write_text(info)
    acdc = np.array([0, 3, 2, 1], np.uint8)  # ours to theirs
    still = scan.with_(
        image=scan.image[:1], labels=None, labelled_frames=(), frame_times_ms=None, es_frame=None
    )
    for frame in (0, 3):
        stem = patient / f"{name}_frame{frame + 1:02d}"
        save_image(stem.with_suffix(".nii.gz"), scan.image[frame], still)
        save_labels(f"{stem}_gt.nii.gz", acdc[scan.labels[frame]], still)
    return patient


def write_cine(folder: Path, name: str, seed: int) -> Path:
    """A whole labelled cine as one NIfTI file with its labels beside it."""
    scan = beating_heart(seed)
    path = folder / f"{name}.nii.gz"
    save_image(path, scan.image, scan)
    save_labels(folder / f"{name}_labels.nii.gz", scan.labels, scan)
    return path
