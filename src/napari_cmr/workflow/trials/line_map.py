"""Which line matters: what changes when one k-space line is measured more, or less."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cmr.analysis import cardiac_function
from napari_cmr.analysis.contours import label_distances
from napari_cmr.kspace import Acquisition, LineMask, line_mask, undersample
from napari_cmr.scan import Label, Scan, ScanError
from napari_cmr.workflow.segment.cine import locate_heart
from napari_cmr.workflow.segment.steps import segment_stepwise
from napari_cmr.zoo import ModelChoice, default_choice

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation

DEFAULT_BUDGET = 64
#: Depths of the ventricle, from one end to the other, at which three slices are taken.
SLICE_DEPTHS = (0.25, 0.5, 0.75)
COARSEST_STEPS = 16
"""Into about so many steps k-space is divided at first."""

Quantity = Literal["ef_change", "contour_mm"]


@dataclass(frozen=True)
class LineEffect:
    """What one line does.

    Attributes
    ----------
    line : int
        Counted from 0 at the most negative frequency.
    added : bool
        Whether it was measured in addition, or left out.
    n_frames : int
        Frames in which that was a change.
    ef_change : float or None
        Change of the LV EF of the chosen slices, in points.
    contour_mm : float or None
        Mean contour distance to the labels without the change, over frames, slices and labels.
    """

    line: int
    added: bool
    n_frames: int
    ef_change: float | None
    contour_mm: float | None


@dataclass(frozen=True, eq=False)
class LineMap:
    """The lines tried so far.

    Attributes
    ----------
    acquisition : Acquisition
    model : str
    frame : int or None
        The one frame in which lines were changed; all if None.
    slices : tuple of int
        Slices that were segmented.
    budget : int
        Largest number of changes that are tried.
    mask : LineMask
        Lines of the acquisition.
    ef_percent : float or None
        LV EF of the chosen slices before any change.
    effects : tuple of LineEffect
    is_whole : bool
    """

    acquisition: Acquisition
    model: str
    frame: int | None
    slices: tuple[int, ...]
    budget: int
    mask: LineMask
    ef_percent: float | None
    effects: tuple[LineEffect, ...] = ()
    is_whole: bool = False

    def of_all_lines(self, quantity: Quantity, *, added: bool) -> tuple[np.ndarray, np.ndarray]:
        """Effect of every line; one that was not tried has that of the nearest that was.

        Not farther away than half of the coarsest step, so that nothing is claimed of parts of
        k-space that were not looked at.

        Returns
        -------
        values : ndarray of float64, shape (n_phase_encodes,)
            NaN where nothing is known, or the line cannot be changed in that way.
        tried : ndarray of bool
        """
        n = self.mask.n_phase_encodes
        values, tried = np.full(n, np.nan), np.zeros(n, dtype=bool)
        for one in self.effects:
            value = getattr(one, quantity)
            if one.added == added and value is not None:
                values[one.line], tried[one.line] = value, True
        known = np.flatnonzero(tried)
        if known.size:
            apart = np.abs(np.arange(n)[:, None] - known)
            values = values[known[apart.argmin(axis=1)]]
            far = apart.min(axis=1) > coarsest_step(n) // 2
            values[far | ~self._changeable(added)] = np.nan
        return values, tried

    def _changeable(self, added: bool) -> np.ndarray:
        rows = self.mask.array if self.frame is None else self.mask.array[[self.frame]]
        found: np.ndarray = (rows != added).any(axis=0)
        return found

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary; frames, slices and lines count from 0."""
        return {
            "acquisition": self.acquisition.model_dump(mode="json"),
            "model": self.model,
            "frame": self.frame,
            "slices": list(self.slices),
            "n_phase_encodes": self.mask.n_phase_encodes,
            "ef_percent": self.ef_percent,
            "effects": [vars(one) for one in self.effects],
        }


def map_lines(
    scan: Scan,
    acquisition: Acquisition,
    model: ModelChoice | None = None,
    *,
    budget: int = DEFAULT_BUDGET,
    frame: int | None = None,
    slices: Sequence[int] | None = None,
    location: "HeartLocation | None" = None,
) -> Generator[LineMap | None, None, None]:
    """Change one line at a time and see what becomes of EF and contours.

    A line is added to all frames that lack it, and left out of all frames that have it, each by
    itself; phase, noise and the other lines stay. Lines far apart are tried first and then those
    in between, from the centre outwards, until the budget is spent.

    Parameters
    ----------
    scan : Scan
    acquisition : Acquisition
    model : ModelChoice, optional
    budget : int
        Largest number of changes that are tried; each costs one segmentation of the slices.
    frame : int, optional
        Change lines in this frame only (0-based). Contours are compared in that frame then, and
        the EF changes only as far as that frame is ED or ES, or lends its lines to others.
    slices : sequence of int, optional
        Slices to segment. By default those at a quarter, half and three quarters of the LV: the EF
        is that of these slices, not of the heart.
    location : HeartLocation, optional
        Where the heart is, if it is known.

    Yields
    ------
    LineMap or None
        The map so far, after each change and once before; None in between, after each slice.

    Raises
    ------
    ScanError
        If the acquisition does not fit the scan, there is no such frame, or the model cannot be
        run.
    """
    scan.check_volumes()
    if frame is not None and not 0 <= frame < scan.n_frames:
        raise ScanError(f"frame {frame + 1} of a scan of {scan.n_frames}")
    mask = line_mask(acquisition, scan.n_frames, scan.n_phase_encodes)
    measured = undersample(scan, acquisition)
    model = model or default_choice("cine")
    where = location or locate_heart(measured, device=model.device)
    segmented = partial(segment_stepwise, model=model, location=where)
    if slices is None:
        whole, _ = yield from segmented(measured)
        chosen = three_slices((whole == Label.LV).any(axis=(0, 2, 3)))
        before = whole[:, list(chosen)]
    else:
        chosen = tuple(slices)
        before, _ = yield from segmented(measured.select(chosen))
    spacing, geometry = scan.spacing, scan.geometry.select_slices(list(chosen))
    ef = cardiac_function(before, geometry).lv.ef_percent
    result = LineMap(acquisition, model.name, frame, chosen, budget, mask, ef)
    yield result
    compared = slice(None) if frame is None else slice(frame, frame + 1)
    changes = _changes(mask, frame)[:budget]
    for line, added, cells in changes:
        toggled = acquisition.toggled ^ frozenset(cells)
        changed = acquisition.model_copy(update={"toggled": toggled})
        after, _ = yield from segmented(undersample(scan, changed, slices=chosen))
        new_ef = cardiac_function(after, geometry).lv.ef_percent
        apart = label_distances(after[compared], before[compared], spacing).mean_contour
        known = apart[np.isfinite(apart)]
        effect = LineEffect(
            line=line,
            added=added,
            n_frames=len(cells),
            ef_change=None if ef is None or new_ef is None else new_ef - ef,
            contour_mm=float(known.mean()) if known.size else None,
        )
        effects = (*result.effects, effect)
        result = replace(result, effects=effects, is_whole=len(effects) == len(changes))
        yield result


def three_slices(has_lv: np.ndarray) -> tuple[int, ...]:
    """Slices at a quarter, half and three quarters of the extent of the LV.

    Parameters
    ----------
    has_lv : ndarray of bool, shape (Z,)

    Returns
    -------
    tuple of int
        Distinct; the middle of the stack if no slice has the LV.
    """
    held = np.flatnonzero(has_lv)
    if not held.size:
        return (len(has_lv) // 2,)
    first, last = int(held[0]), int(held[-1])
    return tuple(dict.fromkeys(round(first + d * (last - first)) for d in SLICE_DEPTHS))


def coarsest_step(n_lines: int) -> int:
    """Distance in lines of those that are tried first: a power of two."""
    return 1 << max(0, (n_lines // COARSEST_STEPS).bit_length() - 1)


def coarse_to_fine(n_lines: int) -> list[int]:
    """All lines: those far apart first, then those between, each time from the centre outwards."""
    offsets = np.arange(n_lines) - n_lines // 2
    step = coarsest_step(n_lines)
    order: list[int] = []
    while step >= 1:
        new = {int(o) for o in offsets if o % step == 0} - set(order)
        order += sorted(new, key=lambda o: (abs(o), o))
        step //= 2
    return [offset + n_lines // 2 for offset in order]


def _changes(mask: LineMask, frame: int | None) -> list[tuple[int, bool, list[tuple[int, int]]]]:
    """Line, whether it is added, and the cells that change, in the order in which to try them."""
    frames = range(mask.n_frames) if frame is None else (frame,)
    found = []
    for line in coarse_to_fine(mask.n_phase_encodes):
        for added in (True, False):
            cells = [(t, line) for t in frames if mask.array[t, line] != added]
            if cells:
                found.append((line, added, cells))
    return found
