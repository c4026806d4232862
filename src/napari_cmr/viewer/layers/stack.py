"""The layers of a scan as a whole: made when it is opened, removed when another comes."""

from typing import Any

import numpy as np
from napari.layers import Labels, Layer

from napari_cmr.scan import Scan
from napari_cmr.viewer.core.label_marks import digests_of
from napari_cmr.viewer.layers.common import (
    LayerTuple,
    contrast_limits,
    grid,
    interpolation,
    labels_tuple,
)
from napari_cmr.viewer.layers.state import metadata, scan_of, state_of


def layer_tuples(scan: Scan) -> list[LayerTuple]:
    """Layers of a scan as napari's readers return them: the image, then reference labels."""
    image, labels = _image_tuple(scan), _reference_tuple(scan)
    return [image] if labels is None else [image, labels]


def _image_tuple(scan: Scan) -> LayerTuple:
    magnitude = np.abs(scan.image) if np.iscomplexobj(scan.image) else scan.image
    keywords = {
        **grid(scan),
        "name": scan.name,
        "colormap": "gray",
        "interpolation2d": interpolation(),
        "contrast_limits": contrast_limits(magnitude),
        "metadata": metadata(scan, "image"),
    }
    return magnitude, keywords, "image"


def _reference_tuple(scan: Scan) -> LayerTuple | None:
    return None if scan.labels is None else labels_tuple(scan, scan.labels.copy(), "Labels")


def show_scan(viewer: Any, scan: Scan) -> None:
    """Add the layers of a scan and look at its middle slice, at the first frame."""
    show_image(viewer, scan)
    show_reference(viewer, scan)


def show_image(viewer: Any, scan: Scan) -> None:
    """Add the image of a scan and look at its middle slice, at the first frame."""
    viewer.add_layer(Layer.create(*_image_tuple(scan)))


def show_reference(viewer: Any, scan: Scan) -> None:
    """Add the labels that came with a scan, if any did."""
    reference = _reference_tuple(scan)
    if reference is not None:
        viewer.add_layer(Layer.create(*reference))


def remove_scan(viewer: Any, scan: Scan) -> bool:
    """Remove the layers of a scan, hidden ones too.

    A layer that stayed, even hidden, would put its own spacing on napari's sliders: their steps
    would not be frames and slices of the next scan any more.

    Returns
    -------
    bool
        Whether labels were among them that had been edited.
    """
    edited = False
    with viewer.layers.batched_update():
        for layer in [layer for layer in viewer.layers if scan_of(layer) is scan]:
            edited |= isinstance(layer, Labels) and not _is_untouched(layer, scan)
            viewer.layers.remove(layer)
    return edited


def _is_untouched(layer: Labels, scan: Scan) -> bool:
    """Whether a layer holds only what can be had again: reference, a model's, saved, or nothing."""
    state = state_of(layer)
    if state.saved is not None and np.array_equal(digests_of(layer.data), state.saved):
        return True
    start = scan.labels if state.role == "labels" else state.written
    return bool(not layer.data.any() if start is None else np.array_equal(layer.data, start))
