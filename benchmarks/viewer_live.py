"""From a move of the lines slider to new labels on screen, and how long the window stands still.

A model follows the slider in a real window: first while the heart stands still, then while it
plays. The user is played too: the slider moves, the labels of the frame and slice on screen come
and are drawn, a pause follows in which the rest of the stack is worked on, and the next move puts
an end to that. Measured are

- the time from the move until the canvas is drawn with labels of the new lines in it,
- the longest time for which the event loop did one thing, of the whole of each move and pause,
- the time from a cancel until the thread that computes has ended,
- how often each slice is transformed to its lines after a move, with one model and with two.

Other work on the machine makes all of them longer, so each comes with the processor time that went
by: of the whole program from move to labels, of the window's own thread within one stall. On an
idle machine the times are about those, or less. The same labels without a window, by what the
command line calls (heart located on the whole stack, then the slice), are timed in between.
Needs a display (``xvfb-run`` serves) and a model.

    python benchmarks/viewer_live.py [PATH] [--moves 30] [--pause 0.4] [--model pooled-net]
"""

import argparse
import os
from pathlib import Path
from time import perf_counter, process_time, thread_time

import numpy as np
from viewer import report

BAR_LABELS_MS, BAR_STALL_MS, BAR_CANCEL_MS = 250, 100, 200
WARM_UP, CANCELS, PEER_EVERY = 3, 10, 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "path", nargs="?", type=Path, help="a scan; the normal sample heart if none"
    )
    parser.add_argument("--moves", type=int, default=30)
    parser.add_argument("--pause", type=float, default=0.4, help="seconds between moves")
    parser.add_argument("--model", default="pooled-net")
    parser.add_argument(
        "--second", default="syn-net", help="a model to run beside it, for the count"
    )
    arguments = parser.parse_args()

    from napari_cmr.phantom.samples import SAMPLES
    from napari_cmr.scan.opener import open_scan
    from napari_cmr.viewer import layers
    from napari_cmr.viewer.window.app import make_window
    from napari_cmr.viewer.window.event_loop import run_until, settle
    from napari_cmr.viewer.window.workspace import ACQUIRE, raise_dock
    from napari_cmr.viewer.workbench import workbench_of

    scan = SAMPLES["normal"]() if arguments.path is None else open_scan(arguments.path)
    viewer = make_window()
    layers.show_scan(viewer, scan)
    slider = raise_dock(viewer, ACQUIRE).lines.slider
    settle(1000)
    bench = workbench_of(viewer)
    session, segmentation = bench.session, bench.segmentation
    segmentation.set_models([arguments.model])
    segmentation.set_follows(True)
    run_until(lambda: not (bench.is_busy or segmentation.job.is_running), patience_s=1200)

    draws = 0
    labelled_at: int | None = None
    canvas = viewer.window._qt_viewer.canvas._scene_canvas  # napari tells of a drawing nowhere else

    def on_draw(_event: object) -> None:
        nonlocal draws
        draws += 1

    def on_changed(_event: object = None) -> None:
        nonlocal labelled_at
        if labelled_at is None and segmentation.is_on_screen(arguments.model):
            labelled_at = draws

    canvas.events.draw.connect(on_draw)
    segmentation.changed.connect(on_changed)
    viewer.dims.events.current_step.connect(on_changed)  # it plays into frames that have labels
    peers: list[float] = []

    stalls = Stalls()

    def move(n_lines: int) -> tuple[float, ...]:
        nonlocal labelled_at
        stalls.begin()
        labelled_at = None
        start, busy = perf_counter(), process_time()
        slider.setValue(n_lines)
        run_until(lambda: labelled_at is not None and draws > labelled_at, patience_s=600)
        seconds, busy = perf_counter() - start, process_time() - busy
        pause_ends = perf_counter() + arguments.pause
        run_until(lambda: perf_counter() > pause_ends)
        return seconds, busy, *stalls.end()

    rng = np.random.default_rng(0)
    wanted = []
    for n_lines in rng.integers(4, 40, size=10 * arguments.moves).tolist():
        if not wanted or wanted[-1] != n_lines:
            wanted.append(n_lines)
    wanted = wanted[: arguments.moves + WARM_UP]

    still = []
    for number, n_lines in enumerate(wanted):
        still.append(move(n_lines))
        if number % PEER_EVERY == 0:
            segmentation.cancel()
            run_until(lambda: not segmentation.job.is_at_work, patience_s=600)
            peers.append(_without_window(scan, session.acquisition, arguments.model))
    workbench_of(viewer).player.start()
    playing = [move(n_lines) for n_lines in wanted[::-1][1:]]
    workbench_of(viewer).player.stop()
    cancels = [
        _cancel(session, segmentation, run_until, 6 + 2 * number) for number in range(CANCELS)
    ]

    counts = {
        len(models): _transforms(scan, bench, models, run_until)
        for models in ([arguments.model], [arguments.model, arguments.second])
    }

    shape = " x ".join(str(size) for size in scan.shape)
    load = os.getloadavg()[0]
    print(f"{scan.name}, (T, Z, Y, X) = {shape}, {arguments.model}, {os.cpu_count()} cores, ")
    print(f"load {load:.1f} at the end, {arguments.pause:g} s between moves")
    for what, runs in (("heart still", still), ("heart playing", playing)):
        columns = [list(one) for one in zip(*runs[WARM_UP:], strict=True)]
        report(f"slider to labels on screen, {what} (bar {BAR_LABELS_MS})", columns[0])
        report("   processor time meanwhile", columns[1])
        report(f"longest stall of a move, {what} (bar {BAR_STALL_MS})", columns[2])
        report("   processor time of the window in one stall", columns[3])
        print(
            f"   longest of all: {1000 * max(columns[2]):.0f} ms, {1000 * max(columns[3]):.0f} ms"
        )
        ratio = np.median(peers) / np.median(columns[0])
        print(f"   labels {ratio:.1f}x sooner than without a window, heart located first")
    report("one slice without a window, heart located first", peers)
    for n_models, count in counts.items():
        print(f"transforms of a slice after a move, {n_models} models: {count:.1f}")
    report(f"cancel to the end of its thread (bar {BAR_CANCEL_MS})", cancels)
    viewer.close()


class Stalls:
    """Longest time between two looks at the clock from within the event loop."""

    def __init__(self) -> None:
        from qtpy.QtCore import Qt, QTimer

        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Look from now on."""
        self._last = perf_counter(), thread_time()
        self._longest = [0.0, 0.0]
        self._timer.start(2)

    def _look(self) -> None:
        now = perf_counter(), thread_time()
        for which in (0, 1):
            self._longest[which] = max(self._longest[which], now[which] - self._last[which])
        self._last = now

    def end(self) -> tuple[float, float]:
        """Longest, in s of the wall's clock and of the processor's."""
        self._look()
        self._timer.stop()
        return self._longest[0], self._longest[1]


def _without_window(scan: object, acquisition: object, model: str) -> float:
    from napari_cmr.kspace import undersample
    from napari_cmr.workflow.segment.cine import locate_heart, segment
    from napari_cmr.zoo import ModelChoice

    start = perf_counter()
    measured = undersample(scan, acquisition)
    location = locate_heart(measured)
    segment(measured.select((scan.n_slices // 2,)), ModelChoice(name=model), location=location)
    return perf_counter() - start


def _transforms(scan: object, bench: object, models: list[str], run_until: object) -> float:
    """Transforms of a slice to its lines, from a move until pictures and labels are whole."""
    from napari_cmr.kspace.partial_dft import LineTransform

    bench.segmentation.set_models(models)
    run_until(lambda: not (bench.is_busy or bench.segmentation.job.is_running), patience_s=1200)
    forward, seen = LineTransform.forward, []

    def counted(self: LineTransform, image: object) -> object:
        seen.append(None)
        return forward(self, image)

    LineTransform.forward = counted
    try:
        bench.session.set_acquisition(n_lines=12 + len(models))
        run_until(lambda: not (bench.is_busy or bench.segmentation.job.is_running), patience_s=1200)
    finally:
        LineTransform.forward = forward
    return len(seen) / scan.n_slices


def _cancel(session: object, segmentation: object, run_until: object, n_lines: int) -> float:
    """Time from a cancel in the middle of a run to the end of its thread."""
    session.set_acquisition(n_lines=n_lines)
    middle = perf_counter() + 0.05 * (1 + n_lines % 7)
    run_until(lambda: perf_counter() > middle)
    start = perf_counter()
    segmentation.cancel()
    run_until(lambda: not segmentation.job.is_at_work, patience_s=600)
    return perf_counter() - start


if __name__ == "__main__":
    main()
