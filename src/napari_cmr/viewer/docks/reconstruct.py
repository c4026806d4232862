"""Dock in which the user has images made of the chosen lines, and sees how close they are."""

from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_cmr.viewer.core.results import lines_text
from napari_cmr.viewer.widgets.images.motion_note import MotionNote
from napari_cmr.viewer.widgets.images.quality_table import quality_table, show_quality
from napari_cmr.viewer.widgets.parts import Column, Dock, heading, more, note, row
from napari_cmr.viewer.widgets.settings_form import SettingsForm
from napari_cmr.viewer.widgets.tables import fit_rows, quiet_table

LIST_ROW, MAX_METHODS = 24, 9
LIST = (
    ("Method", "Tick one or several. The image of the topmost is the picture."),
    ("What it does", "The title of the method."),
)
OVERLAYS = (
    ("No overlay", "none", "The images alone."),
    ("Error", "error", "Where the magnitude differs from that of all lines: it shows from 2 % of "
     "the slice's brightest pixel on, and is brightest from 20 %."),
    ("Uncertainty", "uncertainty", "Standard deviation of the magnitude, where a method knows it: "
     "it shows from 0.5 % of the slice's brightest pixel on, and is brightest from 5 %."),
    ("What was added", "added", "What a network that refines has added to the magnitude: orange "
     "where it brightens, blue where it darkens, strongest from 15 % of the slice's brightest "
     "pixel on. Such details may be invented."),
    ("Motion", "motion", "How far tissue has come in the frame on screen since end-diastole, or "
     "since the first frame where the scan does not say which that is: arrows in true length, "
     "found in each image by itself. What moves through the plane is not seen."),
)  # fmt: skip
LOOK_MS = 100
CHECKABLE = (
    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
)


class ReconstructDock(Dock):
    """Which methods, run once or follow, and how close each comes to the full scan."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.reconstruction = self.workbench.reconstruction
        self.names: tuple[str, ...] = ()
        self._build()
        session = self.session
        self.bind(self.reconstruction.changed, self._show)
        self.bind(self.workbench.motion.changed, self._show_motion)
        self.bind(self.viewer.dims.events.current_step, self._show_motion)
        self.bind(session.reconstructions.chosen_changed, self._show)
        self.bind(session.reconstructions.view_changed, self._show)
        self.bind(session.acquisition_changed, self._show)
        self.bind(session.scan_changed, self._show)
        self._show()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        column = Column()
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column)
        self.table = self._build_list()
        self.numbers = quality_table()
        self.about = note()
        self.run = QPushButton("Reconstruct")
        self.run.setToolTip(
            "Make images of all slices once, from the lines chosen under Acquire: the slice on "
            "screen first."
        )
        self.run.clicked.connect(self._on_run)
        self.follow = QCheckBox("Follow the lines")
        self.follow.setToolTip(
            "Reconstruct again at every change of the lines: the slice on screen first, then the "
            "rest."
        )
        self.follow.toggled.connect(self.reconstruction.set_follows)
        self.side_by_side = QCheckBox("Side by side")
        self.side_by_side.setToolTip(
            "Give the full scan and every ticked method a tile of its own, at the same frame, "
            "slice and zoom; otherwise the image of the topmost is shown."
        )
        self.side_by_side.toggled.connect(
            lambda on: self.session.reconstructions.look(side_by_side=on)
        )
        self.overlay = QComboBox()
        for text, kind, tooltip in OVERLAYS:
            self.overlay.addItem(text, kind)
            self.overlay.setItemData(self.overlay.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)
        self.overlay.setToolTip("What is laid over the images, in the frame on screen.")
        self.overlay.currentIndexChanged.connect(
            lambda _index: self.session.reconstructions.look(overlay=self.overlay.currentData())
        )
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(5)
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._show_progress)
        self.state = note()
        self.motion_note = MotionNote(self.workbench.motion, self.workbench.reconstruction.old_text)
        self.warning = note()
        box = column.box
        for part in (heading("Methods"), self.table, self.about):
            box.addWidget(part)
        box.addLayout(row(self.run, self.follow))
        box.addLayout(row(self.side_by_side, self.overlay))
        for part in (self.progress, self.state, self.numbers, self.motion_note, self.warning):
            box.addWidget(part)
        self.settings = QWidget()
        QVBoxLayout(self.settings).setContentsMargins(4, 0, 0, 0)
        self.form: SettingsForm | None = None
        self._form_of = ""
        self.fold = more(self.settings)
        box.addWidget(self.fold)
        box.addStretch(1)

    def _build_list(self) -> QTableWidget:
        table = quiet_table(LIST, LIST_ROW, chooses_rows=True)
        table.setStyleSheet("font-size: 9pt;")
        table.setShowGrid(False)
        header = table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        table.itemChanged.connect(self._on_item)
        table.itemSelectionChanged.connect(self._show_about)
        return table

    def _fill(self) -> None:
        """List the methods that are for this scan."""
        offered = self.session.reconstructions.offered
        if self.names == offered:
            return
        self.names = offered
        with signals_blocked(self.table):
            self.table.clearSelection()
            self.table.setCurrentItem(None)
            self.table.setRowCount(len(self.names))
            for line, name in enumerate(self.names):
                item = QTableWidgetItem(name)
                item.setFlags(CHECKABLE)
                title = QTableWidgetItem(self.reconstruction.known[name].title)
                title.setToolTip(self.reconstruction.known[name].title)
                self.table.setItem(line, 0, item)
                self.table.setItem(line, 1, title)
        fit_rows(self.table, len(self.names), MAX_METHODS)

    # -- the user does something ------------------------------------------------------------------

    def _on_item(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            self.reconstruction.set_methods(
                name
                for line, name in enumerate(self.names)
                if self.table.item(line, 0).checkState() == Qt.CheckState.Checked
            )

    def _on_settings(self, settings: Any) -> None:
        changed = settings.model_dump(mode="json", exclude_defaults=True)
        self.session.reconstructions.set_settings(self._form_of, changed)

    def _on_run(self) -> None:
        if self._can_cancel:
            self.reconstruction.cancel()
        else:
            self.reconstruction.run()

    # -- something changed ------------------------------------------------------------------------

    @property
    def _can_cancel(self) -> bool:
        return self.reconstruction.job.is_running

    def _show(self, _what: Any = None) -> None:
        self._fill()
        reconstruction = self.reconstruction
        ready = self.session.scan is not None and bool(reconstruction.methods)
        self.run.setEnabled(ready)
        self.follow.setEnabled(ready)
        self.run.setText("Cancel" if self._can_cancel else "Reconstruct")
        images = self.session.reconstructions
        for box, value in (
            (self.follow, reconstruction.follows),
            (self.side_by_side, images.side_by_side),
        ):
            with signals_blocked(box):
                box.setChecked(value)
        self.side_by_side.setEnabled(len(reconstruction.methods) > 1)
        with signals_blocked(self.overlay):
            self.overlay.setCurrentIndex(self.overlay.findData(images.overlay))
        with signals_blocked(self.table):
            for line, name in enumerate(self.names):
                ticked = name in reconstruction.methods
                self.table.item(line, 0).setCheckState(
                    Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
                )
        show_quality(self.numbers, reconstruction)
        self.motion_note.show_motion()
        self._show_about()
        self._show_progress()
        if reconstruction.job.is_running != self._looking.isActive():
            (self._looking.start if reconstruction.job.is_running else self._looking.stop)()
        self.warning.setText("\n".join(self._doubts()))
        self.warning.setVisible(bool(self.warning.text()))

    def _show_motion(self, _what: Any = None) -> None:
        self.motion_note.show_motion()

    def _show_progress(self) -> None:
        reconstruction = self.reconstruction
        self.progress.setVisible(reconstruction.job.is_running)
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(1000 * reconstruction.progress.whole_share))
        self.state.setText(self._state_text())

    @property
    def _looked_at(self) -> str | None:
        """Method whose line is chosen, or else the first that is ticked."""
        line = self.table.currentRow()
        return self.names[line] if line >= 0 else self.session.reconstructions.first

    def _show_about(self) -> None:
        name = self._looked_at
        self._show_settings(name)
        if name is None:
            self.about.setText("")
            return
        method = self.reconstruction.known[name]
        images, source = self.session.reconstructions, method.publication
        text = f"{method.title}{f' ({source})' if source else ''}."
        if name == images.default and images.why_default:
            text += f" It is chosen because {images.why_default}."
        self.about.setText(text)
        self.about.setToolTip("\n".join(method.departs))

    def _show_settings(self, name: str | None) -> None:
        """Show the settings of a method; the form is made when another comes."""
        if name is None:
            self.fold.setVisible(False)
            return
        method = self.reconstruction.known[name]
        settings = method.parse(self.session.reconstructions.settings.get(name))
        if self.form is None or self._form_of != name:
            if self.form is not None:
                self.form.deleteLater()
            self.form, self._form_of = SettingsForm(settings), name
            self.form.changed.connect(self._on_settings)
            self.settings.layout().addWidget(self.form)
        elif self.form.value != settings:
            self.form.show_value(settings)
        self.fold.setVisible(not self.form.is_empty)

    def _state_text(self) -> str:
        reconstruction, session = self.reconstruction, self.session
        scan = session.scan
        if scan is None:
            return "Open a scan: File > Open, drop it on the window, or the Scan tab."
        if not reconstruction.methods:
            return "Tick a method."
        if reconstruction.job.is_running:
            return f"reconstructing: {reconstruction.progress}"
        z = reconstruction.slice_on_screen
        found = [session.reconstructions.record(one, z) for one in reconstruction.methods]
        records = [one for one in found if one is not None]
        if not records:
            if session.mask is not None and session.mask.is_full:
                return "All lines are measured. Choose fewer under Acquire, then reconstruct."
            return "Reconstruct makes images of the lines chosen under Acquire."
        if any(one.judged is not None and one.quality is None for one in records):
            return "This scan does not hold all lines: there is nothing to compare with."
        lacking = self._lacking()
        if lacking:
            return lacking
        return f"Slice {z + 1}, all frames, against all {scan.n_phase_encodes} lines:"

    def _lacking(self) -> str:
        """Why no ticked method has what is to be laid over its images; empty where one has."""
        runs = self.session.reconstructions.runs
        made = [runs[name] for name in self.reconstruction.methods if name in runs]
        overlay = self.session.reconstructions.overlay
        if overlay == "uncertainty" and all(one.std is None for one in made):
            return "None of the ticked methods knows how uncertain it is."
        if overlay == "added" and all(one.added is None for one in made):
            return "None of the ticked methods refines what it has reconstructed."
        return ""

    def _doubts(self) -> list[str]:
        """Why a method failed, and what is on screen in its place."""
        reconstruction = self.reconstruction
        found = []
        for name, text in reconstruction.errors.items():
            found.append(f"⚠ {text}")
            kept = self._kept(name)
            if kept:
                found.append(kept)
        return found

    def _kept(self, name: str) -> str:
        """Whose image stays where a method gave none."""
        session, z = self.session, self.reconstruction.slice_on_screen
        record = session.reconstructions.record(name, z)
        if record is None or session.scan is None:
            return ""
        lines = lines_text(record.source.acquisition, session.scan.n_phase_encodes)
        return f"Its last image is kept, from {lines}."
