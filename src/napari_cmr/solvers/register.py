"""The register of solvers: all that the modules of this folder offer, by name."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import napari_cmr.solvers as room
from napari_cmr.scan import ScanError
from napari_cmr.solvers.solver import Solver


@cache
def solvers() -> Mapping[str, Solver]:
    """All solvers by name.

    A module of this folder that has a tuple ``SOLVERS`` offers them; there is no other list.
    """
    found: dict[str, Solver] = {}
    for module in sorted(iter_modules(room.__path__), key=lambda one: one.name):
        offered = getattr(import_module(f"{room.__name__}.{module.name}"), "SOLVERS", ())
        for solver in offered:
            if solver.name in found:
                raise ValueError(f"two solvers are called {solver.name!r}")
            found[solver.name] = solver
    return found


def find_solver(name: str) -> Solver:
    """Solver of a name.

    Raises
    ------
    ScanError
        If there is none.
    """
    try:
        return solvers()[name]
    except KeyError:
        known = ", ".join(solvers())
        raise ScanError(
            f"there is no reconstruction method {name!r}", remedy=f"choose one of {known}"
        ) from None
