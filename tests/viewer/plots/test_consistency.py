"""Plots of repetitions: dots, their density, and the ribbon of volumes."""

from types import SimpleNamespace

import numpy as np
import pytest

from napari_cmr.analysis.reader_variability import LV_EF_READERS
from napari_cmr.scan import Label
from napari_cmr.viewer.plots.consistency import EMPTY_ML, EfPlot, RibbonPlot, violin

EFS = {Label.LV: np.array([50.0, np.nan, 54.0]), Label.RV: np.array([np.nan] * 3)}
RANGE = np.array([[90.0, np.nan, 60.0], [100.0, np.nan, 70.0], [110.0, np.nan, 85.0]])
RESULT = SimpleNamespace(ef_percent=EFS.get, volume_range=lambda _label: RANGE)


def test_a_violin_is_a_density_around_its_values() -> None:
    values = np.array([50.0, 52.0, 54.0, 52.0, 51.0, 53.0])
    at, density = violin(values)
    assert density.max() == 1.0
    assert abs(at[density.argmax()] - 52.0) < 0.5
    assert at[0] < 50
    assert at[-1] > 54
    assert violin(values[:4])[0].size == 0
    assert np.isfinite(violin(np.full(6, 60.0))[1]).all()


def test_every_repetition_that_has_an_ef_is_a_dot(qtbot) -> None:
    plot = EfPlot()
    qtbot.addWidget(plot)
    plot.show_result(RESULT)
    assert plot.dots_of(Label.LV).tolist() == [50, 54]
    assert plot.dots_of(Label.RV).size == 0
    plot.show_result(None)
    assert plot.dots_of(Label.LV).size == 0


def test_the_axis_has_room_for_dots_and_readers(qtbot) -> None:
    plot = EfPlot()
    qtbot.addWidget(plot)
    plot.show_result(RESULT)
    low, high = plot.plot.viewRange()[1]
    apart = max(LV_EF_READERS.points(52.0))
    assert low < min(50, 52 - apart)
    assert high > max(54, 52 + apart)
    assert low > 0


def test_a_ribbon_is_of_the_frames_that_are_known(qtbot) -> None:
    plot = RibbonPlot()
    qtbot.addWidget(plot)
    assert plot.plot.viewRange()[1][1] == pytest.approx(EMPTY_ML)
    plot.show_result(RESULT)
    low, high = plot.ribbon_of(Label.LV)
    assert (low.tolist(), high.tolist()) == ([90, 60], [110, 85])
    assert plot.plot.viewRange()[1][1] == pytest.approx(1.1 * 110)
    plot.show_frame(2)
    assert plot.cursor.value() == 3
    assert plot.cursor.isVisible()
    plot.show_result(None)
    assert not plot.cursor.isVisible()
