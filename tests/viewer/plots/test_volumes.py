"""Volume curves: where they are known, their phases, and what was corrected by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from napari.utils.theme import get_theme

from napari_cmr.scan import Label
from napari_cmr.viewer.plots.volumes import ABOVE, BELOW, LEGEND_LINE, VolumePlot, _above, _side


def ventricle(*volumes: float) -> SimpleNamespace:
    known = np.array(volumes)
    return SimpleNamespace(
        volumes_ml=known, ed_frame=int(np.nanargmax(known)), es_frame=int(np.nanargmin(known))
    )


LV, RV = ventricle(150, 100, np.nan, 60, 120), ventricle(140, 110, np.nan, 80, 130)
FUNCTION = SimpleNamespace(lv=LV, rv=RV)


@pytest.fixture
def plot(qtbot) -> VolumePlot:
    plot = VolumePlot()
    qtbot.addWidget(plot)
    plot.set_theme(get_theme("dark"))
    return plot


def test_curves_are_of_the_frames_that_are_known_counted_from_one(plot) -> None:
    plot.show_function(FUNCTION)
    frames, volumes = plot.points_of(Label.LV)
    assert (frames.tolist(), volumes.tolist()) == ([1, 2, 4, 5], [150, 100, 60, 120])
    assert plot.plot.viewRange()[1] == pytest.approx([0, 1.22 * 150])
    plot.show_function(None)
    assert plot.points_of(Label.LV)[0].size == 0


def test_a_model_on_an_image_has_two_lines_in_the_legend_above_the_curves(plot) -> None:
    plot.show_function(FUNCTION, models={"a-net after tv-2d": FUNCTION})
    ((_sample, label),) = plot._legend.items
    assert label.text == "a-net<br>↳ tv-2d"
    assert plot.plot.viewRange()[1] == pytest.approx([0, (1.22 + 2 * LEGEND_LINE) * 150])


def test_beside_several_models_the_left_ventricle_is_alone(plot) -> None:
    plot.show_function(FUNCTION, models={"a-net": FUNCTION})
    assert plot.points_of(Label.RV)[0].size == 4
    plot.show_function(FUNCTION, models={"a-net": FUNCTION, "b-net": FUNCTION})
    assert plot.points_of(Label.LV)[0].size == 4
    assert plot.points_of(Label.RV)[0].size == 0


def test_corrected_frames_are_marked_where_their_volume_is_known(plot) -> None:
    plot.show_function(FUNCTION)
    plot.show_edited(FUNCTION, [0, 2, 3])
    assert plot.edited_frames == [1, 4]
    plot.show_edited(FUNCTION, [])
    assert plot.edited_frames == []


def test_the_cursor_is_at_the_frame_on_screen_and_announces_nothing(plot) -> None:
    told = []
    plot.cursor.sigPositionChanged.connect(told.append)
    plot.show_frame(3)
    assert plot.cursor.value() == 4
    assert told == []


def test_words_keep_away_from_the_other_curve_and_from_the_ends() -> None:
    assert _above(Label.LV, FUNCTION) == {"ED": ABOVE, "ES": BELOW}
    assert _above(Label.RV, FUNCTION) == {"ED": BELOW, "ES": ABOVE}
    assert _above(Label.LV, None) == {"ED": ABOVE, "ES": BELOW}
    assert [_side(frame, 5) for frame in (0, 2, 4)] == [0.0, 0.5, 1.0]
