"""A simulated array of receive coils: its loops, its noise, and what it measures of an image."""

from dataclasses import dataclass

import numpy as np

from napari_cmr.kspace.coils import coil_sensitivities
from napari_cmr.kspace.noise import complex_noise
from napari_cmr.kspace.partial_dft import LineTransform

LOOPS = 8
"""Loops of an array, which lie around the field of view."""
DISTANCE = (1.6, 2.2)
"""Range of their distance from the centre, in half fields of view."""
RADIUS = (0.5, 0.9)
"""Range of their radius, in half fields of view."""
COUPLING = (0.1, 0.4)
"""Range of the correlation of the noise of neighbouring loops."""
_GAIN = 0.2
"""Standard deviation of the logarithm of the noise of a loop."""


@dataclass(frozen=True, eq=False)
class CoilArray:
    """Loops around the field of view.

    Attributes
    ----------
    maps : ndarray, shape (LOOPS, Y, X), complex64
        Sensitivities, with ``sum |S|^2 = 1``. They make the data, and nothing else may see them.
    colour : ndarray, shape (LOOPS, LOOPS), complex64
        Lower triangle that turns white noise of variance 1 into the correlated noise of the loops.
        Combined by ``S^H`` it has variance 1 in the mean over the image, as that of a single coil.
    """

    maps: np.ndarray
    colour: np.ndarray

    @classmethod
    def draw(cls, shape: tuple[int, int], rng: np.random.Generator) -> "CoilArray":
        """Draw an array: its size, the place and turn of each loop, and how their noise couples.

        Parameters
        ----------
        shape : (Y, X)
        rng : numpy Generator
        """
        distance, radius = rng.uniform(*DISTANCE), rng.uniform(*RADIUS)
        maps = coil_sensitivities(LOOPS, shape, distance=distance, radius=radius, rng=rng)
        apart = np.abs(np.subtract.outer(np.arange(LOOPS), np.arange(LOOPS)))
        level = np.exp(rng.normal(0, _GAIN, LOOPS)) * np.exp(2j * np.pi * rng.random(LOOPS))
        coupled = rng.uniform(*COUPLING) ** np.minimum(apart, LOOPS - apart)
        covariance = level[:, None] * coupled * level.conj()
        flat = maps.reshape(LOOPS, -1)
        mean = np.einsum("cp,cd,dp->", flat.conj(), covariance, flat, optimize=True).real
        colour = np.linalg.cholesky(covariance / (mean / flat.shape[1]))
        return cls(maps, colour.astype(np.complex64))

    def measure(
        self,
        image: np.ndarray,
        transform: LineTransform,
        *,
        noise_sd: float = 0.0,
        rng: np.random.Generator | None = None,
    ) -> np.ndarray:
        """Lines of every loop, with the noise that it adds.

        Parameters
        ----------
        image : ndarray, shape (T, Y, X), complex64
        transform : LineTransform
        noise_sd : float
            Standard deviation of the complex noise of the combined image.
        rng : numpy Generator, optional
            Draws the noise; wanted if there is some.

        Returns
        -------
        ndarray, shape (T, LOOPS, n_max, n_readout), complex64
        """
        # Loop by loop, so that images of all loops need not be held at once.
        lines = np.stack([transform.forward(one * image) for one in self.maps], axis=1)
        if noise_sd > 0:
            assert rng is not None
            white = np.stack(
                [transform.forward(complex_noise(image.shape, noise_sd, rng)) for _ in self.maps],
                axis=1,
            )
            lines += np.einsum("cd,tdnx->tcnx", self.colour, white, optimize=True)
        return lines


def compress_coils(lines: np.ndarray, n_coils: int) -> np.ndarray:
    """Combine coils to fewer virtual ones, as :func:`compression` says.

    Parameters
    ----------
    lines : ndarray, shape (T, C, n_max, n_readout), complex64
    n_coils : int
        At most C.

    Returns
    -------
    ndarray, shape (T, n_coils, n_max, n_readout), complex64

    Raises
    ------
    ValueError
        If there are not so many coils.
    """
    flat = lines.swapaxes(0, 1).reshape(lines.shape[1], -1)
    virtual = compression(lines, n_coils) @ flat
    packed = virtual.reshape(n_coils, len(lines), *lines.shape[2:]).swapaxes(0, 1)
    return np.ascontiguousarray(packed)


def compression(lines: np.ndarray, n_coils: int) -> np.ndarray:
    """Weights of coils in fewer virtual ones, which keep as much of the signal as so many can.

    The principal components of the coils' lines (Buehrer et al., Magnetic Resonance in Medicine
    57, 2007; Huang et al., Magnetic Resonance Imaging 26, 2008), strongest first. White noise
    stays white.

    Parameters
    ----------
    lines : ndarray, shape (T, C, n_max, n_readout), complex64
    n_coils : int
        At most C.

    Returns
    -------
    ndarray, shape (n_coils, C), complex64
        Their phases are those that give the first coil a positive weight in each.

    Raises
    ------
    ValueError
        If there are not so many coils.
    """
    if not 1 <= n_coils <= lines.shape[1]:
        raise ValueError(f"{n_coils} virtual coils of {lines.shape[1]}")
    flat = lines.swapaxes(0, 1).reshape(lines.shape[1], -1)
    components = np.linalg.eigh((flat @ flat.conj().T).astype(np.complex128))[1]
    weights = components[:, ::-1][:, :n_coils].conj().T
    found: np.ndarray = weights * np.exp(-1j * np.angle(weights[:, :1]))
    return found.astype(np.complex64)
