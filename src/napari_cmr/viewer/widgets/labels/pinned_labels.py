"""Which labels a dock looks into: named, and the same until the user takes others."""

from typing import Any
from weakref import ref

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QPushButton, QWidget
from superqt.utils import signals_blocked

from napari_cmr.viewer import layers
from napari_cmr.viewer.widgets.parts import Column, Dock, row


class PinnedLabels(QWidget):
    """A list of the scan's labels layers, and a button where others are being edited.

    Parameters
    ----------
    dock : Dock
        Whose viewer and session it follows, for as long as the dock lives.
    """

    changed = Signal()
    """Other labels were taken, or those that were have gone."""

    def __init__(self, dock: Dock) -> None:
        super().__init__()
        self._viewer, self._session = dock.viewer, dock.session
        self._layer: Any = None
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
        dock.bind(dock.session.labels_layer_changed, self.refresh)
        dock.bind(dock.session.scan_changed, self.refresh)
        for event in (events.inserted, events.removed, events.renamed):
            dock.bind(event, self.refresh)
        self.refresh()

    @property
    def layer(self) -> Any:
        """The labels layer, or None."""
        return None if self._layer is None else self._layer()

    def refresh(self, _anything: Any = None) -> None:
        """List the layers as they are now; take the session's if the one that was taken is gone."""
        offered = layers.label_sets(self._viewer, self._session.scan)
        measured = self._session.labels_layer
        if self.layer not in offered:
            self._set(measured if measured in offered else next(iter(offered), None))
        with signals_blocked(self.choice):
            self.choice.clear()
            self.choice.addItems([layer.name for layer in offered])
            if self.layer is not None:
                self.choice.setCurrentIndex(offered.index(self.layer))
        others = measured in offered and measured is not self.layer
        self.take.setVisible(others)
        if others:
            self.take.setText(f"Use {measured.name}, which is measured now")

    def _on_chosen(self, index: int) -> None:
        self._set(layers.label_sets(self._viewer, self._session.scan)[index])
        self.refresh()

    def _on_take(self) -> None:
        self._set(self._session.labels_layer)
        self.refresh()

    def _set(self, layer: Any) -> None:
        if layer is not self.layer:
            self._layer = None if layer is None else ref(layer)
            self.changed.emit()
