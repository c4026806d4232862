"""What the predictors of all tasks have in common: device, precision, memory, cancellation."""

from collections.abc import Callable
from typing import ClassVar, Self, TypeVar

import torch
from torch import nn

from napari_cmr.nets.blocks import Chunked
from napari_cmr.scan import Code, Notice, ScanError, joined
from napari_cmr.zoo.cancellation import watched
from napari_cmr.zoo.cards import ModelCard
from napari_cmr.zoo.choice import ModelChoice
from napari_cmr.zoo.devices import choose_device, choose_dtype

Answer = TypeVar("Answer")

#: Images that a :class:`~napari_cmr.nets.blocks.Chunked` part works on at once on a CPU: what they
#: take stays in its caches, and is small enough for its memory to be used again.
CPU_CHUNK = 10


class Predictor:
    """A network that is loaded and ready to answer; one subclass for each task of a card.

    Work with it can be cancelled (:mod:`napari_cmr.zoo.cancellation`). Where memory runs out, it
    takes one image at a time from then on, then moves to the CPU, and says so in :attr:`notes`.

    Parameters
    ----------
    network : Module
        Prepared for inference.
    card : ModelCard
    choice : ModelChoice
    fewer : Predictor, optional
        Of the model that the card hands few lines to.

    Attributes
    ----------
    device : torch.device
        Where the network is now.
    dtype : torch.dtype
        Of its convolutions.
    at_once : int or None
        Images that it is shown at once; None is as many as the predictor likes.
    """

    task: ClassVar[str]
    #: What it does, after "does not", and what its images are called in messages.
    does: ClassVar[str]
    image: ClassVar[str] = "image"

    def __init__(
        self, network: nn.Module, card: ModelCard, choice: ModelChoice, fewer: Self | None = None
    ) -> None:
        self.card, self.choice, self.for_fewer = card, choice, fewer
        self.device = choose_device(choice.device)
        self.dtype = self._choose_dtype()
        self.network = watched(network.to(self.device, self.dtype))
        self.at_once: int | None = None
        self._notes: tuple[Notice, ...] = ()
        if self.device.type == "cpu":
            self._set_chunk(CPU_CHUNK)

    def _choose_dtype(self) -> torch.dtype:
        return choose_dtype(self.device, self.choice.precision)

    @property
    def weights(self) -> dict[str, str]:
        """SHA-256 of the weights, of the model that few lines are handed to as well, by name."""
        own = {self.card.name: self.card.sha256}
        return own if self.for_fewer is None else own | self.for_fewer.weights

    @property
    def notes(self) -> tuple[Notice, ...]:
        """What had to be given up on the way."""
        others = self.for_fewer.notes if self.for_fewer is not None else ()
        return joined(self._notes, others)

    def attempt(self, compute: Callable[[], Answer]) -> Answer:
        """Result of some work with the network, begun again with less where memory runs out.

        Parameters
        ----------
        compute : callable
            Looks at :attr:`device`, :attr:`dtype` and :attr:`at_once` each time it is called.

        Raises
        ------
        ScanError
            If memory runs out on the CPU too, one image at a time.
        """
        while True:
            try:
                return compute()
            except RuntimeError as error:  # torch.OutOfMemoryError is one; the CPU's is a plain one
                if not _is_out_of_memory(error):
                    raise
                self._make_do_with_less(error)

    def pieces(self, count: int) -> list[slice]:
        """Parts of so many images that are shown at once."""
        step = self.at_once or max(1, count)
        return [slice(first, first + step) for first in range(0, count, step)]

    def _make_do_with_less(self, cause: RuntimeError) -> None:
        """Take the next smaller way to run the network."""
        if self._take_one_at_a_time():
            text = f"Memory ran short: one {self.image} is worked on at a time, which is slower."
            self._notes += (Notice(Code.MEMORY_SHORT, text, "model"),)
        elif self.device.type != "cpu":
            text = f"Memory of {self.device} ran out: the model runs on the CPU instead."
            self._notes += (Notice(Code.MOVED_TO_CPU, text, "model"),)
            self.device = torch.device("cpu")
            self.dtype = self._choose_dtype()
            self.network.to(self.device, self.dtype)
        else:
            raise ScanError(
                f"there is not enough memory to run {self.card.name} on this scan",
                remedy="close other programs, or use a scan with fewer or smaller images",
            ) from cause

    def _take_one_at_a_time(self) -> bool:
        """Show the network one image at a time; whether that changes anything."""
        changed, self.at_once = self.at_once != 1, 1
        return self._set_chunk(1) or changed

    def _set_chunk(self, chunk: int) -> bool:
        """Let parts of the network work on so many images at once; whether that is a change."""
        parts = [module for module in self.network.modules() if isinstance(module, Chunked)]
        changed = any(part.chunk != chunk for part in parts)
        for part in parts:
            part.chunk = chunk
        return changed


def _is_out_of_memory(error: RuntimeError) -> bool:
    text = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or any(
        sign in text for sign in ("out of memory", "not enough memory", "can't allocate memory")
    )
