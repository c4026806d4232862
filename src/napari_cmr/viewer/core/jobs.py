"""The only file that starts threads: one computation at a time for each purpose, latest wins."""

import atexit
import logging
from collections.abc import Callable, Generator
from functools import cache
from queue import SimpleQueue
from threading import Thread, local
from typing import Any
from weakref import WeakSet, ref

from napari.qt.threading import GeneratorWorker
from napari.utils import progress
from napari.utils.notifications import show_error
from qtpy.QtCore import QCoreApplication, QObject, QThreadPool, QTimer, Signal

from napari_cmr.scan import ScanError

log = logging.getLogger(__name__)

SHOW_PROGRESS_AFTER_MS = 400
"""Shorter computations come and go without a progress bar: a bar that flashes is worse than none"""

MAX_THREADS, PATIENCE_MS = 6, 5000

# Not Qt's global pool: Qt scales pictures there, and waits for it with Python's lock in hand. With
# our work on every thread of that pool, which needs the lock, the window would hang for ever.
_POOL = QThreadPool()
_POOL.setMaxThreadCount(MAX_THREADS)
_WORKERS: set[GeneratorWorker] = set()
_HERE = local()

CHECKPOINT = object()
"""Yielded by work where it can be stopped but has nothing to deliver yet."""

Work = Callable[..., Generator[Any, None, None]]
Request = tuple[Work, tuple[Any, ...], int]


class LatestJob(QObject):
    """A place for one background computation, in which a new request replaces the running one.

    The work is a generator in a thread; each thing that it yields is delivered in the window's
    thread, and it can be stopped wherever it yields. A request that comes before the running work
    has delivered anything waits for that first result, so that a dragged slider shows every
    picture that the machine can make rather than none until the drag ends.

    Parameters
    ----------
    description : str
        What is done, for the progress bar in napari's activity dock and for error messages.
    deliver : callable
        Takes what the work yields.
    parent : QObject, optional
        Whose work it is: nothing more is delivered once that has been destroyed.

    Attributes
    ----------
    has_bar : bool
        Whether long work shows a progress bar. Work that follows a slider shows none: napari
        draws the whole window whenever a bar comes, moves or goes.
    """

    running_changed = Signal(bool)
    failed = Signal(str)
    """Why the work ended before its time."""

    def __init__(
        self, description: str, deliver: Callable[[Any], None], parent: QObject | None = None
    ) -> None:
        super().__init__()  # no child of the parent: what still runs would answer to a dead object
        if parent is not None:
            parent.destroyed.connect(self._abandon)
        self.description = description
        self.has_bar = True
        self._deliver = deliver
        self._worker: GeneratorWorker | None = None
        self._started: WeakSet[GeneratorWorker] = WeakSet()
        self._delivered = False
        self._pending: Request | None = None
        self._total = 0
        self._done = 0
        self._shown = 0  # of them in the bar
        self._in_bar = False
        self._bar: progress | None = None
        self._bar_timer = QTimer(self)
        self._bar_timer.setSingleShot(True)
        self._bar_timer.setInterval(SHOW_PROGRESS_AFTER_MS)
        self._bar_timer.timeout.connect(self._show_bar)

    @property
    def is_running(self) -> bool:
        """Whether work is running or waits to run."""
        return self._worker is not None

    @property
    def is_at_work(self) -> bool:
        """Whether a thread still works for this, be it on what was cancelled or replaced."""
        return not self._started.isdisjoint(_WORKERS)

    def request(self, work: Work, *args: Any, total: int = 0) -> None:
        """Run ``work``, in place of what was asked for before.

        Parameters
        ----------
        work : generator function
        *args
            What it is called with, in the thread.
        total : int
            How many things it yields, for the progress bar; 0 if that is not known.
        """
        if self._worker is not None and not self._delivered:
            self._pending = (work, args, total)
            return
        self._start(work, args, total)

    def cancel(self) -> None:
        """Stop at the next yield; nothing more is delivered."""
        self._pending = None
        self._drop_worker()
        self._finish()

    def _abandon(self) -> None:
        """Stop without telling anybody: who would hear of it has gone."""
        self._pending = None
        self._drop_worker()
        self._bar_timer.stop()
        self._close_bar()

    def _start(self, work: Work, args: tuple[Any, ...], total: int) -> None:
        was_running = self.is_running
        self._drop_worker()
        place: list[Any] = []
        worker = GeneratorWorker(_known_to_its_thread, place, work, args)
        place.append(ref(worker))
        worker.yielded.connect(lambda result: self._on_yield(worker, result))
        worker.errored.connect(lambda error: self._on_error(worker, error))
        worker.finished.connect(lambda: self._on_finish(worker))
        self._worker = worker
        self._started.add(worker)
        self._delivered = False
        self._total, self._done, self._shown = total, 0, 0
        self._close_bar()
        self._bar_timer.start()
        _run(worker)
        if not was_running:
            self.running_changed.emit(True)

    def _drop_worker(self) -> None:
        if self._worker is not None:
            self._worker.quit()
            self._worker = None

    def _on_yield(self, worker: GeneratorWorker, result: Any) -> None:
        if worker is not self._worker:
            return  # it was replaced while this was on its way
        if result is CHECKPOINT:
            return
        self._delivered = True
        self._done += 1
        self._deliver(result)
        if self._pending is not None:
            request, self._pending = self._pending, None
            self._start(*request)
        elif self._bar is not None and self._total and not self._in_bar:
            # Last: napari's bar lets Qt handle events meanwhile, the next results among them. Those
            # do not come to the bar themselves: as many calls within each other end the program.
            new, self._shown = self._done - self._shown, self._done
            self._in_bar = True
            try:
                self._bar.update(new)
            finally:
                self._in_bar = False

    def _on_error(self, worker: GeneratorWorker, error: BaseException) -> None:
        if worker is not self._worker:
            return
        self.failed.emit(report(error, self.description))

    def _on_finish(self, worker: GeneratorWorker) -> None:
        if worker is not self._worker:
            return
        self._worker = None
        if self._pending is not None:
            request, self._pending = self._pending, None
            self._start(*request)
        self._finish()

    def _finish(self) -> None:
        if self._worker is None:
            self._bar_timer.stop()
            self._close_bar()
            self.running_changed.emit(False)

    def _show_bar(self) -> None:
        if self._worker is not None and self.has_bar:
            self._bar = progress(total=self._total, desc=self.description)
            if self._total:
                self._shown = self._done
                self._bar.update(self._done)

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def report(error: BaseException, doing: str) -> str:
    """Log an error, show it to the user, and return what was said."""
    log.error("%s failed", doing, exc_info=error)
    message = message_for(error, doing)
    show_error(message)
    return message


def message_for(error: BaseException, doing: str) -> str:
    """Say what failed and what the user can do about it."""
    if isinstance(error, ScanError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"{doing}: not enough memory. Close other scans or programs and try again."
    return (
        f"{doing} failed: {type(error).__name__}: {error}. What was on screen before is still "
        "there. Please report this with the log (start napari from a terminal to see it)."
    )


def is_unwanted() -> bool:
    """Whether the work that runs in this thread was cancelled, or replaced by newer work.

    For what takes long between two yields, where it would otherwise end.
    """
    worker = getattr(_HERE, "worker", _nobody)()
    return worker is not None and bool(worker.abort_requested)


def _known_to_its_thread(
    worker: list[Any], work: Work, args: tuple[Any, ...]
) -> Generator[Any, None, None]:
    """Do the work, after its thread was told whose it is; every work in these threads is so."""
    _HERE.worker = worker[0]
    yield from work(*args)


def _nobody() -> None:
    """Worker of a thread that is not one of these."""


def start_early(work: Work, *args: Any) -> Work:
    """Run ``work`` in a thread from now on, before there is a window to show what it yields.

    Returns
    -------
    generator function
        For :meth:`LatestJob.request`: it takes no arguments, waits for what is not there yet,
        yields all of it, and raises what the work has raised.
    """
    results: SimpleQueue[tuple[str, Any]] = SimpleQueue()

    def run() -> None:
        try:
            for result in work(*args):
                results.put(("result", result))
        except Exception as error:  # whatever it is, who waits for the results is told
            results.put(("error", error))
        else:
            results.put(("end", None))

    Thread(target=run, name="early", daemon=True).start()

    def collect() -> Generator[Any, None, None]:
        while True:
            kind, result = results.get()
            if kind == "error":
                raise result
            if kind == "end":
                return
            yield result

    return collect


def _run(worker: GeneratorWorker) -> None:
    """Run a worker in the project's own threads, and keep it until it has ended."""
    _end_with(QCoreApplication.instance())
    _WORKERS.add(worker)
    worker.finished.connect(lambda: _WORKERS.discard(worker))
    _POOL.start(worker)


@cache
def _end_with(app: QCoreApplication | None) -> None:
    if app is not None:
        app.aboutToQuit.connect(end_all)


def end_all() -> bool:
    """Stop all work, and wait for it: a thread that outlives the window ends the process badly.

    Returns
    -------
    bool
        Whether everything has ended.
    """
    for worker in list(_WORKERS):
        worker.quit()
    return bool(_POOL.waitForDone(PATIENCE_MS))


atexit.register(end_all)
