"""Notes on what models say of their labels: expected overlap, warnings, why one failed."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_cmr.scan import Label, Scan, joined
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.viewer.core.session import Session
from napari_cmr.viewer.widgets.parts import note, show_old
from napari_cmr.workflow.edit.provenance import Provenance
from napari_cmr.workflow.segment.slice_confidence import LEAST_CONFIDENCE, STRUCTURES

CONFIDENCE = (
    "The overlap (Dice, 0 to 1) with a reader's labels that the first model expects in the "
    "slice and frame on screen, by its own probabilities; where it draws none, as in 'no RV 0.97', "
    "the probability that there is none. On unseen patients its rank "
    "correlation with the true one was 0.73 to 0.86. Of those below "
    f"{LEAST_CONFIDENCE}, 67 of 77 had a true one of less than 0.7."
)


class ModelNotes(QWidget):
    """What the chosen models say of their labels, grey while these are of other lines.

    Parameters
    ----------
    viewer : napari.Viewer
    segmentation : Segmentation
        Which models are chosen, and why one failed.
    """

    def __init__(self, viewer: Any, segmentation: Any) -> None:
        super().__init__()
        self.viewer, self.segmentation = viewer, segmentation
        self.session: Session = segmentation.session
        self.confidence, self.warning, self.old_warning = note(), note(), note()
        show_old(self.old_warning, True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        for one in (self.confidence, self.warning, self.old_warning):
            box.addWidget(one)

    def show_models(self) -> None:
        """Show what every chosen model says."""
        self.show_slice()
        self.warning.setText("\n".join([*self._failures(), *self._warnings(old=False)]))
        self.old_warning.setText("\n".join(self._warnings(old=True)))
        for one in (self.warning, self.old_warning):
            one.setVisible(bool(one.text()))
        runs = [self.session.run_of(name) for name in self._models(old=True)]
        self.old_warning.setToolTip(old_tooltip(self.session, [run.source for run in runs]))

    def show_slice(self) -> None:
        """Say how sure the first model is in the slice on screen, while the labels are its own."""
        scan = self.session.scan
        result = self.session.models.get(self.segmentation.model or "")
        if scan is None or result is None:
            self.confidence.setText("")
            return
        old = not self.session.is_current(result)
        self.confidence.setText(self._sure(scan, result))
        show_old(self.confidence, old)
        made = old_tooltip(self.session, [result.source])
        self.confidence.setToolTip(f"{made} {CONFIDENCE}" if old else CONFIDENCE)

    def _sure(self, scan: Scan, result: ModelResult) -> str:
        layer = layers.find_prediction(self.viewer, scan, result.model)
        if result.confidence is None or result.labels is None or layer is None:
            return ""
        frame = layers.frame_on_screen(self.viewer, scan)
        z = layers.slice_on_screen(self.viewer, scan)
        if not np.array_equal(layer.data[frame, z], result.labels[frame, z]):
            return ""
        values = result.confidence[frame, z]
        each = zip(STRUCTURES, values, strict=True)
        doubt = " (mended)" if (frame, z) in result.mended else ""
        doubt += "  ⚠ look here" if values.min() < LEAST_CONFIDENCE else ""
        drawn = result.labels[frame, z]
        said = ", ".join(
            f"{'' if (drawn == Label[name]).any() else 'no '}{name} {value:.2f}"
            for name, value in each
        )
        return f"Slice {z + 1}, frame {frame + 1}: expected Dice {said}{doubt}"

    def _failures(self) -> list[str]:
        errors = self.segmentation.errors
        found = [f"⚠ {name}: {text}" for name, text in errors.items()]
        return [*found, "The last labels are kept."] if errors else []

    def _models(self, *, old: bool) -> list[str]:
        """Chosen models whose warnings are of the lines that are chosen now, or of others."""
        made = [(one, self.session.run_of(one).source) for one in self._chosen]
        return [
            name
            for name, source in made
            if source.acquisition is not None and self._is_old(source) == old
        ]

    def _is_old(self, source: Provenance) -> bool:
        """Whether labels are of others; those that are of these lines in part are becoming new."""
        return bool(self.session.old_text(source.model_copy(update={"is_whole": True})))

    def _warnings(self, *, old: bool) -> list[str]:
        """What models say; where several are chosen, each thing with who says it."""
        said: dict[str, list[str]] = {}
        for name in self._models(old=old):
            for one in joined(self.session.run_of(name).source.warnings):
                said.setdefault(one.text, []).append(name)
        if len(self._chosen) < 2:
            return list(said)
        every = len(self._chosen)
        return [
            f"{'All models' if len(names) == every else ', '.join(names)}: {text}"
            for text, names in said.items()
        ]

    @property
    def _chosen(self) -> tuple[str, ...]:
        models: tuple[str, ...] = self.segmentation.models
        return models


def old_tooltip(session: Session, made: Iterable[Provenance]) -> str:
    """Say what numbers and sentences were made from that are not of the lines chosen now."""
    texts = dict.fromkeys(map(session.old_text, made))
    said = ", ".join(text for text in texts if text)
    return f"Made {said}, not from the lines that are chosen now." if said else ""
