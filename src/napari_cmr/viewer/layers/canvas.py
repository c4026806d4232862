"""What the canvas shows: which frame and slice, how near, and the notice over it."""

from typing import Any

import numpy as np

from napari_cmr.kspace import LineMask
from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import PICTURES, find, has_tiles
from napari_cmr.viewer.layers.state import Role, state_of
from napari_cmr.viewer.layers.tiles import name_tiles, show_picture_in_tiles

HEART_OF_VIEW = 0.55
"""Part of the canvas that the labelled heart fills when a scan is opened."""

NOTICE = "Research use only"

_WORDS: dict[Role | None, str] = {
    "prediction": "labels",
    "drawn": "labels",
    "scar": "scar",
    "difference": "differences",
    "style": "styles",
}
"""What a layer that is old is called over the canvas."""


def look_at_middle(viewer: Any, scan: Scan) -> None:
    """Show the middle slice at the first labelled frame, and the heart large where labels are."""
    viewer.dims.ndisplay = 2
    frame = 0
    if scan.labels is not None:
        drawn = np.flatnonzero(scan.labels.any(axis=(1, 2, 3)))
        frame = int(drawn[0]) if drawn.size else 0
    viewer.dims.current_step = (frame, scan.n_slices // 2, *viewer.dims.current_step[2:])
    viewer.reset_view()
    if scan.labels is None or not scan.labels.any():
        return
    rows, columns = (np.flatnonzero(scan.labels.any(axis=axes)) for axes in ((0, 1, 3), (0, 1, 2)))
    spans = (np.ptp(rows) + 1) / scan.shape[2], (np.ptp(columns) + 1) / scan.shape[3]
    viewer.scene.camera.zoom *= float(np.clip(HEART_OF_VIEW / max(spans), 1.0, 3.0))
    _, dy, dx = scan.spacing
    viewer.scene.camera.center = (
        *viewer.scene.camera.center[:-2],
        float(rows.min() + rows.max()) / 2 * dy,
        float(columns.min() + columns.max()) / 2 * dx,
    )


def look_at(viewer: Any, centre: tuple[float, float], zoom: float) -> None:
    """Look at a place of the plane, in mm down and to the right, from so near."""
    camera = viewer.scene.camera
    camera.zoom = zoom
    camera.center = (*camera.center[:-2], *centre)


def show_scale_bar(viewer: Any, on: bool) -> None:
    """Show the scale bar in the lower right corner, or hide it."""
    bar = viewer.canvas.overlays.scale_bar
    bar.visible = on
    bar.position = "bottom_right"


def select_for_looking(viewer: Any, scan: Scan) -> None:
    """Select the image, so that a click on the canvas does not paint."""
    image = find(viewer, scan, "image")
    if image is not None:
        viewer.layers.selection.active = image


def slice_on_screen(viewer: Any, scan: Scan) -> int:
    """0-based slice that the canvas shows; napari counts axes from the last."""
    step = viewer.dims.current_step
    z = step[-3] if len(step) >= 3 else 0
    return int(np.clip(z, 0, scan.n_slices - 1))


def frame_on_screen(viewer: Any, scan: Scan) -> int:
    """0-based frame that the canvas shows."""
    step = viewer.dims.current_step
    t = step[-4] if len(step) >= 4 else 0
    return int(np.clip(t, 0, scan.n_frames - 1))


def go_to(viewer: Any, scan: Scan, *, frame: int | None = None, z: int | None = None) -> None:
    """Show another frame, slice, or both."""
    axis = len(viewer.dims.current_step) - 4
    if axis < 0:
        return
    if frame is not None:
        viewer.dims.set_current_step(axis, frame % scan.n_frames)
    if z is not None:
        viewer.dims.set_current_step(axis + 1, int(np.clip(z, 0, scan.n_slices - 1)))


def show_only(viewer: Any, scan: Scan, role: Role) -> None:
    """Show one of the pictures of a scan, in all tiles if there are any.

    Labels stay as they are, and so does the picture where the wanted one is not there yet.
    """
    if find(viewer, scan, role) is None:
        return
    if has_tiles(viewer, scan):
        show_picture_in_tiles(viewer, scan, role)
        return
    for name in PICTURES:
        layer = find(viewer, scan, name)
        if layer is not None:
            layer.visible = name == role


def write_notice(viewer: Any, scan: Scan | None, mask: LineMask | None) -> None:
    """Write over the canvas what is shown: lines used, labels of other lines, synthetic or not."""
    overlay = viewer.canvas.overlays.text
    if scan is None:
        overlay.visible = False
        return
    lines = lines_text(mask)
    in_styles = find(viewer, scan, "style") is not None  # rendered from the full scan
    in_tiles = has_tiles(viewer, scan) or in_styles
    overlay.font_size = 8 if in_tiles else 10  # over tiles it covers the lower ones
    parts = []
    unsaid = not in_styles and (not in_tiles or name_tiles(viewer, scan, lines or "all lines"))
    if lines and unsaid:
        parts.append(lines)
    below = [] if in_tiles else _reconstructed_text(viewer, scan)
    below += [*_arrows_text(viewer, scan), *_invented_texts(viewer, scan)]
    old = [] if in_tiles and not in_styles else [f"⚠ {text}" for text in _old_texts(viewer, scan)]
    if in_styles:
        parts.append("SYNTHETIC late enhancement")
    elif scan.synthetic:
        parts.append("Synthetic image")
    parts.append(NOTICE)
    text = "  ·  ".join(parts)
    overlay.text = "\n".join([text, *below, *old])  # below each other: a canvas may be narrow
    overlay.position = "bottom_left" if in_tiles else "top_left"  # tiles have their names on top
    overlay.visible = True


def _reconstructed_text(viewer: Any, scan: Scan) -> list[str]:
    """Which method made the picture, and what of, where that is not what is chosen now."""
    layer = find(viewer, scan, "reconstructed")
    if layer is None or not layer.visible:
        return []
    state = state_of(layer)
    stands = state.by not in (None, state.method)
    if state.old:
        by = "" if stands else f"by {state.method}, "  # which is said of another method
        return [f"⚠ Reconstructed {by}{state.old}"]
    if stands:
        return [f"Reconstructed by {state.by}, not by {state.method} yet"]
    return [f"Reconstructed by {state.method}"]


def _arrows_text(viewer: Any, scan: Scan) -> list[str]:
    """What the arrows over the pictures mean, where there are any."""
    states = (state_of(layer) for layer in viewer.layers if layer.visible)
    since = [one.motion.reference for one in states if one.scan is scan and one.motion is not None]
    if not since:
        return []
    phase = " (ED)" if since[0] == scan.ed_frame else ""
    return [f"Arrows: displacement since frame {since[0] + 1}{phase}"]


def _invented_texts(viewer: Any, scan: Scan) -> list[str]:
    """What is to be said of visible pictures whose details may be invented, and of which."""
    states = [state_of(layer) for layer in reversed(viewer.layers) if layer.visible]
    found = [
        f"⚠ {one.method}: {one.invents}" if one.role == "tile" else f"⚠ {one.invents}"
        for one in states
        if one.scan is scan and one.invents
    ]
    # A narrow canvas cuts off the end, which matters most, and the scale bar stands beside it.
    return list(dict.fromkeys(one.replace(": ", ":\n") for one in found))


def _old_texts(viewer: Any, scan: Scan) -> list[str]:
    """What the visible layers were made from that are not of the lines that are chosen."""
    found: dict[str, None] = {}
    place = frame_on_screen(viewer, scan), slice_on_screen(viewer, scan)
    for layer in viewer.layers:
        state = state_of(layer)
        if state.scan is scan and state.old and layer.visible:
            if state.role == "reconstructed":
                continue  # said with its method
            what = _WORDS.get(state.role, "repetitions")
            if what == "labels" and viewer.dims.ndisplay == 2 and not layer.data[place].any():
                continue  # there are none on screen
            found[f"{what} {state.old}"] = None
    return list(found)


def lines_text(mask: LineMask | None) -> str:
    """Say how many lines a frame keeps; nothing where it keeps all."""
    if mask is None or mask.is_full:
        return ""
    lines = mask.n_lines
    few, many = int(lines.min()), int(lines.max())
    count = f"{few}" if few == many else f"{few}–{many}"
    return f"{count} of {mask.n_phase_encodes} lines"
