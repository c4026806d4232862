"""Layers of a late enhancement scan: what was found to be scar, and remote muscle to draw."""

from typing import Any

import numpy as np
from napari.layers import Labels

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import (
    HouseColormap,
    find,
    forget_steps,
    grid,
    labels_layers,
    labels_tuple,
)
from napari_cmr.viewer.layers.state import is_edited, metadata, note, role_of

REMOTE_COLOUR = (0.0, 0.85, 0.95, 1.0)


def show_scar(viewer: Any, scan: Scan, labels: np.ndarray) -> Labels:
    """Write labels ``(Z, Y, X)`` with scar and no-reflow into the scar layer of a scan.

    The layer is made at the first call, and other labels are hidden then; after that only its
    voxels change. It follows sliders, so nothing of it can be undone; one that the user has
    edited is theirs, and kept under another name.
    """
    layer = find(viewer, scan, "scar")
    if layer is not None and is_edited(layer):
        layer.name = f"{layer.name} (edited)"
        note(layer, role="drawn")
        layer.visible = False
        layer = None
    if layer is None:
        others = labels_layers(viewer, scan)
        data, keywords, _kind = labels_tuple(scan, labels[None].copy(), "Scar", "scar")
        layer = Labels(data, **keywords)
        note(layer, written=data.copy())
        _add(viewer, layer)
        for other in others:
            other.visible = False
    elif not np.array_equal(layer.data[0], labels):
        forget_steps(layer)
        layer.data[0] = labels
        note(layer, written=layer.data.copy())
        layer.refresh(thumbnail=False, highlight=False, extent=False)
    return layer


def is_found_scar(layer: Labels) -> bool:
    """Whether a layer holds scar as it was found, which can be found again."""
    return role_of(layer) == "scar" and not is_edited(layer)


def show_remote(viewer: Any, scan: Scan, mask: np.ndarray) -> Labels:
    """Layer of remote muscle, made of a mask ``(Z, Y, X)`` where there is none yet."""
    layer = find(viewer, scan, "remote")
    if layer is None:
        keywords = {key: value[1:] for key, value in grid(scan).items()}
        colours = {None: REMOTE_COLOUR, 0: (0.0, 0.0, 0.0, 0.0), 1: REMOTE_COLOUR}
        layer = Labels(
            mask.astype(np.uint8),
            name="Remote muscle",
            colormap=HouseColormap(color_dict=colours),
            opacity=0.5,
            metadata=metadata(scan, "remote"),
            **keywords,
        )
        _add(viewer, layer)
    return layer


def draw_remote(viewer: Any, scan: Scan, mask: np.ndarray) -> Labels:
    """Put remote muscle ``(Z, Y, X)`` into a layer to paint in, with the brush in hand."""
    layer = show_remote(viewer, scan, mask)
    layer.selected_label = 1
    layer.brush_size = 4
    layer.visible = True
    viewer.layers.selection.active = layer
    layer.mode = "paint"
    return layer


def _add(viewer: Any, layer: Labels) -> None:
    active = viewer.layers.selection.active
    viewer.add_layer(layer)
    viewer.layers.selection.active = active
