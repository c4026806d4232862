"""What the scores mean, beside the image and in the dock."""

from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QWidget

from napari_cmr.workflow.reading.criteria import NAMES, SCORES


class CriteriaList(QWidget):
    """A row for each score: its key, its name, and when to give it.

    Parameters
    ----------
    columns : int
        In which the scores are set.
    text_style : str
        Style of the sentences.
    chosen_style : str
        Style of the row that :meth:`mark` marks.
    """

    def __init__(self, columns: int = 1, text_style: str = "", chosen_style: str = "") -> None:
        super().__init__()
        self._chosen_style = chosen_style
        self.rows: list[QFrame] = []
        self._texts: list[QLabel] = []
        box = QGridLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        for place, (score, name) in enumerate(zip(SCORES, NAMES, strict=True)):
            row, number, title, text = QFrame(), QLabel(str(score)), QLabel(name), QLabel()
            number.setStyleSheet("font-size: 20pt; font-weight: 600;")
            number.setFixedWidth(26)
            number.setIndent(0)
            title.setStyleSheet("font-weight: 600;")
            text.setWordWrap(True)
            text.setAlignment(Qt.AlignmentFlag.AlignTop)
            text.setStyleSheet(text_style)
            text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            grid = QGridLayout(row)
            grid.setContentsMargins(8, 4, 8, 6)
            grid.setHorizontalSpacing(6)
            grid.setVerticalSpacing(0)
            grid.addWidget(number, 0, 0, 2, 1)
            grid.addWidget(title, 0, 1)
            grid.addWidget(text, 1, 1)
            grid.setColumnStretch(1, 1)
            grid.setRowStretch(1, 1)
            row.setObjectName("row")
            box.addWidget(row, place // columns, place % columns)
            self.rows.append(row)
            self._texts.append(text)

    @property
    def texts(self) -> list[str]:
        """Sentences as shown."""
        return [one.text() for one in self._texts]

    def show_criteria(self, criteria: Any) -> None:
        """Show the sentences of a study."""
        for label, text in zip(self._texts, criteria, strict=True):
            label.setText(text)

    def mark(self, score: int | None) -> None:
        """Mark the row of a score, or none."""
        for one, row in zip(SCORES, self.rows, strict=True):
            row.setStyleSheet(self._chosen_style if one == score else "")
