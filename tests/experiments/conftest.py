"""A cohort of four patients and a zoo of random weights."""

from pathlib import Path

import numpy as np
import pytest
from helpers import cohorts
from helpers.style_images import hearts
from helpers.zoo_models import write_model

from napari_cmr.experiments.style import StyleImages
from napari_cmr.zoo.folders import MODELS_VARIABLE


@pytest.fixture(scope="session")
def small() -> object:
    """Makers of small cohorts and models."""
    return cohorts


@pytest.fixture(scope="session")
def cohort(tmp_path_factory) -> Path:
    """ACDC-like folder: two groups, of which ACDC's split keeps 014-016 and 034 for validation."""
    folder = tmp_path_factory.mktemp("cohort")
    for number, group in ((13, "DCM"), (14, "DCM"), (15, "DCM"), (34, "HCM"), (35, "HCM")):
        cohorts.write_acdc(folder, number, group)
    return folder


@pytest.fixture
def models(tmp_path, monkeypatch) -> Path:
    """Folder of models that the zoo searches first."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in cohorts.MODELS:
        write_model(folder, name)
    monkeypatch.setenv(MODELS_VARIABLE, str(folder))
    return folder


@pytest.fixture(scope="module")
def images() -> StyleImages:
    source, source_labels = hearts(12, 0, blood=0.9)
    real, real_labels = hearts(12, 1, blood=0.4)
    made = np.stack([0.5 * source, np.clip(0.6 * source - 0.1, -1, 1)], axis=1)
    return StyleImages(
        source,
        made,
        real,
        source_labels,
        real_labels,
        [f"a{i // 2}" for i in range(12)],
        [f"b{i // 2}" for i in range(12)],
    )
