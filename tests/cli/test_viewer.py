"""The door to the viewer, with and without Qt."""

import pytest

from napari_cmr.cli.viewer import call_viewer
from napari_cmr.scan import ScanError
from napari_cmr.viewer.window import app


def test_a_function_of_the_window_is_called(monkeypatch) -> None:
    called = []
    monkeypatch.setattr(app, "run_viewer", lambda *given: called.append(given))
    call_viewer("run_viewer", 1, 2)
    assert called == [(1, 2)]


def test_a_missing_qt_is_said_and_a_fault_of_our_own_is_not_hidden(monkeypatch) -> None:
    def fail(name):
        raise ImportError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(app, "run_viewer", fail)
    with pytest.raises(ScanError, match="viewer cannot start: No module named 'PyQt6'"):
        call_viewer("run_viewer", "PyQt6")
    with pytest.raises(ImportError, match="napari_cmr"):
        call_viewer("run_viewer", "napari_cmr.nothing")
