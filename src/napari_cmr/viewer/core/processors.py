"""What networks compute on: devices, cores that the window leaves them, precisions."""

import os
from collections.abc import Generator
from typing import get_args

from napari_cmr.zoo.choice import Precision

PRECISIONS: tuple[Precision, ...] = get_args(Precision)
"""Of the convolutions, see :func:`napari_cmr.zoo.devices.choose_dtype`."""


def threads_for(in_steps: bool) -> int:
    """Cores that a network takes: all but the one that draws the window, or all of them.

    Sums of numbers come out a little otherwise on another number of threads, so that a session has
    to know it.
    """
    n_cores = os.cpu_count() or 1
    return max(1, n_cores - 1) if in_steps else n_cores


def leave_a_core(leave: bool) -> None:
    """Give the network all cores but the one that draws the window, or all of them.

    OpenMP counts for each thread apart, so this is said in the thread that computes.
    """
    import torch

    wanted = threads_for(leave)
    if torch.get_num_threads() != wanted:
        torch.set_num_threads(wanted)


def list_devices() -> Generator[list[str], None, None]:
    """Names of the devices that a network can run on; takes the network library to know."""
    from napari_cmr.zoo.devices import available_devices

    yield available_devices()
