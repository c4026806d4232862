"""Dock that opens scans, says what is loaded, and plays it."""

from pathlib import Path
from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtGui import QBrush, QColor
from qtpy.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QTableWidgetItem,
    QWidget,
)

from napari_cmr.scan import Scan
from napari_cmr.scan.index import Series
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.playback import SPEEDS, cycle_ms_for
from napari_cmr.viewer.core.recent_scans import Recent, title_of
from napari_cmr.viewer.core.sample_titles import SAMPLE_TITLES
from napari_cmr.viewer.widgets.function.phases_panel import PhasesPanel
from napari_cmr.viewer.widgets.function.slices_panel import SlicesPanel
from napari_cmr.viewer.widgets.labels.edit_tools import RecoveryOffer
from napari_cmr.viewer.widgets.parts import Column, Dock, heading, more, note, row
from napari_cmr.viewer.widgets.scans.companion_panel import CompanionPanel
from napari_cmr.viewer.widgets.scans.completeness_grid import CompletenessPicture
from napari_cmr.viewer.widgets.scans.session_buttons import SavingButtons
from napari_cmr.viewer.widgets.tables import fit_rows, quiet_table

ROW_HEIGHT, MAX_ROWS = 24, 9
SERIES_COLUMNS = (
    ("Series", "Number and description."),
    ("View", "How its slices lie in the heart: SAX is the short axis."),
    ("Slices × phases", "Red where images are missing."),
)
FILES = (
    "Scans and sessions (*.nii *.nii.gz *.dcm *.ima *.mat *.h5 *.mrd *.npz *.cmr-session.json);;"
    "All files (*)"
)


class ScanDock(Dock):
    """Open, read off, play."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.opener = self.workbench.opener
        self.player = self.workbench.player
        self.recent = Recent()
        self._build()
        session = self.session
        self.bind(session.scan_changed, self._on_scan)
        self.bind(session.index_changed, self._on_index)
        self.bind(session.function_changed, self._on_function)
        self.bind(session.reading_changed, self._on_function)
        self.bind(self.viewer.dims.events.current_step, self._on_step)
        self.bind(self.viewer.events.theme, self._on_theme)
        self.bind(self.opener.opening_changed, self._on_opening)
        self.bind(self.player.playing_changed, self._on_playing)
        self.bind(self.player.rate_measured, self._on_rate)
        self._on_theme()
        self._on_scan(session.scan)
        self._on_index(session.index)
        self._on_playing(self.player.is_playing)

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        column = Column()
        box = column.box
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column)

        self.open_file = QPushButton("File…")
        self.open_file.setToolTip("Open NIfTI (.nii, .nii.gz), one DICOM file, or raw k-space.")
        self.open_file.clicked.connect(self._on_open_file)
        self.open_folder = QPushButton("Folder…")
        self.open_folder.setToolTip("Open a DICOM study or an ACDC patient folder.")
        self.open_folder.clicked.connect(self._on_open_folder)
        self.recently = QPushButton("Recent")
        self.recently.setToolTip(
            "Scans that were opened last. Their paths are remembered, nothing of what is in them."
        )
        self.recently.setMenu(QMenu(self.recently))
        self.recently.menu().aboutToShow.connect(self._fill_recent)
        self.samples = QPushButton("Samples")
        self.samples.setToolTip("Synthetic hearts that belong to nobody, with their true labels.")
        menu = QMenu(self.samples)
        for name, title in SAMPLE_TITLES.items():
            action = menu.addAction(title)
            action.triggered.connect(
                lambda _checked=False, name=name: self.opener.open_sample(name)
            )
        self.samples.setMenu(menu)
        buttons = (self.open_file, self.open_folder, self.recently, self.samples)
        opening = row(*buttons, spacing=4)
        for place, share in enumerate((9, 10, 10, 11)):  # a menu's arrow takes room
            opening.setStretch(place, share)
        box.addLayout(opening)
        self.opening = note("Opening…")
        self.opening.setVisible(False)
        box.addWidget(self.opening)
        self.offer = RecoveryOffer(self)
        box.addWidget(self.offer)
        self.empty = note("Nothing is open. Open a scan, drop one on the window, or try a sample.")
        box.addWidget(self.empty)

        self.loaded = QWidget()
        inner = Column.layout_of(self.loaded)
        self.name = QLabel()
        self.name.setStyleSheet("font-size: 13pt; font-weight: 600;")
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setWordWrap(True)
        inner.addWidget(self.name)
        inner.addLayout(self._build_player())
        self.frame = note()
        inner.addWidget(self.frame)
        self.phases = PhasesPanel(self.viewer, self.session)
        inner.addWidget(self.phases)
        inner.addLayout(self._build_facts())
        self.notes = note()
        inner.addWidget(self.notes)
        inner.addWidget(self._build_series())
        self.companion = CompanionPanel(self)
        inner.addWidget(self.companion)
        self.slices = SlicesPanel(self.session)
        self.saving = SavingButtons(self.viewer)
        self.fold = more(self.slices, self.saving)
        inner.addWidget(self.fold)
        box.addWidget(self.loaded)
        box.addStretch(1)

    def _build_player(self) -> QHBoxLayout:
        self.play = QPushButton("▶  Play")
        self.play.setToolTip("Play at the heart's own rate. Every frame is shown while the machine "
                             "keeps up.")  # fmt: skip
        self.play.clicked.connect(self.player.toggle)
        self.speed = QComboBox()
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}× speed", speed)
        self.speed.setCurrentIndex(len(SPEEDS) - 1)
        self.speed.setToolTip("1× is the heart's own rate.")
        self.speed.currentIndexChanged.connect(
            lambda _index: self.player.set_speed(self.speed.currentData())
        )
        return row(self.play, self.speed, spacing=4)

    def _build_facts(self) -> QFormLayout:
        form = QFormLayout()
        form.setContentsMargins(0, 4, 0, 4)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(3)
        self.facts: dict[str, QLabel] = {}
        for name, tooltip in (
            ("Subject", "What the header tells about the subject; names are never kept."),
            ("Matrix", "Columns × rows × slices."),
            (
                "Spacing",
                "Width × height of a pixel, distance between slice centres (gap included).",
            ),
            ("Frames", "Cardiac phases, and how far apart they are."),
            ("Heart rate", "From the length of the cycle in the header."),
            ("Lines", "k-space lines of a fully sampled frame, and the axis they are counted on."),
        ):
            value = QLabel("–")
            value.setWordWrap(True)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setToolTip(tooltip)
            title = QLabel(name)
            title.setToolTip(tooltip)
            form.addRow(title, value)
            self.facts[name] = value
        return form

    def _build_series(self) -> QWidget:
        self.series = QWidget()
        inner = Column.layout_of(self.series)
        inner.addWidget(heading("In this folder"))
        self.table = quiet_table(SERIES_COLUMNS, ROW_HEIGHT, chooses_rows=True)
        self.table.setToolTip("Double-click a series or stack to open it instead.")
        for place in (1, 2):
            self.table.horizontalHeader().setSectionResizeMode(
                place, QHeaderView.ResizeMode.ResizeToContents
            )
        self.table.itemSelectionChanged.connect(self._on_series_selected)
        self.table.itemDoubleClicked.connect(lambda _item: self._on_open_series())
        inner.addWidget(self.table)
        self.grid = CompletenessPicture()
        self.grid.setToolTip("Which phase of which slice is there; red is missing.")
        inner.addWidget(self.grid)
        self.series_note = note()
        inner.addWidget(self.series_note)
        self.open_series = QPushButton("Open this series")
        self.open_series.setToolTip("Open the selected series or stack in place of the scan.")
        self.open_series.clicked.connect(self._on_open_series)
        inner.addWidget(self.open_series)
        return self.series

    # -- the user does something ------------------------------------------------------------------

    def _on_open_file(self) -> None:
        path, _filter = QFileDialog.getOpenFileName(self, "Open a scan", self._folder(), FILES)
        if path:
            self.opener.open_path(Path(path))

    def _on_open_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Open a scan folder", self._folder())
        if path:
            self.opener.open_path(Path(path))

    def _folder(self) -> str:
        scan = self.session.scan
        return "" if scan is None or scan.source is None else str(scan.source.parent)

    def _fill_recent(self) -> None:
        menu = self.recently.menu()
        menu.clear()
        for path in self.recent.paths:
            action = menu.addAction(title_of(path))
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked=False, path=path: self.opener.open_path(path))
        menu.setToolTipsVisible(True)
        if menu.isEmpty():
            menu.addAction("Nothing was opened yet").setEnabled(False)
        else:
            menu.addSeparator()
            menu.addAction("Forget these").triggered.connect(self.recent.forget)

    def _selected_series(self) -> Any:
        rows = self.table.selectionModel().selectedRows()
        index = self.session.index
        if index is None or not rows:
            return None
        return index[self.table.item(rows[0].row(), 0).data(Qt.ItemDataRole.UserRole)]

    def _on_open_series(self) -> None:
        series, index = self._selected_series(), self.session.index
        if series is not None:
            self.opener.open_path(index.source, series.key)

    def _on_series_selected(self) -> None:
        series = self._selected_series()
        self.open_series.setEnabled(series is not None)
        self.grid.setVisible(series is not None)
        if series is None:
            self.series_note.setText("")
            return
        self.grid.show_complete(series.complete)
        self.series_note.setText(series_text(series))

    # -- something changed ------------------------------------------------------------------------

    def _on_opening(self, opening: bool) -> None:
        self.opening.setVisible(opening)

    def _on_scan(self, scan: Scan | None) -> None:
        self.empty.setVisible(scan is None)
        self.loaded.setVisible(scan is not None)
        if scan is None:
            return
        if scan.source is not None:
            self.recent.add(scan.source)
        self.name.setText(scan.name)
        for name, text in facts(scan).items():
            self.facts[name].setText(text)
        self.notes.setText("\n".join(f"• {one.text}" for one in scan.notes))
        self.notes.setVisible(bool(scan.notes))
        for control in (self.play, self.speed):
            control.setEnabled(scan.n_frames > 1)
        self._on_function()
        self._on_step()

    def _on_index(self, index: Any) -> None:
        entries = [] if index is None else [*index.stacks, *index.series]
        self.series.setVisible(len(entries) > 1)
        self.table.setRowCount(len(entries))
        fit_rows(self.table, len(entries), MAX_ROWS)
        for line, one in enumerate(entries):
            kind = "stack" if one in index.stacks else "series"
            title = f"{one.key}  {one.description}".strip()
            if index.n_patients > 1:
                title = f"patient {one.patient}: {title}"
            tooltip = f"{kind} {one.key}: {one.description or 'no description'}, {one.kind}"
            size = f"{one.n_slices} × {one.n_frames}"
            for column, text in enumerate((title, one.view, size)):
                item = QTableWidgetItem(text)
                item.setToolTip(tooltip)
                item.setData(Qt.ItemDataRole.UserRole, one.key)
                if not one.is_complete:
                    item.setForeground(QBrush(QColor("#e0574f")))
                self.table.setItem(line, column, item)
            if one.key == index.default:
                self.table.selectRow(line)
        self._on_series_selected()

    def _on_function(self, _reading: Any = None) -> None:
        if self.session.scan is not None:
            self.phases.show_phases()
            self.slices.show_slices()

    def _on_step(self, event: Any = None) -> None:
        scan = self.session.scan
        if scan is not None:
            frame = layers.frame_on_screen(self.viewer, scan)
            z = layers.slice_on_screen(self.viewer, scan)
            self.frame.setText(
                f"Frame {frame + 1} of {scan.n_frames}  ·  slice {z + 1} of {scan.n_slices}"
            )

    def _on_playing(self, playing: bool) -> None:
        self.play.setText("❚❚  Pause" if playing else "▶  Play")
        if not playing:
            self._on_step()

    def _on_rate(self, per_second: float) -> None:
        scan = self.session.scan
        if scan is not None:
            self.frame.setText(f"{self.frame.text().split('   ')[0]}   {per_second:.0f} frames/s")

    def _on_theme(self, event: Any = None) -> None:
        self.grid.set_theme(self.theme)
        self.phases.set_theme(self.theme)


def phase_frame(scan: Scan, function: Any, which: str) -> int | None:
    """ED or ES frame of the left ventricle as measured, else as marked in the data."""
    measured = None if function is None else getattr(function.lv, which)
    return getattr(scan, which) if measured is None else measured


def facts(scan: Scan) -> dict[str, str]:
    """What is loaded, in words."""
    _, n_slices, n_rows, n_columns = scan.shape
    frames = f"{scan.n_frames}"
    step = layers.time_step_ms(scan)
    if step:
        frames += f", every {step:.0f} ms"
    elif scan.source_frames is not None:
        frames += f" of a cine: {', '.join(str(frame + 1) for frame in scan.source_frames)}"
    rate = f"{60_000 / cycle_ms_for(scan):.0f} bpm" if step else "not known, played at 60 bpm"
    if scan.n_frames == 1:
        rate = "still image"
    axis = "rows" if scan.phase_encode_axis == "Y" else "columns"
    return {
        "Subject": _subject(scan),
        "Matrix": f"{n_columns} × {n_rows} × {n_slices}",
        "Spacing": spacing_text(scan.spacing),
        "Frames": frames,
        "Heart rate": rate,
        "Lines": f"{scan.n_phase_encodes} ({axis})",
    }


def series_text(series: Series) -> str:
    """What is known of a series before it is opened, in a line."""
    spacing = "spacing is estimated when it is opened"
    if series.spacing is not None:
        spacing = spacing_text(series.spacing)
    missing = len(series.missing)
    complete = f"{missing} images missing" if missing else "complete"
    return f"{series.description or 'no description'} · {spacing} · {complete}"


def spacing_text(spacing: tuple[float, float, float]) -> str:
    """Width and height of pixels and distance of slices, of ``(dz, dy, dx)`` in mm."""
    dz, dy, dx = spacing
    return f"{dx:.2f} × {dy:.2f} mm, dz {dz:.1f} mm"


def _subject(scan: Scan) -> str:
    subject = scan.subject
    parts = ["synthetic"] if scan.synthetic else []
    if subject.group:
        parts.append(f"group {subject.group}")
    if subject.sex:
        parts.append(subject.sex)
    if subject.age_years is not None:
        parts.append(f"{subject.age_years:.0f} y")
    if subject.height_cm:
        parts.append(f"{subject.height_cm:.0f} cm")
    if subject.weight_kg:
        parts.append(f"{subject.weight_kg:.0f} kg")
    return ", ".join(parts) or "not known"
