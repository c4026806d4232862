"""Dock of the reading panel: opens a study, asks who reads, and covers the screen with it."""

from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cmr.scan import ScanError
from napari_cmr.viewer.widgets.parts import Column, Dock, heading, note, row
from napari_cmr.viewer.widgets.reading.criteria import CriteriaList
from napari_cmr.viewer.widgets.reading.screen import ReadingScreen
from napari_cmr.workflow.reading.study import KEY_FILE

CONTROLS_WIDTH = 270
EMPTY = (
    "Rate reconstructions without knowing what made them: open the folder of a study, which "
    "'napari-cmr reading-panel make' writes."
)


class ReadingDock(Dock):
    """Study, reader and progress on the left, what the scores mean on the right."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.panel = self.workbench.reading_panel
        self.screen_of_reader: ReadingScreen | None = None
        self._build()
        self.bind(self.panel.changed, self._show)
        self._show()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        box = QHBoxLayout(self)
        box.setContentsMargins(10, 4, 10, 4)
        box.setSpacing(16)
        controls = QWidget()
        controls.setFixedWidth(CONTROLS_WIDTH)
        side = QVBoxLayout(controls)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(6)
        self.open_button = QPushButton("Open study…")
        self.open_button.setToolTip("Choose the folder of a reading study.")
        self.open_button.clicked.connect(self._on_open)
        self.code = QLineEdit()
        self.code.setPlaceholderText("r1")
        self.code.setMaxLength(24)
        self.code.setToolTip(
            "A code, not a name: small letters, digits and hyphens. The same code goes on where it "
            "was; each has an order of its own."
        )
        self.code.returnPressed.connect(self.start)
        self.start_button = QPushButton("Start reading")
        self.start_button.setToolTip(
            "Cover the screen with the images of the study, one by one. Esc comes back here."
        )
        self.start_button.clicked.connect(self.start)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(5)
        self.study, self.state = note(), note()
        # Takes what room there is, and never makes the window grow.
        self.state.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop)
        side.addWidget(self.open_button)
        side.addWidget(self.study)
        side.addLayout(row(QLabel("Reader"), self.code, stretch_last=True))
        side.addWidget(self.start_button)
        side.addWidget(self.progress)
        side.addWidget(self.state, 1)
        box.addWidget(controls)
        column = Column()
        self.scores = heading("Scores: keys 1 to 4")
        self.criteria = CriteriaList(2, "font-size: 9pt;")
        column.box.addWidget(self.scores)
        column.box.addWidget(self.criteria)
        column.box.addStretch(1)
        box.addWidget(column, 1)

    # -- the user does something ------------------------------------------------------------------

    def _on_open(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Open a reading study")
        if folder:
            self.open_study(folder)

    def open_study(self, folder: str) -> None:
        """Open a study, or say why not."""
        try:
            self.panel.open_study(folder)
        except ScanError as error:
            self.say(str(error))
            return
        self.code.setFocus()

    def start(self) -> None:
        """Cover the screen for the reader whose code is typed, or say why not."""
        if self.panel.is_reading:
            return
        try:
            self.panel.choose_reader(self.code.text().strip())
        except ScanError as error:
            self.say(str(error))
            return
        screen = self.screen_of_reader = ReadingScreen(self.panel, self.window())
        screen.left.connect(self._on_left)
        screen.open()

    def _on_left(self) -> None:
        self.screen_of_reader = None
        self.window().activateWindow()
        self.start_button.setFocus()

    # -- what is shown ----------------------------------------------------------------------------

    def _show(self) -> None:
        folder, reading = self.panel.folder, self.panel.reading
        self.open_button.setEnabled(not self.panel.is_reading)
        for widget in (self.code, self.start_button):
            widget.setEnabled(folder is not None)
        for widget in (self.scores, self.criteria, self.progress):
            widget.setVisible(folder is not None)
        if folder is None:
            self.study.setText(EMPTY)
            self.say("")
            return
        n_images = len(folder.study.items) + len(folder.study.repeats)
        text = f"{folder.path.name}: {n_images} images to rate."
        if self.panel.readers:
            text += f" Readers so far: {', '.join(self.panel.readers)}."
        self.study.setText(text)
        self.criteria.show_criteria(folder.study.criteria)
        done = 0 if reading is None else reading.n_rated
        self.progress.setRange(0, n_images)
        self.progress.setValue(done)
        self.start_button.setText("Go on reading" if 0 < done < n_images else "Start reading")
        if reading is not None:
            self.say(
                f"{reading.reader} has rated all {n_images} images."
                if done == n_images
                else f"{reading.reader} has rated {done} of {n_images} images."
            )
        elif (folder.path / KEY_FILE).exists():
            self.say(f"{KEY_FILE} lies in the study: take it out before anybody reads.")
        else:
            self.say("")

    def say(self, text: str) -> None:
        """Say how it stands."""
        self.state.setText(text)
        self.state.setToolTip(text)
