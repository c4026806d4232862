"""A session as the first version of the program wrote it opens, and its labels are the same."""

import json
from pathlib import Path

import numpy as np
import pytest

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Geometry, Scan, save_image
from napari_cmr.workflow.session.file import read_session
from napari_cmr.workflow.session.replay import replay

LINES = {
    "n_lines": 3, "pattern": "variable-density", "centre_lines": 0, "seed": 2, "phase": True,
    "noise": 0.0, "toggled": [[0, 2], [1, 4]],
}  # fmt: skip
UNSET = {"ed_frame": None, "es_frame": None, "ed_slices": None, "es_slices": None}
FIRST = {
    "format": "napari-cmr session",
    "version": 1,
    "written_by": "0.1.0",
    "use": "research only",
    "scan": {
        "path": "cine.nii",
        "sample": None,
        "series": None,
        "name": "cine",
        "shape": [2, 2, 6, 5],
        "sha256": "19bddaf9e4e186346665c4b4e4481789fba57e7cc8d880ef7b16f48ab9792924",
    },
    "acquisition": LINES,
    "models": [{"name": "pooled-net", "preset": "live", "sha256": "a" * 64}],
    "labels": [
        {
            "name": "pooled-net",
            "origin": "model",
            "model": "pooled-net",
            "acquisition": LINES,
            "base": [6, 3, 2, 12, 1, 1, 36, 3, 2],
            "edits": [13, 1, 1],
        },
        {
            "name": "Drawn",
            "origin": "empty",
            "model": None,
            "acquisition": None,
            "base": [],
            "edits": [96, 3, 2, 102, 1, 1],
        },
    ],
    "measured": 1,
    "reading": {"lv": UNSET, "rv": UNSET, "papillary_in_blood": False},
    "view": {
        "frame": 1,
        "slice": 0,
        "picture": "image",
        "zoom": None,
        "centre": None,
        "layers": [
            {
                "role": "image",
                "name": "cine",
                "visible": True,
                "opacity": 1.0,
                "contrast_limits": [0.0, 9.5],
            }
        ],
    },
}


@pytest.fixture
def first(tmp_path: Path) -> Path:
    image = np.arange(2 * 2 * 6 * 5, dtype=np.float32).reshape(2, 2, 6, 5)
    save_image(tmp_path / "cine.nii", image, Scan(image, Geometry.regular((8.0, 1.5, 1.5), 2)))
    path = tmp_path / "heart.cmr-session.json"
    path.write_text(json.dumps(FIRST))
    return path


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("pooled-net", [(6, 3, 2), (12, 2, 1), (36, 3, 2)]),
        ("Drawn", [(96, 3, 2), (102, 1, 1)]),
    ],
)
def test_labels_come_back_to_the_voxel(first: Path, name, runs) -> None:
    """Its scan is known again by the same digest, too."""
    expected = np.zeros(120, np.uint8)
    for start, length, label in runs:
        expected[start : start + length] = label
    found = replay(first, stored=True, labels=name)
    np.testing.assert_array_equal(found.labels.ravel(), expected)


def test_all_else_is_read(first: Path) -> None:
    session = read_session(first)
    assert session.acquisition == Acquisition(
        n_lines=3, seed=2, toggled=frozenset({(0, 2), (1, 4)})
    )
    assert (session.measured, session.view.frame) == (1, 1)
    assert session.view.layers[0].contrast_limits == (0.0, 9.5)
    assert session.labels[0].accepted == ()
    assert session.labels[0].made_from is None
