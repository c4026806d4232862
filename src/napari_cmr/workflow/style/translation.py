"""Synthetic late enhancement of a scan that has none: styles, and rendering in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_cmr.scan import Geometry, Label, Notice, Scan, ScanError
from napari_cmr.scan.notices import Code
from napari_cmr.workflow.segment.cine import load_localiser
from napari_cmr.workflow.segment.doubts import heart_doubts
from napari_cmr.zoo import ModelChoice, default_choice, find_models

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation
    from napari_cmr.zoo.tasks.translation import Styler

WATERMARK = "SYNTHETIC"
#: Grey value of the brightest pixel in files; what is outside the network's square is 0.
FULL_SCALE = 1000.0


@dataclass(frozen=True, eq=False)
class Translation:
    """Synthetic late enhancement of some slices of a frame.

    Attributes
    ----------
    images : ndarray of float32, shape (K, Z', Y, X)
        From 0 to 1 on the scan's own grid, 0 outside the network's square.
    codes : ndarray of float32, shape (K, S)
        Style of each.
    frame : int
        Frame of the scan that was translated.
    slices : tuple of int
        Slices of the scan, in the order of the arrays.
    location : HeartLocation
    model, preset : str
    weights : dict of str to str
        SHA-256 of the weights, by model.
    warnings : tuple of Notice
    """

    images: np.ndarray
    codes: np.ndarray
    frame: int
    slices: tuple[int, ...]
    location: "HeartLocation"
    model: str
    preset: str
    weights: dict[str, str]
    warnings: tuple[Notice, ...]


def load_styler(model: ModelChoice | None = None) -> "Styler":
    """What renders late enhancement, the default one if no model is given."""
    from napari_cmr.zoo import load
    from napari_cmr.zoo.tasks.translation import Styler

    return load(model or default_choice("translation"), Styler)


def check_translatable(scan: Scan) -> None:
    """Raise a ScanError if a scan is none that can be turned into late enhancement."""
    if scan.kind == "lge":
        raise ScanError(
            "this is a late enhancement scan already",
            source=scan.source or scan.name,
            remedy="choose a cine (bSSFP) scan to translate",
        )


def heart_of(scan: Scan, frame: int, *, device: str = "auto") -> "HeartLocation":
    """Where the heart is in one frame of a scan, whatever its contrast."""
    localiser = load_localiser(device)
    if scan.kind == "lge":
        return localiser.locate_still(scan, frame)
    return localiser.locate(np.abs(scan.image[frame]), scan.geometry)


def translate_scan(
    scan: Scan,
    codes: np.ndarray,
    model: ModelChoice | None = None,
    *,
    frame: int | None = None,
    slices: Sequence[int] | None = None,
    location: "HeartLocation | None" = None,
) -> Translation:
    """Render slices of one frame as late enhancement.

    Parameters
    ----------
    scan : Scan
        A cine, or any stack of bSSFP contrast.
    codes : ndarray, shape (K, S)
        Styles; see :meth:`.Styler.sample_codes` and :func:`style_of`.
    model : ModelChoice, optional
    frame : int, optional
        End-diastole by default, else the first frame.
    slices : sequence of int, optional
        All by default.
    location : HeartLocation, optional
        Where the heart is, if somebody knows already.

    Raises
    ------
    ScanError
        If the scan is late enhancement already, or a frame or slice is out of range.
    """
    check_translatable(scan)
    styler = load_styler(model)
    if frame is None:
        frame = scan.ed_frame or 0
    chosen = tuple(range(scan.n_slices)) if slices is None else tuple(slices)
    where = scan.source or scan.name
    if not 0 <= frame < scan.n_frames:
        raise ScanError(f"there is no frame {frame + 1} of {scan.n_frames}", source=where)
    if not chosen or not all(0 <= z < scan.n_slices for z in chosen):
        raise ScanError(f"not all of these slices are among its {scan.n_slices}", source=where)
    if location is None:
        location = heart_of(scan, frame, device=styler.choice.device)
    centre, spacing = (location.row, location.column), scan.spacing[1:]
    stack = np.abs(scan.image[frame, list(chosen)])
    squares = styler.translate(styler.crop(stack, spacing, centre), codes)
    height, width = scan.shape[2:]
    images = styler.uncrop(squares, (height, width), spacing, centre)
    return Translation(
        images=images.transpose(1, 0, 2, 3),
        codes=np.asarray(codes, dtype=np.float32),
        frame=frame,
        slices=chosen,
        location=location,
        model=styler.card.name,
        preset=styler.card.preset,
        weights=styler.weights,
        warnings=(*styler.notes, *heart_doubts(location)),
    )


def style_of(scan: Scan, index: int | None = None, model: ModelChoice | None = None) -> np.ndarray:
    """Style (S,) of a slice of a real late enhancement stack.

    Parameters
    ----------
    scan : Scan
        A still stack.
    index : int, optional
        Which slice, the middle one by default.
    model : ModelChoice, optional

    Raises
    ------
    ScanError
        If the scan moves, or there is no such slice.
    """
    if index is None:
        index = scan.n_slices // 2
    style: np.ndarray = styles_of(scan, (index,), model)[0]
    return style


def styles_of(
    scan: Scan, slices: Sequence[int] | None = None, model: ModelChoice | None = None
) -> np.ndarray:
    """Styles (Z', S) of slices of a real late enhancement stack.

    Parameters
    ----------
    scan : Scan
        A still stack.
    slices : sequence of int, optional
        All by default.
    model : ModelChoice, optional

    Raises
    ------
    ScanError
        If the scan moves, or there is no such slice.
    """
    where = scan.source or scan.name
    if scan.n_frames > 1:
        raise ScanError(
            f"a style is taken of late enhancement, and this scan has {scan.n_frames} frames",
            source=where,
            remedy="choose a late enhancement stack",
        )
    chosen = tuple(range(scan.n_slices)) if slices is None else tuple(slices)
    for index in chosen:
        if not 0 <= index < scan.n_slices:
            raise ScanError(f"there is no slice {index + 1} of {scan.n_slices}", source=where)
    styler = load_styler(model)
    found = heart_of(scan, 0, device=styler.choice.device)
    squares = styler.crop(
        np.abs(scan.image[0, list(chosen)]), scan.spacing[1:], (found.row, found.column)
    )
    return np.stack([styler.encode_style(square) for square in squares])


def as_scan(scan: Scan, made: Translation, k: int) -> Scan:
    """One style of a translation as a still scan of its own, marked as synthetic."""
    return scan.select_slices(made.slices).with_(
        image=FULL_SCALE * made.images[k][None],
        name=f"{scan.name}_lge{k + 1}",
        labels=None,
        labelled_frames=(),
        frame_times_ms=None,
        ed_frame=None,
        es_frame=None,
        source_frames=None,
        kind="lge",
        synthetic=True,
        notes=(
            *scan.notes,
            Notice(
                Code.SYNTHETIC, f"{WATERMARK}: rendered by a network from frame {made.frame + 1}."
            ),
        ),
    )


@dataclass(frozen=True)
class StyleSpread:
    """How much labels of a slice move from style to style.

    Attributes
    ----------
    lv_cm2, myo_cm2 : tuple of float
        Area in each style.
    lv_dice, myo_dice : float or None
        Mean over pairs of styles; None where fewer than two styles have the structure.
    """

    lv_cm2: tuple[float, ...]
    myo_cm2: tuple[float, ...]
    lv_dice: float | None
    myo_dice: float | None


def has_lge_model() -> bool:
    """Whether a model is installed that labels late enhancement."""
    return (default_choice("late enhancement").name, "live") in find_models()


class StyleLabels(NamedTuple):
    """Labels (K, Y, X) of a slice in every style, and the weights that gave them, by model."""

    labels: np.ndarray
    weights: dict[str, str]


def label_styles(scan: Scan, made: Translation, *, device: str = "auto") -> StyleLabels:
    """Label the first slice of every style, by one cascade without smoothing.

    Raises
    ------
    ScanError
        If no model for late enhancement is installed.
    """
    from napari_cmr.zoo import load
    from napari_cmr.zoo.tasks.late_enhancement import LgeSegmenter, LgeSteps

    stack = made.images[:, 0]
    _, dy, dx = scan.spacing
    still = Scan(
        image=stack[None],
        geometry=Geometry.regular((10.0, dy, dx), len(stack)),
        kind="lge",
        synthetic=True,
    )
    centre = made.location.row, made.location.column
    steps = LgeSteps(members=1, crf=False, tidy=False, wall=False)
    segmenter = load(default_choice("late enhancement", device=device), LgeSegmenter)
    return StyleLabels(segmenter.segment(still, centre, steps).labels, segmenter.weights)


def style_spread(labels: np.ndarray, spacing: tuple[float, float]) -> StyleSpread:
    """How much labels (K, Y, X) on pixels of ``spacing`` mm differ."""
    areas, overlaps = [], []
    for label in (Label.LV, Label.MYO):
        masks = labels == label
        areas.append(tuple(float(one) for one in masks.sum((1, 2)) * spacing[0] * spacing[1] / 100))
        pairs = [
            2 * (masks[a] & masks[b]).sum() / (masks[a].sum() + masks[b].sum())
            for a in range(len(masks))
            for b in range(a)
            if masks[a].any() or masks[b].any()
        ]
        overlaps.append(float(np.mean(pairs)) if pairs else None)
    return StyleSpread(areas[0], areas[1], overlaps[0], overlaps[1])
