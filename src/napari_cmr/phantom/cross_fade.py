"""Cross-fade of aligned pictures."""

import numpy as np


class Blend:
    """Cross-fade of two aligned stacks that keeps the strength of fine detail.

    A plain average of two pictures with independent noise has less noise than either (down to
    0.71 of it), and so gives itself away. Here detail is scaled, region by region, to the local
    strength that it has in the two pictures.

    Parameters
    ----------
    first, second : ndarray of float32, shape (Z, Y, X)
    """

    DETAIL = 1.0  # pixels: what is finer than this Gaussian is detail
    REGION = 4.0  # pixels: the Gaussian over which its strength is taken

    def __init__(self, first: np.ndarray, second: np.ndarray) -> None:
        self._coarse_first, self._fine_first = self._split(first)
        self._coarse_second, self._fine_second = self._split(second)
        self._power_first = self._local(self._fine_first**2)
        self._power_second = self._local(self._fine_second**2)
        self._common = self._local(self._fine_first * self._fine_second)

    def at(self, s: float) -> np.ndarray:
        """Blend with more of the second stack the larger ``s``, from 0 to 1; (Z, Y, X)."""
        b = np.float32(s * s * (3 - 2 * s))
        a = 1 - b
        wanted = a * self._power_first + b * self._power_second
        plain = a * a * self._power_first + b * b * self._power_second + 2 * a * b * self._common
        gain = np.sqrt(np.clip(wanted / np.maximum(plain, 1e-12), 1, 2.5))
        detail = gain * (a * self._fine_first + b * self._fine_second)
        return a * self._coarse_first + b * self._coarse_second + detail

    def _split(self, stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from scipy.ndimage import gaussian_filter

        coarse = gaussian_filter(stack, (0, self.DETAIL, self.DETAIL), truncate=3)
        return coarse, stack - coarse

    def _local(self, stack: np.ndarray) -> np.ndarray:
        from scipy.ndimage import uniform_filter

        return uniform_filter(stack, (0, round(2 * self.REGION) + 1, round(2 * self.REGION) + 1))
