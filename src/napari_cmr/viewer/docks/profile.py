"""Dock with the x-t pictures of a line through the heart: the full scan beside reconstructions."""

from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from superqt.utils import signals_blocked

from napari_cmr.viewer import layers
from napari_cmr.viewer.plots.profile import ProfilePlot
from napari_cmr.viewer.widgets.parts import Dock, note

CONTROLS_WIDTH = 190
MOST_PICTURES = 5
"""More would be too narrow to be read."""


class ProfileDock(Dock):
    """A line on or off, and what its brightness does over the cycle."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.line = self.workbench.line_over_time
        self.reconstruction = self.workbench.reconstruction
        self._build()
        self.bind(self.line.changed, self._show)
        self.bind(self.reconstruction.changed, self._show)
        self.bind(self.session.scan_changed, self._show)
        self.bind(self.viewer.dims.events.current_step, self._on_step)
        self.bind(self.viewer.events.theme, self._on_theme)
        self._on_theme()
        self._show()

    def _build(self) -> None:
        side = QWidget()
        side.setFixedWidth(CONTROLS_WIDTH)
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        self.shown = QCheckBox("Show a line")
        self.shown.setToolTip(
            "Put a line over the image. Drag its ends, or all of it: the pictures beside this show "
            "the brightness along it in every frame."
        )
        self.shown.toggled.connect(self.line.set_shown)
        self.again = QPushButton("Through the heart")
        self.again.setToolTip("Put the line back through the part of this slice that moves most.")
        self.again.clicked.connect(lambda: self.line.set_shown(True))
        self.state = note()
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop)
        for part in (self.shown, self.again):
            box.addWidget(part)
        box.addWidget(self.state, 1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(10, 4, 10, 4)
        outer.setSpacing(12)
        outer.addWidget(side)
        self.plots = [ProfilePlot() for _ in range(MOST_PICTURES)]
        for plot in self.plots:
            plot.setMinimumWidth(100)
            plot.setToolTip(
                "Along the line from top to bottom, over the cycle from left to right. Edges that "
                "move are waves; where time is blurred they are smeared. Click: go to a frame."
            )
            plot.clicked.connect(self._on_frame)
            outer.addWidget(plot, 1)
        outer.addStretch(0)

    # -- the user does something ------------------------------------------------------------------

    def _on_frame(self, frame: int) -> None:
        if self.session.scan is not None:
            layers.go_to(self.viewer, self.session.scan, frame=frame)

    # -- something changed ------------------------------------------------------------------------

    def _on_step(self, _event: Any = None) -> None:
        if self.session.scan is not None and self.line.is_shown:
            frame = layers.frame_on_screen(self.viewer, self.session.scan)
            for plot in self.plots:
                plot.show_frame(frame)

    def _on_theme(self, _event: Any = None) -> None:
        for plot in self.plots:
            plot.set_theme(self.theme)

    def _show(self, _what: Any = None) -> None:
        scan = self.session.scan
        with signals_blocked(self.shown):
            self.shown.setChecked(self.line.is_shown)
        self.shown.setEnabled(scan is not None)
        self.again.setEnabled(self.line.is_shown)
        found = list(self.line.profiles().items())[:MOST_PICTURES]
        levels = (0.0, max((float(one.max()) for _, one in found[:1]), default=1.0) or 1.0)
        z = self.reconstruction.slice_on_screen
        for plot, (method, profile) in zip(self.plots, found, strict=False):
            old = "" if method == layers.FULL else self.reconstruction.old_text(method, z)
            plot.show_profile(
                profile,
                self.line.step_mm(len(profile)),
                levels,
                f"{'⚠ ' if old else ''}{method}" if method else "All lines",
                is_old=bool(old),
            )
            plot.setToolTip(f"Made {old}." if old else self.plots[-1].toolTip())
        for number, plot in enumerate(self.plots):
            plot.setVisible(number < len(found))
        self.state.setText(self._state_text(len(found)))
        self._on_step()

    def _state_text(self, n_shown: int) -> str:
        if self.session.scan is None:
            return "Open a scan first."
        if not self.line.is_shown:
            return "A line through the heart over time: how it moves, and where that is blurred."
        if n_shown < 2:
            return "Drag the line or its ends on the image. Reconstruct, to compare with all lines."
        if len(self.session.reconstructions.chosen) >= MOST_PICTURES:
            return f"The first {MOST_PICTURES - 1} of the ticked methods, as far as they are made."
        return "Drag the line or its ends on the image."
