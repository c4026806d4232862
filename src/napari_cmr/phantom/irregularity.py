"""Low-order irregularity of a closed contour: no ventricle is an ellipse."""

from dataclasses import dataclass

import numpy as np

_ORDERS = np.arange(2, 7)


@dataclass(frozen=True, eq=False)
class Irregularity:
    """Relative change of a radius, a sum of cosines that turn slowly along the long axis.

    Attributes
    ----------
    amplitudes, phases, drifts : ndarray, shape (5,)
        Of the orders 2 to 6; drifts in radians per unit of ``zeta``.
    """

    amplitudes: np.ndarray
    phases: np.ndarray
    drifts: np.ndarray

    @classmethod
    def draw(cls, rng: np.random.Generator, *, amplitude: float, drift: float) -> "Irregularity":
        """Draw one; higher orders are weaker."""
        return cls(
            rng.normal(0.0, amplitude, _ORDERS.size) / (_ORDERS - 0.5),
            rng.uniform(0, 2 * np.pi, _ORDERS.size),
            rng.normal(0.0, drift, _ORDERS.size),
        )

    def __call__(self, phi: np.ndarray, zeta: np.ndarray) -> np.ndarray:
        """Relative change at angles and heights, which broadcast."""
        total = np.zeros(np.broadcast_shapes(np.shape(phi), np.shape(zeta)))
        terms = zip(_ORDERS, self.amplitudes, self.phases, self.drifts, strict=True)
        for order, amplitude, phase, drift in terms:
            angle = order * phi + (phase + drift * zeta)
            # Single precision: a thousandth of a millimetre would do, and it is five times faster.
            total += amplitude * np.cos(angle.astype(np.float32))
        return total
