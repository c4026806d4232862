"""What can be done with other scans of the same patient; part of the Scan dock."""

from qtpy.QtWidgets import QCheckBox, QComboBox, QPushButton, QWidget
from superqt.utils import signals_blocked

from napari_cmr.viewer.widgets.parts import Column, Dock, heading, note, row

SAME_PATIENT, OPEN_BEFORE = "Same patient", "Open before"


class CompanionPanel(QWidget):
    """Show it, carry its contours over, see its picture here; hidden where there is none."""

    def __init__(self, dock: Dock) -> None:
        super().__init__()
        self.companion = dock.workbench.companion
        box = Column.layout_of(self)
        self.title = heading(SAME_PATIENT)
        box.addWidget(self.title)
        self.choice = QComboBox()
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(12)
        self.choice.setToolTip(
            "Scans that were open before and may be of this patient, and those of the folder."
        )
        self.choice.activated.connect(self.companion.choose)
        box.addWidget(self.choice)
        self.doubt = note("The files do not tell whether this is the same patient: make sure.")
        box.addWidget(self.doubt)
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
        for job in self.companion.jobs:
            dock.bind(job.running_changed, self.refresh)
        self.refresh()

    def refresh(self, _anything: object = None) -> None:
        """Show what is at hand now."""
        companion = self.companion
        chosen = companion.chosen
        self.setVisible(chosen is not None)
        if chosen is None:
            return
        with signals_blocked(self.choice):
            self.choice.clear()
            self.choice.addItems([one.title for one in companion.others])
            self.choice.setCurrentIndex(companion.others.index(chosen))
        self.title.setText(SAME_PATIENT if companion.is_of_one_study else OPEN_BEFORE)
        self.doubt.setVisible(not companion.is_of_one_study)
        running = companion.is_running
        self.carry.setEnabled(not running)
        self.forget.setEnabled(chosen.scan is not None)
        with signals_blocked(self.picture):
            self.picture.setChecked(companion.has_picture)
        self.message.setText("working…" if running else companion.message)
        self.message.setVisible(bool(self.message.text()))
