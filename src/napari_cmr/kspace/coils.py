"""Receive coils: simulated sensitivities, and the multi-coil measurement of a line mask."""

import numpy as np

from napari_cmr.kspace.partial_dft import LineTransform


def coil_sensitivities(
    n_coils: int,
    shape: tuple[int, int],
    *,
    distance: float = 1.8,
    radius: float = 0.7,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Simulate smooth sensitivities of loops spaced evenly around the field of view.

    Each loop is seen as a current loop facing the centre. Its magnitude falls off as that on the
    axis of a circular loop by the law of Biot and Savart, ``(1 + (d / radius)^2)^(-3/2)`` with
    ``d`` the distance from the loop; its phase is the angle under which the loop is seen, as the
    transverse field turns around it.

    Parameters
    ----------
    n_coils : int
    shape : (Y, X)
    distance, radius : float
        Distance of the loops from the centre, and their radius, in half fields of view. The loops
        lie outside the image, corners included: the distance exceeds the square root of 2.
    rng : numpy Generator, optional
        Moves and turns the loops a little; without it they are regular.

    Returns
    -------
    ndarray, shape (n_coils, Y, X), complex64
        Normalised so that the sum of the squared magnitudes over the coils is 1 everywhere.

    Raises
    ------
    ValueError
        If there is no coil, or a coil would lie in the image.
    """
    if n_coils < 1:
        raise ValueError(f"{n_coils} receive coils, at least one is needed")
    if distance <= np.sqrt(2):
        raise ValueError(f"coils at {distance} half fields of view lie in the corners of the image")
    angle = 2 * np.pi * np.arange(n_coils) / n_coils
    turn = np.zeros(n_coils)
    if rng is not None:
        angle = angle + rng.uniform(-0.2, 0.2, n_coils) * 2 * np.pi / n_coils
        turn = rng.uniform(0, 2 * np.pi, n_coils)
    y, x = np.meshgrid(*((np.arange(n) - n // 2) / (n / 2) for n in shape), indexing="ij")
    dy = y - distance * np.sin(angle)[:, None, None]
    dx = x - distance * np.cos(angle)[:, None, None]
    magnitude = (1 + (dy**2 + dx**2) / radius**2) ** -1.5
    # The angle relative to the loop's axis stays within half a turn over the image: no wraps.
    seen = np.angle((dx + 1j * dy) * np.exp(-1j * (angle + np.pi))[:, None, None])
    maps = magnitude * np.exp(1j * (seen + turn[:, None, None]))
    maps /= np.sqrt((np.abs(maps) ** 2).sum(axis=0))
    return maps.astype(np.complex64)


class CoilOperator:
    """Lines measured by every coil, ``A x = M F S x``, with its adjoint.

    Parameters
    ----------
    sensitivities : ndarray, shape (C, Y, X), complex
    mask : ndarray of bool, shape (T, N)
        Lines of every frame in centred order.
    axis : {-2, -1}
        Phase-encode axis.

    Raises
    ------
    ValueError
        If the sensitivities are not ``(C, Y, X)``, or do not fit the mask.
    """

    def __init__(self, sensitivities: np.ndarray, mask: np.ndarray, *, axis: int = -2) -> None:
        self.sensitivities = np.asarray(sensitivities, dtype=np.complex64)
        self.transform = LineTransform(mask, axis=axis)
        if self.sensitivities.ndim != 3 or self.sensitivities.shape[axis] != self.transform.n:
            raise ValueError(
                f"sensitivities of shape {self.sensitivities.shape} for a mask of "
                f"{self.transform.n} lines"
            )

    def forward(self, image: np.ndarray) -> np.ndarray:
        """Lines ``(T, C, n_max, n_readout)`` of an image ``(T, Y, X)``."""
        lines: np.ndarray = self.transform.forward(self.sensitivities * image[:, None])
        return lines

    def adjoint(self, lines: np.ndarray) -> np.ndarray:
        """Zero-filled coil images ``A^H k`` combined to ``(T, Y, X)``."""
        return self._combine(self.transform.adjoint(lines))

    def normal(self, image: np.ndarray) -> np.ndarray:
        """``A^H A x`` of an image ``(T, Y, X)``."""
        return self._combine(self.transform.zero_filled(self.sensitivities * image[:, None]))

    def _combine(self, coil_images: np.ndarray) -> np.ndarray:
        combined: np.ndarray = (self.sensitivities.conj() * coil_images).sum(axis=1)
        return combined
