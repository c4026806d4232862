"""Dock in which the user draws, cleans up, accepts and saves labels."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from napari.viewer import Viewer
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_cmr.scan import Label, ScanError, file_stem
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels.annotation_jobs import label_files
from napari_cmr.viewer.widgets.labels.annotation_grid import (
    ACCEPTED,
    LABELLED,
    UNSAVED,
    AnnotationPicture,
)
from napari_cmr.viewer.widgets.labels.edit_tools import (
    BRUSH_NAMES,
    BRUSHES,
    BrushChoice,
    PairChoice,
    RecoveryOffer,
    keys_table,
)
from napari_cmr.viewer.widgets.labels.labels_choice import LabelsChoice
from napari_cmr.viewer.widgets.parts import Column, Dock, heading, more, note, row
from napari_cmr.viewer.widgets.save_dialog import ask_where_to_save

NO_SCAN = "Open a scan to draw on it."
NO_LABELS = (
    "No labels yet: press New and draw, open a label file, or let a model make them (Segment)."
)
SOURCES = (
    ("this frame", "frame"),
    ("ED and ES", "pair"),
    ("accepted frames", "accepted"),
    ("corrected frames", "corrected"),
)
SCOPES = (("this slice", "slice"), ("this frame", "frame"), ("all frames", "all"))
FILES = "NIfTI (*.nii.gz *.nii)"


class EditDock(Dock):
    """Brushes on top, then what spares the drawing, the grid of what is done, and saving."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.annotation = self.workbench.annotation
        self.autosave = self.workbench.autosave
        self._build()
        session = self.session
        self.bind(self.annotation.changed, self._show)
        self.bind(self.autosave.failed, self.annotation.say)
        self.bind(session.labels_layer_changed, self._on_layers)
        self.bind(session.scan_changed, self._on_layers)
        self.bind(self.viewer.dims.events.current_step, self._on_step)
        self.bind(self.viewer.events.theme, self._on_theme)
        self._on_theme()
        self._on_layers()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        column = Column()
        box = column.box
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column)
        self.offer = RecoveryOffer(self)
        box.addWidget(self.offer)
        self.empty = note()
        box.addWidget(self.empty)
        self.whole = QWidget()
        inner = Column.layout_of(self.whole)
        self.source = LabelsChoice(self, 16)
        self.source.setToolTip("The labels layer that is edited and measured.")
        self.new = QPushButton("New")
        self.new.setToolTip("Add an empty labels layer to draw in.")
        self.new.clicked.connect(self._on_new)
        top = row(self.source, self.new)
        top.setStretch(0, 3)
        top.setStretch(1, 1)
        inner.addLayout(top)
        self.tools = QWidget()
        tools = Column.layout_of(self.tools)
        self.brush = BrushChoice(self)
        tools.addWidget(self.brush)
        self._add_copying(tools)
        self._add_propagation(tools)
        self._add_acceptance(tools)
        self._add_saving(tools)
        self.pair = PairChoice(self)
        self.more = more(self._build_cleaning(), self.pair, keys_table())
        tools.addWidget(self.more)
        inner.addWidget(self.tools)
        box.addWidget(self.whole)
        box.addStretch(1)

    def _add_copying(self, box: QVBoxLayout) -> None:
        box.addWidget(heading("This slice"))
        self.structure = QComboBox()
        self.structure.addItem("all labels", None)
        for label in BRUSHES:
            self.structure.addItem(BRUSH_NAMES[label][0], label)
        self.structure.setToolTip(
            "What is copied, deleted, filled and smoothed. A copied LV keeps the wall of the slice "
            "it comes to, a copied MYO its cavity."
        )
        self.structure.currentIndexChanged.connect(
            lambda _i: self.annotation.set_options(structure=self.structure.currentData())
        )
        buttons = []
        self.copy: dict[tuple[int, int], QPushButton] = {}  # by steps in frames and in slices
        for text, tooltip, frames, slices in (
            ("◂ frame", "Copy to the previous frame, and go there (Shift-H).", -1, 0),
            ("frame ▸", "Copy to the next frame, and go there (Shift-J).", 1, 0),
            ("slice ▴", "Copy to the previous slice, and go there (Shift-B).", 0, -1),
            ("slice ▾", "Copy to the next slice, and go there (Shift-N).", 0, 1),
        ):
            button = QPushButton(text)
            button.setToolTip(tooltip)
            button.clicked.connect(partial(self._on_copy, frames, slices))
            self.copy[frames, slices] = button
            buttons.append(button)
        box.addWidget(self.structure)
        box.addLayout(row(*buttons, spacing=3))
        self.delete = QPushButton("Delete contour")
        self.delete.setToolTip(
            "Delete what is chosen above from this slice of this frame (Shift-X): one step of undo "
            "(Ctrl-Z)."
        )
        self.delete.clicked.connect(lambda _checked=False: self.annotation.delete())
        box.addWidget(self.delete)

    def _add_propagation(self, box: QVBoxLayout) -> None:
        box.addWidget(heading("Propagate over the cycle"))
        self.sources = QComboBox()
        for text, source in SOURCES:
            self.sources.addItem(f"from {text}", source)
        self.sources.setToolTip(
            "Frames whose labels are right. They are carried to all other frames by the motion "
            "that is seen in the images, both ways round the cycle."
        )
        self.propagate = QPushButton("Propagate")
        self.propagate.setToolTip(
            "Carry the labels on: one step of undo (Ctrl-Z), and accepted slices are kept."
        )
        self.propagate.clicked.connect(self._on_propagate)
        box.addLayout(row(self.sources, self.propagate))

    def _add_acceptance(self, box: QVBoxLayout) -> None:
        box.addWidget(heading("Accepted"))
        self.accept: dict[str, QPushButton] = {}
        for scope, key in (("slice", "G"), ("frame", "Shift-G")):
            button = QPushButton(f"Accept {scope}")
            button.setCheckable(True)
            button.setToolTip(
                f"Mark the {scope} on screen as right ({key}); click again to take it back. "
                "What is accepted is not changed by models or by the tools here, only by the brush."
            )
            button.clicked.connect(partial(self._on_accept, scope))
            self.accept[scope] = button
        box.addLayout(row(*self.accept.values()))
        self.grid = AnnotationPicture()
        self.grid.clicked.connect(self._on_grid)
        box.addWidget(self.grid)
        self.legend = QLabel(
            f'<span style="color:{LABELLED}">■</span> labelled &nbsp; '
            f'<span style="color:{ACCEPTED}">■</span> accepted &nbsp; '
            f'<span style="color:{UNSAVED}">■</span> not saved'
        )
        self.legend.setStyleSheet("font-size: 9pt;")
        box.addWidget(self.legend)

    def _add_saving(self, box: QVBoxLayout) -> None:
        self.save = QPushButton("Save labels…")
        self.save.setToolTip(
            "Write the labels as NIfTI, with the measurement (.json) and the volumes of every "
            "frame and slice (.csv) beside it."
        )
        self.save.clicked.connect(self._on_save)
        box.addWidget(self.save)
        self.state = note()
        box.addWidget(self.state)

    def _build_cleaning(self) -> QWidget:
        group = QWidget()
        box = Column.layout_of(group)
        box.addWidget(heading("Clean up"))
        self.scope = QComboBox()
        for text, scope in SCOPES:
            self.scope.addItem(f"in {text}", scope)
        self.scope.setToolTip("Where the three buttons below work.")
        self.scope.currentIndexChanged.connect(
            lambda _i: self.annotation.set_options(scope=self.scope.currentData())
        )
        box.addWidget(self.scope)
        self.edits: dict[str, QPushButton] = {}
        for what, text, tooltip in (
            ("fill", "Fill holes", "Fill what is enclosed but not labelled. For LV or RV alone: "
             "everything enclosed, papillary muscles too."),
            ("smooth", "Smooth", "Smooth the outlines. Volumes stay, and no gaps open between "
             "LV, wall and RV."),
            ("largest", "Largest only", "Keep the largest piece of each structure in a frame, "
             "through all its slices."),
            ("interpolate", "Fill in slices", "Label the empty slices of this frame between "
             "labelled ones, by the shapes of their neighbours."),
        ):  # fmt: skip
            button = QPushButton(text)
            button.setToolTip(tooltip)
            button.clicked.connect(partial(self._on_edit, what))
            self.edits[what] = button
        box.addLayout(row(self.edits["fill"], self.edits["smooth"], self.edits["largest"]))
        box.addWidget(self.edits["interpolate"])
        self.overwrite = QCheckBox("Also change accepted slices")
        self.overwrite.setToolTip("Let the tools of this tab change what was accepted.")
        self.overwrite.toggled.connect(
            lambda on: self.annotation.set_options(overwrite_accepted=on)
        )
        box.addWidget(self.overwrite)
        return group

    # -- the user does something ------------------------------------------------------------------

    def _on_new(self) -> None:
        if self.session.scan is not None:
            layer = layers.add_empty_labels(self.viewer, self.session.scan)
            self.session.set_labels_layer(layer)
            QTimer.singleShot(0, lambda: layers.paint_with(self.viewer, layer, Label.LV))

    def _on_copy(self, frames: int, slices: int, _checked: bool = False) -> None:
        self.annotation.copy(frames=frames, slices=slices)

    def _on_propagate(self) -> None:
        if self.annotation.editing.is_running:
            self.annotation.cancel()
        else:
            self.annotation.propagate(self.sources.currentData())

    def _on_accept(self, scope: Any, _checked: bool = False) -> None:
        self.annotation.accept(scope)

    def _on_edit(self, what: Any, _checked: bool = False) -> None:
        self.annotation.edit(what)

    def _on_grid(self, frame: int, z: int) -> None:
        if self.session.scan is not None:
            layers.go_to(self.viewer, self.session.scan, frame=frame, z=z)

    def _on_save(self) -> None:
        scan = self.session.scan
        if scan is None:
            return
        folder = Path.home() if scan.source is None else scan.source.parent
        suggested = folder / f"{file_stem(scan)}_labels.nii.gz"
        try:
            path = ask_where_to_save(self, "Save labels", suggested, FILES, label_files)
        except ScanError as error:
            self.annotation.say(str(error))
            return
        if path is not None:
            self.annotation.save(path)

    # -- something changed ------------------------------------------------------------------------

    def _on_layers(self, event: Any = None) -> None:
        scan, session = self.session.scan, self.session
        self.empty.setText(NO_SCAN if scan is None else NO_LABELS)
        self.empty.setVisible(session.labels_layer is None)
        self.whole.setVisible(scan is not None)
        self.tools.setVisible(session.labels_layer is not None)
        self._show()

    def _show(self) -> None:
        annotation, scan = self.annotation, self.session.scan
        busy = annotation.editing.is_running
        cine = scan is not None and scan.n_frames > 1
        for (frames, _), button in self.copy.items():
            button.setEnabled(not busy and (cine or not frames))
        for button in (self.delete, *self.edits.values()):
            button.setEnabled(not busy)
        self.sources.setEnabled(cine and not busy)
        self.propagate.setEnabled(cine)
        self.propagate.setText("Cancel" if busy else "Propagate")
        self.save.setEnabled(not annotation.saving.is_running)
        self.state.setText("working…" if annotation.is_busy else annotation.message)
        self._show_marks()

    def _show_marks(self) -> None:
        marks, accepted = self.annotation.marks, self.annotation.accepted
        if accepted is None:
            return
        nothing = np.zeros_like(accepted)
        if marks is None or marks.digests.shape != accepted.shape:
            self.grid.show_marks(nothing, accepted, nothing)
        else:
            self.grid.show_marks(marks.labelled, accepted, marks.dirty)
        self._on_step()

    def _on_step(self, event: Any = None) -> None:
        accepted = self.annotation.accepted
        if accepted is None or self.session.scan is None:
            return
        frame, z = self.annotation.place
        self.grid.show_place((frame, z), self.annotation.pair)
        self.accept["slice"].setChecked(bool(accepted[frame, z]))
        self.accept["frame"].setChecked(bool(accepted[frame].all()))

    def _on_theme(self, event: Any = None) -> None:
        self.grid.set_theme(self.theme)
