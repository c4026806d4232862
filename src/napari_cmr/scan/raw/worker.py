"""Child process of :func:`napari_cmr.scan.read_raw`: read one file within limits, answer, end."""

import json
import math
import pickle
import sys
from contextlib import suppress
from pathlib import Path

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.raw.decode import decode_raw
from napari_cmr.scan.scan import Scan


def main() -> None:
    """Write a pickled Scan, or the problem and remedy of a ScanError, where the parent wants it."""
    request = json.loads(sys.argv[1])
    _limit(request["cpu_s"], request["memory"])
    spacing = request["spacing"]
    outcome: Scan | tuple[str, str | None]
    try:
        outcome = decode_raw(Path(request["path"]), None if spacing is None else tuple(spacing))
    except ScanError as error:
        outcome = error.problem, error.remedy
    with open(request["answer"], "wb") as file:
        pickle.dump(outcome, file, protocol=5)


def _limit(cpu_s: float, memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits: the parent's wall clock remains
        return
    seconds = math.ceil(cpu_s)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    main()
