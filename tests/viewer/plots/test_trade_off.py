"""Names under the trade-off plots do not run into each other."""

import pytest
from qtpy.QtCore import QPointF
from qtpy.QtGui import QFontMetrics

from napari_cmr.viewer.plots.trade_off import MAX_NAMED, TradeOffPlot, line_ticks

REFINED = (1, 2, 4, 6, 8, 10, 12, 13, 14, 15, 17, 18, 20, 30, 74, 82, 224)


def test_few_columns_are_all_named() -> None:
    assert line_ticks((1, 10, 224), 224) == [(0, "1"), (1, "10"), (2, "all")]


def test_of_many_columns_some_are_named_and_the_last_always() -> None:
    ticks = line_ticks(REFINED, 224)
    assert 1 < len(ticks) <= MAX_NAMED
    assert ticks[-1] == (len(REFINED) - 1, "all")
    assert all(name in ("all", str(REFINED[place])) for place, name in ticks)


def test_the_last_name_is_drawn_though_half_of_it_is_beside_the_plot(needs_display, qtbot) -> None:
    plot = TradeOffPlot("Dice")
    qtbot.addWidget(plot)
    plot.resize(230, 130)
    plot.show()
    pixels = []
    for columns in ((1, 10, 224), (1, 10, 223)):
        plot.show_columns(columns, 224)
        qtbot.wait(50)
        pixels.append(plot.grab().toImage())
    right = pixels[0].width() - 40
    named = [picture.copy(right, picture.height() - 20, 40, 20) for picture in pixels]
    assert named[0] != named[1]


@pytest.mark.parametrize("columns", [REFINED, REFINED[:10], (*REFINED[:9], 90, 112, 135, 224)])
def test_names_have_room_in_the_smallest_window(needs_display, qtbot, columns) -> None:
    plot = TradeOffPlot("Dice")
    qtbot.addWidget(plot)
    plot.resize(230, 130)
    plot.show()
    plot.show_columns(columns, 224)
    qtbot.wait(50)
    axis = plot.plot.getAxis("bottom")
    metrics = QFontMetrics(axis.font())
    to_x = plot.plot.getViewBox().mapViewToScene
    ticks = line_ticks(columns, 224)
    places = [to_x(QPointF(place, 0)).x() for place, _name in ticks]
    widths = [metrics.horizontalAdvance(name) for _place, name in ticks]
    assert places[-1] + widths[-1] / 2 <= plot.width()
    for k in range(1, len(ticks)):
        assert places[k] - places[k - 1] > (widths[k] + widths[k - 1]) / 2
