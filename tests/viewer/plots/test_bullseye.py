import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt

pytest.importorskip("pyqtgraph")

from napari_cmr.analysis.aha import SEGMENT_NAMES
from napari_cmr.viewer.plots.bullseye import BullsEye, Quantity

THICKNESS = Quantity("Thickness", "mm", 0, 16, 1)


@pytest.fixture
def bullseye(needs_display, qtbot):
    widget = BullsEye()
    widget.resize(260, 200)
    qtbot.addWidget(widget)
    return widget


def test_every_segment_is_where_it_is_drawn_and_clicked(bullseye, qtbot) -> None:
    for segment in range(1, 18):
        place = bullseye.centre_of(segment)
        assert bullseye.segment_at(place) == segment
        with qtbot.waitSignal(bullseye.clicked) as heard:
            where = QPoint(round(place.x()), round(place.y()))
            qtbot.mouseClick(bullseye, Qt.MouseButton.LeftButton, pos=where)
        assert heard.args == [segment]
    assert bullseye.segment_at(QPointF(1, 1)) is None


def test_walls_lie_as_in_the_standard(bullseye) -> None:
    middle = bullseye.centre_of(17)
    for segment, name in enumerate(SEGMENT_NAMES[:16], start=1):
        place = bullseye.centre_of(segment)
        right, up = place.x() - middle.x(), middle.y() - place.y()
        if name.endswith(" anterior"):
            assert up > abs(right)
        elif name.endswith(" inferior"):
            assert -up > abs(right)
        elif "sept" in name:
            assert right < 0
        else:
            assert right > 0


def test_values_are_said_with_their_unit_or_as_not_measured(bullseye) -> None:
    values = np.full(17, np.nan)
    values[6] = 9.4
    bullseye.show_values(values, THICKNESS)
    assert bullseye.describe(7) == "7 mid anterior: 9.4 mm"
    assert bullseye.describe(1) == "1 basal anterior: not measured"


def test_the_scale_holds_all_values_and_has_a_whole_number_in_its_middle(bullseye) -> None:
    values = np.full(17, np.nan)
    values[:3] = 12.0, 98.2, -4.5
    bullseye.show_values(values, Quantity("x", "%", 0, 60))
    assert bullseye.limits == (-6, 100)
    bullseye.show_values(values[:2].repeat(9)[:17], Quantity("x", "%", 0, 120))
    assert bullseye.limits == (0, 120)


def test_colours_follow_the_values(bullseye, qtbot) -> None:
    values = np.linspace(0, 16, 17)
    bullseye.show_values(values, Quantity("x", "", 0, 16))
    picture = bullseye.grab().toImage()
    ratio = picture.width() / bullseye.width()

    def light(segment):
        place = bullseye.centre_of(segment)
        colour = picture.pixelColor(int((place.x() + 11) * ratio), int((place.y() + 6) * ratio))
        return 0.3 * colour.red() + 0.6 * colour.green() + 0.1 * colour.blue()

    assert light(1) < light(8) < light(16)
