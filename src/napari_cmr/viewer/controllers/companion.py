"""Other scans of the same patient, at hand while one of them is open.

Scans that were open before and may be of the patient stay at hand with their labels; those of the
folder are listed. Any of them can be shown in place of this one, and of a stack that lies the same
way the picture can be seen on these slices and the contours carried over as a start for editing.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import ref

import numpy as np
from psygnal import Signal

from napari_cmr.scan import Scan, ScanError
from napari_cmr.scan.index import ScanIndex, Series
from napari_cmr.scan.study import Study, open_study
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.edit.transfer import Carried, carry_image, carry_labels, matching_frame

Result = tuple[Scan, Carried]

VIEWS = {"SAX": "short axis", "2CH": "2-chamber", "3CH": "3-chamber", "4CH": "4-chamber"}
KINDS = {"cine": "cine", "lge": "late enhancement"}


@dataclass(eq=False)
class Other:
    """A scan that is not on screen.

    Attributes
    ----------
    title : str
    scan : Scan or None
        None where it was not opened yet.
    key : str
        In its study.
    labels : ndarray or None
        As they were left.
    layer : Labels or None
        That held them.
    """

    title: str
    scan: Scan | None = None
    key: str = ""
    labels: np.ndarray | None = None
    layer: Any = None


class Companion:
    """Other scans of the patient whose scan is open in a viewer.

    Attributes
    ----------
    others : list of Other
        Those that were open before first, then those of the study's folder.
    message : str
        How the last thing that was asked for has gone.
    """

    changed = Signal()

    def __init__(self, viewer: Any, session: Session) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self.message = ""
        self._kept: list[Other] = []
        self._study: Study | None = None
        self._chosen = 0
        self._scan = session.scan
        self._layer = _weakly(session.labels_layer)
        self.others: list[Other] = []
        self.job = LatestJob("Carrying over", self._on_carried)
        self._seeing = LatestJob("Resampling the other scan", self._on_picture)
        self._opening = LatestJob("Opening the scan", self._on_opened)
        self._listing = LatestJob("Listing the study", self._on_study)
        self.jobs = self.job, self._seeing, self._opening
        for job in self.jobs:
            job.failed.connect(self._say)
        session.scan_changed.connect(self._on_scan)
        session.index_changed.connect(self._on_index)
        session.labels_layer_changed.connect(self._on_labels_layer)
        self._on_index(session.index)

    # -- what the user asks for -------------------------------------------------------------------

    @property
    def chosen(self) -> Other | None:
        """The other scan that is acted on; None where there is none."""
        return self.others[self._chosen] if self._chosen < len(self.others) else None

    @property
    def other(self) -> Scan | None:
        """The same, where it is open."""
        return None if self.chosen is None else self.chosen.scan

    @property
    def is_of_one_study(self) -> bool:
        """Whether the other scan came from the same place as this one, and so from one patient."""
        scan, other = self.session.scan, self.other
        return other is None or (scan is not None and other.source == scan.source is not None)

    @property
    def is_running(self) -> bool:
        """Whether something that was asked for is under way."""
        return any(job.is_running for job in self.jobs)

    def choose(self, place: int) -> None:
        """Act on another of the scans."""
        if place != self._chosen:
            self._chosen = place
            layers.remove(self._viewer(), self._picture_layer())
            self._say("")

    def switch(self) -> None:
        """Show the other scan, with the labels that it had, and keep this one at hand."""
        viewer, chosen = self._viewer(), self.chosen
        if viewer is None or chosen is None:
            return
        self.job.cancel()
        if chosen.scan is None:
            self._opening.request(_read, self._opener(chosen))
            return
        layers.show_scan(viewer, chosen.scan)
        if chosen.layer is not None:
            self.session.set_labels_layer(layers.bring_back(viewer, chosen.scan, chosen.layer))
        layers.select_for_looking(viewer, chosen.scan)

    def carry(self) -> None:
        """Put the contours of the other scan's matching frame on these slices, to edit them."""
        scan, chosen = self.session.scan, self.chosen
        if scan is not None and chosen is not None:
            self.job.request(_contours, self._opener(chosen), chosen.labels, scan)

    def set_picture(self, on: bool) -> None:
        """Show the other scan's picture on these slices, or this scan's own again."""
        scan, chosen, layer = self.session.scan, self.chosen, self._picture_layer()
        if layer is not None:
            layers.set_visible(layer, on)
            self.changed.emit()
        elif on and scan is not None and chosen is not None:
            self._seeing.request(_picture, self._opener(chosen), scan)

    @property
    def has_picture(self) -> bool:
        """Whether the other scan's picture is seen."""
        layer = self._picture_layer()
        return layer is not None and bool(layer.visible)

    def forget(self) -> None:
        """Let the other scan go."""
        self.job.cancel()
        layers.remove(self._viewer(), self._picture_layer())
        if self.chosen in self._kept:
            self._kept.remove(self.chosen)
        self._list_others()
        self._say("")

    def _picture_layer(self) -> Any:
        return layers.find(self._viewer(), self.session.scan, "companion")

    def _opener(self, chosen: Other) -> Callable[[], Scan]:
        """How to get the pixels of another scan, in the thread that needs them."""
        scan, study, key = chosen.scan, self._study, chosen.key
        if scan is not None:
            return lambda: scan
        assert study is not None  # what was not open is of the study
        return lambda: study.open(key)

    # -- something changed ------------------------------------------------------------------------

    def _on_labels_layer(self, layer: Any) -> None:
        if layer is not None:
            self._layer = _weakly(layer)

    def _on_index(self, index: ScanIndex | None) -> None:
        if index is not None and index.is_one_patient:
            self._on_study(Study.of_index(index))
        elif index is not None:  # what came from there before is of others
            self._study = None
            self._kept = [
                one for one in self._kept if one.scan is None or one.scan.source != index.source
            ]
            self._list_others()

    def _on_study(self, study: Study) -> None:
        self._study = study
        self._list_others()

    def _on_scan(self, scan: Scan | None) -> None:
        """Keep the scan that goes, if the one that comes is of the same patient."""
        old, self._scan = self._scan, scan
        for job in (*self.jobs, self._listing):
            job.cancel()
        self.message = ""
        if scan is None:
            return  # it was closed; the others can still be shown
        if self._study is not None and self._study.source != scan.source:
            self._study = None
        everybody = [one.scan for one in self._kept if one.scan is not None]
        if old is not None:
            everybody.append(old)
        if not all(one is scan or same_patient(one, scan) for one in everybody):
            self._kept.clear()
        elif old is not None:
            # Its layers are there still: they go once everybody knows of the new scan.
            layer = _measured(old, self._layer())
            labels = old.labels if layer is None else layer.data
            self._kept.insert(0, Other(title_of(old), old, labels=labels, layer=layer))
        self._kept = [one for one in self._kept if one.scan is not scan]
        self._layer = _weakly(None)
        self._chosen = 0
        self._list_others()
        if scan.source is not None and self._study is None:
            self._listing.request(_list, scan.source)

    def _list_others(self) -> None:
        chosen = self.chosen
        open_ones = [one.scan for one in self._kept if one.scan is not None]
        if self.session.scan is not None:
            open_ones.append(self.session.scan)
        found = [] if self._study is None else study_scans(self._study)
        self.others = [
            *self._kept,
            *(
                Other(title_of(one), key=one.key)
                for one in found
                if not any(is_entry_of(one, scan) for scan in open_ones)
            ),
        ]
        self._chosen = self.others.index(chosen) if chosen in self.others else 0
        self.changed.emit()

    def _on_opened(self, scan: Scan) -> None:
        viewer = self._viewer()
        if viewer is not None:
            layers.show_scan(viewer, scan)
            layers.select_for_looking(viewer, scan)

    def _on_picture(self, result: Result) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        of = _frame_text(*result)
        layers.show_companion(viewer, scan, result[1].values, of)
        self._say(f"Seen: {of}." + _uncovered(result[1]))

    def _on_carried(self, result: Result) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        other, carried = result
        labels = np.zeros(scan.shape, dtype=np.uint8)
        frame = 0 if scan.n_frames == 1 else matching_frame(scan, other)
        labels[frame] = carried.values
        layer = layers.add_drawn_labels(viewer, scan, labels, f"From {other.name}")
        layers.go_to(viewer, scan, frame=frame)
        layers.select_for_looking(viewer, scan)
        self.session.set_labels_layer(layer)
        self._say(
            f"Contours of {_frame_text(other, carried)}: a start, as the heart lies differently in "
            "every breath hold. Correct them under Edit." + _uncovered(carried)
        )

    def _say(self, message: str) -> None:
        self.message = message
        self.changed.emit()


def same_patient(one: Scan, other: Scan) -> bool:
    """Whether two scans that were opened after each other may be of one patient.

    They are where they came from one place. Else they may be, unless what is known of the subjects
    differs; a second scan of the same kind and view takes the place of the first.
    """
    if one.source is not None and one.source == other.source:
        return True
    if one.synthetic != other.synthetic:
        return False
    for known in ("sex", "height_cm", "weight_kg"):
        values = {getattr(scan.subject, known) for scan in (one, other)} - {None}
        if len(values) > 1:
            return False
    return (one.kind, one.view) != (other.kind, other.view)


def study_scans(study: Study) -> list[Series]:
    """Scans of a study that are worth a look: cine, late enhancement and long axes."""
    return [
        one for one in (study.cine, study.late_enhancement, *study.long_axes) if one is not None
    ]


def is_entry_of(entry: Series, scan: Scan) -> bool:
    """Whether an entry of a study is a scan that is open."""
    same_kind = (entry.kind, entry.view) == (scan.kind, scan.view)
    return same_kind and (entry.n_frames, entry.n_slices) == scan.shape[:2]


def title_of(one: Scan | Series) -> str:
    """What another scan is called: its name, what it is, and whether it was opened yet."""
    kind = KINDS.get(one.kind, one.kind)
    if isinstance(one, Series):
        view = VIEWS.get(one.view, one.view)
        return f"{one.description or one.key} ({view} {kind}, not opened yet)"
    view = "" if one.view == "SAX" else f"{VIEWS.get(one.view, one.view)} "
    return f"{one.name} ({view}{kind})"


def _weakly(layer: Any) -> Any:
    return (lambda: None) if layer is None else ref(layer)


def _measured(scan: Scan, layer: Any) -> Any:
    """Layer of a scan that was measured last, where there is something in it."""
    there = layer is not None and layer.data.shape == scan.shape and np.any(layer.data)
    return layer if there else None


def _frame_text(other: Scan, carried: Carried) -> str:
    return f"{other.name}, frame {carried.frame + 1}" if other.n_frames > 1 else other.name


def _uncovered(carried: Carried) -> str:
    missing = int((~carried.covered).sum())
    if not missing:
        return ""
    return f" It does not reach {missing} of the {carried.covered.size} slices."


def _carry(other: Scan, labels: np.ndarray, scan: Scan) -> Generator[Result, None, None]:
    """Carry the labels of the frame of the same phase, or of the labelled one next to it."""
    frame = matching_frame(other, scan)
    labelled = np.flatnonzero(labels.any(axis=(1, 2, 3)))
    if labelled.size:
        apart = np.abs(labelled - frame)
        frame = int(labelled[np.minimum(apart, other.n_frames - apart).argmin()])
    yield other, carry_labels(other, labels[frame], scan, frame=frame)


def _picture(open_other: Callable[[], Scan], scan: Scan) -> Generator[Result, None, None]:
    other = open_other()
    yield other, carry_image(other, scan, matching_frame(other, scan))


def _contours(
    open_other: Callable[[], Scan], labels: np.ndarray | None, scan: Scan
) -> Generator[Result, None, None]:
    other = open_other()
    labels = other.labels if labels is None else labels
    if labels is None or not labels.any():
        raise ScanError("the other scan has no labels: show it, and segment or draw them")
    yield from _carry(other, labels, scan)


def _read(open_other: Callable[[], Scan]) -> Generator[Scan, None, None]:
    yield open_other()


def _list(source: Path) -> Generator[Study, None, None]:
    """List a folder of several files; a DICOM folder is listed by whoever opens it."""
    from napari_cmr.scan.opener import kind_of

    if source.is_dir() and kind_of(source) not in ("dicom", "emidec"):
        yield open_study(source)
