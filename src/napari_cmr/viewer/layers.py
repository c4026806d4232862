"""The only file that creates or updates napari layers."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from napari.layers import Image, Labels, Layer
from napari.settings import get_plugin_settings
from napari.utils.colormaps import DirectLabelColormap

from napari_cmr.kspace import Acquisition, LineMask, Undersampled
from napari_cmr.scan import LABEL_COLOURS, Label, Scan

Role = Literal["image", "labels", "prediction", "zero_filled", "temporal_average"]
LayerTuple = tuple[np.ndarray, dict[str, Any], str]

AXES = ("time", "slice", "row", "column")
KEY = "napari_cmr"
"""Where a layer's metadata say which scan and which part of it the layer is."""

WINDOW_TOLERANCE = 0.08
HEART_OF_VIEW = 0.55
"""Part of the canvas that the labelled heart fills when a scan is opened."""

NOTICE = "Research use only"
_STRAY = (0.85, 0.1, 0.85, 1.0)  # a label number that means nothing is shown loudly


def _label_colormap() -> DirectLabelColormap:
    colours: dict[int | None, Any] = defaultdict(lambda: _STRAY)
    colours[None] = _STRAY
    colours[0] = (0.0, 0.0, 0.0, 0.0)
    colours.update({int(label): (*rgb, 1.0) for label, rgb in LABEL_COLOURS.items()})
    return DirectLabelColormap(color_dict=colours)


LABEL_COLORMAP = _label_colormap()
"""One colour map for every labels layer: napari builds it slowly, and colours must not differ."""


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
        # Where times are not known a frame is a frame; every layer has units, or napari drops all.
        "units": ("ms" if step else "pixel", "mm", "mm", "mm"),
        "axis_labels": AXES,
    }


def contrast_limits(magnitude: np.ndarray) -> tuple[float, float]:
    """Window from black air to bright blood: up to the 99.5th percentile of what is not air."""
    sample = magnitude[..., ::2, ::2]
    high = float(np.percentile(sample, 99.5))
    low = min(0.0, float(sample.min()))
    return (low, high) if high > low else (low, low + 1.0)


def layer_tuples(scan: Scan) -> list[LayerTuple]:
    """Layers of a scan as napari's readers return them: the image, then reference labels."""
    magnitude = np.abs(scan.image) if np.iscomplexobj(scan.image) else scan.image
    image = {
        **grid(scan),
        "name": scan.name,
        "colormap": "gray",
        "interpolation2d": _interpolation(),
        "contrast_limits": contrast_limits(magnitude),
        "metadata": {KEY: {"scan": scan, "role": "image"}},
    }
    tuples: list[LayerTuple] = [(magnitude, image, "image")]
    if scan.labels is not None:
        tuples.append(_labels_tuple(scan, scan.labels.copy(), "Labels"))
    return tuples


def _labels_tuple(scan: Scan, labels: np.ndarray, name: str) -> LayerTuple:
    keywords = {
        **grid(scan),
        "name": name,
        "colormap": LABEL_COLORMAP,
        "opacity": preference("label_opacity", 0.4),
        "metadata": {KEY: {"scan": scan, "role": "labels"}},
    }
    return labels, keywords, "labels"


def preference(name: str, default: Any) -> Any:
    """Setting of napari's preferences; the default where the plugin is not registered."""
    try:
        settings = get_plugin_settings("napari-cmr")
    except KeyError:
        return default
    return getattr(settings.viewing, name)


def _interpolation() -> str:
    return "linear" if preference("smooth_pixels", True) else "nearest"


def scan_of(layer: Layer) -> Scan | None:
    """Scan that a layer shows a part of, or None for layers of other origin."""
    return layer.metadata.get(KEY, {}).get("scan")


def role_of(layer: Layer) -> Role | None:
    """Which part of its scan a layer shows."""
    return layer.metadata.get(KEY, {}).get("role")


def holds_reference(layer: Layer | None) -> bool:
    """Whether a layer was made for the reference labels of its scan."""
    scan = None if layer is None else scan_of(layer)
    return scan is not None and scan.labels is not None and role_of(layer) == "labels"


def find(viewer: Any, scan: Scan | None, role: Role) -> Layer | None:
    """Topmost layer of a scan in a role."""
    for layer in reversed(viewer.layers):
        if scan is not None and scan_of(layer) is scan and role_of(layer) == role:
            return layer
    return None


def labels_layers(viewer: Any, scan: Scan | None) -> list[Labels]:
    """Labels layers that lie on the scan's grid, topmost first, whoever made them."""
    if scan is None:
        return []
    return [
        layer
        for layer in reversed(viewer.layers)
        if isinstance(layer, Labels) and layer.data.shape == scan.shape
    ]


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
        if role_of(layer) == "labels" and not _is_untouched(layer, scan):
            layer.visible = False
            kept = True
        else:
            viewer.layers.remove(layer)
    return kept


def _is_untouched(layer: Labels, scan: Scan) -> bool:
    if scan.labels is None:
        return not layer.data.any()
    return bool(np.array_equal(layer.data, scan.labels))


def look_at_middle(viewer: Any, scan: Scan) -> None:
    """Show the middle slice at the first frame, and the heart large where labels tell its place."""
    viewer.dims.ndisplay = 2
    viewer.dims.current_step = (0, scan.n_slices // 2, *viewer.dims.current_step[2:])
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


def select_for_looking(viewer: Any, scan: Scan) -> None:
    """Select the image, so that a click on the canvas does not paint."""
    image = find(viewer, scan, "image")
    if image is not None:
        viewer.layers.selection.active = image


def add_empty_labels(viewer: Any, scan: Scan) -> Labels:
    """Add a labels layer to draw in, with the left ventricle under the brush."""
    data, keywords, kind = _labels_tuple(scan, np.zeros(scan.shape, dtype=np.uint8), "Drawn labels")
    layer = Layer.create(data, keywords, kind)
    viewer.add_layer(layer)
    layer.selected_label = int(Label.LV)
    layer.brush_size = 6
    return layer


def warnings_of(layer: Layer | None) -> tuple[str, ...]:
    """What a model said about the labels of its layer."""
    return () if layer is None else layer.metadata.get(KEY, {}).get("warnings", ())


def show_prediction(
    viewer: Any,
    scan: Scan,
    z: int,
    labels: np.ndarray,
    *,
    name: str,
    warnings: tuple[str, ...] = (),
) -> Labels:
    """Write a model's labels ``(T, Y, X)`` of one slice into the prediction layer of a scan.

    Labels that a person has changed are theirs: that layer is kept under another name, and the
    model gets a new one.
    """
    layer = find(viewer, scan, "prediction")
    if layer is not None and not np.array_equal(layer.data, layer.metadata[KEY]["written"]):
        layer.name = f"{layer.name} (edited)"
        layer.metadata[KEY] = {"scan": scan, "role": "labels"}
        layer.visible = False
        layer = None
    if layer is None:
        data, keywords, kind = _labels_tuple(scan, np.zeros(scan.shape, dtype=np.uint8), name)
        written = data.copy()
        keywords["metadata"] = {KEY: {"scan": scan, "role": "prediction", "written": written}}
        layer = Layer.create(data, keywords, kind)
        active = viewer.layers.selection.active
        viewer.add_layer(layer)
        viewer.layers.selection.active = active
        for other in labels_layers(viewer, scan):
            if other is not layer:
                other.visible = False
    layer.name = name
    layer.data[:, z] = labels
    layer.metadata[KEY]["written"][:, z] = labels
    layer.metadata[KEY]["warnings"] = warnings
    # also for slices that are not on screen: it is how napari tells others of new labels
    layer.refresh(thumbnail=False, highlight=False, extent=False)
    return layer


def start_painting(viewer: Any, layer: Labels) -> None:
    """Select a labels layer with the brush in hand."""
    viewer.layers.selection.active = layer
    layer.mode = "paint"


@dataclass(frozen=True, eq=False)
class Pictures:
    """What is drawn of an undersampled scan; made where it does not hold up the window.

    Attributes
    ----------
    acquisition : Acquisition
    slices : tuple of int
    zero_filled : ndarray, shape (T, Z', Y, X), float32
        Magnitude.
    temporal_average : ndarray, shape (Z', Y, X), float32
        Magnitude.
    window : tuple of 2 floats
        Grey values for the zero-filled magnitude.
    """

    acquisition: Acquisition
    slices: tuple[int, ...]
    zero_filled: np.ndarray
    temporal_average: np.ndarray
    window: tuple[float, float]

    @classmethod
    def of(cls, result: Undersampled) -> "Pictures":
        """Take magnitudes of a result."""
        zero_filled = np.abs(result.zero_filled)
        return cls(
            result.acquisition,
            result.slices,
            zero_filled,
            np.abs(result.temporal_average),
            contrast_limits(zero_filled),
        )


def show_undersampled(viewer: Any, scan: Scan, result: Pictures, *, is_new: bool) -> None:
    """Write the slices of a result into the zero-filled and temporal-average layers.

    The layers are made at the first call, above the image and under the labels; after that only
    their pixels change. The window of grey values is set by the first slice of an acquisition
    (``is_new``) and stays for all its slices and frames, unless a person has moved it.
    """
    image = find(viewer, scan, "image")
    if image is None:
        return
    slices = list(result.slices)
    zero_filled = find(viewer, scan, "zero_filled") or _add_derived(
        viewer, scan, image, "zero_filled"
    )
    average = find(viewer, scan, "temporal_average") or _add_derived(
        viewer, scan, image, "temporal_average"
    )
    zero_filled.data[:, slices] = result.zero_filled
    if is_new:
        _window(zero_filled, image, result.window)
    average.data[slices] = result.temporal_average
    if slice_on_screen(viewer, scan) in slices:
        for layer in (zero_filled, average):
            layer.refresh(thumbnail=False, highlight=False, extent=False)


def refresh_thumbnails(viewer: Any, scan: Scan) -> None:
    """Draw the small pictures in the layer list, once a stack is whole."""
    for role in ("zero_filled", "temporal_average"):
        layer = find(viewer, scan, role)
        if layer is not None:
            layer.refresh(data_displayed=False, highlight=False, extent=False)


def _window(layer: Image, image: Image, limits: tuple[float, float]) -> None:
    """Make up for the energy of lines that are missing, without a flicker from small changes."""
    state = layer.metadata[KEY]
    now = tuple(layer.contrast_limits)
    if not np.allclose(now, state.get("window", now)):
        return  # a person has set it
    high = min(limits[1], image.contrast_limits[1])
    if abs(high - now[1]) > WINDOW_TOLERANCE * now[1]:
        layer.contrast_limits = (now[0], high)
    state["window"] = tuple(layer.contrast_limits)


def _add_derived(viewer: Any, scan: Scan, image: Image, role: Role) -> Image:
    keywords = {
        **grid(scan),
        "colormap": "gray",
        "interpolation2d": _interpolation(),
        "contrast_limits": image.contrast_limits,
        "metadata": {KEY: {"scan": scan, "role": role}},
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
    """Show one of the three pictures of a scan; labels stay as they are."""
    for name in ("image", "zero_filled", "temporal_average"):
        layer = find(viewer, scan, name)
        if layer is not None:
            layer.visible = name == role


def write_notice(viewer: Any, scan: Scan | None, mask: LineMask | None) -> None:
    """Write over the canvas what is shown: lines used, synthetic or not, research use only."""
    overlay = viewer.canvas.overlays.text
    if scan is None:
        overlay.visible = False
        return
    parts = []
    if mask is not None and not mask.is_full:
        lines = mask.n_lines
        few, many = int(lines.min()), int(lines.max())
        count = f"{few}" if few == many else f"{few}–{many}"
        parts.append(f"{count} of {mask.n_phase_encodes} lines")
    if scan.synthetic:
        parts.append("Synthetic image")
    parts.append(NOTICE)
    overlay.text = "  ·  ".join(parts)
    overlay.position = "top_left"
    overlay.font_size = 10
    overlay.visible = True
