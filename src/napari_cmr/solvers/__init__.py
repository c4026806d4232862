"""Reconstruction without training: from sharing lines between frames to compressed sensing."""

from napari_cmr.solvers.register import find_solver, solvers
from napari_cmr.solvers.solver import Answer, Solver, SolverSettings

__all__ = ["Answer", "Solver", "SolverSettings", "find_solver", "solvers"]
