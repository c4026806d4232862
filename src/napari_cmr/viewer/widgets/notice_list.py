"""A line that says what to know about the numbers above it, and unfolds to all of it."""

from collections.abc import Sequence

from qtpy.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget
from superqt import QElidingLabel

from napari_cmr.scan import Notice
from napari_cmr.viewer.widgets.parts import Column, note, row


class NoticeList(QWidget):
    """One line with the first notice; unfolded, all of them in full, wrapped.

    The line stays where there is nothing to say, so that what is above it does not jump.
    """

    def __init__(self) -> None:
        super().__init__()
        self.toggle = QPushButton()
        self.toggle.setCheckable(True)
        self.toggle.setFlat(True)
        self.toggle.setStyleSheet(
            "text-align: left; border: none; background: transparent; font-size: 9pt; padding: 0;"
        )
        self.toggle.setToolTip("Show all warnings in full, or the first one only.")
        self.toggle.toggled.connect(self._show)
        self.first = QElidingLabel()
        self.first.setStyleSheet("font-size: 9pt;")
        self.all = note()
        self.column = Column()
        self.column.setMinimumWidth(0)
        self.column.box.setContentsMargins(12, 0, 0, 0)
        self.column.box.addWidget(self.all)
        self.column.box.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        head = row(self.toggle, self.first)
        head.setStretch(1, 1)
        head.addStretch(0)
        self.toggle.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.first.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.addLayout(head)
        box.addWidget(self.column, 1)
        self.show_notices(())

    def show_notices(self, notices: Sequence[Notice]) -> None:
        """Show these instead of those that were shown; it stays folded or unfolded."""
        self._notices = tuple(notices)
        self._show()

    def say(self, text: str) -> None:
        """Put a text in the place of the first notice, until notices are shown again."""
        self.first.setText(text)
        self.first.setToolTip("")
        self.first.show()

    def _show(self) -> None:
        texts = [one.text for one in self._notices]
        is_open = self.toggle.isChecked()
        n = len(texts)
        arrow = "▾" if is_open else "▸"
        self.toggle.setText(f"{arrow} ⚠ {n} warning{'' if n == 1 else 's'}")
        self.first.setText(texts[0] if texts else "")
        self.first.setToolTip("\n".join(texts))
        self.all.setText("\n".join(f"• {text}" for text in texts))
        self.toggle.setVisible(n > 0)
        self.first.setVisible(n == 0 or not is_open)
        self.column.setVisible(n > 0 and is_open)
        grows = QSizePolicy.Policy.Expanding if n > 0 and is_open else QSizePolicy.Policy.Fixed
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, grows)
        policy.setVerticalStretch(1 if n > 0 and is_open else 0)
        self.setSizePolicy(policy)
