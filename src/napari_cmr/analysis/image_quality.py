"""How close a reconstructed cine is to the full one, whole and where it moves.

Magnitudes are compared, as they are what is looked at, but for the complex error. The peak is the
maximum of the reference, never that of the reconstruction.
"""

from dataclasses import dataclass

import numpy as np

SSIM_WINDOW = 7
MOVING_SHARE = 0.1


@dataclass(frozen=True)
class ImageQuality:
    """Numbers of :func:`image_quality`.

    Attributes
    ----------
    psnr, psnr_moving : float
        In dB; infinite where nothing differs. The second is of the pixels that move most, not a
        number of a still image.
    ssim : float
    nrmse : float
        Complex, as a share of the reference's norm.
    """

    psnr: float
    psnr_moving: float
    ssim: float
    nrmse: float


def image_quality(image: np.ndarray, reference: np.ndarray) -> ImageQuality:
    """Compare a reconstructed slice with the full one.

    Parameters
    ----------
    image, reference : ndarray, shape (T, Y, X), complex
        The reference without noise or aliasing, but with the phase that was measured.

    Raises
    ------
    ValueError
        If the shapes differ, or the reference is black.
    """
    if image.shape != reference.shape:
        raise ValueError(f"an image of {image.shape} beside a reference of {reference.shape}")
    shown, true = np.abs(image), np.abs(reference)
    peak = float(true.max())
    if peak == 0:
        raise ValueError("the reference is black")
    moving = np.broadcast_to(moving_pixels(true), true.shape)
    return ImageQuality(
        psnr=psnr(shown, true, peak),
        psnr_moving=psnr(shown[moving], true[moving], peak) if len(true) > 1 else float("nan"),
        ssim=ssim(shown, true, peak),
        nrmse=float(np.linalg.norm(image - reference) / np.linalg.norm(reference)),
    )


def covered(image: np.ndarray, std: np.ndarray | None, reference: np.ndarray) -> float | None:
    """Share of the pixels whose error lies within the standard deviation that is given for it.

    About 0.68 where deviations are as large as errors. Magnitudes of one shape; None without a
    deviation.
    """
    return None if std is None else float((np.abs(image - reference) <= std).mean())


def psnr(image: np.ndarray, reference: np.ndarray, peak: float) -> float:
    """Peak signal to noise ratio in dB of magnitudes; infinite if they are equal."""
    error = float(np.mean((image - reference).astype(np.float64) ** 2))
    return float("inf") if error == 0 else 10 * float(np.log10(peak**2 / error))


def moving_pixels(reference: np.ndarray, share: float = MOVING_SHARE) -> np.ndarray:
    """Pixels that move most: those whose magnitude varies most over the cycle.

    Parameters
    ----------
    reference : ndarray, shape (T, Y, X), real
    share : float
        Of all pixels.

    Returns
    -------
    ndarray of bool, shape (Y, X)
    """
    variation = reference.std(axis=0)
    n = max(1, round(share * variation.size))
    chosen = np.zeros(variation.size, dtype=bool)
    chosen[np.argpartition(variation.ravel(), -n)[-n:]] = True
    return chosen.reshape(variation.shape)


def error_map(image: np.ndarray, reference: np.ndarray, peak: float) -> np.ndarray:
    """How far magnitudes are from those of the reference, as a share of a peak.

    The root of its mean square is 10 to the power of minus PSNR / 20.

    Parameters
    ----------
    image, reference : ndarray
        Of one shape, complex or real.
    peak : float
        Maximum of the reference over the cycle.

    Raises
    ------
    ValueError
        If the shapes differ, or the peak is not positive.
    """
    if image.shape != reference.shape:
        raise ValueError(f"an image of {image.shape} beside a reference of {reference.shape}")
    if not peak > 0:
        raise ValueError(f"a peak of {peak}")
    share: np.ndarray = np.abs(np.abs(image) - np.abs(reference)) / peak
    return share


def ssim(image: np.ndarray, reference: np.ndarray, peak: float) -> float:
    """Structural similarity, mean over frames, of ``(T, Y, X)`` magnitudes.

    Wang et al., IEEE Transactions on Image Processing 13, 2004, with a uniform 7 x 7 window.
    """
    from skimage.metrics import structural_similarity

    return float(
        np.mean(
            [
                structural_similarity(one, true, win_size=SSIM_WINDOW, data_range=peak)
                for one, true in zip(image, reference, strict=True)
            ]
        )
    )
