"""Lines of one slice to its images: our network, the published CRNN, and compressed sensing.

Run with ``python benchmarks/reconstruction.py [MODEL]``. Two threads each, one slice of 25 x 192 x
192, eightfold. The published CRNN is built at its published size with random weights, which take as
long as others; compressed sensing is total variation in space and time, 100 iterations of it.
"""

import os
import sys

THREADS = 2
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(THREADS)

import numpy as np  # noqa: E402
import torch  # noqa: E402
from _timing import measure, report  # noqa: E402

from napari_cmr.kspace import Acquisition, undersample  # noqa: E402
from napari_cmr.phantom.samples import heart_scan  # noqa: E402
from napari_cmr.scan import Geometry, Scan  # noqa: E402
from napari_cmr.solvers import find_solver  # noqa: E402
from napari_cmr.training.register import default, find  # noqa: E402
from napari_cmr.workflow.reconstruct.methods import find_method  # noqa: E402

SHAPE = (25, 192, 192)
PEER = "crnn"


def slice_to_reconstruct():
    """Middle slice of a sample heart, on the grid of the benchmark."""
    scan = heart_scan()
    image = np.abs(scan.image[: SHAPE[0], scan.n_slices // 2])
    image = np.pad(image, [(0, max(0, n - m)) for n, m in zip(SHAPE, image.shape, strict=True)])
    image = np.ascontiguousarray(image[tuple(slice(n) for n in SHAPE)])
    cut = Scan(image[:, None], Geometry.regular((8.0, 1.5, 1.5), 1))
    return undersample(cut, Acquisition(n_lines=SHAPE[1] // 8, centre_lines=4, seed=1))[0]


def main() -> None:
    torch.set_num_threads(THREADS)
    one = slice_to_reconstruct()
    name = sys.argv[1] if len(sys.argv) > 1 else default("image").name
    own = find_method(name, "cpu")
    peer = find(PEER).build(find(PEER).recipe("paper").architecture).eval()
    lines, mask = torch.from_numpy(one.spectrum()[0]), torch.from_numpy(one.mask.copy())

    def published() -> None:
        with torch.inference_mode():
            peer(lines, mask)

    ours = f"napari-cmr, {name}"
    candidates = {
        ours: lambda: own.run(one),
        "CRNN-MRI, published size": published,
        "total variation, 100 iterations": lambda: find_solver("tv-2dt").run(
            one, {"iterations": 100}
        ),
        "view sharing": lambda: find_solver("view-sharing").run(one),
    }
    report(f"one slice of {SHAPE}, eightfold", measure(candidates, repeats=3), ours=ours)


if __name__ == "__main__":
    main()
