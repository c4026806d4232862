"""What was measured of one slice, and the plain images that it gives."""

from functools import cached_property

import numpy as np

from napari_cmr.kspace.encoding import Encoding
from napari_cmr.kspace.pooling import pool_lines


class MeasuredSlice:
    """What was measured of one slice.

    Attributes
    ----------
    z : int
        Slice of the scan.
    lines : ndarray, shape (T, C, n_max, n_readout), complex64
        Measured lines of each frame and coil, ascending and packed to the left (see
        :func:`napari_cmr.kspace.partial_dft.pack_lines`; unused rows are zero): k-space along the
        phase encoding, image space along the read-out. C is 1 for a single coil.
    encoding : Encoding
        The operator that measured them.
    """

    def __init__(self, z: int, lines: np.ndarray, encoding: Encoding) -> None:
        self.z, self.lines, self.encoding = z, lines, encoding

    @property
    def mask(self) -> np.ndarray:
        """Lines that were measured in this slice, bool (T, N)."""
        return self.encoding.transform.mask

    @property
    def sensitivities(self) -> np.ndarray | None:
        """Coil sensitivities ``(C, Y, X)``, estimated from the lines; None for a single coil."""
        return self.encoding.sensitivities

    def zero_filled(self) -> np.ndarray:
        """Each frame from its own lines, zero elsewhere in k-space: (T, Y, X), complex64."""
        images: np.ndarray = self.encoding.adjoint(self.lines)
        return images

    @cached_property
    def temporal_average(self) -> np.ndarray:
        """Lines of all frames pooled onto one grid, ``(Y, X)``, complex64.

        The mean where a line was taken several times, zero where it was never taken.
        """
        pooled = pool_lines(self.lines, self.encoding.transform)
        average: np.ndarray = self.encoding.combine(pooled[None])[0]
        return average

    def pooled(self, window: int) -> np.ndarray:
        """Images from the lines of ``window`` neighbouring frames, wrapping around the cycle.

        Parameters
        ----------
        window : odd int
            1 gives the zero-filled images, the number of frames or more the temporal average.

        Returns
        -------
        ndarray, shape (T, Y, X), complex64
        """
        images: np.ndarray = self.encoding.combine(
            pool_lines(self.lines, self.encoding.transform, window)
        )
        return images

    def spectrum(self) -> np.ndarray:
        """Measured lines in their places, zero elsewhere: (C, T, N, n_readout), complex64.

        See :meth:`napari_cmr.kspace.partial_dft.LineTransform.spectrum`.
        """
        return self.encoding.transform.spectrum(self.lines).swapaxes(0, 1)

    def columns(self, chosen: slice) -> "MeasuredSlice":
        """What was measured of some columns along the read-out alone.

        A line mask never mixes columns, so these lines are exactly those of the narrower image.

        Parameters
        ----------
        chosen : slice
            Places along the read-out.
        """
        encoding, maps = self.encoding, self.sensitivities
        if maps is not None:
            some = maps[..., chosen] if encoding.transform.axis == -2 else maps[:, chosen]
            encoding = encoding.with_sensitivities(np.ascontiguousarray(some))
        return MeasuredSlice(self.z, np.ascontiguousarray(self.lines[..., chosen]), encoding)
