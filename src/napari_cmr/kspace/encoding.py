"""The encoding operator of one slice: images to measured lines, and back."""

from copy import copy
from typing import Any

import numpy as np

from napari_cmr.kspace.partial_dft import LineTransform

CG_ITERATIONS, CG_TOLERANCE = 30, 1e-6


class Encoding:
    """Measurement of the frames of one slice, ``A x = M F S x``.

    ``S`` weights the image by the sensitivity of each coil (absent for a single coil), ``F`` is the
    centred orthonormal transform along the phase-encode axis, and ``M`` keeps the measured lines.
    Images are ``(T, Y, X)``, lines ``(T, C, n_max, n_readout)`` as
    :class:`~napari_cmr.kspace.partial_dft.LineTransform` packs them, both complex numpy arrays or
    torch tensors.

    Parameters
    ----------
    mask : ndarray of bool, shape (T, N)
        Measured lines of every frame in centred order.
    axis : {-2, -1}
        Phase-encode axis of the images.
    sensitivities : ndarray or Tensor, shape (C, Y, X), complex, optional
        With ``sum |S|^2 = 1`` at every pixel that is to be reconstructed; None for a single coil.

    Attributes
    ----------
    transform : LineTransform
    n_coils : int

    Raises
    ------
    ValueError
        If the sensitivities are not ``(C, Y, X)`` or do not fit the mask.
    """

    def __init__(
        self, mask: np.ndarray, *, axis: int = -2, sensitivities: Any | None = None
    ) -> None:
        self.transform = LineTransform(mask, axis=axis)
        self._take(sensitivities)

    def _take(self, sensitivities: Any | None) -> None:
        self.sensitivities = sensitivities
        if sensitivities is not None and (
            sensitivities.ndim != 3 or sensitivities.shape[self.transform.axis] != self.transform.n
        ):
            raise ValueError(
                f"sensitivities of shape {tuple(sensitivities.shape)} for a mask of "
                f"{self.transform.n} lines"
            )
        self.n_coils = 1 if sensitivities is None else len(sensitivities)

    def with_sensitivities(self, sensitivities: Any) -> "Encoding":
        """The same lines, by coils of these sensitivities; the transform is shared."""
        other = copy(self)
        other._take(sensitivities)
        return other

    def forward(self, image: Any) -> Any:
        """Lines ``(T, C, n_max, n_readout)`` of images ``(T, Y, X)``."""
        coils = image[:, None]
        return self.transform.forward(
            coils if self.sensitivities is None else self.sensitivities * coils
        )

    def adjoint(self, lines: Any) -> Any:
        """Zero-filled images ``A^H y``, the coils combined: ``(T, Y, X)``."""
        return self.combine(self.transform.adjoint(lines))

    def normal(self, image: Any) -> Any:
        """``A^H A x`` of images ``(T, Y, X)``."""
        coils = image[:, None]
        if self.sensitivities is not None:
            coils = self.sensitivities * coils
        return self.combine(self.transform.zero_filled(coils))

    def combine(self, coil_images: Any) -> Any:
        """Combine coil images ``(T, C, Y, X)`` by ``S^H``: ``(T, Y, X)``."""
        if self.sensitivities is None:
            return coil_images[:, 0]
        return (self.sensitivities.conj() * coil_images).sum(1)

    def dc(self, image: Any, lines: Any, trust: float | Any = 1.0) -> Any:
        """Bring images into agreement with the measurement: data consistency.

        A measured line becomes ``trust`` times the measurement plus ``1 - trust`` times that of the
        image; lines that were not measured stay. Hard consistency (``trust`` 1) of a single coil is
        idempotent. Of several coils, each coil image is made consistent with its own lines and the
        results are combined, the closed form of Duan et al. (VS-Net, MICCAI 2019).

        Parameters
        ----------
        image : ndarray or Tensor, shape (T, Y, X), complex
        lines : ndarray or Tensor, shape (T, C, n_max, n_readout), complex
        trust : float or 0-d Tensor, 0 to 1
            Share of the measurement. The weight ``v`` of Schlemper et al. (IEEE TMI 37, 2018),
            ``(k + v k0) / (1 + v)``, is ``trust / (1 - trust)``.

        Returns
        -------
        ndarray or Tensor, shape (T, Y, X)
        """
        # A A^H = 1 on the measured lines of a coil, and S^H S = 1: both cases are this one formula.
        return image + trust * self.adjoint(lines - self.forward(image))

    def prox(self, z: Any, lines: Any, trust: float = 0.5) -> Any:
        """Image nearest to ``z`` that also fits the data.

        The minimum of ``v |A x - y|^2 + |x - z|^2`` with ``v = trust / (1 - trust)``, that is
        ``(v A^H A + 1) x = v A^H y + z``. The closed form for a single coil, conjugate gradients
        for several.

        Parameters
        ----------
        z : ndarray or Tensor, shape (T, Y, X), complex
        lines : ndarray or Tensor, shape (T, C, n_max, n_readout), complex
        trust : float
            At least 0; 1 is for a single coil only.

        Returns
        -------
        ndarray or Tensor, shape (T, Y, X)

        Raises
        ------
        ValueError
            If ``trust`` is out of range.
        """
        if not 0 <= trust <= 1 or (trust == 1 and self.sensitivities is not None):
            raise ValueError(f"a trust of {trust} has no proximal step for {self.n_coils} coils")
        if self.sensitivities is None:
            return self.dc(z, lines, trust)
        weight = trust / (1 - trust)
        return conjugate_gradients(
            lambda x: weight * self.normal(x) + x, weight * self.adjoint(lines) + z, z
        )


def conjugate_gradients(
    normal: Any,
    right: Any,
    start: Any,
    *,
    iterations: int = CG_ITERATIONS,
    tolerance: float = CG_TOLERANCE,
) -> Any:
    """Solve ``normal(x) = right`` for a Hermitian positive definite operator.

    Parameters
    ----------
    normal : callable
    right, start : ndarray or Tensor, complex
    iterations : int
        At most.
    tolerance : float
        Norm of the residual relative to that of the right side at which it ends.

    Returns
    -------
    ndarray or Tensor, same shape
    """
    x = start
    residual = right - normal(x)
    direction = residual
    power = _energy(residual)
    enough = tolerance**2 * max(_energy(right), 1e-30)
    for _ in range(iterations):
        if power <= enough:
            break
        applied = normal(direction)
        step = power / float((direction.conj() * applied).sum().real)
        x = x + step * direction
        residual = residual - step * applied
        before, power = power, _energy(residual)
        direction = residual + (power / before) * direction
    return x


def _energy(x: Any) -> float:
    return float((x.conj() * x).real.sum())
