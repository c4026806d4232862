"""Labels as outlines or as filled areas, all those of the scan alike."""

from typing import Any
from weakref import ref

from napari.layers import Labels

from napari_cmr.viewer import layers
from napari_cmr.viewer.core.session import Session


class Outlines:
    """Shows the labels of one viewer as outlines, those that come later too.

    Attributes
    ----------
    on : bool
    """

    def __init__(self, viewer: Any, session: Session) -> None:
        self._viewer = ref(viewer)
        self._session = session
        self.on = False
        viewer.layers.events.inserted.connect(self._on_inserted)

    def toggle(self) -> None:
        """Show outlines, or filled areas again."""
        self.on = not self.on
        for layer in layers.labels_layers(self._viewer(), self._session.scan):
            layers.outline(layer, self.on)

    def _on_inserted(self, event: Any) -> None:
        if self.on and isinstance(event.value, Labels):
            layers.outline(event.value, True)
