"""Subjects of a cohort, and the cines that are made of them."""

import numpy as np
import pytest
from helpers import cohorts

from napari_cmr.cohort.subjects import find_subjects, open_cine
from napari_cmr.scan import ScanError


@pytest.fixture
def cohort(tmp_path):
    """ACDC-like folder, of which ACDC's split keeps 014 for validation."""
    folder = tmp_path / "cohort"
    folder.mkdir()
    for number, group in ((13, "DCM"), (14, "DCM"), (35, "HCM")):
        cohorts.write_acdc(folder, number, group)
    return folder


def test_splits_are_those_of_training(cohort) -> None:
    assert list(find_subjects(cohort, "training")) == ["patient013"]
    assert len(find_subjects(cohort, "all")) == 3
    with pytest.raises(ScanError, match="no folder"):
        find_subjects(cohort / "absent")


def test_whole_cines_are_used_as_they_are(tmp_path) -> None:
    path = cohorts.write_cine(tmp_path, "cine", 1)
    assert list(find_subjects(tmp_path, "all")) == ["cine"]
    cine = open_cine(path, "cine", n_frames=25, seed=0)
    assert not cine.animated
    assert (cine.scan.n_frames, cine.frames) == (6, [0, 3])
    assert cine.three_slices == (0, 1)


def test_pairs_are_animated_and_keep_their_labels(cohort) -> None:
    cine = open_cine(cohort / "patient014", "patient014", n_frames=5, seed=0)
    assert cine.animated
    assert cine.scan.n_frames == 5
    assert cine.scan.subject.group == "DCM"
    assert np.array_equal(cine.reference, cohorts.beating_heart(14).labels[[0, 3]])
