"""Time a candidate beside named peers in one run, and print ratios."""

import statistics
import time
from collections.abc import Callable, Mapping


def measure(
    candidates: Mapping[str, Callable[[], object]],
    *,
    repeats: int = 9,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Milliseconds of each candidate, taken in turn so that all meet the same machine.

    By ``time.process_time`` they are of processor time, which other work changes less; on one
    thread alone, as threads that wait for others count as busy.
    """
    for run in candidates.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(repeats):
        for name, run in candidates.items():
            start = clock()
            run()
            times[name].append(1e3 * (clock() - start))
    return times


def report(title: str, times: Mapping[str, list[float]], *, ours: str) -> None:
    """Print medians, and how many times faster ``ours`` is than each peer.

    The ratio is the median of the ratios of each round, the range its quartiles.
    """
    print(f"{title}\n  {ours:34s} {statistics.median(times[ours]):8.1f} ms")
    for name, values in times.items():
        if name != ours:
            ratios = [peer / own for peer, own in zip(values, times[ours], strict=True)]
            low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
            print(
                f"  {name:34s} {statistics.median(values):8.1f} ms   "
                f"{middle:6.1f}x  ({low:.1f}-{high:.1f})"
            )
