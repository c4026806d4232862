"""Zero-filling of a cine beside the usual centred 2-D Fourier form: speed and agreement.

Run with ``python benchmarks/kspace.py``. Two threads each, complex64, one slice of 50 frames. The
peers draw the same lines; numpy's FFT has one thread, scipy's and torch's have two.
"""

import os

THREADS = 2
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(THREADS)

import numpy as np  # noqa: E402
import scipy.fft  # noqa: E402
import torch  # noqa: E402
from _timing import measure, report  # noqa: E402

from napari_cmr.kspace import Acquisition, line_mask  # noqa: E402
from napari_cmr.kspace.partial_dft import LineTransform  # noqa: E402

SHAPE = (50, 208, 187)
AXES = (-2, -1)


def centred_numpy(image, mask):
    fft = np.fft
    shifted = fft.ifftshift(image, axes=AXES)
    k = fft.fftshift(fft.fft2(shifted, norm="ortho"), axes=AXES) * mask[:, :, None]
    return fft.fftshift(fft.ifft2(fft.ifftshift(k, axes=AXES), norm="ortho"), axes=AXES)


def centred_scipy(image, mask):
    fft = scipy.fft
    shifted = fft.ifftshift(image, axes=AXES)
    k = fft.fftshift(fft.fft2(shifted, norm="ortho", workers=THREADS), axes=AXES)
    shifted = fft.ifftshift(k * mask[:, :, None], axes=AXES)
    return fft.fftshift(fft.ifft2(shifted, norm="ortho", workers=THREADS), axes=AXES)


def centred_torch(image, mask):
    fft = torch.fft
    shifted = fft.ifftshift(image, dim=AXES)
    k = fft.fftshift(fft.fft2(shifted, norm="ortho"), dim=AXES) * mask[:, :, None]
    return fft.fftshift(fft.ifft2(fft.ifftshift(k, dim=AXES), norm="ortho"), dim=AXES)


def main() -> None:
    torch.set_num_threads(THREADS)
    rng = np.random.default_rng(0)
    image = rng.standard_normal((*SHAPE, 2), dtype=np.float32).view(np.complex64)[..., 0]
    tensor = torch.from_numpy(image)
    for n_lines in (1, 10, 20, 30, 40, 104):
        mask = line_mask(Acquisition(n_lines=n_lines), SHAPE[0], SHAPE[1]).array
        tensor_mask = torch.from_numpy(mask.copy())
        auto = LineTransform(mask)
        candidates = {
            "napari-cmr": lambda m=mask: LineTransform(m).zero_filled(image),
            "centred 2-D, numpy": lambda m=mask: centred_numpy(image, m),
            "centred 2-D, scipy": lambda m=mask: centred_scipy(image, m),
            "centred 2-D, torch": lambda m=tensor_mask: centred_torch(tensor, m),
        }
        for method in ("matmul", "fft"):
            candidates[f"napari-cmr, {method} forced"] = lambda m=mask, how=method: LineTransform(
                m, method=how
            ).zero_filled(image)
        error = np.abs(auto.zero_filled(image) - centred_numpy(image, mask)).max()
        title = f"{n_lines} of {SHAPE[1]} lines ({auto.method}), largest difference {error:.1e}"
        report(title, measure(candidates, repeats=7), ours="napari-cmr")


if __name__ == "__main__":
    main()
