"""From a move of the slider to the new picture of the slice on screen.

Moves the lines slider of a real window and waits until the canvas shows the zero-filled picture of
the lines that the slider asks for; beside it the same window with the usual way, a centred 2-D FFT
of the whole stack and a new array for the layer. Needs a display (``xvfb-run`` serves).

    python benchmarks/viewer.py [PATH] [--moves 100]
"""

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "path", nargs="?", type=Path, help="a scan; the normal sample heart if none"
    )
    parser.add_argument("--moves", type=int, default=100)
    arguments = parser.parse_args()

    from napari_cmr.phantom.samples import SAMPLES
    from napari_cmr.scan.opener import open_scan
    from napari_cmr.viewer import layers
    from napari_cmr.viewer.window.app import make_window
    from napari_cmr.viewer.window.event_loop import run_until
    from napari_cmr.viewer.window.workspace import ACQUIRE, raise_dock
    from napari_cmr.viewer.workbench import workbench_of

    scan = SAMPLES["normal"]() if arguments.path is None else open_scan(arguments.path)
    viewer = make_window()
    layers.show_scan(viewer, scan)
    bench = workbench_of(viewer)
    session = bench.session
    slider = raise_dock(viewer, ACQUIRE).lines.slider
    rng = np.random.default_rng(0)
    wanted = rng.integers(1, scan.n_phase_encodes // 2, size=arguments.moves + 5)

    def settle() -> None:
        run_until(lambda: not bench.pictures.job.is_running and not bench.function.job.is_running)

    settle()
    first, whole, stalls = [], [], []
    for n_lines in wanted:
        z = layers.slice_on_screen(viewer, scan)
        start = perf_counter()
        slider.setValue(int(n_lines))
        stall = run_until(lambda z=z: bool(session.computed[z]))
        viewer.screenshot(canvas_only=True, flash=False)  # forces the canvas to be drawn
        first.append(perf_counter() - start)
        stalls.append(stall)
        settle()
        whole.append(perf_counter() - start)
    layer = layers.find(viewer, scan, "zero_filled")
    usual = [usual_way(scan, int(n_lines), viewer, layer) for n_lines in wanted[:15]]
    shape = " x ".join(str(size) for size in scan.shape)
    print(f"{scan.name}, (T, Z, Y, X) = {shape}, {len(first) - 5} moves of the slider")
    report("slider to picture of the slice on screen", first[5:])
    report("slider to the whole stack", whole[5:])
    report("longest stall of the window in a move", stalls[5:])
    report("usual way: centred 2-D FFT of the stack", usual[3:])
    ratio = np.median(usual[3:]) / np.median(first[5:])
    print(f"the slice on screen comes {ratio:.1f} times sooner than in the usual way")
    viewer.close()


def usual_way(scan: Any, n_lines: int, viewer: Any, layer: Any) -> float:
    """Undersample the stack as published code does, and give the layer a new array."""
    from napari_cmr.kspace import Acquisition, line_mask

    axes = (-2, -1)
    start = perf_counter()
    mask = line_mask(Acquisition(n_lines=n_lines), scan.n_frames, scan.n_phase_encodes).array
    along = mask[:, None, :, None] if scan.phase_encode_axis == "Y" else mask[:, None, None, :]
    image = scan.image.astype(np.complex64)
    kspace = np.fft.fftshift(
        np.fft.fft2(np.fft.ifftshift(image, axes), axes=axes, norm="ortho"), axes
    )
    back = np.fft.ifft2(np.fft.ifftshift(kspace * along, axes), axes=axes, norm="ortho")
    layer.data = np.abs(np.fft.fftshift(back, axes)).astype(np.float32)
    viewer.screenshot(canvas_only=True, flash=False)
    return perf_counter() - start


def report(what: str, seconds: list[float]) -> None:
    """Print median and 95th percentile in ms."""
    median, high = np.percentile(seconds, [50, 95]) * 1000
    print(f"{what:<44} median {median:7.1f} ms   95th percentile {high:7.1f} ms")


if __name__ == "__main__":
    main()
