"""Notes on what models say of their labels: expected overlap, warnings, why one failed."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_cmr.scan import Label, Scan, joined
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.derived import Kind
from napari_cmr.viewer.core.results import ModelResult, lines_text
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
        self.confidence, self.others = note(), note()
        self.warning, self.old_warning = note(), note()
        show_old(self.old_warning, True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        for one in (self.others, self.confidence, self.warning, self.old_warning):
            box.addWidget(one)

    def show_models(self) -> None:
        """Show what every chosen model says."""
        self.show_slice()
        self.others.setText("\n".join(filter(None, map(self._numbers_of_others, self._chosen))))
        self.others.setVisible(bool(self.others.text()))
        self.warning.setText("\n".join([*self._failures(), *self._warnings(old=False)]))
        self.old_warning.setText("\n".join(self._warnings(old=True)))
        for one in (self.warning, self.old_warning):
            one.setVisible(bool(one.text()))
        runs = [self.session.run_of(name) for name in self._models(old=True)]
        self.old_warning.setToolTip(old_tooltip(self.session, [run.source for run in runs]))

    def show_slice(self) -> None:
        """Say how sure the first model is in the slice on screen, or whose its labels are."""
        scan = self.session.scan
        result = self.session.models.get(self.segmentation.model or "")
        text, old, tooltip = "", False, ""
        if scan is not None and result is not None:
            text = self._not_its_own(scan, result)
            if not text:
                text, made = self._sure(scan, result), old_tooltip(self.session, [result.source])
                old, tooltip = bool(made), f"{made} {CONFIDENCE}".lstrip()
        self.confidence.setText(text)
        self.confidence.setVisible(bool(text))  # an empty line would be a gap
        self.confidence.setToolTip(tooltip)
        show_old(self.confidence, old)

    def _place(self, scan: Scan) -> tuple[int, int]:
        frame = layers.frame_on_screen(self.viewer, scan)
        return frame, layers.slice_on_screen(self.viewer, scan)

    def _not_its_own(self, scan: Scan, result: ModelResult) -> str:
        """Say of what the labels on screen are that the model did not give, or not in this run."""
        layer = layers.find_prediction(self.viewer, scan, result.model)
        if layer is None or result.labels is None:
            return ""
        frame, z = place = self._place(scan)
        here, kept = f"Slice {z + 1}, frame {frame + 1}", layers.how_kept(layer, frame, z)
        if kept:
            made = layers.source_of(layer).at(*place).acquisition
            lines = (
                "" if made is None else f"labels from {lines_text(made, scan.n_phase_encodes)}, "
            )
            return f"{here}: {lines}{kept}."
        if layers.is_corrected(layer, *place):
            return f"{here}: you corrected it, so the model cannot say how sure to be."
        return ""

    def _numbers_of_others(self, model: str) -> str:
        """Say where the numbers of a model are not those of its layer, which has other labels."""
        session, result = self.session, self.session.models.get(model)
        layer = layers.find_prediction(self.viewer, session.scan, model)
        if result is None or result.function is None or layer is None:
            return ""
        source, whose = layers.source_of(layer), "its" if len(self._chosen) > 1 else "the model's"
        said = f"{model}: the EF" if len(self._chosen) > 1 else "The EF"
        if source.acquisition != result.acquisition:
            return f"{said} above is of labels that an undo took away. Segment again to have them."
        kept = {place for one in source.kept for place in one.slices}
        is_measured = layer is session.labels_layer
        edited = session.corrections.edited if is_measured else np.zeros((0, 0), bool)
        corrected = set(map(tuple, np.argwhere(edited).tolist()))
        n_kept, n = len(kept - corrected), len(corrected)
        were = "were" if n_kept > 1 else "was"
        counts = [f"{n} corrected slice{'s' * (n > 1)}"] * (n > 0)
        counts += [f"{n_kept} accepted slice{'s' * (n_kept > 1)} that {were} kept"] * (n_kept > 0)
        if not counts:
            return ""
        own = f"{said} above is of {whose} own labels"
        function = session.function
        if not is_measured or function is None or session.measuring:
            return f"{own}, without {' and '.join(counts)}."
        numbers = ", ".join(
            f"{name} {ef:.0f}\xa0%"
            for name, ef in (("LV", function.lv.ef_percent), ("RV", function.rv.ef_percent))
            if ef is not None
        )
        return f"{own}. With {' and '.join(counts)} it is {numbers}: see Function."

    def _sure(self, scan: Scan, result: ModelResult) -> str:
        layer = layers.find_prediction(self.viewer, scan, result.model)
        if result.confidence is None or result.labels is None or layer is None:
            return ""
        frame, z = self._place(scan)
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


def kept_tooltip(session: Session, kept: str) -> str:
    """Say why slices of other lines are in numbers, and of which numbers these are.

    Parameters
    ----------
    session : Session
    kept : str
        Which slices these are, and of which lines.
    """
    scan = session.scan
    now = "" if scan is None else lines_text(session.acquisition, scan.n_phase_encodes)
    return (
        f"{kept}, as you had accepted or corrected them; {now} are chosen now. The numbers are of "
        "the labels as they are, with these slices."
    )


def show_doubt(label: QLabel, session: Session, kind: Kind, why: str) -> None:
    """Say over what was derived why its numbers may be doubted, or which slices in it were kept.

    Parameters
    ----------
    label : QLabel
        Hidden where there is nothing to say.
    session : Session
    kind : {"scar", "comparison"}
    why : str
        What comes before slices that were kept; empty for nothing.
    """
    kept = "" if why else session.derived.kept_text(kind)
    label.setText(f"⚠ {kept}" if kept else why)
    label.setToolTip(kept_tooltip(session, kept) if kept else "")
    label.setVisible(bool(label.text()))


def old_tooltip(session: Session, made: Iterable[Provenance]) -> str:
    """Say what numbers and sentences were made from that are not of the lines chosen now."""
    texts = dict.fromkeys(map(session.old_text, made))
    said = ", ".join(text for text in texts if text)
    return f"Made {said}, not from the lines that are chosen now." if said else ""
