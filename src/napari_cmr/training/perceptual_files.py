"""Reading of networks that compare images, from files that a user names."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from napari_cmr.nets.adversarial.perceptual import (
    FeatureNetwork,
    SegmenterFeatures,
    SqueezeNetFeatures,
    Vgg19Features,
)
from napari_cmr.scan import ScanError
from napari_cmr.scan.file_parts import whole

_REMEDY = (
    "give SqueezeNet 1.0 as .npz (conv1/weight, fire2/s/weight, ...), VGG-19 as torchvision names "
    "it, as .safetensors or .pth, or weights of our own FCN"
)
#: A tensor that each kind of network has, and the others lack.
_KINDS: Mapping[str, tuple[str, Callable[[Mapping[str, Tensor]], FeatureNetwork]]] = {
    "conv1/weight": ("SqueezeNet 1.0", SqueezeNetFeatures.of),
    "features.34.weight": ("VGG-19", Vgg19Features.of),
    "blocks.4.0.weight": ("FCN", SegmenterFeatures.of),
}


def read_feature_network(path: Path) -> FeatureNetwork:
    """Network of a file, frozen; which one it is the names of its tensors say.

    Parameters
    ----------
    path : Path
        ``.npz``, ``.safetensors``, or ``.pth`` that holds tensors alone.

    Raises
    ------
    ScanError
        If it cannot be read, or is of another network.
    """
    with whole(path) as file:
        tensors = _tensors(file)
    for key, (name, build) in _KINDS.items():
        if key not in tensors:
            continue
        try:
            network = build(tensors)
        except (KeyError, RuntimeError, IndexError) as error:
            raise ScanError(
                f"this is not the {name} that it looks like", source=path, remedy=_REMEDY
            ) from error
        if not all(torch.isfinite(one).all() for one in network.parameters()):
            raise ScanError("these weights hold NaN or infinite values", source=path)
        return network.frozen()
    raise ScanError("no network whose features are known", source=path, remedy=_REMEDY)


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as file:
                return {name: torch.from_numpy(file[name]) for name in file.files}
        if path.suffix == ".safetensors":
            return load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(found, dict):
            raise ValueError("no tensors by name")
        return {str(name): one for name, one in found.items() if isinstance(one, Tensor)}
    except Exception as error:  # a file of anybody's ends in whatever error it pleases
        raise ScanError(
            "the network that compares images cannot be read", source=path, remedy=_REMEDY
        ) from error
