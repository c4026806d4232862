"""Training of reconstruction networks by the losses that they were published with."""

from abc import ABC, abstractmethod
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cmr.nets.reconstruction.kt_next import KtNext
from napari_cmr.nets.reconstruction.sigma_net import SigmaNet
from napari_cmr.training.tasks.reconstruction import ReconstructionTask

#: Of the absolute error, beside structural similarity.
_ABSOLUTE_WEIGHT = 1e-3


class PublishedTask(ReconstructionTask, ABC):
    """The published loss, or that of our own network, as the recipe says."""

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of the lines of one slice and the images that they were measured from."""
        if self.recipe.loss == "published":
            return self.published_loss(*batch)
        return super().loss(batch)

    @abstractmethod
    def published_loss(
        self, hybrid: Tensor, mask: Tensor, image: Tensor, maps: Tensor | None = None
    ) -> Tensor:
        """Loss of the publication; see :class:`.ReconstructionBatches` for what is given."""


class SquaredErrorTask(PublishedTask):
    """The mean squared error of both parts of the images."""

    def published_loss(
        self, hybrid: Tensor, mask: Tensor, image: Tensor, maps: Tensor | None = None
    ) -> Tensor:
        """See :meth:`PublishedTask.published_loss`."""
        return squared_error(self.network(hybrid, mask, maps)[0], image)


@runtime_checkable
class Growing(Protocol):
    """A network of which only a part learns at first."""

    def grow(self, share: float) -> None:
        """Answer with the part that learns after such a share of all steps."""


class GrowingTask(SquaredErrorTask):
    """Squared errors of a network that grows while it learns, where the recipe says so."""

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of what the network has grown to by now."""
        assert isinstance(self.network, Growing)
        if self.recipe.grows:
            self.network.grow(self.global_step / self.recipe.steps)
        return super().loss(batch)


class AlternatingTask(PublishedTask):
    """k-t NEXT: squared errors of the last stage's frames and of its temporal frequencies.

    The transform over time is orthonormal, so that the second is that of the frames which the x-f
    half gives.
    """

    gradient_clip = 5.0
    betas = (0.5, 0.999)

    def published_loss(
        self, hybrid: Tensor, mask: Tensor, image: Tensor, maps: Tensor | None = None
    ) -> Tensor:
        """See :meth:`PublishedTask.published_loss`."""
        network = self.network
        assert isinstance(network, KtNext)
        lines, first, unit = network.begin(hybrid, mask, maps)
        half, answer = network.halves(lines, first)
        return squared_error(answer * unit, image) + squared_error(half * unit, image)


class EnsembleTask(PublishedTask):
    """Sigma-net: structural similarity of magnitudes and a little L1, of each member by itself."""

    def published_loss(
        self, hybrid: Tensor, mask: Tensor, image: Tensor, maps: Tensor | None = None
    ) -> Tensor:
        """See :meth:`PublishedTask.published_loss`."""
        network = self.network
        assert isinstance(network, SigmaNet)
        lines, first, unit = network.begin(hybrid, mask, maps)
        losses = [
            1
            - structural_similarity(answer.abs() * unit, image.abs())
            + _ABSOLUTE_WEIGHT * (answer * unit - image).abs().mean()
            for answer in network.answers(lines, first)
        ]
        return torch.stack(losses).mean()


def structural_similarity(answer: Tensor, image: Tensor) -> Tensor:
    """Mean SSIM of magnitudes (T, N, X), over 7 x 7 pixels and the peak of all frames of ``image``.

    Wang et al., IEEE Transactions on Image Processing 13, 2004.
    """
    peak = image.max()
    first, second = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    seen = torch.stack([answer, image, answer**2, image**2, answer * image], dim=1)
    a, b, aa, bb, ab = F.avg_pool2d(seen, 7, stride=1).unbind(1)
    of_means = (2 * a * b + first) / (a**2 + b**2 + first)
    of_changes = (2 * (ab - a * b) + second) / (aa - a**2 + bb - b**2 + second)
    return (of_means * of_changes).mean()


def squared_error(answer: Tensor, image: Tensor) -> Tensor:
    """Mean squared magnitude of what is wrong with complex images."""
    return (answer - image).abs().square().mean()
