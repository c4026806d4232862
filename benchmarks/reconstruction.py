"""Lines to images: our network, the published CRNN, and compressed sensing, of the same slice.

Run with ``python benchmarks/reconstruction.py [MODEL] [REPEATS]``, 2 repeats or more. Slices of
25 x 192 x 192, eightfold; by the clock on two threads, and by processor time on one. Ours gives the
columns of the heart, which are shown first: a line mask never mixes columns. The published CRNN is
built at its published size with random weights, which take as long as others. Compressed sensing is
total variation in space and time, 100 iterations, by our solver and by sigpy where that is
installed (``pip install sigpy``), else by a FISTA of a few lines here, with temporal frequencies in
place of differences.
"""

import os
import sys
import time
from importlib.util import find_spec

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
SLICES = 10
ITERATIONS = 100
SPACE, TIME = 0.001, 0.005
PEER = "crnn"


def on_grid(frames):
    """Frames cut or padded to the grid of the benchmark."""
    frames = frames[: SHAPE[0]]
    frames = np.pad(frames, [(0, max(0, n - m)) for n, m in zip(SHAPE, frames.shape, strict=True)])
    return np.ascontiguousarray(frames[tuple(slice(n) for n in SHAPE)])


def slice_to_reconstruct():
    """Middle slice of a sample heart, what was measured of it, and the columns of the heart."""
    scan = heart_scan()
    z = scan.n_slices // 2
    image, labels = on_grid(np.abs(scan.image[:, z])), on_grid(scan.labels[:, z])
    columns = np.flatnonzero(labels.any(axis=(0, 1)))
    cut = Scan(image[:, None], Geometry.regular((8.0, 1.5, 1.5), 1))
    acquisition = Acquisition(n_lines=SHAPE[1] // 8, centre_lines=4, seed=1)
    return undersample(cut, acquisition)[0], slice(int(columns[0]), int(columns[-1]) + 1)


def independent(one):
    """Compressed sensing that shares no code with ours, and its name."""
    spectrum = np.fft.ifftshift(one.spectrum()[0], axes=-2)
    keep = np.fft.ifftshift(one.mask, axes=-1)[..., None].astype(np.float32)
    unit = np.percentile(np.abs(one.temporal_average), 99)
    lines = (spectrum / unit).astype(np.complex64)
    if find_spec("sigpy") is None:
        return "FISTA of this benchmark", lambda: fista(lines, keep)
    import sigpy

    shape = lines.shape
    measured = sigpy.linop.Multiply(shape, keep) * sigpy.linop.FFT(shape, axes=[-2], center=False)
    weights = np.array([TIME, SPACE, SPACE], np.float32)[:, None, None, None]
    changes = sigpy.linop.FiniteDifference(shape, axes=[0, 1, 2])

    def solve():
        penalty = sigpy.prox.L1Reg(changes.oshape, weights)
        return sigpy.app.LinearLeastSquares(
            measured, lines, proxg=penalty, G=changes, max_iter=ITERATIONS, show_pbar=False
        ).run()

    return f"sigpy {sigpy.__version__}, total variation", solve


def fista(lines, keep):
    """Images with few temporal frequencies, by Beck and Teboulle's algorithm."""
    x = ahead = np.fft.ifft(lines, axis=-2, norm="ortho")
    momentum = 1.0
    for _ in range(ITERATIONS):
        apart = keep * np.fft.fft(ahead, axis=-2, norm="ortho") - lines
        step = ahead - np.fft.ifft(apart, axis=-2, norm="ortho")
        waves = np.fft.fft(step, axis=0, norm="ortho")
        size = np.abs(waves)
        waves *= np.maximum(size - TIME, 0) / np.maximum(size, 1e-20)
        before, x = x, np.fft.ifft(waves, axis=0, norm="ortho")
        last, momentum = momentum, (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = x + (last - 1) / momentum * (x - before)
    return x


def main() -> None:
    one, heart = slice_to_reconstruct()
    name = sys.argv[1] if len(sys.argv) > 1 else default("image").name
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    own = find_method(name, "cpu")
    peer = find(PEER).build(find(PEER).recipe("paper").architecture).eval()
    lines, mask = torch.from_numpy(one.spectrum()[0]), torch.from_numpy(one.mask.copy())

    def published() -> None:
        with torch.inference_mode():
            peer(lines, mask)

    ours = f"{name}, heart"
    other, compressed_sensing = independent(one)
    candidates = {
        ours: lambda: own.run(one, columns=heart),
        f"{name}, all columns": lambda: own.run(one),
        "CRNN-MRI, published size": published,
        "our total variation": lambda: find_solver("tv-2dt").run(
            one, {"iterations": ITERATIONS, "space": SPACE, "time": TIME}
        ),
        other: compressed_sensing,
        "view sharing": lambda: find_solver("view-sharing").run(one),
    }
    stack = {
        ours: lambda: [own.run(one, columns=heart) for _ in range(SLICES)],
        "view sharing": lambda: [find_solver("view-sharing").run(one) for _ in range(SLICES)],
    }
    print(
        f"load before: {os.getloadavg()[0]:.1f}; the heart has {heart.stop - heart.start} columns"
    )
    for how, threads, clock in (
        (f"{THREADS} threads", THREADS, time.perf_counter),
        ("processor time, one thread", 1, time.process_time),
    ):
        torch.set_num_threads(threads)
        taken = measure(candidates, repeats=repeats, clock=clock)
        report(f"one slice of {SHAPE}, eightfold; {how}", taken, ours=ours)
        taken = measure(stack, repeats=repeats, clock=clock)
        report(f"a stack of {SLICES} slices; {how}", taken, ours=ours)


if __name__ == "__main__":
    main()
