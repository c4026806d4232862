"""Measure a heart from as little of k-space as possible.

napari-cmr answers one question live: how little of k-space do we need to measure a heart?

The package is a set of rooms, each importing only the rooms below it:
``scan`` (what was scanned), ``kspace`` (how it is acquired), ``phantom`` (hearts that nobody
owns), ``analysis`` (numbers from labels and images), ``workflow`` (the pipeline as plain
functions), ``viewer`` (napari and Qt) and ``cli``.

For research use only; not a medical device.

What most people want is here: :func:`open`, :func:`undersample`, :func:`reconstruct`,
:func:`segment`, :func:`measure` and :func:`view`. Each is imported when it is first asked for.
"""

from typing import Any

__version__ = "0.1.0"
__all__ = ["measure", "open", "reconstruct", "segment", "undersample", "view"]

_FRONT = {"view": "napari_cmr.viewer.window.app"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_FRONT.get(name, "napari_cmr.workflow.front")), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
