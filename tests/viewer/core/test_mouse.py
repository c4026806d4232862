"""Places of mouse events of both Qt, and lines written with a sign."""

from types import SimpleNamespace

import pytest
from qtpy.QtCore import QPointF

from napari_cmr.viewer.core.mouse import place_of, signed


@pytest.mark.parametrize("name", ["position", "localPos"])
def test_both_qt_say_where_the_mouse_is(name) -> None:
    event = SimpleNamespace(**{name: lambda: QPointF(3.5, 7.25)})
    assert place_of(event) == (3.5, 7.25)


@pytest.mark.parametrize(("offset", "text"), [(3, "+3"), (0, "0"), (-12, "\N{MINUS SIGN}12")])
def test_lines_are_counted_from_the_centre(offset, text) -> None:
    assert signed(offset) == text
