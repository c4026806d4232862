"""Smooth synthetic phase for magnitude images.

The k-space of a real image is conjugate symmetric: every measured line would give a second one for
free, which no scanner enjoys. A smooth phase breaks the symmetry (Schlemper et al. 2018, section 3:
"smoothly varying 2D sinusoid waves").
"""

import numpy as np

CYCLES = (0.4, 1.6)
"""Range of the wave's frequency, in cycles across the field of view."""
AMPLITUDE = (0.25 * np.pi, np.pi)
"""Range of the wave's amplitude in radians."""


def smooth_phase(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Draw a 2-D sinusoid of random low frequency, direction, amplitude and offset.

    Parameters
    ----------
    shape : (Y, X)
    rng : numpy Generator

    Returns
    -------
    ndarray, shape (Y, X), float32
        Phase in radians.
    """
    cycles = rng.uniform(*CYCLES)
    direction = rng.uniform(0.0, 2 * np.pi)
    amplitude = rng.uniform(*AMPLITUDE)
    offset = rng.uniform(0.0, 2 * np.pi)
    y, x = (np.arange(n) / n - 0.5 for n in shape)
    wave = np.sin(direction) * y[:, None] + np.cos(direction) * x[None, :]
    return (amplitude * np.sin(2 * np.pi * cycles * wave + offset)).astype(np.float32)


def with_phase(magnitude: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Multiply magnitude images ``(..., Y, X)`` by one smooth unit phasor; complex64."""
    phase = smooth_phase(magnitude.shape[-2:], rng)
    magnitude = np.asarray(magnitude, dtype=np.float32)
    phasor = np.exp(1j * phase)
    image = np.empty(magnitude.shape, np.complex64)
    # Part by part: the same numbers as a product of real and complex ones, in half of the time.
    np.multiply(magnitude, phasor.real, out=image.real)
    np.multiply(magnitude, phasor.imag, out=image.imag)
    return image
