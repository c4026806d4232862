"""Networks by name, as model cards and recipes write them."""

from collections.abc import Callable
from typing import Any

from torch import nn

from napari_cmr.nets.segmentation.fcn import FCN
from napari_cmr.nets.segmentation.lge_cascade import LgeCascade
from napari_cmr.nets.segmentation.li_net import LiNet
from napari_cmr.nets.segmentation.localiser import Localiser
from napari_cmr.nets.segmentation.pooled_net import PooledNet
from napari_cmr.nets.segmentation.syn_net import SynNet
from napari_cmr.nets.style.munit import Munit

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "fcn": FCN,
    "lge-cascade": LgeCascade,
    "lge-unet": LgeCascade,  # of one member without a second U-net
    "li-net": LiNet,
    "localiser": Localiser,
    "pooled-net": PooledNet,
    "pooled-net-few": PooledNet,  # the same network, trained for few lines
    "style": Munit,
    "syn-net": SynNet,
}


def build_network(model: str, architecture: dict[str, Any]) -> nn.Module:
    """Network of that name with fresh weights; KeyError if there is none."""
    return NETWORKS[model](**architecture)
