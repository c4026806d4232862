"""Translation between two contrasts: one content, many styles.

Multimodal unsupervised image-to-image translation (Huang et al., ECCV 2018) as Chen et al. (STACOM
2019) use it between bSSFP and LGE. An image is split into a content code, which keeps where things
are, and a style code of a few numbers, which says how they look in its contrast. A decoder renders
any content in any style of its contrast: content of a bSSFP image with styles drawn from N(0, I)
gives as many LGE-like images of the same heart.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: Intensities of a network's grid run from -1 to 1; a side is a multiple of this.
GRID_MULTIPLE = 16
#: The two contrasts.
SOURCE, TARGET = 0, 1


class Codes(NamedTuple):
    """Content (B, C, H / 4, W / 4) and style (B, S) of some images."""

    content: Tensor
    style: Tensor


def clip_to_unit(images: Tensor) -> Tensor:
    """Put images (B, H, W) on [-1, 1] from the 1st to the 99th percentile of each.

    Zeros are padding and do not count.
    """
    out = torch.empty_like(images)
    for image, target in zip(images, out, strict=True):
        inside = image[image != 0]
        if inside.numel() < 2:
            target.fill_(-1.0)
            continue
        ordered = inside.sort().values
        low, high = (ordered[round(part * (len(ordered) - 1))] for part in (0.01, 0.99))
        target.copy_(((image - low) / (high - low).clamp(min=1e-6)).clamp(0, 1) * 2 - 1)
    return out


def _convolution(a: int, b: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(a, b, kernel, stride, padding=(kernel - 1) // 2)


def _stem(features: int) -> nn.Conv2d:
    # padding by reflection: a frame of zeros, which is mid-grey, would show in the picture
    return nn.Conv2d(1, features, 7, padding=3, padding_mode="reflect")


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with instance norm, added to what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the same shape."""
        inner = F.relu(F.instance_norm(self.first(x)))
        return x + F.instance_norm(self.second(inner))


class AdaptiveBlock(ResidualBlock):
    """Residual block whose instance norms take scale and shift from the style (AdaIN)."""

    def forward(self, x: Tensor, parameters: Tensor) -> Tensor:  # type: ignore[override]
        """Features of the same shape, for ``parameters`` of shape (B, 4 C)."""
        scale1, shift1, scale2, shift2 = parameters[:, :, None, None].to(x.dtype).chunk(4, dim=1)
        inner = F.relu(F.instance_norm(self.first(x)) * (1 + scale1) + shift1)
        return x + F.instance_norm(self.second(inner)) * (1 + scale2) + shift2


class ContentEncoder(nn.Module):
    """Where things are: two steps down with instance norm, which takes contrast out."""

    def __init__(self, features: int, n_blocks: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            [
                _stem(features),
                _convolution(features, 2 * features, 4, 2),
                _convolution(2 * features, 4 * features, 4, 2),
            ]
        )
        self.blocks = nn.Sequential(*(ResidualBlock(4 * features) for _ in range(n_blocks)))

    def forward(self, x: Tensor) -> Tensor:
        """Content (B, 4 features, H / 4, W / 4) of images (B, 1, H, W)."""
        for convolution in self.convolutions:
            x = F.relu(F.instance_norm(convolution(x)))
        content: Tensor = self.blocks(x)
        return content


class StyleEncoder(nn.Module):
    """How things look: no norm, which would take that out, and the mean over the image."""

    def __init__(self, features: int, style_size: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            [
                _stem(features),
                _convolution(features, 2 * features, 4, 2),
                _convolution(2 * features, 4 * features, 4, 2),
                _convolution(4 * features, 4 * features, 4, 2),
                _convolution(4 * features, 4 * features, 4, 2),
            ]
        )
        self.head = nn.Linear(4 * features, style_size)

    def forward(self, x: Tensor) -> Tensor:
        """Style (B, S) of images (B, 1, H, W)."""
        for convolution in self.convolutions:
            x = F.relu(convolution(x))
        style: Tensor = self.head(x.mean((2, 3)))
        return style


class Decoder(nn.Module):
    """Renders content in a style: adaptive residual blocks, then two steps up.

    Parameters
    ----------
    features, n_blocks : int
    style_size, hidden : int
        Numbers of a style, and width of the MLP that turns them into the blocks' parameters.
    kernel : int
        Of the convolutions after each step up: 5 in the publication, 3 is half the time.
    """

    def __init__(
        self, features: int, n_blocks: int, style_size: int, hidden: int, kernel: int
    ) -> None:
        super().__init__()
        width = 4 * features
        self.blocks = nn.ModuleList(AdaptiveBlock(width) for _ in range(n_blocks))
        self.parameters_of = nn.Sequential(
            nn.Linear(style_size, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, n_blocks * 4 * width),
        )
        self.up = nn.ModuleList(
            [
                _convolution(width, 2 * features, kernel),
                _convolution(2 * features, features, kernel),
            ]
        )
        self.norms = nn.ModuleList([nn.GroupNorm(1, 2 * features), nn.GroupNorm(1, features)])
        self.head = _convolution(features, 1, 7)

    def forward(self, content: Tensor, style: Tensor) -> Tensor:
        """Images (B, 1, 4 H, 4 W) from -1 to 1 of contents (B, C, H, W) and styles (B, S)."""
        parameters = self.parameters_of(style).chunk(len(self.blocks), dim=1)
        x = content
        for block, own in zip(self.blocks, parameters, strict=True):
            x = block(x, own)
        for convolution, norm in zip(self.up, self.norms, strict=True):
            x = F.relu(norm(convolution(F.interpolate(x, scale_factor=2.0, mode="nearest"))))
        return torch.tanh(self.head(x))


class AnatomyHead(nn.Module):
    """Labels from a content code: keeps the code, and what is rendered of it, anatomical."""

    def __init__(self, features: int, n_classes: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(4 * features, 2 * features, 3, padding=1)
        self.second = nn.Conv2d(2 * features, features, 3, padding=1)
        self.head = nn.Conv2d(features, n_classes, 1)

    def forward(self, content: Tensor) -> Tensor:
        """Logits (B, classes, 4 H, 4 W) for contents (B, C, H, W)."""
        for convolution in (self.first, self.second):
            content = F.interpolate(content, scale_factor=2.0, mode="bilinear")
            content = F.relu(convolution(content))
        logits: Tensor = self.head(content)
        return logits


class Munit(nn.Module):
    """Both contrasts: the source (bSSFP, labelled) and the target (LGE).

    Both decoders start with the same weights, so that a translation starts as what it is given.
    Left to themselves they may agree on the negative of the other contrast, which is as good an
    LGE image to a judge of patches.

    Parameters
    ----------
    features : int
        Channels at full resolution; four times as many in the content.
    n_blocks : int
        Residual blocks of each encoder and each decoder.
    style_size : int
        Numbers of a style code.
    hidden : int
        Width of the MLP from style to AdaIN parameters.
    kernel : int
        Of the convolutions after each step up.
    n_classes : int
        Labels that the content of either contrast has to tell apart, background included.
    shared_content : bool
        One content encoder for both contrasts rather than one each: instance norm takes the
        contrast out, and what is bright in both (blood next to muscle) stays so.
    """

    def __init__(
        self,
        *,
        features: int = 64,
        n_blocks: int = 4,
        style_size: int = 8,
        hidden: int = 256,
        kernel: int = 5,
        n_classes: int = 4,
        shared_content: bool = False,
    ) -> None:
        super().__init__()
        self.style_size = style_size
        self.contents = nn.ModuleList(
            ContentEncoder(features, n_blocks) for _ in range(1 if shared_content else 2)
        )
        self.styles = nn.ModuleList(StyleEncoder(features, style_size) for _ in range(2))
        self.decoders = nn.ModuleList(
            Decoder(features, n_blocks, style_size, hidden, kernel) for _ in range(2)
        )
        self.anatomy = AnatomyHead(features, n_classes)
        self.apply(_initialise)
        self.decoders[TARGET].load_state_dict(self.decoders[SOURCE].state_dict())

    def content(self, domain: int, images: Tensor) -> Tensor:
        """Contents (B, C, H / 4, W / 4) of images (B, 1, H, W) of a contrast."""
        content: Tensor = self.contents[domain if len(self.contents) > 1 else 0](images)
        return content

    def encode(self, domain: int, images: Tensor) -> Codes:
        """Contents and styles (B, S) of images (B, 1, H, W) of a contrast."""
        return Codes(self.content(domain, images), self.styles[domain](images))

    def decode(self, domain: int, content: Tensor, style: Tensor) -> Tensor:
        """Images of a contrast, from -1 to 1, of contents in styles."""
        images: Tensor = self.decoders[domain](content, style)
        return images

    def forward(self, images: Tensor, styles: Tensor) -> Tensor:
        """Source images (B, 1, H, W) in target styles (B, S), from -1 to 1."""
        return self.decode(TARGET, self.content(SOURCE, images), styles)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
