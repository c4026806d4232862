"""A cohort of four patients and a zoo of random weights."""

from pathlib import Path

import pytest
from helpers import cohorts
from helpers.zoo_models import write_model

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
