"""The bull's-eye of a report: seventeen sectors where the standard has them."""

import re

import numpy as np
import pytest

from napari_cmr.workflow.report.bullseye import bullseye


def text_places(picture: str) -> dict[str, tuple[float, float]]:
    found = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)</text>', picture)
    return {value: (float(x), float(y)) for x, y, value in found}


def test_segments_lie_where_the_standard_has_them() -> None:
    places = text_places(bullseye(np.arange(1.0, 18.0), "Number", (0, 17)))
    middle = places["17"]
    assert len(places) == 17
    assert places["1"][1] < places["7"][1] < places["13"][1] < middle[1]  # anterior is on top
    assert places["4"][1] > places["10"][1] > places["15"][1] > middle[1]
    assert places["3"][0] < middle[0] < places["6"][0]  # the septum is on the left
    assert places["14"][0] < middle[0] < places["16"][0]


def test_a_segment_without_a_value_is_grey_and_says_so() -> None:
    values = np.full(17, 50.0)
    values[16] = np.nan
    picture = bullseye(values, "Transmurality, %", (0, 100))
    assert picture.count("<path") == 17
    assert picture.count("<text") == 16
    assert "17 apex: not measured" in picture
    assert picture.count("#d9dbe0") == 1
    assert "Transmurality, %" in picture


@pytest.mark.parametrize(
    ("value", "colour"), [(-5.0, "#00224e"), (0.0, "#00224e"), (100.0, "#fee838")]
)
def test_colours_are_those_of_the_scale_and_end_with_it(value, colour) -> None:
    assert bullseye(np.full(17, value), "x", (0, 100)).count(f'fill="{colour}"') == 17
