"""What lies over a reconstructed image: error, uncertainty, what was added, motion, a line."""

from typing import Any

import numpy as np
from napari.layers import Image, Layer, Vectors
from napari.utils.colormaps import Colormap

from napari_cmr.motion.tracking import TissueMotion
from napari_cmr.scan import Scan
from napari_cmr.viewer.core.reconstructions import Overlay
from napari_cmr.viewer.layers.common import grid, interpolation
from napari_cmr.viewer.layers.state import Role, metadata, note, scan_of, state_of

SHOWN_PERCENT = {"error": (2.0, 20.0), "uncertainty": (0.5, 5.0), "added": (-15.0, 15.0)}
"""Of the brightest pixel: where an overlay begins to show, and where it is brightest.

A standard deviation is the usual error, of which the largest are several times as large. What was
added is blue where it darkens and orange where it brightens, and shows nothing at zero.
"""

PICTURE = "picture"
"""In place of a method's name, for what lies over the one picture where there are no tiles."""

LINE_COLOUR = "#ffd84d"
LONG_MM = 12.0
"""Of an arrow that has the last colour, as longer ones have."""
SHORT_MM = 1.0
"""Shorter arrows say nothing, and are left out."""
ARROW_COLOURS = ((0.35, 0.85, 1.0), (1.0, 0.93, 0.3), (1.0, 0.36, 0.12))
"""From no motion to ``LONG_MM``."""
_ARROW_MM = 1.0
_TICK_SHARE, _LINE_SHARE = 0.03, 0.006
"""Of the image, so that the line is seen in a tile as well."""
_COLOURS = {
    "error": ((0.90, 0.38, 0.0, 0.0), (0.95, 0.55, 0.05, 0.75), (1.0, 0.95, 0.75, 1.0)),
    "added": ((0.2, 0.55, 1.0, 1.0), (0.5, 0.5, 0.5, 0.0), (1.0, 0.45, 0.1, 1.0)),
    "uncertainty": ((0.20, 0.75, 0.95, 0.0), (0.25, 0.80, 0.95, 0.7), (0.9, 1.0, 1.0, 1.0)),
}
_OF_LENGTH = Colormap(np.array([(*one, 1.0) for one in ARROW_COLOURS]), name="motion")
_COLORMAPS = {kind: Colormap(np.array(one), name=kind) for kind, one in _COLOURS.items()}


def overlay_of(viewer: Any, scan: Scan, method: str) -> Image:
    """Layer over a method's image; one that shows nothing is made if need be."""
    found = _of(viewer, scan, "overlay", method)
    if found is not None:
        return found
    layer = Image(
        np.zeros(scan.shape[2:], np.float32),
        **_flat(scan),
        name=f"Over {method or 'all lines'}",
        colormap=_COLORMAPS["error"],
        contrast_limits=SHOWN_PERCENT["error"],
        interpolation2d=interpolation(),
        blending="translucent",
        metadata=metadata(scan, "overlay", method=method),
    )
    return _added(viewer, layer)


def show_overlay(
    viewer: Any, scan: Scan, method: str, percent: np.ndarray | None, kind: Overlay
) -> None:
    """Lay percent of the brightest pixel (Y, X) over a method's image; nothing if it is None."""
    if percent is None:
        layer = _of(viewer, scan, "overlay", method)
        if layer is not None and layer.data.any():
            layer.data = np.zeros(scan.shape[2:], np.float32)
        return
    layer = overlay_of(viewer, scan, method)
    layer.data = percent
    if layer.colormap.name != kind:
        layer.colormap, layer.contrast_limits = _COLORMAPS[kind], SHOWN_PERCENT[kind]


def show_picture_overlay(viewer: Any, scan: Scan, visible: bool) -> None:
    """Show or hide what lies over the one picture, if there is something."""
    for role in ("overlay", "profile"):
        layer = _of(viewer, scan, role, PICTURE)
        if layer is not None and layer.visible != visible:
            layer.visible = visible


def remove_overlays(
    viewer: Any,
    scan: Scan | None,
    kept: tuple[str, ...],
    *,
    roles: tuple[Role, ...] = ("overlay", "profile", "motion"),
) -> None:
    """Remove what lies over images, but over those of some methods."""
    for layer in list(viewer.layers):
        state = state_of(layer)
        if state.scan is scan and state.role in roles and state.method not in kept:
            viewer.layers.remove(layer)


def line_of_tile(viewer: Any, scan: Scan, method: str) -> Vectors:
    """Line of the profile over a method's image; one that is not shown is made if need be."""
    found = _of(viewer, scan, "profile", method)
    if found is not None:
        return found
    layer = Vectors(
        _strokes(scan, np.zeros((2, 2))),
        name=f"Profile, {method or 'all lines'}",
        edge_color=LINE_COLOUR,
        edge_width=_LINE_SHARE * max(scan.shape[2:]),
        vector_style="line",
        opacity=0.0,
        metadata=metadata(scan, "profile", method=method),
        **_flat(scan),
    )
    return _added(viewer, layer)


def place_lines(viewer: Any, scan: Scan, ends: np.ndarray | None) -> None:
    """Put all lines of the profile between two places (2, 2) in rows and columns; hide if None."""
    for layer in viewer.layers:
        if state_of(layer).role == "profile" and scan_of(layer) is scan:
            if ends is not None:
                layer.data = _strokes(scan, ends)
            layer.opacity = 0.0 if ends is None else 0.9


def arrows_of_tile(viewer: Any, scan: Scan, method: str) -> Vectors:
    """Arrows of motion over a method's image; a layer without any is made if need be."""
    found = _of(viewer, scan, "motion", method)
    if found is not None:
        return found
    layer = Vectors(
        np.zeros((0, 2, 4), np.float32),
        name=f"Motion, {method or 'all lines'}",
        edge_width=_ARROW_MM / min(scan.spacing[1:]),
        vector_style="arrow",
        opacity=1.0,
        blending="translucent_no_depth",
        metadata=metadata(scan, "motion", method=method),
        **grid(scan),
    )
    return _added(viewer, layer)


def show_arrows(viewer: Any, scan: Scan, method: str, motion: TissueMotion | None, z: int) -> bool:
    """Draw how far tissue of a slice has come over a method's image; nothing where it is None.

    Each arrow goes from where the tissue was in the motion's reference frame to where it is.

    Returns
    -------
    bool
        Whether there are arrows where there were none, or none any more.
    """
    layer = _of(viewer, scan, "motion", method)
    if (None if layer is None else state_of(layer).motion) is motion:
        return False
    layer = arrows_of_tile(viewer, scan, method)
    before = state_of(layer).motion
    note(layer, motion=motion)
    if motion is None:
        layer.data = np.zeros((0, 2, 4), np.float32)
        return True
    length = motion.distance
    frames, places = np.nonzero(length >= SHORT_MM)
    arrows = np.zeros((len(frames), 2, 4), np.float32)
    arrows[:, 0, 0], arrows[:, 0, 1], arrows[:, 0, 2:] = frames, z, motion.places[places]
    arrows[:, 1, 2:] = motion.moved[frames, places] / np.asarray(scan.spacing[1:])
    layer.data = arrows
    if len(arrows):
        layer.edge_color = _OF_LENGTH.map(np.clip(length[frames, places] / LONG_MM, 0, 1))
    if before is not None:
        return False
    layer.visible = True
    return True


def _strokes(scan: Scan, ends: np.ndarray) -> np.ndarray:
    """Start and direction (3, 2, 2) of the line and of a stroke across each of its ends."""
    spacing = np.asarray(scan.spacing[1:])
    along = (ends[1] - ends[0]) * spacing
    length = float(np.linalg.norm(along)) or 1.0
    across = np.array([-along[1], along[0]]) / length / spacing
    across *= _TICK_SHARE * float((np.array(scan.shape[2:]) * spacing).max())
    limits = np.array(scan.shape[2:]) - 1
    starts = np.clip([ends[0], ends[0] - across / 2, ends[1] - across / 2], 0, limits)
    stops = np.clip([ends[1], ends[0] + across / 2, ends[1] + across / 2], 0, limits)
    return np.stack([starts, stops - starts], axis=1)


def _of(viewer: Any, scan: Scan, role: Role, method: str) -> Any:
    for layer in viewer.layers:
        state = state_of(layer)
        if state.role == role and state.scan is scan and state.method == method:
            return layer
    return None


def _flat(scan: Scan) -> dict[str, Any]:
    return {key: value[2:] for key, value in grid(scan).items()}


def _added(viewer: Any, layer: Layer) -> Any:
    active = viewer.layers.selection.active
    viewer.add_layer(layer)
    viewer.layers.selection.active = active
    return layer
