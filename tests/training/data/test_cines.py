"""Cines to learn from, on disk and refused."""

import numpy as np
import pytest

from napari_cmr.scan import Geometry, Scan, ScanError
from napari_cmr.training.data.cines import TrainingCine, load_cines


def test_cines_survive_the_disk(cines, tmp_path) -> None:
    cines[0].save(tmp_path / "a.npz")
    (loaded,) = load_cines(tmp_path)
    assert np.array_equal(loaded.image, cines[0].image)
    assert np.array_equal(loaded.labels, cines[0].labels)
    assert (loaded.name, loaded.spacing) == (cines[0].name, cines[0].spacing)
    with pytest.raises(ScanError, match="no training cines"):
        load_cines(tmp_path, ["nobody"])


def test_a_cine_to_learn_from_needs_labels_and_marks() -> None:
    image = np.ones((3, 1, 8, 8), np.float32)
    scan = Scan(image, Geometry.regular((8, 1, 1), 1))
    with pytest.raises(ScanError, match="labels"):
        TrainingCine.from_scan(scan)
    with pytest.raises(ScanError, match="marked"):
        TrainingCine.from_scan(scan.with_(labels=image.astype(np.uint8)))
