"""Many tasks one after another, in processes of this machine, or on a dask cluster."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar

from napari_cmr.scan import ScanError

LOCAL_START_TIMEOUT = "180s"
#: Seconds for a scheduler to answer.
SCHEDULER_TIMEOUT = 8
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^\s/]+:\d{1,5}/?", re.ASCII)


class Task(Protocol):
    """Something to be done for a subject."""

    @property
    def name(self) -> str:
        """Of the subject."""


T = TypeVar("T", bound=Task)
R = TypeVar("R")


@dataclass(frozen=True)
class Failure:
    """A subject for which a task could not be done, and why."""

    subject: str
    reason: str


def reason_of(error: Exception, folder: Path) -> str:
    """Why something failed, in one line that does not tell where on the disk the cohort lies."""
    text = str(error) if isinstance(error, ScanError) else f"{type(error).__name__}: {error}"
    for place in {str(folder), str(folder.resolve())}:
        text = text.replace(place + os.sep, "")
    return " ".join(text.split())


def check_cluster(workers: int, scheduler: str | None) -> None:
    """Refuse what no cluster can be, before any work.

    Raises
    ------
    ScanError
        If the address is none, or the extra is not installed.
    """
    if scheduler is not None and not _ADDRESS.fullmatch(scheduler):
        raise ScanError(
            f"{scheduler[:60]!r} is no address of a dask scheduler",
            remedy="give it as tcp://host:8786",
        )
    if (workers > 1 or scheduler is not None) and find_spec("distributed") is None:
        raise ScanError(
            "the package distributed is not installed", remedy="pip install 'napari-cmr[cluster]'"
        )


def run_each(
    work: Callable[[T], Iterable[R | Failure]],
    tasks: Sequence[T],
    *,
    workers: int = 1,
    scheduler: str | None = None,
) -> Iterator[tuple[T, Iterable[R | Failure]]]:
    """Results of each task, in the order in which they are ready.

    Parameters
    ----------
    work : callable
        Function of a module, which turns its own errors into failures. In one process its results
        are passed on one by one, as they come.
    tasks : sequence
        What they name must be readable where they are done.
    workers : int
        Processes on this machine.
    scheduler : str, optional
        Address of a dask scheduler, instead; see :func:`check_cluster`.

    Raises
    ------
    ScanError
        If the scheduler does not answer.
    """
    if not tasks:
        return
    if workers <= 1 and scheduler is None:
        for task in tasks:
            yield task, work(task)
        return
    import dask
    from dask.distributed import Client, LocalCluster, as_completed

    cluster = None
    if scheduler is None:
        # Processes that each import a network library on a busy machine need more than the usual
        # half a minute to answer.
        with dask.config.set({"distributed.comm.timeouts.connect": LOCAL_START_TIMEOUT}):
            cluster = LocalCluster(
                n_workers=min(workers, len(tasks)), threads_per_worker=1, dashboard_address=None
            )
    try:
        with Client(cluster or scheduler, timeout=SCHEDULER_TIMEOUT) as client:
            futures: dict[Any, T] = {
                client.submit(_all_of, work, task, pure=False): task for task in tasks
            }
            for future in as_completed(futures):
                task, error = futures[future], future.exception()
                yield task, [Failure(task.name, str(error))] if error else future.result()
                future.release()
    except OSError as error:
        raise ScanError(
            "the dask scheduler cannot be reached",
            source=scheduler,
            remedy="check its address, and that it runs",
        ) from error
    finally:
        if cluster is not None:
            cluster.close()


def _all_of(work: Callable[[T], Iterable[R | Failure]], task: T) -> list[R | Failure]:
    return list(work(task))
