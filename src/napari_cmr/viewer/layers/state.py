"""What a layer knows of itself: whose it is, what part of its scan, and what it was made from."""

from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from napari.layers import Layer

from napari_cmr.analysis import Reading
from napari_cmr.motion.tracking import TissueMotion
from napari_cmr.scan import Scan
from napari_cmr.workflow.edit.provenance import NO_MODEL, KeptSlices, Provenance

Role = Literal[
    "image",
    "labels",
    "drawn",
    "prediction",
    "zero_filled",
    "temporal_average",
    "reconstructed",
    "overlay",
    "profile",
    "motion",
    "tile",
    "cross",
    "disagreement",
    "mean_shape",
    "mark",
    "scar",
    "remote",
    "difference",
    "style",
    "companion",
]
"""``labels`` are the reference that came with a scan, ``drawn`` are the user's, a ``tile`` is the
picture under the labels of one model where several are shown side by side and a ``cross`` the
place of the mouse in it, a ``style`` is of one
tile of synthetic late enhancement, and a ``companion`` is the picture of another scan of the same
patient on the slices of this one. An ``overlay`` is the error or uncertainty over a reconstructed
image, a ``profile`` the line along which it is looked at over time, and ``motion`` are arrows."""

KEY = "napari_cmr"
"""Where in a layer's metadata its state is."""


class Run(NamedTuple):
    """What a model wrote into a layer at another time.

    Attributes
    ----------
    packed : bytes
        Labels as it wrote them, compressed: there may be many runs.
    digests : ndarray of uint32, shape (T, Z)
        Of these labels.
    source, kept
        As in :class:`LayerState`.
    """

    packed: bytes
    digests: np.ndarray
    source: Provenance
    kept: tuple[KeptSlices, ...]


@dataclass(frozen=True, eq=False)
class LayerState:
    """Everything that this package keeps with a layer; arrays in it may be written into.

    Attributes
    ----------
    scan : Scan or None
        None for layers of other origin.
    role : Role or None
    model : str or None
        Model whose labels, tile or cross it is.
    method : str or None
        Method whose image it is, or lies over.
    by : str or None
        Method that made it, where its image may stand for that of another one.
    source : Provenance
        What the labels were made from.
    written : ndarray or None
        Labels as a program wrote them: what differs from these was drawn.
    earlier : tuple of Run
        What models had written before that, oldest first: an undo brings it back.
    accepted : ndarray of bool, shape (T, Z), or None
        What the user has accepted.
    corrected : ndarray of bool, shape (T, Z), or None
        What the user had corrected already when the labels were brought back.
    kept : tuple of KeptSlices
        Slices that the last run would have changed, but left as they were, and what those are of.
    held : Reading or None
        ED and ES of before the labels were corrected; None where nothing was.
    saved : ndarray of uint32, shape (T, Z), or None
        Digests of the labels that were saved last.
    saved_accepted : ndarray of bool, shape (T, Z), or None
        What was accepted then.
    picture : Role or None
        Which picture of the scan a tile shows.
    window : tuple of 2 floats, or None
        Grey values that the program has set, rather than the user.
    number : int or None
        Of the style in a tile.
    motion : TissueMotion or None
        What arrows show; None where there are none.
    synthetic : bool
        Whether a network has made up what is seen.
    old : str
        What it was made from, where that is not what is chosen now; empty where it is.
    invents : str
        Sentence on a picture whose details may be invented; empty for all others.
    """

    scan: Scan | None = None
    role: Role | None = None
    model: str | None = None
    method: str | None = None
    by: str | None = None
    source: Provenance = NO_MODEL
    written: np.ndarray | None = None
    earlier: tuple[Run, ...] = ()
    accepted: np.ndarray | None = None
    corrected: np.ndarray | None = None
    kept: tuple[KeptSlices, ...] = ()
    held: Reading | None = None
    saved: np.ndarray | None = None
    saved_accepted: np.ndarray | None = None
    picture: Role | None = None
    window: tuple[float, float] | None = None
    number: int | None = None
    motion: TissueMotion | None = None
    synthetic: bool = False
    old: str = ""
    invents: str = ""


_NOTHING = LayerState()


def state_of(layer: Layer | None) -> LayerState:
    """State of a layer; an empty one for layers of other origin."""
    return _NOTHING if layer is None else state_in(layer.metadata)


def state_in(metadata: dict[str, Any]) -> LayerState:
    """State in the metadata of a layer; an empty one for layers of other origin."""
    state = metadata.get(KEY, _NOTHING)
    return state if isinstance(state, LayerState) else _NOTHING


def note(layer: Layer, **changes: Any) -> None:
    """Change fields of a layer's state."""
    layer.metadata[KEY] = replace(state_of(layer), **changes)


def metadata(scan: Scan, role: Role, **fields: Any) -> dict[str, Any]:
    """Metadata of a new layer of a scan."""
    return {KEY: LayerState(scan, role, **fields)}


def scan_of(layer: Layer | None) -> Scan | None:
    """Scan that a layer shows a part of, or None for layers of other origin."""
    return state_of(layer).scan


def role_of(layer: Layer | None) -> Role | None:
    """Which part of its scan a layer shows."""
    return state_of(layer).role


def is_edited(layer: Layer) -> bool:
    """Whether the user has changed the labels that a program wrote into a layer."""
    written = state_of(layer).written
    return written is not None and not np.array_equal(layer.data, written)


def is_accepted(layer: Layer) -> bool:
    """Whether the user has accepted any slice of a layer."""
    accepted = state_of(layer).accepted
    return accepted is not None and bool(accepted.any())


def source_of(layer: Layer | None) -> Provenance:
    """What the labels of a layer were made from, before anybody corrected them.

    Slices that the last run has kept are in it, with what they are of instead.
    """
    state = state_of(layer)
    return state.source.model_copy(update={"kept": state.kept}) if state.kept else state.source
