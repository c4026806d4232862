"""The window runs until something is done, or nobody would wait any longer."""

import pytest
from qtpy.QtCore import QTimer

from napari_cmr.scan import ScanError
from napari_cmr.viewer.window.event_loop import run_until


def test_what_the_window_does_meanwhile_ends_the_wait(qapp) -> None:
    done = []
    QTimer.singleShot(20, lambda: done.append(True))
    assert run_until(lambda: bool(done)) >= 0
    assert done == [True]


def test_what_was_done_once_is_done(qapp) -> None:
    answers = [False, True]
    run_until(lambda: answers.pop(0) if answers else False)
    assert answers == []


def test_patience_ends(qapp) -> None:
    with pytest.raises(ScanError, match="did not get ready within 0 s"):
        run_until(lambda: False, patience_s=0.02)
