"""Fixtures that every test may use."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("triton") is not None:  # of a torch with CUDA
    # Mesa's software renderer and triton each bring an LLVM: the process ends if triton's comes
    # after a window was drawn, as it would where training is tested after the viewer.
    import triton  # noqa: F401

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real scans beside the checkout; the test is skipped where it is absent."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real scans are not beside this checkout (../shared/data)")
    return folder


@pytest.fixture
def needs_display():
    """Qt's offscreen platform cannot draw napari's canvas."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        pytest.skip("no display: run under xvfb-run")
