"""Dock in which the user chooses the k-space lines of every frame."""

from math import log
from typing import Any

from napari.viewer import Viewer
from qtpy.QtWidgets import (
    QDial,
    QHBoxLayout,
    QPushButton,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import ScanError
from napari_cmr.viewer import layers
from napari_cmr.viewer.widgets.lines.mask_picture import Colours, MaskPicture
from napari_cmr.viewer.widgets.parts import (
    BigFigure,
    Column,
    Dock,
    NumberSlider,
    heading,
    more,
    note,
    row,
)
from napari_cmr.viewer.widgets.settings_form import SettingsForm

PRESETS = (("1", 1), ("4", 4), ("10", 10), ("20", 20), ("Full", None))
DIAL_STEPS = 200
DIAL_SIZE = 52
PICTURES = (
    ("Full", "image", "The fully sampled scan: what every line together gives."),
    (
        "Zero-filled",
        "zero_filled",
        "Each frame from its own lines alone: missing lines alias as ghosts and blur.",
    ),
    (
        "Average",
        "temporal_average",
        "The lines of all frames pooled into one image: sharp where nothing moves, blurred "
        "where the heart beats.",
    ),
    (
        "Reconstructed",
        "reconstructed",
        "What a method makes of the lines, see Reconstruct: it fills in what was not measured.",
    ),
)
SAVED_TOOLTIP = (
    "Part of the fully sampled scan time that is not needed: one minus measured lines over all "
    "lines. It is relative: every line is taken to cost one repetition (TR), whatever that is, so "
    "that heart rate, TR and the number of lines per heartbeat drop out."
)
FOLDED = ("pattern", "centre_lines", "noise", "phase", "coils", "seed")
"""Fields of an acquisition that are folded away; the others are on top."""


class AcquireDock(Dock):
    """Lines per frame, what they save, and which ones they are."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._build()
        session = self.session
        self.bind(session.scan_changed, self._on_scan)
        self.bind(session.acquisition_changed, self._on_acquisition)
        self.bind(session.slices_computed, self._show_progress)
        self.bind(self.viewer.dims.events.current_step, self._on_step)
        self.bind(self.viewer.events.theme, self._on_theme)
        self.bind(session.picture_changed, self._on_picture)
        self._on_theme()
        self._on_scan(session.scan)

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        column = Column()
        box = column.box
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column)

        self.empty = note("Open a scan to choose which k-space lines it keeps: File > Open, drop "
                          "it on the window, or the Scan tab.")  # fmt: skip
        box.addWidget(self.empty)
        self.controls = QWidget()
        inner = Column.layout_of(self.controls)
        box.addWidget(self.controls, 1)

        inner.addWidget(heading("Lines per frame"))
        self.lines = NumberSlider(
            1,
            2,
            "How many k-space lines every frame measures. Each line costs one repetition of the "
            "sequence: fewer lines are a shorter scan, and more aliasing.",
        )
        self.lines.changed.connect(self._on_lines)
        inner.addWidget(self.lines)

        self.presets: dict[str, QPushButton] = {}
        for text, n_lines in PRESETS:
            button = QPushButton(text)
            button.setToolTip(
                "Measure every line: the scan as it was."
                if n_lines is None
                else f"Measure {n_lines} line{'s' if n_lines > 1 else ''} in every frame."
            )
            button.clicked.connect(
                lambda _checked=False, n_lines=n_lines: self._change(n_lines=n_lines)
            )
            self.presets[text] = button
        inner.addLayout(row(*self.presets.values(), spacing=4))

        self.acceleration = BigFigure(
            "acceleration", "All lines of a frame divided by the lines that are measured."
        )
        self.saved = BigFigure("scan time saved", SAVED_TOOLTIP)
        self.dial = QDial()
        self.dial.setRange(0, DIAL_STEPS)
        self.dial.setFixedSize(DIAL_SIZE, DIAL_SIZE)
        self.dial.setToolTip(
            "Turn the acceleration from none to one line per frame. Equal turns multiply it by "
            "equal factors."
        )
        self.dial.valueChanged.connect(self._on_dial)
        inner.addLayout(row(self.dial, self.acceleration, self.saved, spacing=12))

        inner.addWidget(heading("Picture"))
        self.pictures: dict[str, QPushButton] = {}
        for text, role, tooltip in PICTURES:
            button = QPushButton(text)
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setToolTip(tooltip)
            button.clicked.connect(lambda _checked=False, role=role: self.session.set_picture(role))
            self.pictures[role] = button
        inner.addLayout(row(*self.pictures.values(), spacing=4, by_text=True))

        inner.addWidget(heading("Lines measured in every frame"))
        self.picture = MaskPicture()
        self.picture.setToolTip(
            "Click a cell to measure or drop one line of one frame, drag to paint.\n"
            "The wheel zooms in on the lines, a double click shows all of them.\n"
            "The middle line carries the brightness, the outer lines carry the edges."
        )
        self.picture.painted.connect(self._on_painted)
        self.picture.hovered.connect(self._on_hovered)
        inner.addWidget(self.picture, 1)
        self.status = note()
        inner.addWidget(self.status)

        self.reroll = QPushButton("New draw")
        self.reroll.setToolTip(
            "Draw other random lines with the same number of lines: what changes in the picture "
            "is luck, not anatomy."
        )
        self.reroll.clicked.connect(lambda: self._change(seed=self.session.acquisition.seed + 1))
        self.undo = QPushButton("Undo")
        self.undo.setToolTip("Take back the last stroke in the picture of lines.")
        self.undo.clicked.connect(self.session.undo_edit)
        self.clear = QPushButton("Clear edits")
        self.clear.setToolTip("Go back to the lines that were drawn.")
        self.clear.clicked.connect(self.session.clear_edits)
        inner.addLayout(row(self.reroll, self.undo, self.clear, spacing=4))
        self.fold = more(self._build_more())
        inner.addWidget(self.fold)

    def _build_more(self) -> QWidget:
        self.form = SettingsForm(self.session.acquisition, fields=FOLDED)
        self.form.changed.connect(self._on_form)
        return self.form

    # -- the user changes something ---------------------------------------------------------------

    def _change(self, **changes: Any) -> None:
        try:
            self.session.set_acquisition(**changes)
        except ScanError as error:
            self.status.setText(str(error))
            self._show_acquisition()
            return

    def _on_form(self, acquisition: Acquisition) -> None:
        now = self.session.acquisition
        wanted = {name: getattr(acquisition, name) for name in FOLDED}
        self._change(**{name: one for name, one in wanted.items() if one != getattr(now, name)})

    def _on_dial(self, value: int) -> None:
        scan = self.session.scan
        if scan is not None:
            self._change(n_lines=lines_at(value / DIAL_STEPS, scan.n_phase_encodes))

    def _on_lines(self, n_lines: int) -> None:
        self._change(n_lines=n_lines)

    def _on_painted(self, cells: list[tuple[int, int]], keep: bool, stroke: bool) -> None:
        self.session.edit_lines(cells, keep, stroke=stroke)

    # -- the session changed ----------------------------------------------------------------------

    def _on_scan(self, scan: Any) -> None:
        self.empty.setVisible(scan is None)
        self.controls.setVisible(scan is not None)
        if scan is not None:
            self.lines.set_range(1, scan.n_phase_encodes)
            self.form.set_range("centre_lines", 0, scan.n_phase_encodes)
            for text, n_lines in PRESETS:
                self.presets[text].setEnabled(n_lines is None or n_lines <= scan.n_phase_encodes)
            self._on_picture(self.session.picture)
            self._on_step()
        self._show_acquisition()

    def _on_acquisition(self, acquisition: Any) -> None:
        self._show_acquisition()

    def _show_acquisition(self) -> None:
        session, acquisition, mask = self.session, self.session.acquisition, self.session.mask
        self.picture.show_mask(mask, acquisition.toggled)
        if mask is None:
            return
        self.lines.show_value(session.n_lines)
        self.acceleration.show_value(_times(mask.acceleration))
        self.saved.show_value(_per_cent(mask.scan_time_saved))
        with signals_blocked(self.dial):
            turn = turn_at(session.n_lines, mask.n_phase_encodes)
            if lines_at(self.dial.value() / DIAL_STEPS, mask.n_phase_encodes) != session.n_lines:
                self.dial.setValue(round(DIAL_STEPS * turn))
        self.form.show_value(acquisition)
        self.undo.setEnabled(session.can_undo)
        self.clear.setEnabled(bool(acquisition.toggled))
        self._show_progress()

    def _show_progress(self) -> None:
        session = self.session
        mask = session.mask
        if mask is None or session.scan is None:
            self.status.setText("")
            return
        lines = mask.n_lines
        few, many = int(lines.min()), int(lines.max())
        count = f"{few}" if few == many else f"{few} to {many}"
        text = f"{count} of {mask.n_phase_encodes} lines per frame"
        edits = len(session.acquisition.toggled)
        if edits:
            text += f", {edits} changed by hand"
        done = int(session.computed.sum())
        if 0 < done < session.scan.n_slices:
            text += f"  ·  updating, {done} of {session.scan.n_slices} slices"
        self.status.setText(text)

    def _on_hovered(self, text: str) -> None:
        if text:
            self.status.setText(text)
        else:
            self._show_progress()

    def _on_step(self, event: Any = None) -> None:
        if self.session.scan is not None:
            self.picture.show_frame(layers.frame_on_screen(self.viewer, self.session.scan))

    def _on_picture(self, picture: str) -> None:
        self.pictures[picture].setChecked(True)

    def _on_theme(self, event: Any = None) -> None:
        theme = self.theme
        dark = theme.background.as_rgb_tuple()[0] < 128
        self.picture.set_colours(
            Colours(
                paper="#101216" if dark else "#ffffff",
                frame=theme.secondary.as_hex(),
                kept="#e6e8eb" if dark else "#2d3036",
                text=theme.text.as_hex(),
                cursor="#6f8cff" if dark else "#3a5bd0",
            )
        )


def lines_at(turn: float, n_phase_encodes: int) -> int:
    """Lines per frame at a turn of the dial, from 0 (all lines) to 1 (a single line)."""
    return max(1, round(n_phase_encodes ** (1.0 - turn)))


def turn_at(n_lines: int, n_phase_encodes: int) -> float:
    """Turn of the dial for lines per frame, the inverse of :func:`lines_at`."""
    return 1.0 - log(n_lines) / log(n_phase_encodes) if n_phase_encodes > 1 else 0.0


def _times(acceleration: float) -> str:
    if acceleration == float("inf"):
        return "∞"
    return f"{acceleration:.0f}×" if acceleration >= 100 else f"{acceleration:.1f}×"


def _per_cent(fraction: float) -> str:
    """Without the claim of 100 % as long as a line is measured."""
    percent = 100 * fraction
    return f"{percent:.1f} %" if 99 <= percent < 100 else f"{percent:.0f} %"
