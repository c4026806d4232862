import pytest
from helpers import lively_models


@pytest.fixture
def models(tmp_path, monkeypatch):
    """Folder of small random models whose labels vary."""
    yield from lively_models.in_use(tmp_path / "models", monkeypatch)
