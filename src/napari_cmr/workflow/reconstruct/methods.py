"""The methods that reconstruct images, in one list: what commands and docks offer."""

from collections.abc import Mapping

from napari_cmr.solvers import Solver, solvers

DEFAULT_METHOD = "view-sharing"
"""What is taken where none is named: instant, and the least that a method has to reach."""


def methods() -> Mapping[str, Solver]:
    """All methods by name, the default first."""
    known = solvers()
    return {DEFAULT_METHOD: known[DEFAULT_METHOD], **known}
