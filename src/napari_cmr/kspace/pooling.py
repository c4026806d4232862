"""Pool the lines of neighbouring frames onto one k-space grid."""

import numpy as np

from napari_cmr.kspace.partial_dft import LineTransform


def pool_lines(
    lines: np.ndarray, transform: LineTransform, window: int | None = None
) -> np.ndarray:
    """Images from the lines of several frames, each line averaged over the frames that took it.

    With all frames this is the temporal average of Schlemper et al. (2018, Fig. 3). A cine is one
    heart cycle, so the window wraps around.

    Parameters
    ----------
    lines : ndarray, shape (T, ..., n_max, n_readout), complex64
        Lines packed as ``transform`` packs them.
    transform : LineTransform
    window : odd int, optional
        Number of frames centred on each frame; all frames if None or if there are no more.

    Returns
    -------
    ndarray, complex64
        ``(T, ..., Y, X)``, or ``(..., Y, X)`` where every frame would be the same: when all
        frames are pooled because ``window`` is None.

    Raises
    ------
    ValueError
        If the window is not a positive odd number.
    """
    if window is not None and (window < 1 or window % 2 == 0):
        raise ValueError(f"a window of {window} frames has no centre, take an odd number")
    n_frames = len(lines)
    if window is None or window >= n_frames:
        average = _pooled_images(lines, transform, [range(n_frames)])
        return average[0] if window is None else np.repeat(average, n_frames, axis=0)
    if window == 1:
        return np.asarray(transform.adjoint(lines))
    half = window // 2
    groups = [[(t + s) % n_frames for s in range(-half, half + 1)] for t in range(n_frames)]
    return _pooled_images(lines, transform, groups)


def _pooled_images(
    lines: np.ndarray, transform: LineTransform, groups: list[range] | list[list[int]]
) -> np.ndarray:
    counts = np.stack([transform.mask[list(group)].sum(axis=0) for group in groups])
    pooled_transform = LineTransform(counts > 0, axis=transform.axis)
    pooled_index = pooled_transform.index
    shape = lines.shape[1:-2]
    pooled = np.zeros((len(groups), *shape, pooled_index.shape[1], lines.shape[-1]), np.complex64)
    kept = transform.mask.sum(axis=1)
    for i, group in enumerate(groups):
        n_pooled = int((counts[i] > 0).sum())
        index = pooled_index[i, :n_pooled]
        for frame in group:
            n = kept[frame]
            rows = np.searchsorted(index, transform.index[frame, :n])
            pooled[i][..., rows, :] += lines[frame][..., :n, :]
        pooled[i, ..., :n_pooled, :] /= counts[i, index, None].astype(np.float32)
    return np.asarray(pooled_transform.adjoint(pooled))
