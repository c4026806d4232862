from threading import Event
from time import sleep

import pytest
from napari.utils.notifications import notification_manager
from qtpy.QtCore import QCoreApplication, QObject, QThreadPool

from napari_cmr.scan import ScanError
from napari_cmr.viewer.core.jobs import LatestJob, end_all, is_unwanted, message_for, start_early

WAIT = 60_000


@pytest.fixture
def job(qtbot):
    results = []
    job = LatestJob("Testing", results.append)
    job.results = results
    yield job
    job.cancel()


def wait_until_done(job, qtbot):
    qtbot.waitUntil(lambda: not job.is_running, timeout=WAIT)


def let_all_arrive(job, qtbot):
    """Wait until no thread works for a job any more, and what it has yielded has come."""
    qtbot.waitUntil(lambda: not job.is_at_work, timeout=WAIT)


def test_results_come_one_by_one_in_the_windows_thread(job, qtbot):
    job.request(_count, 3)
    wait_until_done(job, qtbot)
    assert job.results == [0, 1, 2]


def _count(n):
    yield from range(n)


def _wait_then(name, gate):
    assert gate.wait(WAIT / 1000)
    yield name


def test_the_latest_request_wins_after_the_first_result(job, qtbot):
    gate = Event()
    job.request(_wait_then, "first", gate)
    job.request(_wait_then, "never", gate)
    job.request(_wait_then, "last", gate)
    gate.set()
    wait_until_done(job, qtbot)
    assert job.results == ["first", "last"]


def _slow(started, go_on):
    yield "first"
    started.set()
    assert go_on.wait(WAIT / 1000)
    yield "stale"


def test_a_request_replaces_work_that_has_delivered(job, qtbot):
    started, go_on = Event(), Event()
    job.request(_slow, started, go_on)
    qtbot.waitUntil(lambda: job.results == ["first"] and started.is_set(), timeout=WAIT)
    job.request(_count, 1)
    go_on.set()
    wait_until_done(job, qtbot)
    let_all_arrive(job, qtbot)
    assert job.results == ["first", 0]


def test_nothing_is_delivered_after_a_cancel(job, qtbot):
    started, go_on = Event(), Event()
    job.request(_slow, started, go_on)
    qtbot.waitUntil(lambda: job.results == ["first"] and started.is_set(), timeout=WAIT)
    job.cancel()
    assert not job.is_running
    assert job.is_at_work  # the thread still waits: the window has not waited for it
    go_on.set()
    let_all_arrive(job, qtbot)
    assert job.results == ["first"]


def _fail(error):
    yield "good"
    raise error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ScanError("is torn", remedy="mend it"), "mend it"),
        (MemoryError(), "not enough memory"),
        (ZeroDivisionError("by zero"), "ZeroDivisionError"),
    ],
)
def test_an_error_becomes_a_message_and_keeps_what_was_good(job, qtbot, error, words):
    said = []

    def listen(notification):
        said.append(notification.message)

    notification_manager.notification_ready.connect(listen)
    job.request(_fail, error)
    wait_until_done(job, qtbot)
    notification_manager.notification_ready.disconnect(listen)
    assert job.results == ["good"]
    assert any(words in message for message in said)
    job.request(_count, 1)
    wait_until_done(job, qtbot)
    assert job.results == ["good", 0]


def test_messages_name_what_failed():
    assert message_for(MemoryError(), "Undersampling").startswith("Undersampling")


def test_work_leaves_the_threads_of_qt_alone(qtbot):
    """Qt scales pictures in its global pool with Python's lock in hand: our work must not be there.

    With workers in that pool the spinner of napari's activity dock stopped the window for ever.
    """
    gate = Event()
    jobs = [LatestJob(f"Testing {n}", lambda _result: None) for n in range(4)]
    for job in jobs:
        job.request(_wait_then, "x", gate)
    assert QThreadPool.globalInstance().activeThreadCount() == 0
    gate.set()
    for job in jobs:
        wait_until_done(job, qtbot)


def test_results_arrive_in_order_though_the_bar_lets_others_in(qtbot, monkeypatch):
    class Bar:
        def __init__(self, **_options):
            pass

        def update(self, _n):
            QCoreApplication.processEvents()

        def close(self):
            pass

    def count(n):
        yield from range(n)

    monkeypatch.setattr("napari_cmr.viewer.core.jobs.progress", Bar)
    delivered = []
    job = LatestJob("Counting", delivered.append)
    job._bar_timer.setInterval(0)
    job.request(count, 500, total=500)
    wait_until_done(job, qtbot)
    assert delivered == list(range(500))


def test_work_whose_owner_has_gone_answers_to_nobody(qtbot):
    owner = QObject()
    heard = []
    released = Event()

    def wait():
        released.wait(WAIT / 1000)
        yield 1

    job = LatestJob("Waiting", heard.append, owner)
    job.request(wait)
    gone = []
    owner.destroyed.connect(lambda: gone.append(1))
    owner.deleteLater()
    qtbot.waitUntil(lambda: bool(gone), timeout=WAIT)
    released.set()
    assert end_all()
    let_all_arrive(job, qtbot)
    assert heard == []
    assert not job.is_running


def test_work_that_was_begun_early_is_delivered_by_a_job(job, qtbot):
    started = Event()

    def work(n):
        started.set()
        yield from range(n)

    begun = start_early(work, 3)
    assert started.wait(WAIT / 1000)  # nobody has asked for a result yet
    job.request(begun)
    wait_until_done(job, qtbot)
    assert job.results == [0, 1, 2]


def test_what_went_wrong_early_is_said_when_it_is_asked_for(job, qtbot):
    def work():
        yield 1
        raise ScanError("no such scan")

    begun = start_early(work)
    failed = []
    job.failed.connect(failed.append)
    job.request(begun)
    wait_until_done(job, qtbot)
    assert job.results == [1]
    assert failed == ["no such scan"]


def test_work_can_see_between_yields_that_nobody_wants_it(job, qtbot):
    started, seen = Event(), []

    def work():
        started.set()
        for _ in range(WAIT):
            if is_unwanted():
                seen.append("stopped")
                return
            sleep(0.001)
        yield "never"

    job.request(work)
    assert started.wait(WAIT / 1000)
    assert job.is_at_work
    job.cancel()
    assert not job.is_running
    let_all_arrive(job, qtbot)
    assert seen == ["stopped"]
    assert not is_unwanted()  # this thread works for nobody


def test_later_work_in_the_same_thread_is_wanted(job, qtbot):
    def work():
        yield is_unwanted()

    for _ in range(8):
        job.request(work)
        job.cancel()
    job.request(work)
    wait_until_done(job, qtbot)
    assert job.results == [False]
