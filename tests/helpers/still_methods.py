"""Reconstruction methods for tests of what is read: blind, sharp, and one that invents."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.solvers import Answer, Solver


class Plain(Solver):
    """A method whose image is taken as it is, in the unit of the lines."""

    def run(self, one: MeasuredSlice, *_: Any, **__: Any) -> Answer:
        return Answer(self.function(one, None, None))


def method(name: str, image: Callable[[MeasuredSlice], np.ndarray], *needs: str) -> Solver:
    """A method that makes its image by a function of the lines."""
    return Plain(name, name, "none", lambda one, *_: image(one), needs=frozenset(needs))


def offer(monkeypatch: pytest.MonkeyPatch, modules: tuple, *solvers: Solver) -> None:
    """Let ``find_method`` of some modules know these methods and no others."""
    known = {one.name: one for one in solvers}
    for module in modules:
        monkeypatch.setattr(module, "find_method", known.__getitem__)
