"""Networks whose features compare images: SqueezeNet 1.0, VGG-19, and our own segmenter's."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.segmentation.fcn import FCN

#: Mean of ImageNet, blue, green, red, of 255 (SqueezeNet), and mean and deviation as VGG takes it.
_BGR = (104.0, 117.0, 123.0)
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class FeatureNetwork(nn.Module, ABC):
    """A frozen network and the layers of it at which images are compared."""

    @abstractmethod
    def layers(self, images: Tensor) -> list[Tensor]:
        """Features of some layers of images (B, 1, H, W), grey values from 0 to 1."""

    def distance(self, real: Tensor, made: Tensor) -> Tensor:
        """Perceptual distance: relative mean absolute difference of features, mean over layers.

        Parameters
        ----------
        real, made : Tensor, shape (B, 1, H, W)
            Grey values from 0 to 1. Gradients reach ``made`` alone.
        """
        with torch.no_grad():
            wanted = [one.float() for one in self.layers(real)]
        apart = [
            F.l1_loss(found.float(), target) / target.abs().mean().clamp(min=1e-12)
            for found, target in zip(self.layers(made), wanted, strict=True)
        ]
        return torch.stack(apart).mean()

    def frozen(self) -> "FeatureNetwork":
        """Itself, ready for use: nothing of it learns."""
        self.eval().requires_grad_(False)
        return self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


class _Fire(nn.Module):
    """Squeeze to few channels, expand by 1x1 and 3x3 convolutions."""

    def __init__(self, channels: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.s = nn.Conv2d(channels, squeezed, 1)
        self.e1 = nn.Conv2d(squeezed, expanded, 1)
        self.e3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.s(x))
        return F.relu(torch.cat([self.e1(x), self.e3(x)], dim=1))


class SqueezeNetFeatures(FeatureNetwork):
    """SqueezeNet 1.0 (Iandola et al., 2016) up to ``fire7``, read at ``fire3``, 5 and 7."""

    #: Channels, squeezed and expanded, of fire2 to fire7; a maximum is pooled after fire4.
    FIRES = (
        (96, 16, 64),
        (128, 16, 64),
        (128, 32, 128),
        (256, 32, 128),
        (256, 48, 192),
        (384, 48, 192),
    )
    READ = (3, 5, 7)

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 7, stride=2)
        self.fires = nn.ModuleDict(
            {f"fire{index}": _Fire(*one) for index, one in enumerate(self.FIRES, start=2)}
        )

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> "SqueezeNetFeatures":
        """From tensors named ``conv1/weight``, ``fire2/s/weight`` ..., kernels as OIHW.

        Raises
        ------
        KeyError, RuntimeError
            If one is missing or has another shape.
        """
        network = cls()
        names = {
            name: name.removeprefix("fires.").replace(".", "/") for name in network.state_dict()
        }
        network.load_state_dict({name: tensors[given].float() for name, given in names.items()})
        return network

    def layers(self, images: Tensor) -> list[Tensor]:
        """Features of ``fire3``, ``fire5`` and ``fire7``."""
        mean = images.new_tensor(_BGR)[:, None, None]
        x = F.max_pool2d(F.relu(self.conv1(255 * images - mean)), 3, 2, ceil_mode=True)
        found = []
        for index in range(2, 8):
            x = self.fires[f"fire{index}"](x)
            if index in self.READ:
                found.append(x)
            if index == 4:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        return found


class Vgg19Features(FeatureNetwork):
    """VGG-19 (Simonyan and Zisserman, ICLR 2015), read at the last convolution of block 5."""

    BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width, depth in self.BLOCKS:
            for _ in range(depth):
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers[:-2])  # up to the last convolution

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> "Vgg19Features":
        """From tensors named ``features.0.weight`` ..., as torchvision names them.

        Raises
        ------
        KeyError, RuntimeError
            If one is missing or has another shape.
        """
        network = cls()
        network.load_state_dict({name: tensors[name].float() for name in network.state_dict()})
        return network

    def layers(self, images: Tensor) -> list[Tensor]:
        """Features of the last convolution."""
        mean, deviation = (images.new_tensor(one)[:, None, None] for one in (_MEAN, _DEVIATION))
        return [self.features((images - mean) / deviation)]


class SegmenterFeatures(FeatureNetwork):
    """The encoder of our own heart segmenter, read at its second, third and fourth block."""

    READ = (1, 2, 3)

    def __init__(self, segmenter: FCN) -> None:
        super().__init__()
        self.blocks = segmenter.blocks[: max(self.READ) + 1]

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> "SegmenterFeatures":
        """From the tensors of an :class:`~napari_cmr.nets.segmentation.fcn.FCN`.

        Raises
        ------
        KeyError, RuntimeError
            If one is missing or has another shape.
        """
        widths = [len(tensors[f"blocks.{index}.0.weight"]) for index in range(5)]
        segmenter = FCN(features=widths)
        wanted = {
            name: tensors[name]
            for name in segmenter.blocks.state_dict(prefix="blocks.")
            if not name.endswith("num_batches_tracked")
        }
        segmenter.load_state_dict({name: one.float() for name, one in wanted.items()}, strict=False)
        return cls(segmenter)

    def layers(self, images: Tensor) -> list[Tensor]:
        """Features of three of the blocks."""
        x, found = images, []
        for index, block in enumerate(self.blocks):
            x = block(F.max_pool2d(x, 2) if index else x)
            if index in self.READ:
                found.append(x)
        return found
