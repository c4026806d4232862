"""The layers of a scan as a whole: made when it is opened, removed when another comes."""

from typing import Any

import numpy as np
from napari.layers import Labels, Layer

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import (
    KEY,
    LayerTuple,
    contrast_limits,
    grid,
    interpolation,
    labels_tuple,
    scan_of,
)


def layer_tuples(scan: Scan) -> list[LayerTuple]:
    """Layers of a scan as napari's readers return them: the image, then reference labels."""
    magnitude = np.abs(scan.image) if np.iscomplexobj(scan.image) else scan.image
    image = {
        **grid(scan),
        "name": scan.name,
        "colormap": "gray",
        "interpolation2d": interpolation(),
        "contrast_limits": contrast_limits(magnitude),
        "metadata": {KEY: {"scan": scan, "role": "image"}},
    }
    tuples: list[LayerTuple] = [(magnitude, image, "image")]
    if scan.labels is not None:
        tuples.append(labels_tuple(scan, scan.labels.copy(), "Labels"))
    return tuples


def show_scan(viewer: Any, scan: Scan) -> None:
    """Add the layers of a scan and look at its middle slice, at the first frame."""
    for data, keywords, kind in layer_tuples(scan):
        viewer.add_layer(Layer.create(data, keywords, kind))


def remove_scan(viewer: Any, scan: Scan) -> bool:
    """Remove the layers of a scan; labels that were edited stay, hidden.

    Returns
    -------
    bool
        Whether edited labels were kept.
    """
    kept = False
    for layer in [layer for layer in viewer.layers if scan_of(layer) is scan]:
        if isinstance(layer, Labels) and not _is_untouched(layer, scan):
            layer.visible = False
            kept = True
        else:
            viewer.layers.remove(layer)
    return kept


def _is_untouched(layer: Labels, scan: Scan) -> bool:
    """Whether a layer holds only what can be had again: reference, a model's labels, or nothing."""
    state = layer.metadata[KEY]
    start = scan.labels if state["role"] == "labels" else state.get("written")
    return bool(not layer.data.any() if start is None else np.array_equal(layer.data, start))
