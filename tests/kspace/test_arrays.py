import sys
from types import ModuleType

import numpy as np

from napari_cmr.kspace._arrays import fft_module, is_torch


def test_arrays_are_none_of_torchs_even_while_it_is_half_loaded(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))  # no Tensor in it yet
    assert not is_torch(np.zeros(3))
    assert fft_module(np.zeros(3)) is np.fft
