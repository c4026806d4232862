"""Writing labels into a layer that the user edits: one step of undo, accepted slices kept."""

import zlib
from typing import NamedTuple

import numpy as np
from napari.layers import Labels

from napari_cmr.viewer.core.label_marks import Origin, digests_of
from napari_cmr.viewer.layers.common import forget_steps
from napari_cmr.viewer.layers.labels import holds_reference
from napari_cmr.viewer.layers.state import LayerState, Run, note, source_of, state_of
from napari_cmr.workflow.edit.provenance import KeptSlices, MadeFrom, Provenance

KEPT_RUNS = 100
"""Of a model, so that labels which an undo brings back are known: napari keeps as many steps."""

_QUICK = 1
"""Level of compression; labels are even areas, which need no more."""


class Written(NamedTuple):
    """What :func:`write_labels` did.

    Attributes
    ----------
    changed : int
        Slices, of all frames, that hold other labels now.
    kept : int
        Slices that would have changed, but are accepted or were to be kept.
    """

    changed: int
    kept: int


def write_labels(
    layer: Labels,
    labels: np.ndarray,
    *,
    from_model: bool = False,
    overwrite_accepted: bool = False,
    keep: np.ndarray | None = None,
) -> Written:
    """Write labels over those of a layer, as one step of its undo history.

    Parameters
    ----------
    layer : Labels
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
        Of the whole layer; where they are equal to the layer's nothing is written.
    from_model : bool
        Whether a model made them: only what differs from them later counts as drawn by the user.
    overwrite_accepted : bool
        Whether to change slices that the user has accepted.
    keep : ndarray of bool, shape (T, Z), optional
        Slices that stay as they are, whatever else is said.

    Returns
    -------
    Written
    """
    differs = np.asarray(layer.data) != labels
    changes = differs.any(axis=(2, 3))
    kept = np.zeros_like(changes) if overwrite_accepted else changes & accepted(layer)
    if keep is not None:
        kept |= changes & keep
    differs[kept] = False
    where = np.nonzero(differs)
    if from_model:
        _note_run(layer, labels, kept, is_step=bool(where[0].size))
    if where[0].size:
        layer.data_setitem(where, labels[where])
    return Written(int((changes & ~kept).sum()), int(kept.sum()))


def _note_run(layer: Labels, labels: np.ndarray, kept: np.ndarray, *, is_step: bool) -> None:
    """Keep what a model is about to write, and what it had written for as long as undo reaches."""
    state = state_of(layer)
    written = np.zeros(labels.shape, np.uint8) if state.written is None else state.written
    earlier = state.earlier
    if is_step:
        if len(earlier) == KEPT_RUNS:
            forget_steps(layer)  # rather than bring back labels of which nothing is known
            earlier = ()
        earlier = (*earlier, _run_of(state, written))
    written[~kept] = labels[~kept]
    note(layer, written=written, earlier=earlier, kept=_kept_slices(layer, kept))


def _kept_slices(layer: Labels, kept: np.ndarray) -> tuple[KeptSlices, ...]:
    """Slices that a run leaves alone, by what they were made from until now; kept is (T, Z)."""
    source = source_of(layer)
    slices: dict[int, list[tuple[int, int]]] = {}
    made: dict[int, MadeFrom] = {}
    for t, z in np.argwhere(kept).tolist():
        one = source.at(t, z)
        made[id(one)] = one
        slices.setdefault(id(one), []).append((t, z))
    fields = MadeFrom.model_fields
    return tuple(
        KeptSlices(**{name: getattr(made[key], name) for name in fields}, slices=tuple(places))
        for key, places in slices.items()
    )


def write_saved(layer: Labels, labels: np.ndarray, made: Provenance) -> None:
    """Write labels that were saved over those that a model gave; an undo shows what it gave.

    Parameters
    ----------
    layer : Labels
        With the labels of the model alone.
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    made : Provenance
        Of the saved labels; slices that were kept and not corrected are no corrections.
    """
    state = state_of(layer)
    if made.kept and state.written is not None:
        earlier = (*state.earlier, _run_of(state, state.written))
        written = state.written.copy()
        for one in made.kept:
            for t, z in set(one.slices) - set(made.corrected):
                written[t, z] = labels[t, z]
        note(layer, written=written, earlier=earlier, kept=made.kept)
    write_labels(layer, labels)


def settle_source(layer: Labels) -> bool:
    """Say again what labels were made from, where an undo or redo has brought other ones back.

    They are taken to be those of the run from which the fewest slices differ; of none only where
    they are as they were before the first one, as a rule empty.

    Returns
    -------
    bool
        Whether they were said to be of another run.
    """
    state = state_of(layer)
    if state.written is None or not state.earlier:
        return False
    data = np.asarray(layer.data)
    now, written = digests_of(data), digests_of(state.written)
    runs = list(reversed(state.earlier))
    differ = [int((now != written).sum())]
    for run in runs:
        n = int((now != run.digests).sum())
        differ.append(now.size + 1 if n and run.source.acquisition is None else n)
    place = int(np.argmin(differ))
    if place == 0:  # also where they tie
        return False
    nearest = runs.pop(place - 1)
    earlier = (*reversed(runs), _run_of(state, state.written))
    back = np.frombuffer(zlib.decompress(nearest.packed), np.uint8).reshape(data.shape).copy()
    note(layer, written=back, source=nearest.source, kept=nearest.kept, earlier=earlier)
    return True


def _run_of(state: LayerState, written: np.ndarray) -> Run:
    """Pack what a model has written, to be kept beside what another run writes."""
    packed = zlib.compress(written.tobytes(), _QUICK)
    return Run(packed, digests_of(written), state.source, state.kept)


def paint(layer: Labels, where: tuple[np.ndarray, ...], labels: np.ndarray) -> None:
    """Write labels at indices of (T, Z, Y, X), as one stroke of the user would."""
    layer.data_setitem(where, labels)


def undo(layer: Labels) -> None:
    """Take the last stroke back."""
    layer.undo()


def redo(layer: Labels) -> None:
    """Do again what was taken back last."""
    layer.redo()


def accepted(layer: Labels) -> np.ndarray:
    """Which ``(frame, slice)`` the user has accepted; a copy, of shape (T, Z)."""
    marks = state_of(layer).accepted
    return np.zeros(layer.data.shape[:2], bool) if marks is None else marks.copy()


def set_accepted(layer: Labels, marks: np.ndarray) -> None:
    """Take other marks of acceptance, of shape (T, Z)."""
    note(layer, accepted=np.array(marks, bool))


def origin_of(layer: Labels) -> Origin:
    """Say where the labels of a layer came from."""
    state = state_of(layer)
    start = state.written
    if start is None and state.scan is not None and holds_reference(layer):
        start = state.scan.labels
    return Origin(start, state.saved, state.saved_accepted)


def note_saved(layer: Labels, digests: np.ndarray, accepted: np.ndarray) -> None:
    """Remember which labels and acceptances of a layer lie on disk."""
    note(layer, saved=digests, saved_accepted=accepted)
