"""What the docks share that run long: a button, how often, a bar, and a word on how it goes."""

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QProgressBar, QPushButton, QSizePolicy, QSpinBox, QVBoxLayout, QWidget
from superqt.utils import signals_blocked

from napari_cmr.viewer.widgets.parts import note, row


class RunControls(QWidget):
    """A column of fixed width; the dock puts its own choices between button and bar.

    Parameters
    ----------
    name : str
        On the button while nothing runs; it says Cancel otherwise.
    width : int
        Pixels.

    Attributes
    ----------
    box : QVBoxLayout
    run : QPushButton
    count : QSpinBox
        How often; disabled while it runs.
    progress : QProgressBar
    state : QLabel
    """

    def __init__(self, name: str, width: int) -> None:
        super().__init__()
        self._name = name
        self.setFixedWidth(width)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(4)
        self.run = QPushButton(name)
        self.count = QSpinBox()
        self.count.setSuffix(" ×")
        self.count.setFixedWidth(88)
        self.box.addLayout(row(self.run, self.count))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(5)
        self.state = note()
        # Takes what room there is, and never makes the dock grow: all of it is in the tooltip.
        self.state.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop)

    def minimumSizeHint(self) -> QSize:
        """Height that the texts take when they wrap at this width: Qt counts one line of each.

        The word on how it goes may be cut short.
        """
        height = self.box.minimumHeightForWidth(self.width())
        return QSize(self.width(), height - self.state.heightForWidth(self.width()))

    def add(self, *widgets: QWidget) -> None:
        """Add widgets below what is there."""
        for widget in widgets:
            self.box.addWidget(widget)

    def add_state(self) -> None:
        """Add the word on how it goes, which takes the room that is left."""
        self.box.addWidget(self.state, 1)

    def show_run(self, *, is_running: bool, steps: int, all_steps: int) -> None:
        """Show whether it runs, and how far it has come."""
        self.run.setText("Cancel" if is_running else self._name)
        self.count.setEnabled(not is_running)
        self.progress.setRange(0, max(1, all_steps))
        self.progress.setValue(steps if is_running else 0)

    def show_count(self, count: int) -> None:
        """Show how often, without announcing it."""
        with signals_blocked(self.count):
            self.count.setValue(count)

    def say(self, text: str, *more: str) -> None:
        """Say how it goes; all of it, and more, in the tooltip."""
        self.state.setText(text)
        self.state.setToolTip("\n".join([text, *more]))
