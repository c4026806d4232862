"""The few places where numpy arrays and torch tensors differ, without importing torch."""

import sys
from types import ModuleType
from typing import Any

import numpy as np


def is_torch(x: Any) -> bool:
    """Whether ``x`` is a torch tensor."""
    if isinstance(x, np.ndarray):
        return False  # without a look at torch, which another thread may be half through loading
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def fft_module(x: Any) -> ModuleType:
    """``torch.fft`` for a tensor, ``numpy.fft`` for everything else."""
    return sys.modules["torch"].fft if is_torch(x) else np.fft
