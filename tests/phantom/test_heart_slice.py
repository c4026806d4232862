"""Signal and labels of a beating slice, painted over what lies behind it."""

import numpy as np
import pytest

from napari_cmr.phantom.anatomy import Heart
from napari_cmr.phantom.heart_slice import HeartPainter
from napari_cmr.phantom.parameters import HeartParameters
from napari_cmr.phantom.samples import TYPICAL
from napari_cmr.phantom.tissue import cine_signals, lge_signals
from napari_cmr.scan import Label

PIXEL = 2.0
Y, X = np.mgrid[-120:120:PIXEL, -120:120:PIXEL]
MIDDLE = np.array([45.0])
BACKGROUND = np.full(X.shape, 0.123 + 0j)


@pytest.fixture(scope="module")
def normal() -> tuple[Heart, HeartPainter]:
    heart = Heart(HeartParameters())
    times = np.array([0.0, 0.35 * heart.parameters.cycle_ms])
    return heart, HeartPainter(heart, times, PIXEL, cine_signals(3.0, 60.0))


@pytest.fixture(scope="module")
def middle(normal) -> tuple[np.ndarray, np.ndarray]:
    return normal[1].paint(BACKGROUND, X, Y, MIDDLE)


def test_the_cavity_has_the_area_of_its_contour(normal, middle) -> None:
    heart, painter = normal
    phi = np.linspace(-np.pi, np.pi, 720, endpoint=False)
    radius = heart.contours(painter._times, MIDDLE, phi).endo[:, 0]
    wanted = 0.5 * (radius**2).mean(axis=1) * 2 * np.pi
    found = (middle[1] == Label.LV).sum(axis=(1, 2)) * PIXEL**2
    np.testing.assert_allclose(found, wanted, rtol=0.04)
    assert found[1] < 0.75 * found[0]


def test_what_lies_beyond_the_heart_stays_as_it_was(middle) -> None:
    signal, labels = middle
    assert signal.shape == labels.shape == (2, *X.shape)
    rim = np.ones(X.shape, bool)
    rim[3:-3, 3:-3] = False
    np.testing.assert_allclose(signal[:, rim], 0.123, rtol=1e-5)
    assert not labels[:, rim].any()
    inside = labels[0] == Label.LV
    assert np.median(signal[0][inside].real) > 2 * np.median(signal[0][labels[0] == Label.MYO].real)


def test_a_plane_far_below_the_heart_has_no_heart_in_it(normal) -> None:
    signal, labels = normal[1].paint(BACKGROUND, X, Y, np.array([-60.0]))
    assert not labels.any()
    away = np.hypot(X, Y) > 15
    np.testing.assert_allclose(signal[:, away], 0.123, rtol=1e-5)


def test_thin_planes_are_averaged_over_a_slice(normal) -> None:
    planes = np.array([30.0, 60.0])
    both = normal[1].paint(BACKGROUND, X, Y, planes)[0]
    single = [normal[1].paint(BACKGROUND, X, Y, planes[k : k + 1])[0] for k in (0, 1)]
    np.testing.assert_allclose(both, sum(single) / 2, atol=1e-5)


def test_scar_is_labelled_in_the_one_frame_of_late_enhancement_only() -> None:
    heart = Heart(TYPICAL["infarct"])
    for times, has_scar in (([0.0], True), ([0.0, 300.0], False)):
        painter = HeartPainter(heart, np.array(times), PIXEL, lge_signals())
        labels = painter.paint(BACKGROUND, X, Y, MIDDLE)[1]
        assert (labels == Label.SCAR).any() == has_scar
        assert (labels == Label.MYO).any()


def test_the_heart_reaches_below_its_axis_and_to_the_front(normal) -> None:
    below, front = normal[1].extent_mm()
    assert 25 < below < 60
    assert below < front < 110
