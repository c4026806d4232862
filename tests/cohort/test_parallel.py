import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from napari_cmr.cohort.parallel import Failure, check_cluster, reason_of, run_each
from napari_cmr.scan import ScanError


@dataclass(frozen=True)
class Number:
    name: str
    value: int


def halve(task: Number):
    if task.value % 2:
        yield Failure(task.name, "odd")
        return
    yield task.value // 2


@pytest.mark.parametrize("workers", [1, 2])
def test_every_task_has_its_results(workers: int) -> None:
    if workers > 1:
        pytest.importorskip("distributed")
    tasks = [Number(str(value), value) for value in range(4)]
    found = {task.value: list(one) for task, one in run_each(halve, tasks, workers=workers)}
    odd = {1: [Failure("1", "odd")], 3: [Failure("3", "odd")]}
    assert found == {0: [0], 2: [1]} | odd


@pytest.mark.parametrize(
    "address", ["junk", "tcp://", "tcp://host", "file:///etc/passwd", "tcp://a b:1", "", "x" * 5000]
)
def test_what_is_no_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(ScanError, match="no address of a dask scheduler") as caught:
        check_cluster(1, address)
    assert len(str(caught.value)) < 200


def test_a_scheduler_that_is_not_there_is_one_error(caplog) -> None:
    pytest.importorskip("distributed")
    address = "tcp://127.0.0.1:1"
    check_cluster(1, address)
    begun = time.monotonic()
    with pytest.raises(ScanError, match="cannot be reached"):
        list(run_each(halve, [Number("1", 1)], scheduler=address))
    assert time.monotonic() - begun < 60  # it does not wait for ever


def test_reasons_do_not_tell_where_the_cohort_lies(tmp_path: Path) -> None:
    error = ScanError("is\nbroken", source=tmp_path / "sub" / "a.nii")
    assert reason_of(error, tmp_path) == "sub/a.nii: is broken"
    assert reason_of(ZeroDivisionError("x"), tmp_path) == "ZeroDivisionError: x"
