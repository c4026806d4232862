"""Scar mass against n: the curve, and the line at the n that is chosen."""

import pytest

from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.viewer.plots.scar import SensitivityPlot

CURVE = [{"n": 3.0, "scar_g": 40.0}, {"n": 5.0, "scar_g": 20.0}]


@pytest.fixture
def plot(qtbot) -> SensitivityPlot:
    plot = SensitivityPlot()
    qtbot.addWidget(plot)
    return plot


def test_masses_are_drawn_over_n_from_zero(plot) -> None:
    plot.show_curve(CURVE, ScarSettings(method="nsd", n=4.0))
    n, grams = plot._curve.getData()
    assert (n.tolist(), grams.tolist()) == ([3, 5], [40, 20])
    assert plot.plot.viewRange()[1] == pytest.approx([0, 44])
    plot.show_curve([], ScarSettings())
    assert plot.plot.viewRange()[1] == pytest.approx([0, 1])


def test_the_chosen_n_is_marked_where_the_method_has_one(plot) -> None:
    plot.show_curve(CURVE, ScarSettings(method="nsd", n=4.0))
    assert plot._here.isVisible()
    assert plot._here.value() == 4
    plot.show_curve(CURVE, ScarSettings(method="fwhm"))
    assert not plot._here.isVisible()
