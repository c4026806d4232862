"""Memory after many moves of the slider, and after opening and closing every dock many times.

The first tenth of each is a warm-up: caches fill. What is still there of a dock after it was
closed is counted too. Memory that is free but kept by the allocator is given back before each look:
it comes and goes by hundreds of MB and belongs to nobody. Needs a display (``xvfb-run`` serves).

    python benchmarks/viewer_memory.py [--moves 200] [--cycles 50]
"""

import argparse
import ctypes
import gc
import weakref
from contextlib import suppress
from importlib import import_module

import numpy as np
import psutil


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--cycles", type=int, default=50)
    parser.add_argument("--model", default="pooled-net", help="follows the slider; '' for none")
    arguments = parser.parse_args()

    from napari_cmr.phantom.samples import SAMPLES
    from napari_cmr.viewer import layers
    from napari_cmr.viewer.window.app import make_window
    from napari_cmr.viewer.window.event_loop import run_until
    from napari_cmr.viewer.window.workspace import ACQUIRE, raise_dock
    from napari_cmr.viewer.workbench import workbench_of

    scan = SAMPLES["normal"]()
    viewer = make_window()
    layers.show_scan(viewer, scan)
    raise_dock(viewer, ACQUIRE)
    bench = workbench_of(viewer)
    session, segmentation = bench.session, bench.segmentation
    segmentation.set_models([arguments.model] if arguments.model else [])
    segmentation.set_follows(bool(arguments.model))

    def settle() -> None:
        run_until(lambda: not (bench.is_busy or segmentation.job.is_running), patience_s=1200)

    rng = np.random.default_rng(0)
    used = []
    for n_lines in rng.integers(1, 60, size=arguments.moves):
        session.set_acquisition(n_lines=int(n_lines))
        if arguments.model:
            run_until(
                lambda: session.run_of(arguments.model).source.acquisition == session.acquisition,
                patience_s=1200,
            )
        else:
            settle()
        used.append(_megabytes())
    settle()
    _report(f"{arguments.moves} moves of the slider", used)
    segmentation.set_follows(False)
    for name, python_name in _docks():
        _cycle(viewer, name, python_name, arguments.cycles, run_until)
    viewer.close()


def _docks() -> list[tuple[str, str]]:
    """Name and class of every dock in the manifest."""
    from npe2 import PluginManifest

    manifest = PluginManifest.from_distribution("napari-cmr")
    commands = {one.id: one.python_name for one in manifest.contributions.commands}
    return [(one.display_name, commands[one.command]) for one in manifest.contributions.widgets]


def _cycle(viewer: object, name: str, python_name: str, cycles: int, run_until: object) -> None:
    from napari_cmr.viewer.core.jobs import end_all

    module, _, attribute = python_name.partition(":")
    make = getattr(import_module(module), attribute)
    used, left = [], []
    for number in range(cycles):
        dock = make(viewer)
        viewer.window.add_dock_widget(dock, name=f"{name} {number}")
        waits = iter(range(5))
        run_until(lambda waits=waits: next(waits, None) is None)
        viewer.window.remove_dock_widget(dock)
        left.append(weakref.ref(dock))
        del dock
        waits = iter(range(5))
        run_until(lambda waits=waits: next(waits, None) is None)
        gc.collect()
        used.append(_megabytes())
    end_all()  # a thread in the middle of something holds the dock that it works for
    waits = iter(range(5))
    run_until(lambda: next(waits, None) is None)
    gc.collect()
    used.append(_megabytes())
    alive = sum(one() is not None for one in left)
    _report(f"{name}: {cycles} times opened and closed, {alive} of them still there", used)


def _megabytes() -> float:
    """Resident memory, without what the allocator (glibc) keeps for later."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    return psutil.Process().memory_info().rss / 2**20


def _report(what: str, used: list[float]) -> None:
    start = used[len(used) // 10]
    print(f"{what:<62} {start:7.0f} MB -> {used[-1]:7.0f} MB ({used[-1] - start:+.0f})")


if __name__ == "__main__":
    main()
