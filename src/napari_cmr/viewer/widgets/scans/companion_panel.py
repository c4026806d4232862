"""What can be done with the other scan of the same patient; part of the Scan dock."""

from qtpy.QtWidgets import QCheckBox, QPushButton, QWidget
from superqt.utils import signals_blocked

from napari_cmr.viewer.widgets.parts import Column, Dock, heading, note, row

KINDS = {"cine": "cine", "lge": "late enhancement"}


class CompanionPanel(QWidget):
    """Show it, carry its contours over, see its picture here; hidden where there is none."""

    def __init__(self, dock: Dock) -> None:
        super().__init__()
        self.companion = dock.workbench.companion
        box = Column.layout_of(self)
        box.addWidget(heading("Also open"))
        self.name = note()
        box.addWidget(self.name)
        self.switch = QPushButton("Show it")
        self.switch.setToolTip("Show the other scan with its labels; this one stays at hand.")
        self.switch.clicked.connect(self.companion.switch)
        self.carry = QPushButton("Carry over")
        self.carry.setToolTip(
            "Put the other scan's contours, of the same phase of the heart, on these slices as a "
            "new labels layer to start from."
        )
        self.carry.clicked.connect(self.companion.carry)
        self.forget = QPushButton("Close it")
        self.forget.setToolTip("Let the other scan go; its file stays.")
        self.forget.clicked.connect(self.companion.forget)
        box.addLayout(row(self.switch, self.carry, self.forget, spacing=4))
        self.picture = QCheckBox("Its picture on these slices")
        self.picture.setToolTip(
            "See the other scan, of the same phase of the heart, resampled to these slices."
        )
        self.picture.toggled.connect(self.companion.set_picture)
        box.addWidget(self.picture)
        self.message = note()
        box.addWidget(self.message)
        dock.bind(self.companion.changed, self.refresh)
        dock.bind(self.companion.job.running_changed, self.refresh)
        self.refresh()

    def refresh(self, _anything: object = None) -> None:
        """Show what is at hand now."""
        companion = self.companion
        other = companion.other
        self.setVisible(other is not None)
        if other is None:
            return
        self.name.setText(f"{other.name} ({KINDS.get(other.kind, other.kind)})")
        running = companion.job.is_running
        self.carry.setEnabled(not running)
        with signals_blocked(self.picture):
            self.picture.setChecked(companion.has_picture)
        self.message.setText("working…" if running else companion.message)
        self.message.setVisible(bool(self.message.text()))
