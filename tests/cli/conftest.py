from pathlib import Path

import numpy as np
import pytest

from napari_cmr.scan import Geometry, Label, Scan, save_image, save_labels


@pytest.fixture(scope="module")
def scan_file(tmp_path_factory) -> Path:
    """A small cine on disk, with labels beside it: EDV 36 mL, ESV 16 mL, RV 24 to 18 mL."""
    labels = np.zeros((6, 5, 32, 24), np.uint8)
    for frame, width in enumerate((6, 5, 4, 4, 5, 6)):
        labels[frame, 1:4, 4 : 4 + width, 4 : 4 + (4 if width == 4 else width)] = Label.LV
        labels[frame, 1:4, 20:22, 4 : 4 + (4 if width > 4 else 3)] = Label.RV
        labels[frame, 1:4, 14:16, 4:10] = Label.MYO
    image = np.random.default_rng(0).random(labels.shape, np.float32) + labels
    scan = Scan(
        image=image,
        geometry=Geometry.regular((8.0, 2.5, 2.5), 5, trusted=True),
        frame_times_ms=np.arange(6) * 150.0,
        cycle_ms=900.0,
    )
    path = tmp_path_factory.mktemp("scan") / "heart.nii.gz"
    save_image(path, scan.image, scan)
    save_labels(path.with_name("heart_labels.nii.gz"), labels, scan)
    return path
