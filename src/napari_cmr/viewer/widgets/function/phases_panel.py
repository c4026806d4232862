"""ED and ES of both ventricles: shown, gone to, and set by hand."""

from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QMenu, QToolButton, QWidget

from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.session import Session
from napari_cmr.viewer.widgets.parts import css

PHASES = (("ed", "ED", "end-diastole", "largest"), ("es", "ES", "end-systole", "smallest"))


class PhasesPanel(QWidget):
    """A button for each phase of each ventricle; its menu sets the phase by hand."""

    def __init__(self, viewer: Any, session: Session) -> None:
        super().__init__()
        self.viewer, self.session = viewer, session
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(3)
        self.buttons: dict[tuple[Label, str], QToolButton] = {}
        for line, label in enumerate((Label.LV, Label.RV)):
            title = QLabel(label.name)
            title.setStyleSheet(f"color: {css(label)}; font-weight: 600;")
            grid.addWidget(title, line, 0)
            for column, (phase, *_words) in enumerate(PHASES, start=1):
                grid.addWidget(self._button(label, phase), line, column)
                grid.setColumnStretch(column, 1)

    def _button(self, label: Label, phase: str) -> QToolButton:
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
        button.clicked.connect(lambda: self._go(label, phase))
        menu = QMenu(button)
        here = menu.addAction("Set to the frame on screen")
        here.triggered.connect(lambda: self.set_phase(label, phase, self._frame_on_screen()))
        auto = menu.addAction("Automatic")
        auto.triggered.connect(lambda: self.set_phase(label, phase, None))
        button.setMenu(menu)
        self.buttons[label, phase] = button
        return button

    def set_phase(self, label: Label, phase: str, frame: int | None) -> None:
        """Take a 0-based frame as ED or ES of a ventricle, or leave it to the volumes (None)."""
        changes: dict[str, int | None] = {f"{phase}_frame": frame}
        other = "es" if phase == "ed" else "ed"
        if frame is not None and getattr(self.session.reading.of(label), f"{other}_frame") == frame:
            changes[f"{other}_frame"] = None  # one frame cannot be both: the last word counts
        self.session.set_reading(self.session.reading.with_ventricle(label, **changes))

    def _frame_on_screen(self) -> int | None:
        scan = self.session.scan
        return None if scan is None else layers.frame_on_screen(self.viewer, scan)

    def _go(self, label: Label, phase: str) -> None:
        frame = self.frame_of(label, phase)
        if frame is not None and self.session.scan is not None:
            layers.go_to(self.viewer, self.session.scan, frame=frame)

    def frame_of(self, label: Label, phase: str) -> int | None:
        """0-based frame of a phase: as measured, else as marked in the data for the LV."""
        session = self.session
        if session.function is not None:
            ventricle = session.function.lv if label is Label.LV else session.function.rv
            frame: int | None = getattr(ventricle, f"{phase}_frame")
            if frame is not None:
                return frame
        return getattr(session.scan, f"{phase}_frame") if label is Label.LV else None

    def show_phases(self) -> None:
        """Show what the session says now."""
        scan, reading = self.session.scan, self.session.reading
        for (label, phase), button in self.buttons.items():
            _, short, long_name, extreme = next(words for words in PHASES if words[0] == phase)
            frame = None if scan is None else self.frame_of(label, phase)
            by_hand = getattr(reading.of(label), f"{phase}_frame") is not None
            text = "–" if frame is None else f"frame {frame + 1}"
            button.setText(f"{short}  {text}" + (" ✎" if by_hand else ""))
            button.setEnabled(scan is not None and scan.n_frames > 1)
            found = "set by hand" if by_hand else f"the {extreme} volume of the cycle"
            button.setToolTip(
                f"Go to {label.name} {long_name}: {found}. The arrow sets it to the frame on "
                "screen, or back to automatic; the ejection fraction follows."
            )

    def set_theme(self, theme: Any) -> None:
        """Look like the other buttons of a napari theme; napari draws tool buttons flat."""
        face, edge = theme.foreground.as_hex(), theme.primary.as_hex()
        self.setStyleSheet(
            f"QToolButton {{ background: {face}; border-radius: 2px; padding: 4px; }}"
            f"QToolButton:hover {{ background: {edge}; }}"
        )
