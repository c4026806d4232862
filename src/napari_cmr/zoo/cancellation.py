"""Ends a network between two of its layers, when nobody waits for its answer any more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

from torch import nn

from napari_cmr.scan import Stopped

_HERE = local()


@contextmanager
def stoppable(is_asked: Callable[[], bool]) -> Iterator[None]:
    """Let networks that this thread runs be ended.

    Parameters
    ----------
    is_asked : callable
        Asked before every layer of a network that is :func:`watched`; once it says True,
        :class:`Stopped` is raised there.
    """
    before = getattr(_HERE, "is_asked", None)
    _HERE.is_asked = is_asked
    try:
        yield
    finally:
        _HERE.is_asked = before


def watched(network: nn.Module) -> nn.Module:
    """Let a network be ended within :func:`stoppable`; costs nothing that can be measured."""
    for module in network.modules():
        if not any(module.children()):
            module.register_forward_pre_hook(_look)
    return network


def is_to_end() -> bool:
    """Whether this thread's work is to end."""
    return bool(end_of_work()())


def end_of_work() -> Callable[[], bool]:
    """What says whether this thread's work is to end, as it is at the call.

    To be handed to work that runs a network :func:`stoppable` by it: within that,
    :func:`is_to_end` would ask itself.
    """
    is_asked: Callable[[], bool] = getattr(_HERE, "is_asked", None) or _never
    return is_asked


def _never() -> bool:
    return False


def end_if_asked() -> None:
    """Raise :class:`Stopped` if this thread's work is to end; for what is slow beside a network."""
    if is_to_end():
        raise Stopped


def _look(_module: nn.Module, _inputs: Any) -> None:
    end_if_asked()
