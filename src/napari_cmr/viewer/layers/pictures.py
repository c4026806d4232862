"""Layers of an undersampled scan: the zero-filled images and the temporal average."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.layers import Image, Layer

from napari_cmr.kspace import Acquisition, MeasuredSlice
from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.canvas import slice_on_screen
from napari_cmr.viewer.layers.common import contrast_limits, find, grid, interpolation
from napari_cmr.viewer.layers.state import Role, metadata, note, state_of
from napari_cmr.viewer.layers.tiles import refresh_tiles

WINDOW_TOLERANCE = 0.08


@dataclass(frozen=True, eq=False)
class Pictures:
    """What is drawn of a slice that was undersampled; made where it does not hold up the window.

    Attributes
    ----------
    acquisition : Acquisition
    z : int
        Slice of the scan.
    zero_filled : ndarray, shape (T, Y, X), float32
        Magnitude.
    temporal_average : ndarray, shape (Y, X), float32
        Magnitude.
    window : tuple of 2 floats
        Grey values for the zero-filled magnitude.
    """

    acquisition: Acquisition
    z: int
    zero_filled: np.ndarray
    temporal_average: np.ndarray
    window: tuple[float, float]

    @classmethod
    def of(cls, measured: MeasuredSlice, acquisition: Acquisition) -> "Pictures":
        """Magnitudes of what was measured."""
        zero_filled = np.abs(measured.zero_filled())
        return cls(
            acquisition,
            measured.z,
            zero_filled,
            np.abs(measured.temporal_average),
            contrast_limits(zero_filled),
        )


def show_undersampled(viewer: Any, scan: Scan, result: Pictures, *, is_new: bool) -> None:
    """Write a slice into the zero-filled and temporal-average layers.

    The layers are made at the first call, above the image and under the labels; after that only
    their pixels change. The window of grey values is set by the first slice of an acquisition
    (``is_new``) and stays for all its slices and frames, unless the user has moved it.
    """
    image = find(viewer, scan, "image")
    if image is None:
        return
    zero_filled = find(viewer, scan, "zero_filled") or _add_derived(
        viewer, scan, image, "zero_filled"
    )
    average = find(viewer, scan, "temporal_average") or _add_derived(
        viewer, scan, image, "temporal_average"
    )
    zero_filled.data[:, result.z] = result.zero_filled
    if is_new:
        _window(zero_filled, image, result.window)
    average.data[result.z] = result.temporal_average
    if slice_on_screen(viewer, scan) == result.z:
        pictures: tuple[tuple[Layer, Role], ...] = (
            (zero_filled, "zero_filled"),
            (average, "temporal_average"),
        )
        for layer, role in pictures:
            layer.refresh(thumbnail=False, highlight=False, extent=False)
            refresh_tiles(viewer, scan, role)


def refresh_thumbnails(viewer: Any, scan: Scan) -> None:
    """Draw the small pictures in the layer list, once a stack is whole."""
    for role in ("zero_filled", "temporal_average"):
        layer = find(viewer, scan, role)
        if layer is not None:
            layer.refresh(data_displayed=False, highlight=False, extent=False)


def _window(layer: Image, image: Image, limits: tuple[float, float]) -> None:
    """Make up for the energy of lines that are missing, without a flicker from small changes."""
    now = tuple(layer.contrast_limits)
    if not np.allclose(now, state_of(layer).window or now):
        return  # the user has set it
    high = min(limits[1], image.contrast_limits[1])
    if abs(high - now[1]) > WINDOW_TOLERANCE * now[1]:
        layer.contrast_limits = (now[0], high)
    note(layer, window=tuple(layer.contrast_limits))


def _add_derived(viewer: Any, scan: Scan, image: Image, role: Role) -> Image:
    keywords = {
        **grid(scan),
        "colormap": "gray",
        "interpolation2d": interpolation(),
        "contrast_limits": image.contrast_limits,
        "metadata": metadata(scan, role),
    }
    if role == "zero_filled":
        data = np.zeros(scan.shape, dtype=np.float32)
        keywords["name"] = "Zero-filled"
    else:
        data = np.zeros(scan.shape[1:], dtype=np.float32)
        keywords["name"] = "Temporal average"
        keywords["visible"] = False
        for name in ("scale", "units", "axis_labels"):
            keywords[name] = keywords[name][1:]
    layer = Image(data, **keywords)
    layer.contrast_limits_range = image.contrast_limits_range
    above_image = list(viewer.layers).index(image) + 1
    active = viewer.layers.selection.active
    viewer.layers.insert(above_image, layer)
    viewer.layers.selection.active = active
    return layer
