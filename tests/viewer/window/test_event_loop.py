"""The window runs until something is done, tells how long it stood still, and gives up in time."""

from time import sleep

import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from napari_cmr.scan import ScanError
from napari_cmr.viewer.window.event_loop import close_messages, run_until, settle


class NapariQtNotification(QWidget):
    """Goes by the name of napari's own."""


def test_the_window_runs_until_it_is_done(qapp) -> None:
    done = []
    QTimer.singleShot(20, lambda: done.append(True))
    run_until(lambda: bool(done), patience_s=30)
    assert done


def test_the_longest_standstill_is_told(qapp) -> None:
    done = []

    def work() -> None:
        sleep(0.2)
        done.append(True)

    QTimer.singleShot(0, work)
    assert run_until(lambda: bool(done), patience_s=30) >= 0.2


def test_it_gives_up_on_what_never_comes(qapp) -> None:
    with pytest.raises(ScanError, match="did not get ready"):
        run_until(lambda: False, patience_s=0.05)


def test_what_was_done_once_counts_although_it_passes(qapp) -> None:
    looks = []

    def once() -> bool:
        looks.append(True)
        return len(looks) == 1

    run_until(once, patience_s=0.2)
    assert looks


def test_what_is_put_off_is_done_while_the_window_settles(qapp) -> None:
    done = []
    QTimer.singleShot(0, lambda: done.append(True))
    settle(20)
    assert done


def test_only_messages_of_napari_are_closed(qtbot) -> None:
    message, other = NapariQtNotification(), QWidget()
    for widget in (message, other):
        qtbot.addWidget(widget)
        widget.show()
    close_messages()
    assert not message.isVisible()
    assert other.isVisible()
