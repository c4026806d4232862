"""How layers are shown: put back as a session file has it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from napari.layers import Image, Layer

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import labels_layers
from napari_cmr.viewer.layers.state import role_of, scan_of

if TYPE_CHECKING:
    from napari_cmr.workflow.session.file import LayerView


def hide(layer: Layer) -> None:
    """Take a layer out of sight."""
    layer.visible = False


def restore_views(viewer: Any, scan: Scan, views: "Iterable[LayerView]") -> None:
    """Show the layers of a scan as they were shown; those that are not there are passed over."""
    own = [layer for layer in viewer.layers if scan_of(layer) is scan]
    own += [layer for layer in labels_layers(viewer, scan) if layer not in own]
    for view in views:
        for layer in own:
            role = role_of(layer) or "other"
            labels_alike = {role, view.role} <= {"other", "drawn"}  # labels of other programs
            if layer.name == view.name and (role == view.role or labels_alike):
                layer.visible, layer.opacity = view.visible, view.opacity
                if view.contrast_limits is not None and isinstance(layer, Image):
                    low, high = view.contrast_limits
                    if low < high:
                        layer.contrast_limits = (low, high)
