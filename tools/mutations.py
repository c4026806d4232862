"""Damage files of every kind thousands of times, and see that only clear errors come of it.

    python tools/mutations.py                 5,000 of them, an equal number of each kind
    python tools/mutations.py --kind DICOM    only kinds whose names begin so
    python tools/mutations.py --only "weights:17"     one again, with its traceback

Each file must be read, or refused in one line with status 2: within 10 s and 1 GB, without a
traceback. Prints a line for each that is not, and a summary. What was tried is kept in a log, so
that a run that was stopped goes on; another seed starts anew. A process of its own works through a
batch, limited in memory and watched for time: a crash or a hang costs one mutation.
"""

import argparse
import json
import logging
import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from helpers.attacks import Attack, all_attacks

BATCH = 50
GIGABYTE = 1 << 30


def main() -> None:
    """Try what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--total", type=int, default=5000, help="mutations of all kinds together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", default="", help="only kinds whose names begin so")
    parser.add_argument("--only", metavar="KIND:INDEX", help="one mutation, in this process")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each")
    parser.add_argument("--log", type=Path, default=Path("mutations.jsonl"))
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="mutations-") as folder:
        attacks = all_attacks(Path(folder))
        if asked.only:
            kind, _, index = asked.only.rpartition(":")
            attack = next(one for one in attacks if one.name == kind)
            print(attack.strike(attack.file.read_bytes(), asked.seed, int(index)))
            return
        each = -(-asked.total // len(attacks))
        done = _known(asked.log, asked.seed)
        chosen = [one for one in attacks if one.name.startswith(asked.kind)]
        for attack in chosen:
            intact = attack.file.read_bytes()
            assert attack.read() == "done", f"{attack.name}: the intact file is refused"
            left = [index for index in range(each) if (attack.name, index) not in done]
            for start in range(0, len(left), BATCH):
                batch = left[start : start + BATCH]
                for index, outcome in _tried(attack, intact, asked.seed, batch, asked.seconds):
                    done[attack.name, index] = outcome
                    _remember(asked.log, asked.seed, attack.name, index, outcome)
                    if outcome not in ("done", "refused"):
                        print(f"{attack.name}:{index}  {outcome}", flush=True)
            attack.file.write_bytes(intact)
    failures = _summary(done, [one.name for one in chosen])
    sys.exit(bool(failures))


def _summary(done: dict[tuple[str, int], str], kinds: list[str]) -> int:
    """Print a table; the number of failures."""
    print(f"\n{'kind':28} {'tried':>6} {'read':>6} {'refused':>8} {'failed':>7}")
    total: Counter[str] = Counter()
    for kind in kinds:
        counts = Counter(
            outcome if outcome in ("done", "refused") else "failed"
            for (name, _), outcome in done.items()
            if name == kind
        )
        total += counts
        print(_row(kind, counts))
    print(_row("all", total))
    return total["failed"]


def _row(name: str, counts: Counter[str]) -> str:
    cells = sum(counts.values()), counts["done"], counts["refused"], counts["failed"]
    return "{:28} {:6} {:6} {:8} {:7}".format(name, *cells)


def _known(log: Path, seed: int) -> dict[tuple[str, int], str]:
    """Outcomes of an earlier run with the same seed; failures are tried again."""
    if not log.exists():
        return {}
    lines = map(json.loads, log.read_text("utf-8").splitlines())
    return {
        (line["kind"], line["index"]): line["outcome"]
        for line in lines
        if line["seed"] == seed and line["outcome"] in ("done", "refused")
    }


def _remember(log: Path, seed: int, kind: str, index: int, outcome: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        line = {"seed": seed, "kind": kind, "index": index, "outcome": outcome}
        file.write(json.dumps(line) + "\n")


def _tried(attack: Attack, intact: bytes, seed: int, indices: list[int], seconds: float):
    """Outcome of each, from as many processes as it takes."""
    context = multiprocessing.get_context("fork")
    left = list(indices)
    while left:
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_work, args=(attack, intact, seed, left, theirs))
        child.start()
        theirs.close()
        while left:
            outcome = _answer(ours, child, seconds)
            yield left.pop(0), outcome
            if not child.is_alive() and not ours.poll():
                break
        child.join()


def _answer(ours: Connection, child: multiprocessing.Process, seconds: float) -> str:
    """What the child says of its next mutation; it is ended if that takes too long."""
    began = _cpu_seconds(child.pid)
    late = time.monotonic() + 10 * seconds  # of a busy machine
    while time.monotonic() < late and _cpu_seconds(child.pid) - began < seconds:
        if ours.poll(0.5):
            try:
                return ours.recv()
            except EOFError:
                child.join()
                return f"ended with status {child.exitcode}"
    os.killpg(child.pid, signal.SIGKILL)
    child.join()
    return f"more than {seconds:g} s"


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process and of the children that it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _work(
    attack: Attack, intact: bytes, seed: int, indices: list[int], answers: Connection
) -> None:
    """Try mutations within the limits, and send what came of each."""
    os.setpgrp()
    logging.getLogger("napari_cmr.viewer.core.recovery").disabled = True  # damaged records are told
    errors = _watch_errors()
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + GIGABYTE, now + GIGABYTE))
    for index in indices:
        errors.clear()
        try:
            outcome = attack.strike(intact, seed, index)
            if any(isinstance(one, MemoryError) for one in errors):
                outcome = "more than 1 GB, and said so"
        except BaseException as error:  # whatever it is, it is what a user would see
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(last.filename).name}:{last.lineno}"
            outcome = f"{type(error).__name__} at {place}: {' '.join(str(error).split())[:300]}"
        if resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 > GIGABYTE:
            outcome += "; a child took more than 1 GB"
            answers.send(outcome)
            return
        answers.send(outcome)


def _watch_errors() -> list[BaseException]:
    """Every error that was behind one that the program has told, from now on."""
    from napari_cmr.scan import ScanError

    found: list[BaseException] = []
    init = ScanError.__init__

    def watched(self, *arguments, **options) -> None:
        init(self, *arguments, **options)
        known = sys.exception()
        while known is not None:
            found.append(known)
            known = known.__cause__ or known.__context__

    ScanError.__init__ = watched
    return found


if __name__ == "__main__":
    main()
