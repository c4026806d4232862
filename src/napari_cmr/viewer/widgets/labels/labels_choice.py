"""Which labels layer is edited and measured, as a list to choose from."""

from typing import Any

from qtpy.QtWidgets import QComboBox
from superqt.utils import signals_blocked

from napari_cmr.viewer import layers
from napari_cmr.viewer.widgets.parts import Dock


class LabelsChoice(QComboBox):
    """The labels layers on the scan's grid, and which of them the session measures.

    Parameters
    ----------
    dock : Dock
        Whose viewer and session it follows, for as long as the dock lives.
    length : int
        Characters that are to be seen of a name at least.
    """

    def __init__(self, dock: Dock, length: int) -> None:
        super().__init__()
        self._viewer, self._session = dock.viewer, dock.session
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(length)
        self.setPlaceholderText("no labels yet")
        self.currentIndexChanged.connect(self._on_chosen)
        events = dock.viewer.layers.events
        dock.bind(dock.session.labels_layer_changed, self.refresh)
        dock.bind(dock.session.scan_changed, self.refresh)
        for event in (events.inserted, events.removed, events.renamed):
            dock.bind(event, self.refresh)
        self.refresh()

    def refresh(self, _anything: Any = None) -> None:
        """List the layers as they are now."""
        with signals_blocked(self):
            self.clear()
            for layer in layers.labels_layers(self._viewer, self._session.scan):
                self.addItem(layer.name)
                if layer is self._session.labels_layer:
                    self.setCurrentIndex(self.count() - 1)
        self.setEnabled(self.count() > 0)

    def _on_chosen(self, index: int) -> None:
        on_grid = layers.labels_layers(self._viewer, self._session.scan)
        if 0 <= index < len(on_grid):
            self._session.set_labels_layer(on_grid[index])
