"""How layers are shown: seen or not, as outlines, and as a session file has it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels, Layer

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import find, labels_layers
from napari_cmr.viewer.layers.state import role_of, scan_of

if TYPE_CHECKING:
    from napari_cmr.workflow.session.file import LayerView


OUTLINE_PIXELS = 1
"""Width of an outline."""


def set_visible(layer: Layer, on: bool) -> None:
    """Show a layer, or take it out of sight."""
    layer.visible = on


def outline(layer: Labels, on: bool) -> None:
    """Show labels as outlines, or as filled areas."""
    layer.contour = OUTLINE_PIXELS if on else 0


def rename(layer: Layer, name: str) -> None:
    """Give a layer another name."""
    layer.name = name


def remove(viewer: Any, layer: Layer | None) -> None:
    """Take a layer away, where it is there."""
    if layer is not None and layer in viewer.layers:
        viewer.layers.remove(layer)


def bring_back(viewer: Any, scan: Scan, kept: Labels) -> Labels:
    """Show labels that were taken away as they were left.

    The scan's reference stays as it came where the labels are the same, and goes where they are it,
    edited.
    """
    reference = find(viewer, scan, "labels")
    if reference is not None and np.array_equal(reference.data, kept.data):
        return reference
    if role_of(kept) == "labels":
        remove(viewer, reference)
    kept.visible = True
    viewer.add_layer(kept)
    return kept


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
