import numpy as np
import pytest
from scipy.ndimage import zoom

from napari_cmr.scan.datasets.aspect import picture_stretch


def texture(seed: int = 0) -> np.ndarray:
    """Power falls with the square of frequency, as in pictures of anatomy."""
    rng = np.random.default_rng(seed)
    fy, fx = np.fft.fftfreq(192)[:, None], np.fft.rfftfreq(192)[None]
    spectrum = np.fft.rfft2(rng.standard_normal((4, 192, 192))) / (np.hypot(fy, fx) + 0.01) ** 1.5
    image = np.fft.irfft2(spectrum)
    return 100 + 20 * image / image.std()


@pytest.mark.parametrize("factor", [0.55, 0.7, 1.5, 1.8])
def test_a_stretch_is_found(factor: float) -> None:
    stretched = zoom(texture(), (1, max(1, 1 / factor), max(1, factor)), order=1)
    assert picture_stretch(stretched) == pytest.approx(factor, rel=0.15)


def test_a_picture_as_it_was_is_not_stretched() -> None:
    assert picture_stretch(texture(1)) == 1.0


def test_padding_does_not_count() -> None:
    padded = np.zeros((4, 256, 340))
    padded[:, 20:212, 5:293] = zoom(texture(), (1, 1, 1.5), order=1)
    assert picture_stretch(padded) == pytest.approx(1.5, rel=0.15)


def test_too_small_a_picture_says_nothing() -> None:
    assert picture_stretch(np.ones((3, 12, 10))) == 1.0
    assert picture_stretch(np.zeros((3, 200, 200))) == 1.0
