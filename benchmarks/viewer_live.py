"""From a move of the lines slider to new labels on screen, and how long the window stands still.

A model follows the slider in a real window while the heart plays. Measured are the time until the
labels of the frame on screen are those of the new lines, with the canvas drawn, and the longest
time for which the event loop did one thing. Needs a display (``xvfb-run`` serves) and a model.

    python benchmarks/viewer_live.py [PATH] [--moves 40] [--model pooled-net]
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
from viewer import report

BAR_LABELS_MS, BAR_STALL_MS = 250, 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "path", nargs="?", type=Path, help="a scan; the normal sample heart if none"
    )
    parser.add_argument("--moves", type=int, default=40)
    parser.add_argument("--model", default="pooled-net")
    arguments = parser.parse_args()

    from napari_cmr.phantom.samples import SAMPLES
    from napari_cmr.scan.opening import open_scan
    from napari_cmr.viewer import layers
    from napari_cmr.viewer.app import make_window
    from napari_cmr.viewer.live import live_of
    from napari_cmr.viewer.playback import player_of
    from napari_cmr.viewer.segmenting import segmentation_of
    from napari_cmr.viewer.session import session_for
    from napari_cmr.viewer.waiting import run_until
    from napari_cmr.viewer.workspace import ACQUIRE, raise_dock

    scan = SAMPLES["normal"]() if arguments.path is None else open_scan(arguments.path)
    viewer = make_window()
    layers.show_scan(viewer, scan)
    session, live, segmentation = session_for(viewer), live_of(viewer), segmentation_of(viewer)
    slider = raise_dock(viewer, ACQUIRE).lines.slider
    segmentation.set_models([arguments.model])
    segmentation.set_follows(True)

    def settle() -> None:
        run_until(lambda: not (live.is_busy or segmentation.job.is_running), patience_s=1200)

    settle()
    rng = np.random.default_rng(0)
    wanted = rng.integers(4, 40, size=arguments.moves + 3)

    def move(n_lines: int) -> tuple[float, float]:
        start = perf_counter()
        slider.setValue(n_lines)
        stall = run_until(
            lambda: segmentation.shown.get(arguments.model) == session.acquisition, patience_s=600
        )
        viewer.screenshot(canvas_only=True, flash=False)  # forces the canvas to be drawn
        return perf_counter() - start, stall

    still = []
    for n_lines in wanted:
        if n_lines != session.n_lines:
            still.append(move(int(n_lines)))
            settle()
    player_of(viewer).start()
    playing = []
    for n_lines in wanted[::-1]:
        if n_lines != session.n_lines:
            playing.append(move(int(n_lines)))
            stall = run_until(lambda: not segmentation.job.is_running, patience_s=1200)
            playing[-1] = (playing[-1][0], max(playing[-1][1], stall))
    player_of(viewer).stop()
    settle()
    shape = " x ".join(str(size) for size in scan.shape)
    print(f"{scan.name}, (T, Z, Y, X) = {shape}, {arguments.model}")
    report(f"slider to labels on screen (bar {BAR_LABELS_MS})", [one[0] for one in still[3:]])
    report("the same while the heart plays", [one[0] for one in playing[3:]])
    worst = 1000 * max(one[1] for one in playing[3:])
    report(
        f"stall of the window in a run, playing (bar {BAR_STALL_MS})", [s for _, s in playing[3:]]
    )
    print(f"longest stall of the window, model and heart running: {worst:.0f} ms")
    viewer.close()


if __name__ == "__main__":
    main()
