"""What every layer of a scan has: its grid, its colours, and how it is found."""

from collections import defaultdict
from typing import Any

import numpy as np
from napari.layers import Labels, Layer
from napari.utils.colormaps import DirectLabelColormap

from napari_cmr.scan import LABEL_COLOURS, Label, Scan
from napari_cmr.viewer.core.preferences import preference
from napari_cmr.viewer.layers.state import Role, metadata, role_of, scan_of

LayerTuple = tuple[np.ndarray, dict[str, Any], str]

AXES = ("time", "slice", "row", "column")
_STRAY = (0.85, 0.1, 0.85, 1.0)  # a label number that means nothing is shown loudly


class HouseColormap(DirectLabelColormap):
    """napari's colours by label, without its compiled lookup.

    napari compiles that at the first labels layer of a window, which takes as long as all else
    that opens a scan; a few labels need no compiler.
    """

    def _map_without_cache(self, values: np.ndarray) -> np.ndarray:
        """Colours (RGBA, a last axis of 4) of the few hundred values that a pixel can have."""
        colours = [self.color_dict.get(int(value), self.default_color) for value in values.flat]
        return np.array(colours, dtype=np.float32).reshape(*values.shape, 4)


def forget_steps(layer: Labels) -> None:
    """Empty a layer's undo history, as its labels are replaced by others outside of it.

    Its steps hold the voxels of before, which would be mixed with those that are there now.
    """
    mode = layer.mode
    layer.editable = False  # napari's only public way
    layer.editable = True
    layer.mode = mode


def _label_colormap() -> DirectLabelColormap:
    colours: dict[int | None, Any] = defaultdict(lambda: _STRAY)
    colours[None] = _STRAY
    colours[0] = (0.0, 0.0, 0.0, 0.0)
    colours.update({int(label): (*rgb, 1.0) for label, rgb in LABEL_COLOURS.items()})
    return HouseColormap(color_dict=colours)


LABEL_COLORMAP = _label_colormap()
"""One colour map for every labels layer: napari builds it slowly, and colours must not differ."""

_GREYS = {Label.LV: 0.85, Label.MYO: 0.6, Label.RV: 0.72, Label.SCAR: 0.95, Label.NO_REFLOW: 0.3}


def _old_colormap() -> DirectLabelColormap:
    greys: dict[int | None, Any] = {None: _STRAY, 0: (0.0, 0.0, 0.0, 0.0)}
    greys.update({int(label): (*3 * (_GREYS.get(label, 0.5),), 1.0) for label in LABEL_COLOURS})
    return HouseColormap(color_dict=greys)


OLD_COLORMAP = _old_colormap()
"""Of labels that were made from other lines than those that are chosen."""


def _faded_colormap() -> DirectLabelColormap:
    colours: dict[int | None, Any] = {None: _STRAY, 0: (0.0, 0.0, 0.0, 0.0)}
    for label, rgb in LABEL_COLOURS.items():
        grey = sum(rgb) / 3
        colours[int(label)] = (*(0.35 * one + 0.65 * grey for one in rgb), 1.0)
    return HouseColormap(color_dict=colours)


FADED_COLORMAP = _faded_colormap()
"""Of such labels while they are corrected: pale, but the structures can be told apart."""


def time_step_ms(scan: Scan) -> float | None:
    """Time from frame to frame in ms, or None if the scan does not say."""
    if not scan.has_full_cycle:
        return None
    if scan.cycle_ms:
        return scan.cycle_ms / scan.n_frames
    if scan.frame_times_ms is not None:
        step = float(np.median(np.diff(scan.frame_times_ms)))
        return step if step > 0 else None
    return None


def grid(scan: Scan) -> dict[str, Any]:
    """``scale``, ``units`` and ``axis_labels`` of every 4-D layer of a scan."""
    step = time_step_ms(scan)
    return {
        "scale": (step or 1.0, *scan.spacing),
        # The same for all scans, with a step of 1 where times are not known: where units of layers
        # disagree, if only while one scan takes the place of another, napari drops all of them.
        "units": ("ms", "mm", "mm", "mm"),
        "axis_labels": AXES,
    }


MANY_PIXELS = 1_000_000
"""More than these change nothing in a window of grey values, and take long to sort."""


def contrast_limits(magnitude: np.ndarray) -> tuple[float, float]:
    """Window from black air to bright blood: up to the 99.5th percentile of a million pixels."""
    sample = magnitude[..., ::2, ::2]
    sample = sample[:: max(1, sample.size // MANY_PIXELS)]
    high = float(np.percentile(sample, 99.5))
    low = min(0.0, float(sample.min()))
    return (low, high) if high > low else (low, low + 1.0)


def interpolation() -> str:
    """How napari draws images between pixels."""
    return "linear" if preference("viewing", "smooth_pixels") else "nearest"


def labels_tuple(scan: Scan, labels: np.ndarray, name: str, role: Role = "labels") -> LayerTuple:
    """A labels layer of a scan as napari's readers return them."""
    keywords = {
        **grid(scan),
        "name": name,
        "colormap": LABEL_COLORMAP,
        "opacity": preference("viewing", "label_opacity"),
        "metadata": metadata(scan, role),
    }
    return labels, keywords, "labels"


def find(viewer: Any, scan: Scan | None, role: Role) -> Layer | None:
    """Topmost layer of a scan in a role."""
    for layer in reversed(viewer.layers):
        if scan is not None and scan_of(layer) is scan and role_of(layer) == role:
            return layer
    return None


PICTURES: tuple[Role, ...] = ("image", "zero_filled", "temporal_average", "reconstructed")
"""Roles of which one at a time is looked at."""


def layers_of(viewer: Any, scan: Scan | None, role: Role) -> list[Layer]:
    """Layers of a scan in a role, the lowest first."""
    return [
        layer
        for layer in viewer.layers
        if scan is not None and scan_of(layer) is scan and role_of(layer) == role
    ]


def has_tiles(viewer: Any, scan: Scan | None) -> bool:
    """Whether models are shown side by side."""
    return find(viewer, scan, "tile") is not None


def labels_layers(viewer: Any, scan: Scan | None) -> list[Labels]:
    """Labels layers that lie on the scan's grid, topmost first, whoever made them.

    The mean of repeated acquisitions is none, nor where two differ: they are nobody's segmentation.
    """
    if scan is None:
        return []
    return [
        layer
        for layer in reversed(viewer.layers)
        if isinstance(layer, Labels)
        and layer.data.shape == scan.shape
        and role_of(layer) not in ("mean_shape", "difference")
    ]


def label_sets(viewer: Any, scan: Scan | None) -> list[Labels]:
    """Labels layers that are segmentations; what was found inside one of them is none."""
    found = ("scar", "remote")
    return [layer for layer in labels_layers(viewer, scan) if role_of(layer) not in found]
