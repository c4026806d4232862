"""Training of reconstruction networks by the losses that they were published with."""

from abc import ABC, abstractmethod
from typing import Protocol, runtime_checkable

from torch import Tensor

from napari_cmr.nets.reconstruction.kt_next import KtNext
from napari_cmr.training.tasks.reconstruction import ReconstructionTask


class PublishedTask(ReconstructionTask, ABC):
    """The published loss, or that of our own network, as the recipe says."""

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of the lines of one slice and the images that they were measured from."""
        if self.recipe.loss == "published":
            return self.published_loss(*batch)
        return super().loss(batch)

    @abstractmethod
    def published_loss(self, hybrid: Tensor, mask: Tensor, image: Tensor) -> Tensor:
        """Loss of the publication, of the images (T, N, X) of lines (T, N, X)."""


class SquaredErrorTask(PublishedTask):
    """The mean squared error of both parts of the images."""

    def published_loss(self, hybrid: Tensor, mask: Tensor, image: Tensor) -> Tensor:
        """See :meth:`PublishedTask.published_loss`."""
        return squared_error(self.network(hybrid, mask)[0], image)


@runtime_checkable
class Growing(Protocol):
    """A network of which only a part learns at first."""

    def grow(self, share: float) -> None:
        """Answer with the part that learns after such a share of all steps."""


class GrowingTask(SquaredErrorTask):
    """Squared errors of a network that grows while it learns."""

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of what the network has grown to by now."""
        assert isinstance(self.network, Growing)
        self.network.grow(self.global_step / self.recipe.steps)
        return super().loss(batch)


class AlternatingTask(PublishedTask):
    """k-t NEXT: squared errors of the last stage's frames and of its temporal frequencies.

    The transform over time is orthonormal, so that the second is that of the frames which the x-f
    half gives.
    """

    gradient_clip = 5.0
    betas = (0.5, 0.999)

    def published_loss(self, hybrid: Tensor, mask: Tensor, image: Tensor) -> Tensor:
        """See :meth:`PublishedTask.published_loss`."""
        network = self.network
        assert isinstance(network, KtNext)
        lines, first, unit = network.begin(hybrid, mask)
        half, answer = network.halves(lines, first)
        return squared_error(answer * unit, image) + squared_error(half * unit, image)


def squared_error(answer: Tensor, image: Tensor) -> Tensor:
    """Mean squared magnitude of what is wrong with complex images."""
    return (answer - image).abs().square().mean()
