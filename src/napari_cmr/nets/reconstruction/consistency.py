"""What reconstruction networks share: the measured lines of a slice, and agreement with them."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial

import torch
from torch import Tensor

from napari_cmr.nets.inputs import (
    from_hybrid,
    intensity_scale,
    nearest_lines,
    pooled_lines,
)

#: Standard deviation, in cycles per pixel, of the frequencies that the phase is taken from: that of
#: the whole average is the phase of noise and aliases where there is little signal.
_PHASE_DETAIL = 0.045


@dataclass(frozen=True, eq=False)
class Lines:
    """Measured lines of the frames of one slice, as networks take them.

    Attributes
    ----------
    hybrid : complex Tensor, shape (T, N, X), or (C, T, N, X) of several coils
        Image along the read-out, k-space along the phase encoding; zero where nothing was
        measured. See :mod:`napari_cmr.nets.inputs`.
    mask : bool Tensor, shape (T, N)
    maps : complex Tensor, shape (C, N, X), optional
        Sensitivities of several coils, with ``sum |S|^2 = 1``.
    """

    hybrid: Tensor
    mask: Tensor
    maps: Tensor | None = None

    @property
    def n_frames(self) -> int:
        """Frames of the cycle."""
        return len(self.mask)

    @cached_property
    def average(self) -> Tensor:
        """Temporal average of all lines, complex (N, X)."""
        counts = self.mask.sum(0).clamp(min=1)[:, None]
        return self.combined(from_hybrid(self.hybrid.sum(-3, keepdim=True) / counts))[0]

    def scaled(self, factor: Tensor | float) -> "Lines":
        """Lines times a factor."""
        return replace(self, hybrid=self.hybrid * factor)

    def of_frames(self, chosen: slice) -> "Lines":
        """Lines of some of the frames."""
        return replace(self, hybrid=self.hybrid[..., chosen, :, :], mask=self.mask[chosen])

    def zero_filled(self) -> Tensor:
        """Each frame from its own lines, (T, N, X)."""
        return self.combined(from_hybrid(self.hybrid))

    def standardised(self) -> tuple["Lines", Tensor, Tensor]:
        """Lines in the unit of their temporal average, that unit, and the average's phase.

        Returns
        -------
        Lines
        scale : Tensor, 0-d
            The 99th percentile of the magnitude of the average.
        phasor : complex Tensor, shape (N, X)
            What turns images that are nearly real into those of the lines.
        """
        average = self.average
        scale = intensity_scale(average)
        smooth = _smoothed(average)
        magnitude = smooth.abs()
        phasor = torch.where(magnitude > 0, smooth / magnitude.clamp(min=1e-20), 1.0)
        return self.scaled(1 / scale), scale, phasor

    def nearest(self) -> Tensor:
        """View sharing: a missing line from the frame nearest in time that took it, (T, N, X)."""
        frames = torch.arange(self.n_frames, device=self.mask.device)
        return self._image(partial(nearest_lines, mask=self.mask, frames=frames))

    def pooled(self, part: float) -> Tensor:
        """Images of the lines of windows that reach so far, in parts of the cycle: (T, N, X)."""
        frames = torch.arange(self.n_frames, device=self.mask.device)
        reach = max(1, round(self.n_frames * part))
        return self._image(partial(pooled_lines, mask=self.mask, frames=frames, reach=reach))

    def residual(self, image: Tensor) -> Tensor:
        """What the measured lines say beyond images, ``A^H (y - A x)``: (T, N, X)."""
        hybrid, mask = self._from_zero_on
        return self.combined(_inverse((hybrid - _transform(self._of_coils(image))) * mask))

    def normal(self, image: Tensor) -> Tensor:
        """What measuring leaves of images, ``A^H A x``: (T, N, X)."""
        _, mask = self._from_zero_on
        return self.combined(_inverse(_transform(self._of_coils(image)) * mask))

    def consistent(self, image: Tensor, trust: float | Tensor = 1.0) -> Tensor:
        """Data consistency, see :meth:`napari_cmr.kspace.encoding.Encoding.dc`.

        Parameters
        ----------
        image : complex Tensor, shape (T, N, X)
        trust : float or 0-d Tensor
            Share of the measurement where there is one.
        """
        return image + trust * self.residual(image)

    def combined(self, images: Tensor) -> Tensor:
        """Images (T, N, X) of those of each coil (C, T, N, X)."""
        return images if self.maps is None else (self.maps[:, None].conj() * images).sum(0)

    @cached_property
    def _from_zero_on(self) -> tuple[Tensor, Tensor]:
        """Lines and mask (T, N, 1), zero frequency first: shifted once, not in every iteration."""
        mask = torch.fft.ifftshift(self.mask, dim=-1)[..., None]
        return torch.fft.ifftshift(self.hybrid, dim=-2), mask

    def _image(self, pool: "partial[Tensor]") -> Tensor:
        """Images of pooled lines of each coil, combined."""
        hybrid = self.hybrid
        with _float32(hybrid.device.type):  # pooling is a matrix product
            if self.maps is None:
                pooled = pool(hybrid)
            else:
                pooled = torch.stack([pool(one) for one in hybrid])
        return self.combined(from_hybrid(pooled))

    def _of_coils(self, image: Tensor) -> Tensor:
        return image if self.maps is None else self.maps[:, None] * image


def _float32(device: str) -> AbstractContextManager[object]:
    """Keep autocast from matrix products of physics."""
    if not torch.amp.is_autocast_available(device):
        return nullcontext()
    return torch.autocast(device, enabled=False)


def _smoothed(image: Tensor) -> Tensor:
    """Image (N, X) of its lowest frequencies, weighted by a Gaussian."""
    down, across = (
        (torch.fft.fftfreq(n, device=image.device) / _PHASE_DETAIL).square() for n in image.shape
    )
    weights = (-(down[:, None] + across) / 2).exp()
    return torch.fft.ifft2(torch.fft.fft2(image) * weights)


def _transform(image: Tensor) -> Tensor:
    """Orthonormal DFT along the lines, zero frequency first."""
    return torch.fft.fft(image, dim=-2, norm="ortho")


def _inverse(lines: Tensor) -> Tensor:
    return torch.fft.ifft(lines, dim=-2, norm="ortho")
