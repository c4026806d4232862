import pytest
import torch

from napari_cmr.scan import ScanError
from napari_cmr.zoo.devices import available_devices, choose_device, choose_dtype

CPU = torch.device("cpu")


def test_a_device_that_is_listed_can_be_chosen():
    for name in available_devices():
        assert choose_device(name).type in ("cpu", "cuda", "mps")
    assert choose_device("cpu") == CPU


@pytest.mark.parametrize("name", ["", "cpu:x", "cuda:99", "toaster"])
def test_one_that_is_not_there_is_an_error_that_says_what_to_do(name):
    with pytest.raises(ScanError, match="use auto or cpu"):
        choose_device(name)


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({}, torch.float32),
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
    ],
)
def test_half_the_bits_only_where_the_processor_computes_in_them(
    monkeypatch, capabilities, expected
):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert choose_dtype(CPU) == expected
    assert choose_dtype(CPU, "float32") == torch.float32


def test_an_unknown_precision_is_refused():
    with pytest.raises(ScanError, match="float32"):
        choose_dtype(CPU, "float16")


@pytest.mark.parametrize("name", ["meta", "xla", "cuda:99999999999", "cpu:7", "", "x" * 5000])
def test_devices_that_compute_nothing(name: str) -> None:
    with pytest.raises(ScanError, match="not available") as caught:
        choose_device(name)
    assert len(str(caught.value)) < 200
