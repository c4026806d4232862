"""napari's writers: labels and images as NIfTI on the scan's own grid."""

from typing import Any

import numpy as np


def write_labels(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write a labels layer as NIfTI with the affine of its scan."""
    from napari_cmr.scan.export import save_labels

    save_labels(path, _on_grid(path, data, attributes), _scan(path, attributes))
    return [path]


def write_image(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write an image layer as NIfTI with the affine of its scan."""
    from napari_cmr.scan.export import save_image

    save_image(path, _on_grid(path, data, attributes), _scan(path, attributes))
    return [path]


def _scan(path: str, attributes: dict[str, Any]) -> Any:
    from napari_cmr.scan import ScanError
    from napari_cmr.viewer.layers import KEY

    scan = attributes.get("metadata", {}).get(KEY, {}).get("scan")
    if scan is None:
        raise ScanError(
            "this layer does not say which scan it belongs to, so it has no place in a patient",
            source=path,
            remedy="save it with another writer, or draw in a layer made by the Function dock",
        )
    return scan


def _on_grid(path: str, data: Any, attributes: dict[str, Any]) -> np.ndarray:
    """Give a still image, such as the temporal average, its one frame."""
    array = np.asarray(data)
    return array[None] if array.ndim == 3 else array
