"""Slices of a beating disc for reconstruction: complex, with a background that stays still."""

import numpy as np

from napari_cmr.kspace import Acquisition, MeasuredSlice, line_mask, undersample
from napari_cmr.kspace.coils import coil_sensitivities
from napari_cmr.kspace.encoding import Encoding
from napari_cmr.scan import Geometry, Scan

N_FRAMES, PLANE = 12, (48, 40)


def disc_parts(n_frames: int = N_FRAMES) -> tuple[np.ndarray, np.ndarray]:
    """A still body ``(Y, X)`` and a disc that beats in it ``(T, Y, X)``, complex64."""
    y, x = np.mgrid[: PLANE[0], : PLANE[1]]
    phase = np.exp(0.6j * (y / PLANE[0] - x / PLANE[1]))
    body = np.hypot((y - 24) / 21, (x - 20) / 17) < 1
    radius = 8 - 2.5 * np.sin(np.pi * np.arange(n_frames) / n_frames)
    disc = np.clip(radius[:, None, None] - np.hypot(y - 22, x - 19) + 0.5, 0, 1)
    return (0.4 * body * phase).astype(np.complex64), (0.5 * disc * phase).astype(np.complex64)


def disc_image(n_frames: int = N_FRAMES) -> np.ndarray:
    """The body with its disc, ``(T, Y, X)``."""
    body, disc = disc_parts(n_frames)
    return body + disc


def disc_scan(n_frames: int = N_FRAMES, axis: str = "Y") -> Scan:
    """Two slices of it."""
    image = np.repeat(disc_image(n_frames)[:, None], 2, axis=1)
    return Scan(image, Geometry.regular((8.0, 1.5, 1.5), 2), phase_encode_axis=axis)


def disc_slice(
    n_lines: int | None = 12,
    *,
    pattern: str = "variable-density",
    centre_lines: int = 4,
    n_frames: int = N_FRAMES,
    axis: str = "Y",
) -> MeasuredSlice:
    """What one coil measures of it."""
    acquisition = Acquisition(n_lines=n_lines, pattern=pattern, centre_lines=centre_lines)
    return undersample(disc_scan(n_frames, axis), acquisition)[0]


def coils_slice(n_coils: int = 4, n_lines: int = 16, *, pattern: str = "variable-density",
                n_frames: int = N_FRAMES) -> MeasuredSlice:  # fmt: skip
    """What several coils measure of it, with their true sensitivities."""
    acquisition = Acquisition(n_lines=n_lines, pattern=pattern, centre_lines=4)
    mask = line_mask(acquisition, n_frames, PLANE[0]).array
    maps = coil_sensitivities(n_coils, PLANE, rng=np.random.default_rng(1))
    encoding = Encoding(mask, sensitivities=maps)
    return MeasuredSlice(0, encoding.forward(disc_image(n_frames)), encoding)


def error(image: np.ndarray, reference: np.ndarray) -> float:
    """Norm of the difference as a share of the reference's."""
    return float(np.linalg.norm(image - reference) / np.linalg.norm(reference))


def random_images(*shape):
    rng = np.random.default_rng(2)
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(np.complex64)
