"""Which labels scar is looked for in: named, and the same until the user takes others."""

from typing import Any

from qtpy.QtWidgets import QComboBox, QPushButton, QWidget
from superqt.utils import signals_blocked

from napari_cmr.viewer.controllers.measures.scar import ScarSearch
from napari_cmr.viewer.widgets.parts import Column, Dock, row


class PinnedLabels(QWidget):
    """A list of the scan's labels layers, and a button where others are being edited.

    Parameters
    ----------
    dock : Dock
        Whose viewer and session it follows, for as long as the dock lives.
    search : ScarSearch
        Holds what is taken.
    """

    def __init__(self, dock: Dock, search: ScarSearch) -> None:
        super().__init__()
        self._session, self._search = dock.session, search
        self.choice = QComboBox()
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(12)
        self.choice.setToolTip("The labels in whose myocardium scar is looked for.")
        self.choice.activated.connect(self._on_chosen)
        self.take = QPushButton()
        self.take.setToolTip("Look into the labels that the other docks measure and edit now.")
        self.take.clicked.connect(self._on_take)
        box = Column.layout_of(self)
        box.addWidget(self.choice)
        box.addLayout(row(self.take))
        events = dock.viewer.layers.events
        dock.bind(search.changed, self.refresh)
        dock.bind(dock.session.labels_layer_changed, self.refresh)
        for event in (events.inserted, events.removed, events.renamed):
            dock.bind(event, self.refresh)
        self.refresh()

    def refresh(self, _anything: Any = None) -> None:
        """List the layers as they are now."""
        offered, taken = self._search.offered, self._search.labels
        measured = self._session.labels_layer
        with signals_blocked(self.choice):
            self.choice.clear()
            self.choice.addItems([layer.name for layer in offered])
            if taken in offered:
                self.choice.setCurrentIndex(offered.index(taken))
        others = measured in offered and measured is not taken
        self.take.setVisible(others)
        if others:
            self.take.setText(f"Use {measured.name}, which is measured now")

    def _on_chosen(self, index: int) -> None:
        self._search.take_labels(self._search.offered[index])

    def _on_take(self) -> None:
        self._search.take_labels(self._session.labels_layer)
