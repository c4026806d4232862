"""Time from the start of the program to the first image, beside bare napari with the same image.

Each start is a process of its own; the time counts from before the first import to the drawn
canvas. The processor time of the window's thread goes with it, which other work on the machine
changes less. Also says whether opening the workspace imports the network library, which it must
not.
Needs a display (``xvfb-run`` serves).

    python benchmarks/viewer_start.py [PATH] [--repeats 5]
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

OURS = """
import time; start = time.perf_counter()
import sys
from pathlib import Path
from napari_cmr.viewer.window.app import open_window
viewer = open_window(Path(sys.argv[1]))
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.viewer.window.event_loop import run_until
def is_seen():
    if workbench_of(viewer).session.scan is None:
        return False
    viewer.screenshot(canvas_only=True, flash=False)
    if not seen:  # labels that lie beside the image come after it
        seen.append((time.perf_counter() - start, time.thread_time(), "torch" in sys.modules))
    return True
seen = []
run_until(is_seen)
print(*seen[0])
viewer.close()
"""

BARE = """
import time; start = time.perf_counter()
import sys
import napari, nibabel, numpy as np
viewer = napari.Viewer(show=False, show_welcome_screen=False)
viewer.window.resize(1400, 900)
viewer.window.show()
image = np.asarray(nibabel.load(sys.argv[1]).dataobj, dtype=np.float32).transpose()
viewer.add_image(image)
viewer.screenshot(canvas_only=True, flash=False)
print(time.perf_counter() - start, time.thread_time(), "torch" in sys.modules)
viewer.close()
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, help="a NIfTI cine; a sample heart if none")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.path or _sample(Path(folder))
        # One after the other, so that a busy machine slows both.
        runs = [(_run(BARE, path), _run(OURS, path)) for _ in range(arguments.repeats)]
    for column, what in enumerate(("time to the first image", "processor time of that")):
        bare, ours = (np.array([run[which][column] for run in runs]) for which in (0, 1))
        print(f"{what}: bare napari  median {np.median(bare):.2f} s, best {bare.min():.2f} s")
        print(f"{what}: workspace    median {np.median(ours):.2f} s, best {ours.min():.2f} s")
        print(f"   difference of the medians {np.median(ours) - np.median(bare):+.2f} s (bar +1 s)")
    print(f"network library imported: {any(run[1][2] for run in runs)} (bar False)")


def _run(program: str, path: Path) -> tuple[float, float, bool]:
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    seconds, busy, torch = done.stdout.split()[-3:]
    return float(seconds), float(busy), torch == "True"


def _sample(folder: Path) -> Path:
    from napari_cmr.workflow.synthesis.phantoms import save_phantom

    files = save_phantom(folder, "normal")
    return next(Path(file) for file in files if "label" not in Path(file).name)


if __name__ == "__main__":
    main()
