"""Which slices count at ED and ES, and what the ejection fraction would be without each."""

from typing import Any

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_cmr.analysis import AS_LABELLED, voxel_counts
from napari_cmr.analysis.papillary import fill_cavity
from napari_cmr.analysis.slices import SliceShares, slice_shares
from napari_cmr.scan import Label
from napari_cmr.viewer.core.session import Session
from napari_cmr.viewer.widgets.parts import note, row
from napari_cmr.viewer.widgets.tables import fit_rows, number_cell, quiet_table

ROW_HEIGHT, MAX_ROWS = 22, 12
COLUMNS = (
    ("Slice", "Counted from one end of the stack, as on the slider."),
    ("ED mL", "Cavity at end-diastole. Untick a slice to leave it out, with those beyond it."),
    ("EF if not", "Ejection fraction if this slice is left out at end-diastole (or counted)."),
    ("ES mL", "Cavity at end-systole. Untick a slice to leave it out, with those beyond it."),
    ("EF if not", "Ejection fraction if this slice is left out at end-systole (or counted)."),
)
CHECK_COLUMNS = {1: "ed", 3: "es"}


class SlicesPanel(QWidget):
    """Table of the slices of one ventricle, and what counts as blood."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.shares: SliceShares | None = None
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        self.papillary = QCheckBox("Papillary muscles are blood")
        self.papillary.setToolTip(
            "Count muscle inside the convex hull of the LV cavity, slice by slice, as blood "
            "instead of mass. Normal values hold for one way of counting."
        )
        self.papillary.toggled.connect(self._on_papillary)
        box.addWidget(self.papillary)
        self.ventricle = QComboBox()
        for label in (Label.LV, Label.RV):
            self.ventricle.addItem(f"{label.name}, slice by slice", label)
        self.ventricle.currentIndexChanged.connect(lambda _index: self.show_slices())
        self.reset = QPushButton("As labelled")
        self.reset.setToolTip("Count all slices again, papillary muscles as they are labelled, and "
                              "find ED and ES by themselves.")  # fmt: skip
        self.reset.clicked.connect(lambda: session.set_reading(AS_LABELLED))
        box.addLayout(row(self.ventricle, self.reset))
        self.table = quiet_table(COLUMNS, ROW_HEIGHT)
        self.table.itemChanged.connect(self._on_item)
        box.addWidget(self.table)
        self.empty = note("Once ED and ES are known, every slice is listed here.")
        box.addWidget(self.empty)

    @property
    def label(self) -> Label:
        """Ventricle that is listed."""
        chosen: Label = self.ventricle.currentData()
        return chosen

    # -- the user does something ------------------------------------------------------------------

    def _on_papillary(self, on: bool) -> None:
        reading = self.session.reading.model_copy(update={"papillary_in_blood": on})
        self.session.set_reading(reading)

    def _on_item(self, item: QTableWidgetItem) -> None:
        phase = CHECK_COLUMNS.get(item.column())
        if phase is not None and self.shares is not None:
            self.set_counts(phase, item.row(), item.checkState() == Qt.CheckState.Checked)

    def set_counts(self, phase: str, z: int, counts: bool) -> None:
        """Count a slice at a phase, and those up to it; or leave it out, and those beyond it."""
        scan = self.session.scan
        if scan is None:
            return
        last = scan.n_slices - 1
        now = getattr(self.session.reading.of(self.label), f"{phase}_slices") or (0, last)
        if counts:
            wanted = (min(now[0], z), max(now[1], z))
        elif z - now[0] <= now[1] - z:
            wanted = (z + 1, now[1])
        else:
            wanted = (now[0], z - 1)
        if wanted[0] > wanted[1]:
            self.show_slices()  # something has to count
            return
        slices = None if wanted == (0, last) else wanted
        self.session.set_reading(
            self.session.reading.with_ventricle(self.label, **{f"{phase}_slices": slices})
        )

    # -- something changed ------------------------------------------------------------------------

    def show_slices(self) -> None:
        """Show what the session says now, where the user sees it."""
        session = self.session
        with signals_blocked(self.papillary):
            self.papillary.setChecked(session.reading.papillary_in_blood)
        has_muscle = session.function is not None and session.function.lv_mass_g is not None
        self.papillary.setEnabled(has_muscle or session.reading.papillary_in_blood)
        self.reset.setEnabled(session.reading != AS_LABELLED)
        if not self.isVisible() or session.measuring:
            return
        self.shares = self._shares()
        self.table.setVisible(self.shares is not None)
        self.empty.setVisible(self.shares is None)
        if self.shares is not None:
            with signals_blocked(self.table):
                self._fill(self.shares)

    def showEvent(self, event: Any) -> None:
        """Measure the slices when the user unfolds them."""
        super().showEvent(event)
        self.show_slices()

    def _shares(self) -> SliceShares | None:
        session, layer = self.session, self.session.labels_layer
        scan, function = session.scan, session.function
        if scan is None or layer is None or function is None:
            return None
        ventricle = function.lv if self.label is Label.LV else function.rv
        frames = [frame for frame in (ventricle.ed_frame, ventricle.es_frame) if frame is not None]
        labels = np.asarray(layer.data)[frames]  # only these matter here: the window must not wait
        if session.reading.papillary_in_blood:
            labels = fill_cavity(labels)
        counts = np.zeros((scan.n_frames, scan.n_slices, len(Label)), dtype=np.int64)
        if frames:
            counts[frames] = voxel_counts(labels)
        return slice_shares(counts, scan.geometry, function, self.label, session.reading)

    def _fill(self, shares: SliceShares) -> None:
        n_slices = len(shares.ed_ml)
        self.table.setRowCount(n_slices)
        fit_rows(self.table, n_slices, MAX_ROWS)
        for z in range(n_slices):
            cells = (
                (f"{z + 1}", None),
                (f"{shares.ed_ml[z]:.1f}", bool(shares.ed_counts[z])),
                (_percent(shares.ef_toggled_ed[z]), None),
                (f"{shares.es_ml[z]:.1f}", bool(shares.es_counts[z])),
                (_percent(shares.ef_toggled_es[z]), None),
            )
            for place, (text, counted) in enumerate(cells):
                item = self.table.item(z, place) or number_cell()
                item.setText(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                if counted is not None:
                    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
                    state = Qt.CheckState.Checked if counted else Qt.CheckState.Unchecked
                    item.setCheckState(state)
                if self.table.item(z, place) is None:
                    self.table.setItem(z, place, item)


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.0f} %"
