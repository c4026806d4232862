"""A folder of small models, which the zoo searches first."""

from pathlib import Path

import pytest
from helpers.zoo_models import ARCHITECTURES, write_model

from napari_cmr.zoo.folders import MODELS_VARIABLE


@pytest.fixture
def models(tmp_path, monkeypatch) -> Path:
    """Folder of models that the zoo searches first."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ARCHITECTURES:
        write_model(folder, name)
    monkeypatch.setenv(MODELS_VARIABLE, str(folder))
    return folder
