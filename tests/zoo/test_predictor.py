"""What all predictors do when memory is short, on a device and on the CPU."""

import pytest
import torch
from helpers.notices import codes
from helpers.zoo_models import on_cpu

from napari_cmr.scan import ScanError
from napari_cmr.zoo import load
from napari_cmr.zoo.predictor import Predictor
from napari_cmr.zoo.tasks.localisation import Localiser


def test_a_card_names_its_predictor(models) -> None:
    assert isinstance(load(on_cpu("localiser")), Localiser)
    with pytest.raises(ScanError, match="does not locate hearts"):
        load(on_cpu("syn-net"), Localiser)


def test_a_full_device_gives_way_to_single_images_and_then_to_the_cpu(models) -> None:
    predictor = load(on_cpu("localiser"), Predictor)
    predictor.device = torch.device("cuda")  # nothing is on it
    tried = []

    def compute() -> torch.dtype:
        tried.append((predictor.device.type, predictor.at_once))
        if predictor.device.type == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return predictor.dtype

    assert predictor.attempt(compute) is torch.float32
    assert tried == [("cuda", None), ("cuda", 1), ("cpu", 1)]
    assert codes(predictor.notes) == ["memory-short", "moved-to-cpu"]
    assert [predictor.pieces(3), predictor.pieces(0)] == [
        [slice(0, 1), slice(1, 2), slice(2, 3)],
        [],
    ]


def test_memory_that_ends_on_the_cpu_too_is_an_error_that_says_so(models) -> None:
    predictor = load(on_cpu("localiser"), Predictor)

    def compute() -> None:
        raise RuntimeError("DefaultCPUAllocator: not enough memory")

    with pytest.raises(ScanError, match="not enough memory to run localiser"):
        predictor.attempt(compute)
