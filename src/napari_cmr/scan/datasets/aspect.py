"""How far pictures were stretched along one side, from their spatial frequencies.

Pictures of scans are often resized to a square whatever the shape of the scan was. A side that was
stretched by ``s`` holds the same content at ``1 / s`` of the spatial frequency: its spectral
density is ``s`` times the other side's, moved by ``log(s)`` on a logarithmic axis. Anatomy alone
looks alike along both sides once the mean over a stack is taken.
"""

import numpy as np

#: Spatial frequencies, in cycles a pixel, whose power is compared.
_FREQUENCIES = np.exp(np.linspace(np.log(0.06), np.log(0.42), 120))
#: Fewer pixels a side have no spectrum to compare.
MIN_SIDE = 96
#: Ratios nearer to 1 than this are within what anatomy gives by itself.
LEAST_STRETCH = 1.1
#: A factor of 1.92. Fewer and fewer frequencies are left to compare beyond, and chance decides.
_MOST_STEPS = 40


def picture_stretch(image: np.ndarray) -> float:
    """Estimate by how much columns are wider than rows are high, as a factor.

    Parameters
    ----------
    image : ndarray, shape (Z, Y, X)
        A stack of pictures of one scan; black padding is cut away.

    Returns
    -------
    float
        Above 1 if pictures are stretched along X, below 1 if along Y, and exactly 1 if they differ
        by less than :data:`LEAST_STRETCH`, or there is too little to tell.
    """
    content = (image > 0).mean(0)
    rows = np.nonzero(content.mean(1) > 0.3)[0]
    columns = np.nonzero(content.mean(0) > 0.3)[0]
    if min(len(rows), len(columns)) < MIN_SIDE:
        return 1.0
    # a margin, as resizing blurs the edge of the padding into the picture
    inner = image[:, rows[0] + 3 : rows[-1] - 2, columns[0] + 3 : columns[-1] - 2]
    along_y, along_x = _log_power(inner, 1), _log_power(inner, 2)
    step = float(np.log(_FREQUENCIES[1] / _FREQUENCIES[0]))
    count = len(_FREQUENCIES)

    def mismatch(shift: int) -> float:
        """Mean distance of the spectra if X is stretched by ``shift`` steps."""
        first, second = max(shift, 0), max(-shift, 0)
        apart = along_y[first : count - second] - along_x[second : count - first] + shift * step
        return float(np.abs(apart).mean())

    best = min(range(-_MOST_STEPS, _MOST_STEPS + 1), key=mismatch)
    stretch = float(np.exp(best * step))
    return 1.0 if 1 / LEAST_STRETCH < stretch < LEAST_STRETCH else stretch


def _log_power(image: np.ndarray, axis: int) -> np.ndarray:
    """Log spectral density along one axis at the frequencies that are compared."""
    lines = np.moveaxis(image, axis, -1).astype(np.float64)
    window = np.hanning(lines.shape[-1])
    lines = (lines - lines.mean(-1, keepdims=True)) * window
    power = (np.abs(np.fft.rfft(lines)) ** 2).mean((0, 1)) / (window**2).sum()
    smooth = np.log(np.convolve(power, np.full(3, 1 / 3), "same") + 1e-9)
    frequency = np.log(np.fft.rfftfreq(lines.shape[-1])[1:])
    return np.interp(np.log(_FREQUENCIES), frequency, smooth[1:])
