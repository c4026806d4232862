"""Lines to refined images: our live refinement, and networks of published size, of one slice.

Run with ``python benchmarks/refinement.py [REPEATS]``. One slice of 256 x 256, eightfold, by the
clock on two threads, and by processor time on one, which other work changes less. The refinement
with its first stage and DAGAN are built at their published sizes with random weights, which take as
long as others.
"""

import os
import sys
import time

THREADS = 2
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(THREADS)

import numpy as np  # noqa: E402
import torch  # noqa: E402
from _timing import measure, report  # noqa: E402

from napari_cmr.kspace import Acquisition, undersample  # noqa: E402
from napari_cmr.scan import Geometry, Scan  # noqa: E402
from napari_cmr.training.register import find  # noqa: E402
from napari_cmr.workflow.reconstruct.methods import find_method  # noqa: E402

SIDE = 256
OURS, FIRST = "recnet-refined", "recnet-lge"
PEERS = ("recnet-refined", "dagan")


def slice_to_reconstruct():
    """What was measured of a disc in noise: the time does not depend on what is shown."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    disc = np.hypot(rows - SIDE / 2, columns - SIDE / 2) < SIDE / 4
    image = disc + np.random.default_rng(0).random((SIDE, SIDE))
    scan = Scan(image[None, None].astype(np.float32), Geometry.regular((1.0, 1.0, 1.0), 1))
    return undersample(scan, Acquisition(n_lines=SIDE // 8, centre_lines=6, seed=1))[0]


def published(name, one):
    """A network of its published size, asked for the image of a slice."""
    network = find(name).build(find(name).recipe("paper").architecture).eval()
    lines, mask = torch.from_numpy(one.spectrum()[0]), torch.from_numpy(one.mask.copy())

    def run() -> None:
        with torch.inference_mode():
            network(lines, mask)

    return run


def main() -> None:
    torch.set_num_threads(THREADS)
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    one = slice_to_reconstruct()
    candidates = {OURS: lambda: find_method(OURS, "cpu").run(one)}
    candidates[FIRST] = lambda: find_method(FIRST, "cpu").run(one)
    candidates |= {f"{name}, published size": published(name, one) for name in PEERS}
    before = os.getloadavg()[0]
    title = f"one slice of {SIDE} x {SIDE}, {THREADS} threads; load before {before:.1f}"
    report(title, measure(candidates, repeats=repeats), ours=OURS)
    torch.set_num_threads(1)
    busy = measure(candidates, repeats=repeats, clock=time.process_time)
    report("processor time, one thread", busy, ours=OURS)


if __name__ == "__main__":
    main()
