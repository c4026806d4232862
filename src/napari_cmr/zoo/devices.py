"""Where networks run, and in which precision."""

import re

import torch

from napari_cmr.scan import ScanError

_NAMES = re.compile(r"cpu|mps|cuda(:\d{1,3})?", re.ASCII)


def available_devices() -> list[str]:
    """Names that :func:`choose_device` takes here, best first."""
    found = ["cuda"] if torch.cuda.is_available() else []
    found += ["mps"] if torch.backends.mps.is_available() else []
    return ["auto", *found, "cpu"]


def choose_device(name: str = "auto") -> torch.device:
    """Device by name; ``auto`` is CUDA, else Apple's MPS, else the CPU.

    Raises
    ------
    ScanError
        If that device is not there.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")
    missing = ScanError(f"device {name[:20]!r} is not available here", remedy="use auto or cpu")
    if not _NAMES.fullmatch(name):  # others, such as meta, compute nothing
        raise missing
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise missing from error
    return device


def choose_dtype(device: torch.device, precision: str = "auto") -> torch.dtype:
    """Precision of convolutions: bf16 where the processor computes in it, else float32.

    Parameters
    ----------
    device : torch.device
    precision : {"auto", "float32"}
        ``float32`` asks for that on every device: slower, and alike everywhere but for rounding.

    Raises
    ------
    ScanError
        If there is no such precision.
    """
    if precision not in ("auto", "float32"):
        raise ScanError(f"there is no precision {precision!r}", remedy="use auto or float32")
    if precision == "float32":
        return torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "cpu":
        capabilities = (
            torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
        )
        if capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"):
            return torch.bfloat16
    return torch.float32
