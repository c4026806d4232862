"""Lines of raw k-space: their transform along the read-out, and what is said of missing ones."""

import numpy as np

from napari_cmr.scan.notices import Code, Notice


def hybrid_lines(kspace: np.ndarray, keep: int | None = None) -> np.ndarray:
    """Transform lines along the read-out, and cut off what lies outside the wanted field of view.

    Parameters
    ----------
    kspace : complex ndarray, shape (..., n_readout)
        Centred k-space.
    keep : int, optional
        Columns to keep around the centre; all by default.

    Returns
    -------
    ndarray, shape (..., keep), complex64
        Centred orthonormal inverse transform along the last axis.
    """
    shifted = np.fft.ifftshift(kspace.astype(np.complex64, copy=False), axes=-1)
    lines = np.fft.fftshift(np.fft.ifft(shifted, axis=-1, norm="ortho"), axes=-1)
    n = lines.shape[-1]
    keep = n if keep is None else keep
    start = n // 2 - keep // 2
    return np.ascontiguousarray(lines[..., start : start + keep], dtype=np.complex64)


def missing_lines_note(measured: np.ndarray) -> tuple[Notice, ...]:
    """Note on lines that were not measured; ``measured`` is boolean (frames, slices, lines)."""
    if measured.all():
        return ()
    mean = measured.sum(axis=-1).mean()
    return (
        Notice(
            Code.LINES_MISSING,
            f"On average {mean:.1f} of {measured.shape[-1]} lines per frame were measured: the "
            "images are zero-filled.",
        ),
    )
