"""The scan that is open, the lines that are chosen of it, and the pictures they give."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from psygnal import Signal

from napari_cmr.kspace import Acquisition, LineMask, Measured, line_mask, undersample
from napari_cmr.scan import Scan

REDRAWS_LINES = frozenset({"n_lines", "pattern", "centre_lines", "seed"})
"""Fields of an acquisition that draw other lines: edits by hand do not outlive a change of them."""

MAX_UNDO = 100

Picture = Literal["image", "zero_filled", "temporal_average", "reconstructed"]


class AcquiredScan:
    """A scan and how it is acquired. Changes are announced after they are made.

    Attributes
    ----------
    scan : Scan or None
    acquisition : Acquisition
    mask : LineMask or None
        The lines that the acquisition keeps of this scan, edits included.
    measured : Measured or None
        What these lines measure; every picture and every model reads from it.
    picture : {"image", "zero_filled", "temporal_average", "reconstructed"}
        What is looked at. The first lines that are dropped turn it to the zero-filled picture.
    computed : ndarray of bool, shape (Z,)
        Slices whose pictures belong to the current acquisition.
    """

    acquisition_changed = Signal(object)
    picture_changed = Signal(str)
    slices_computed = Signal()

    def __init__(self) -> None:
        self.scan: Scan | None = None
        self.acquisition = Acquisition()
        self.mask: LineMask | None = None
        self.measured: Measured | None = None
        self.picture: Picture = "image"
        self._turned = False
        self.computed = np.zeros(0, dtype=bool)
        self._undo: list[Acquisition] = []

    def _take_scan(self, scan: Scan | None) -> None:
        """Take another scan, fully sampled, or none; nothing is announced."""
        self.scan = scan
        self._undo.clear()
        acquisition = Acquisition(seed=self.acquisition.seed)
        self._take_lines(acquisition, self._draw(acquisition))
        self.picture, self._turned = "image", False
        self.computed = np.zeros(0 if scan is None else scan.n_slices, dtype=bool)

    # -- the acquisition --------------------------------------------------------------------------

    @property
    def n_lines(self) -> int:
        """Lines per frame before edits by hand; 0 without a scan."""
        if self.scan is None:
            return 0
        return self.acquisition.n_lines or self.scan.n_phase_encodes

    @property
    def is_whole(self) -> bool:
        """Whether every slice on screen belongs to the current acquisition."""
        return bool(self.computed.all())

    def set_acquisition(self, **changes: Any) -> None:
        """Change fields of the acquisition; lines that were edited by hand go if others are drawn.

        Raises
        ------
        ScanError
            If the scan cannot be acquired in that way; nothing changes then.
        """
        if "n_lines" in changes and self.scan is not None and changes["n_lines"] is not None:
            wanted = int(np.clip(changes["n_lines"], 1, self.scan.n_phase_encodes))
            changes["n_lines"] = None if wanted == self.scan.n_phase_encodes else wanted
        old = self.acquisition
        fields = {name: getattr(old, name) for name in Acquisition.model_fields} | changes
        redrawn = any(fields[name] != getattr(old, name) for name in REDRAWS_LINES)
        if redrawn and "toggled" not in changes:
            fields["toggled"] = frozenset()
        new = Acquisition(**fields)
        if new == old:
            return
        mask = self._draw(new)
        if old.toggled and not new.toggled:
            self._remember(old)
        self._apply(new, mask)

    def edit_lines(self, cells: Iterable[tuple[int, int]], keep: bool, *, stroke: bool) -> None:
        """Keep or drop ``(frame, line)`` cells by hand.

        Parameters
        ----------
        cells : iterable of (int, int)
        keep : bool
            Whether the cells are to be measured.
        stroke : bool
            True for the first cells of a stroke: what follows is undone together with them.
        """
        if self.mask is None:
            return
        array = self.mask.array
        flipped = {(f, k) for f, k in cells if array[f, k] != keep}
        if stroke:
            self._remember(self.acquisition)
        if flipped:
            toggled = self.acquisition.toggled ^ frozenset(flipped)
            new = self.acquisition.model_copy(update={"toggled": toggled})
            self._apply(new, self.mask.toggle_all(flipped))

    def clear_edits(self) -> None:
        """Go back to the lines that were drawn."""
        self.set_acquisition(toggled=frozenset())

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit of lines to take back."""
        return bool(self._undo)

    def undo_edit(self) -> None:
        """Take back the last stroke, or the change that threw edited lines away."""
        while self._undo:
            old = self._undo.pop()
            if old != self.acquisition:
                self._apply(old, self._draw(old))
                return

    def _remember(self, acquisition: Acquisition) -> None:
        self._undo.append(acquisition)
        del self._undo[:-MAX_UNDO]

    def _apply(self, acquisition: Acquisition, mask: LineMask | None) -> None:
        self._take_lines(acquisition, mask)
        self.computed[:] = False
        self.acquisition_changed.emit(acquisition)
        if not self._turned and mask is not None and not mask.is_full:
            self.set_picture("zero_filled")

    def _take_lines(self, acquisition: Acquisition, mask: LineMask | None) -> None:
        self.acquisition, self.mask = acquisition, mask
        self.measured = None
        if self.scan is not None:
            self.measured = undersample(self.scan, acquisition, mask=mask)
            self.mask = self.measured.mask  # of raw data, no more than was measured

    def set_picture(self, picture: Picture) -> None:
        """Look at another picture of the scan."""
        self._turned = True
        if picture != self.picture:
            self.picture = picture
            self.picture_changed.emit(picture)

    def _draw(self, acquisition: Acquisition) -> LineMask | None:
        if self.scan is None:
            return None
        return line_mask(acquisition, self.scan.n_frames, self.scan.n_phase_encodes)

    def mark_computed(self, slices: Iterable[int]) -> None:
        """Say that these slices were drawn with the current acquisition."""
        self.computed[list(slices)] = True
        self.slices_computed.emit()
