"""Styles that tell models apart, and ticks of an axis of frames."""

import pytest

from napari_cmr.viewer.plots.base import MODEL_COLOURS, QuietPlot, frame_ticks, model_style


def test_models_differ_in_colour_dash_and_symbol() -> None:
    styles = [model_style(n) for n in range(len(MODEL_COLOURS))]
    for parts in zip(*styles, strict=True):
        assert len(set(map(str, parts))) == len(MODEL_COLOURS)
    assert model_style(len(MODEL_COLOURS)) == styles[0]


@pytest.mark.parametrize(
    ("n_frames", "named"),
    [(1, [1]), (10, list(range(1, 11))), (12, [1, 5, 10]), (30, [1, 5, 10, 15, 20, 25, 30])],
)
def test_frames_are_counted_from_one_and_few_of_many_are_named(n_frames, named) -> None:
    (ticks,) = frame_ticks(n_frames)
    assert ticks == [(n, str(n)) for n in named]


def test_a_plot_does_not_move_under_the_mouse(qtbot) -> None:
    plot = QuietPlot("mL", "frame")
    qtbot.addWidget(plot)
    assert plot.plot.getViewBox().mouseEnabled() == [False, False]
    assert plot.plot.getAxis("left").labelText == "mL"
