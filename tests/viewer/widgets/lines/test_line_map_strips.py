"""Strips over k-space: signed effects in two colours, lines under the mouse."""

import numpy as np
import pytest

from napari_cmr.kspace import Acquisition, line_mask
from napari_cmr.viewer.widgets.lines.line_map_strips import (
    STRIPS,
    LineMapPicture,
    signed_colours,
)
from napari_cmr.workflow.trials.line_map import LineEffect, LineMap

ACQUISITION = Acquisition(n_lines=8)
MASK = line_mask(ACQUISITION, 6, 48)
FREE = int(np.flatnonzero(~MASK.array.any(axis=0))[0])


@pytest.fixture
def picture(qtbot) -> LineMapPicture:
    picture = LineMapPicture()
    qtbot.addWidget(picture)
    picture.resize(700, 160)
    effect = LineEffect(FREE, added=True, n_frames=6, ef_change=-2.0, contour_mm=0.4)
    picture.show_map(LineMap(ACQUISITION, "a-net", None, (0,), 5, MASK, 55.0, (effect,)))
    return picture


def test_losses_are_blue_gains_are_red_and_nothing_is_blank() -> None:
    loss, none, gain, beyond, blank = (
        int(one) for one in signed_colours(np.array([-2.0, 0.0, 2.0, 9.0, np.nan]), 2.0)
    )

    def red_and_blue(colour: int) -> tuple[int, int]:
        return (colour >> 16) & 0xFF, colour & 0xFF

    red, blue = red_and_blue(loss)
    assert blue > red
    red, blue = red_and_blue(gain)
    assert red > blue
    assert len(set(red_and_blue(none))) == 1
    assert beyond == gain
    assert blank == 0


def test_strips_show_how_often_a_line_is_measured_and_what_it_does(picture) -> None:
    np.testing.assert_allclose(picture.values_of(0), 100 * MASK.array.mean(axis=0))
    effects = {name: picture.values_of(k)[FREE] for k, (name, *_) in enumerate(STRIPS)}
    assert effects["added: contour"] == 0.4
    assert effects["added: EF"] == -2
    assert np.isnan(effects["left out: EF"])


def test_points_of_the_widget_are_strips_and_lines(picture) -> None:
    for cell in ((0, 0), (2, 47), (4, 20)):
        centre = picture.centre_of(*cell)
        assert picture.cell_at(centre.x(), centre.y()) == cell
    assert picture.cell_at(2, 2) is None
    picture.show_map(None)
    assert picture.cell_at(400, 80) is None
