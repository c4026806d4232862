"""What is loaded and chosen in one napari viewer; the docks show it and change it."""

from collections.abc import Container, Iterable
from dataclasses import replace
from typing import Any
from weakref import ref

import numpy as np
from psygnal import Signal

from napari_cmr.analysis import AS_LABELLED, CardiacFunction, Reading
from napari_cmr.scan import Scan
from napari_cmr.viewer.core.acquired_scan import AcquiredScan
from napari_cmr.viewer.core.corrections import (
    NO_CORRECTIONS,
    Corrections,
    PhaseOffer,
    with_held,
)
from napari_cmr.viewer.core.derived import Derived
from napari_cmr.viewer.core.reconstructions import Reconstructions
from napari_cmr.viewer.core.results import (
    ModelResult,
    ModelRun,
    SliceTiming,
    made_rows,
    old_text,
)
from napari_cmr.workflow.edit.provenance import NO_MODEL, MadeFrom, Provenance
from napari_cmr.workflow.segment.chain import parted_name


class Session(AcquiredScan):
    """Scan, acquisition and results of one viewer.

    Changes are announced after they are made. The session starts no computation: see
    :mod:`napari_cmr.viewer.workbench`. Scan, lines and pictures: see :class:`AcquiredScan`.

    Attributes
    ----------
    index : ScanIndex or None
        What the folder or file of the scan holds, where it was opened from the Scan dock.
    function : CardiacFunction or None
        Measured from the labels layer; None where there is nothing to measure.
    reference : CardiacFunction or None
        Measured from the reference labels that came with the scan, to compare with.
    measuring : bool
        True while ``function`` is older than the labels.
    reading : Reading
        What the user has set by hand: ED and ES, slices that count, papillary muscles.
    function_source : Provenance
        What the labels that ``function`` was measured in were made from.
    corrections : Corrections
        What the user has changed in these labels.
    chosen : tuple of str
        Models that are to be seen; the labels of the first are those that are measured.
    runs : dict of str to ModelRun
        What every model has given on this scan, chosen or not.
    reconstructions : Reconstructions
        Images that methods have made of the lines.
    derived : Derived
        Scar, comparison and styles.
    """

    scan_changed = Signal(object)
    index_changed = Signal(object)
    labels_layer_changed = Signal(object)
    function_changed = Signal()
    models_changed = Signal()
    labels_made = Signal(str)
    """A model has labelled some frames and slices."""
    labels_settled = Signal()
    """Labels are of another run than was said, as an undo or redo has brought them back."""
    reading_changed = Signal(object)
    held_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.index: Any = None
        self.function: CardiacFunction | None = None
        self.reference: CardiacFunction | None = None
        self.measuring = False
        self.reading = AS_LABELLED
        self.function_source = NO_MODEL
        self.corrections = NO_CORRECTIONS
        self.chosen: tuple[str, ...] = ()
        self.runs: dict[str, ModelRun] = {}
        self.reconstructions = Reconstructions()
        self._labels_layer: Any = None
        self.derived = Derived(self.old_text, self.kept_text)
        self.acquisition_changed.connect(self.derived.lines_changed)
        self.reconstructions.settings_changed.connect(self._on_settings)

    # -- the scan ---------------------------------------------------------------------------------

    def set_scan(self, scan: Scan | None) -> None:
        """Take another scan, fully sampled, or none."""
        if scan is self.scan:
            return
        self._take_scan(scan)
        self.function = None
        self.reference = None
        self.measuring = False
        self.reading = AS_LABELLED
        self.function_source = NO_MODEL
        self.corrections = NO_CORRECTIONS
        self.runs = {}
        self.reconstructions.clear()
        self._labels_layer = None
        self.index = None
        self.derived.clear()
        self.scan_changed.emit(scan)
        self.index_changed.emit(None)
        self.acquisition_changed.emit(self.acquisition)
        self.picture_changed.emit(self.picture)
        self.labels_layer_changed.emit(None)
        self.reading_changed.emit(self.reading)
        self.function_changed.emit()
        self.models_changed.emit()

    def set_index(self, index: Any) -> None:
        """Take the list of what the scan's folder holds."""
        self.index = index
        self.index_changed.emit(index)

    # -- results ----------------------------------------------------------------------------------

    @property
    def labels_layer(self) -> Any:
        """The Labels layer that is measured, or None; held weakly, as the user may remove it."""
        return None if self._labels_layer is None else self._labels_layer()

    def set_labels_layer(self, layer: Any) -> None:
        """Measure another Labels layer, or none."""
        if layer is self.labels_layer and (layer is not None or self._labels_layer is None):
            return
        self._labels_layer = None if layer is None else ref(layer)
        self.function, self.function_source = None, NO_MODEL
        self.corrections = NO_CORRECTIONS
        self.measuring = layer is not None
        self.labels_layer_changed.emit(layer)
        self.function_changed.emit()

    def set_measuring(self) -> None:
        """Say that the function is older than the labels."""
        if not self.measuring:
            self.measuring = True
            self.function_changed.emit()

    def set_function(
        self,
        function: CardiacFunction | None,
        source: Provenance = NO_MODEL,
        corrections: Corrections = NO_CORRECTIONS,
        *,
        is_reference: bool = False,
    ) -> None:
        """Take a new measurement of the labels layer, or of the scan's reference labels in it."""
        self.function, self.function_source = function, source
        self.corrections = corrections
        if is_reference:
            self.reference = function
        self.measuring = False
        self.function_changed.emit()

    def set_reading(self, reading: Reading) -> None:
        """Measure with other choices of ED and ES, of slices, or of what is blood.

        Raises
        ------
        ScanError
            If a frame or slice lies outside the scan; nothing changes then.
        """
        if reading == self.reading or self.scan is None:
            return
        reading.check(self.scan.n_frames, self.scan.n_slices)
        self.reading = reading
        self.measuring = self.labels_layer is not None
        self.reading_changed.emit(reading)
        self.function_changed.emit()

    @property
    def measured_reading(self) -> Reading:
        """How the labels layer is measured, with ED and ES that are held."""
        return with_held(self.reading, self.corrections.held)

    def accept_offer(self, offer: PhaseOffer) -> None:
        """Move ED or ES to a frame that is more extreme since the labels were corrected."""
        held = self.corrections.held
        if held is not None:
            moved = held.with_ventricle(offer.label, **{f"{offer.phase}_frame": offer.frame})
            self.corrections = replace(self.corrections, held=moved, offers=())
            self.measuring = self.labels_layer is not None
            self.held_changed.emit()
            self.function_changed.emit()

    def set_reference(self, function: CardiacFunction | None) -> None:
        """Take a new measurement of the scan's reference labels."""
        self.reference = function
        self.function_changed.emit()

    # -- models -----------------------------------------------------------------------------------

    @property
    def models(self) -> dict[str, ModelResult]:
        """Last whole result of every chosen model, of the current acquisition or not."""
        found = {name: self.run_of(name).result for name in self.chosen}
        return {name: result for name, result in found.items() if result is not None}

    def run_of(self, model: str) -> ModelRun:
        """How a model fares; an empty run where it has given nothing on this scan."""
        return self.runs.get(model, ModelRun())

    def choose_models(self, models: Iterable[str]) -> None:
        """See these models; what others gave is kept."""
        chosen = tuple(dict.fromkeys(models))
        if chosen != self.chosen:
            self.chosen = chosen
            self.models_changed.emit()

    def set_model_result(self, result: ModelResult) -> None:
        """Take the result of a model that has run through the whole stack."""
        run = self._run(result.model)
        run.result = result
        run.source = result.source
        if result.acquisition.n_lines is None and not result.acquisition.toggled:
            run.full = result
        self.models_changed.emit()

    def measured_again(self, result: ModelResult) -> None:
        """Take other numbers of labels that a model gave before."""
        run = self._run(result.model)
        if run.result is not None and run.result.labels is result.labels:
            run.result = result
        if run.full is not None and run.full.labels is result.labels:
            run.full = result
        self.models_changed.emit()

    def note_slice(self, model: str, latest: SliceTiming) -> None:
        """Take down how a model fared on the slice that came last."""
        self._run(model).latest = latest

    def note_labels(self, model: str, source: Provenance, where: Any) -> None:
        """Say what a model's labels at an index of (T, Z) were made from."""
        if self.scan is None:
            return
        run = self._run(model)
        if run.fresh is None or run.source.acquisition != source.acquisition:
            run.fresh = np.zeros(self.scan.shape[:2], dtype=bool)
        run.source = source
        run.fresh[where] = True
        self.labels_made.emit(model)

    def _run(self, model: str) -> ModelRun:
        return self.runs.setdefault(model, ModelRun())

    def _on_settings(self, _method: str) -> None:
        """Labels of models that saw a method's image are of other settings now."""
        self.derived.lines_changed()
        self.models_changed.emit()

    def is_current(self, result: ModelResult) -> bool:
        """Whether a result is of the lines, and settings of a method, that are chosen now."""
        return not self.old_text(result.source)

    def old_text(self, source: MadeFrom) -> str:
        """Say what labels were made from, where that is not what is chosen now; empty where it is.

        Labels that were drawn, or came with the scan, are of no lines and never old.
        """
        if self.scan is None:
            return ""
        text = old_text(source, self.acquisition, self.scan.n_phase_encodes)
        _model, method = parted_name(source.model or "")
        now = self.reconstructions.settings.get(method or "", {})
        if text or source.method_settings is None or source.method_settings == now:
            return text
        return f"with other settings of {method}"

    def made_rows(self, name: str, source: Provenance) -> list[str]:
        """Rows of a table that is copied: what labels of this name were made from."""
        return [] if self.scan is None else made_rows(name, source, self.scan.n_phase_encodes)

    def kept_text(self, source: Provenance, frames: Container[int] | None = None) -> str:
        """Say how many slices a run has kept that are not of what is chosen now; empty for none.

        Of some frames alone, where only those count.
        """
        kept = []
        for one in source.kept:
            n = sum(frames is None or t in frames for t, _z in one.slices)
            kept.append((n, self.old_text(one)))
        said = [f"{n} slice{'s' * (n > 1)} {old}" for n, old in kept if n and old]
        return f"{', '.join(said)}: kept" if said else ""
