"""Reconstruct the slices of a scan with a method of the register."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from napari_cmr.kspace import Measured
from napari_cmr.kspace.reconstruction import Reconstruction
from napari_cmr.solvers import SolverSettings
from napari_cmr.solvers.solver import enough_memory
from napari_cmr.workflow.reconstruct.methods import default_method, find_method


def reconstruct(
    measured: Measured,
    method: str | None = None,
    settings: Mapping[str, Any] | SolverSettings | None = None,
    *,
    device: str = "auto",
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Reconstruction:
    """Reconstruct what was measured of a scan, slice by slice.

    Parameters
    ----------
    measured : Measured
        Of :func:`napari_cmr.kspace.undersample`.
    method : str, optional
        As :func:`napari_cmr.workflow.reconstruct.methods.methods` names it; that of
        :func:`~napari_cmr.workflow.reconstruct.methods.default_method` if none is named.
    settings : mapping or SolverSettings, optional
        Where they differ from the method's own.
    device : str
        Where a trained network runs.
    progress : callable, optional
        Is told the share of the work that is done, 0 to 1.
    stop : callable, optional
        Is asked between iterations whether to end.

    Returns
    -------
    Reconstruction

    Raises
    ------
    ScanError
        If there is no such method or setting, the method cannot use these lines, or memory runs
        out.
    Stopped
        If ``stop`` said so.
    """
    if method is None:
        method, _ = default_method(cine=measured.shape[0] > 1)
    solver = find_method(method, device)
    chosen = solver.parse(settings)
    with enough_memory("hold the lines and images of this scan"):
        measured.acquire()
        image = np.empty(measured.shape, dtype=np.complex64)
    clock = time.perf_counter()
    beside: dict[str, np.ndarray] = {}
    for place, one in enumerate(measured):

        def tell(share: float, place: int = place) -> None:
            if progress is not None:
                progress((place + share) / len(measured))

        answer = solver.run(one, chosen, progress=tell, stop=stop)
        image[:, place] = answer.image
        for part in ("std", "added", "motion"):
            values = getattr(answer, part)
            if values is not None:
                axes = (*values.shape[:-3], *measured.shape)  # of motion, its two directions first
                whole = beside.setdefault(part, np.empty(axes, dtype=np.float32))
                whole[..., place, :, :] = values
    return Reconstruction(
        image=image,
        slices=measured.slices,
        method=method,
        settings=chosen.model_dump(mode="json"),
        acquisition=measured.acquisition,
        mask=measured.mask,
        seconds=time.perf_counter() - clock,
        weights=solver.weights,
        notices=solver.notices(chosen),
        **beside,
    )
