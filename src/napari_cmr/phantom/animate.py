"""A whole labelled heart cycle from its end-diastolic and end-systolic frames.

Data sets often come with labels at end-diastole (ED) and end-systole (ES) only. The two frames are
registered densely, slice by slice, and every frame between them lies on the smooth path of the
registration: ED is warped forwards, ES backwards, and the two are blended. ED and ES themselves are
reproduced to the voxel. The motion is of the real heart; its timing is that of a
:class:`~napari_cmr.phantom.volume_curve.VolumeCurve`, and filling retraces the path of ejection.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from napari_cmr.phantom.registration import (
    exponential,
    register,
    resize,
    resize_field,
    spline_coefficients,
    warp,
)
from napari_cmr.phantom.volume_curve import VolumeCurve
from napari_cmr.scan import Label, Scan, ScanError

MARGIN_MM = 25.0  # around the labels: the part of the view that is registered and moves
TAPER_MM = 12.0  # over which the motion fades to rest at the rim of that part
WORKING_PIXEL_MM = 2.0  # of the registration
DISTANCE_CAP_MM = 12.0  # signed distances beyond it say nothing more about the border
VANISHED_AT = 0.55  # how far the heart has emptied when tissue that ES lacks has gone
FOREGROUND = (Label.LV, Label.MYO, Label.RV)


def animate(  # noqa: PLR0917 - two frames, each an image with labels, are what it takes
    ed_image: np.ndarray,
    es_image: np.ndarray,
    ed_labels: np.ndarray,
    es_labels: np.ndarray,
    spacing: Sequence[float],
    n_frames: int,
    *,
    seed: int = 0,
    curve: VolumeCurve | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Make a periodic cine with labels from an ED and an ES frame with labels.

    Parameters
    ----------
    ed_image, es_image : ndarray, shape (Z, Y, X)
        Magnitude images.
    ed_labels, es_labels : ndarray, shape (Z, Y, X)
        Background, LV, MYO and RV in the numbering of :class:`~napari_cmr.scan.Label`. A slice may
        hold a tissue in one frame only (a basal LV that the shortening heart pulls out of its
        slice): it then shrinks and vanishes on the way.
    spacing : sequence of 3 floats
        ``(dz, dy, dx)`` in mm.
    n_frames : int
        Frames of the cycle, at least 3.
    seed : int
        Draws the volume curve where none is given.
    curve : VolumeCurve, optional
        Timing of emptying and filling.

    Returns
    -------
    image : ndarray of float32, shape (n_frames, Z, Y, X)
        Frame 0 is ``ed_image`` and frame ``curve.es_frame(n_frames)`` is ``es_image``, unchanged.
    labels : ndarray of uint8, shape (n_frames, Z, Y, X)
        Likewise.

    Raises
    ------
    ScanError
        If shapes differ, labels are missing or hold other tissues, the two frames show the same LV
        volume, or there are too few frames.
    """
    _check(ed_image, es_image, ed_labels, es_labels)
    if curve is None:
        curve = VolumeCurve.sample(np.random.default_rng(seed))
    emptying = curve.emptying(n_frames)
    ed_image = np.asarray(ed_image, np.float32)
    es_image = np.asarray(es_image, np.float32)
    images = np.empty((n_frames, *ed_image.shape), np.float32)
    labels = np.zeros(images.shape, np.uint8)

    heart = _heart_region(ed_labels, es_labels, spacing)
    pixel = (float(spacing[1]), float(spacing[2]))
    ed_distance = _signed_distances(ed_labels[heart], pixel)
    es_distance = _signed_distances(es_labels[heart], pixel)
    velocity = _motion(ed_image[heart], es_image[heart], ed_distance, es_distance, pixel)
    path = _Path(velocity, ed_image[heart].shape[1:])
    ed_spline, es_spline = (
        spline_coefficients(ed_image[heart]),
        spline_coefficients(es_image[heart]),
    )
    still = _Blend(ed_image, es_image)
    for frame, s in enumerate(emptying):
        if s in (0.0, 1.0):
            images[frame], labels[frame] = (
                (ed_image, ed_labels) if s == 0 else (es_image, es_labels)
            )
            continue
        forwards, backwards = path.at(s)
        images[frame] = still.at(s)
        moving = _Blend(warp(ed_spline, forwards, order=3), warp(es_spline, backwards, order=3))
        images[frame][heart] = moving.at(s)
        labels[frame][heart] = _labels_between(ed_distance, es_distance, forwards, backwards, s)
    return images, labels


def animate_scan(scan: Scan, n_frames: int = 25, *, seed: int = 0) -> Scan:
    """Make a whole labelled cine from a scan whose ED and ES frames are labelled.

    Parameters
    ----------
    scan : Scan
        Two-phase or longer, with ``ed_frame``, ``es_frame`` and labels in both; other frames are
        not used.
    n_frames : int
        Frames of the cycle, at least 3.
    seed : int
        Draws the volume curve.

    Returns
    -------
    Scan
        ED in frame 0, labels in every frame, ``synthetic`` set and a note that says what it was
        made from.

    Raises
    ------
    ScanError
        If the scan lacks what is needed.
    """
    where = scan.source or scan.name
    if scan.labels is None:
        raise ScanError("the scan has no labels to animate", source=where)
    ed, es = scan.ed_frame, scan.es_frame
    if ed is None or es is None:
        raise ScanError("the scan does not say which frames are ED and ES", source=where)
    if ed == es:
        raise ScanError(f"ED and ES are both marked at frame {ed + 1}", source=where)
    for name, frame in (("ED", ed), ("ES", es)):
        if frame not in scan.labelled_frames:
            raise ScanError(f"the {name} frame {frame + 1} has no labels", source=where)
    curve = VolumeCurve.sample(np.random.default_rng(seed))
    magnitude = (
        np.abs(scan.image[[ed, es]]) if np.iscomplexobj(scan.image) else scan.image[[ed, es]]
    )
    try:
        image, labels = animate(
            magnitude[0],
            magnitude[1],
            scan.labels[ed],
            scan.labels[es],
            scan.spacing,
            n_frames,
            curve=curve,
        )
    except ScanError as error:
        raise ScanError(error.problem, source=where, remedy=error.remedy) from error
    times = None if scan.cycle_ms is None else np.arange(n_frames) * scan.cycle_ms / n_frames
    return scan.with_(
        image=image,
        labels=labels,
        labelled_frames=tuple(range(n_frames)),
        ed_frame=0,
        es_frame=curve.es_frame(n_frames),
        frame_times_ms=times,
        source_frames=None,
        synthetic=True,
        notes=(*scan.notes, f"made from the ED and ES frames of {scan.name} (seed {seed})"),
    )


def _check(
    ed_image: np.ndarray, es_image: np.ndarray, ed_labels: np.ndarray, es_labels: np.ndarray
) -> None:
    shapes = {np.shape(array) for array in (ed_image, es_image, ed_labels, es_labels)}
    if len(shapes) > 1 or len(next(iter(shapes))) != 3:
        raise ScanError(
            f"ED and ES images and labels of shapes {sorted(shapes)} are not on one (Z, Y, X) grid"
        )
    for name, labels in (("ED", ed_labels), ("ES", es_labels)):
        if not np.isin(labels, (Label.BACKGROUND, *FOREGROUND)).all():
            raise ScanError(
                f"the {name} labels hold tissues other than LV, MYO and RV",
                remedy="merge scar and no-reflow into the myocardium",
            )
    ed_volume, es_volume = (np.count_nonzero(x == Label.LV) for x in (ed_labels, es_labels))
    if ed_volume == 0:
        raise ScanError("the ED frame has no LV label", remedy="label the LV at ED and ES")
    if es_volume == 0:
        raise ScanError("the ES frame has no LV label", remedy="label the LV at ED and ES")
    if es_volume == ed_volume:
        raise ScanError("ED and ES show the same LV volume, so there is no motion to follow")
    if es_volume > ed_volume:
        raise ScanError("the LV is larger at ES than at ED", remedy="swap the two frames")


def _heart_region(
    ed_labels: np.ndarray, es_labels: np.ndarray, spacing: Sequence[float]
) -> tuple[slice, slice, slice]:
    """Box around the labels of both frames, all slices, with a margin."""
    seen: np.ndarray = ((ed_labels > 0) | (es_labels > 0)).any(axis=0)
    box = [slice(None)]
    for along, step in ((seen.any(axis=1), spacing[1]), (seen.any(axis=0), spacing[2])):
        places = np.flatnonzero(along)
        margin = int(np.ceil(MARGIN_MM / step))
        box.append(slice(max(int(places[0]) - margin, 0), int(places[-1]) + margin + 1))
    return box[0], box[1], box[2]


def _signed_distances(labels: np.ndarray, pixel: tuple[float, float]) -> np.ndarray:
    """In-plane distance in mm to the rim of LV, LV + MYO, RV and all, positive inside.

    Shape (4, Z, Y, X). Nested sets, rather than one for each tissue, keep a thin wall whole when
    distances are blended. A tissue absent from a slice is NaN there.
    """
    from scipy.ndimage import distance_transform_edt

    lv, myo = labels == Label.LV, labels == Label.MYO
    distances = np.full((4, *labels.shape), np.nan, np.float32)
    for channel, members in enumerate((lv, lv | myo, labels == Label.RV, labels > 0)):
        for z, inside in enumerate(members):
            if inside.all():
                distances[channel, z] = DISTANCE_CAP_MM
            elif inside.any():
                half = min(pixel) / 2
                inward = distance_transform_edt(inside, sampling=pixel)
                outward = distance_transform_edt(~inside, sampling=pixel)
                distances[channel, z] = np.where(inside, inward - half, half - outward)
    return distances


def _motion(
    ed_image: np.ndarray,
    es_image: np.ndarray,
    ed_distance: np.ndarray,
    es_distance: np.ndarray,
    pixel: tuple[float, float],
) -> np.ndarray:
    """Velocity field from ED to ES on the working grid, at rest along the rim of the region."""
    shape = tuple(
        max(round(n * step / WORKING_PIXEL_MM), 8)
        for n, step in zip(ed_image.shape[1:], pixel, strict=True)
    )
    shape = (shape[0], shape[1])
    common = ~np.isnan(ed_distance[:3, :, 0, 0] + es_distance[:3, :, 0, 0])
    weights = np.concatenate([common.astype(float), np.full((1, len(ed_image)), 1.0)])
    channels = []
    for image, distance in ((ed_image, ed_distance), (es_image, es_distance)):
        low, high = np.percentile(image, (5, 95))
        # The contrast of blood to muscle then counts like a few mm of distance.
        intensity = (image - low) * (DISTANCE_CAP_MM / max(high - low, 1e-12))
        borders = DISTANCE_CAP_MM * np.tanh(np.nan_to_num(distance[:3]) / DISTANCE_CAP_MM)
        channels.append(resize(np.concatenate([borders, intensity[None]]), shape))
    velocity = register(channels[0], channels[1], weights=weights)
    rows, columns = (_taper(n) for n in shape)
    return velocity * np.minimum(rows[:, None], columns[None, :])


def _taper(n: int) -> np.ndarray:
    """From 0 at both ends to 1 over ``TAPER_MM`` of the working grid."""
    from_rim = np.minimum(np.arange(n), np.arange(n)[::-1]) * WORKING_PIXEL_MM / TAPER_MM
    ramp = np.clip(from_rim, 0, 1)
    return (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)


class _Path:
    """Maps along the way from ED to ES, on the image's own grid."""

    def __init__(self, velocity: np.ndarray, shape: tuple[int, ...]) -> None:
        self._velocity = velocity
        self._shape = (shape[0], shape[1])

    def at(self, s: float) -> tuple[np.ndarray, np.ndarray]:
        """Displacements that pull ED and ES back to the place ``s`` between them."""
        forwards = exponential(s * self._velocity)
        backwards = exponential((s - 1) * self._velocity)
        return resize_field(forwards, self._shape), resize_field(backwards, self._shape)


class _Blend:
    """Cross-fade of two aligned stacks that keeps the strength of fine detail.

    A plain average of two pictures with independent noise has less noise than either (down to
    0.71 of it), and so gives itself away. Here detail is scaled, region by region, to the local
    strength that it has in the two pictures.
    """

    DETAIL = 1.0  # pixels: what is finer than this Gaussian is detail
    REGION = 4.0  # pixels: the Gaussian over which its strength is taken

    def __init__(self, first: np.ndarray, second: np.ndarray) -> None:
        self._coarse_first, self._fine_first = self._split(first)
        self._coarse_second, self._fine_second = self._split(second)
        self._power_first = self._local(self._fine_first**2)
        self._power_second = self._local(self._fine_second**2)
        self._common = self._local(self._fine_first * self._fine_second)

    def at(self, s: float) -> np.ndarray:
        """Blend with more of the second stack the larger ``s``."""
        b = np.float32(s * s * (3 - 2 * s))
        a = 1 - b
        wanted = a * self._power_first + b * self._power_second
        plain = a * a * self._power_first + b * b * self._power_second + 2 * a * b * self._common
        gain = np.sqrt(np.clip(wanted / np.maximum(plain, 1e-12), 1, 2.5))
        detail = gain * (a * self._fine_first + b * self._fine_second)
        return a * self._coarse_first + b * self._coarse_second + detail

    def _split(self, stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from scipy.ndimage import gaussian_filter

        coarse = gaussian_filter(stack, (0, self.DETAIL, self.DETAIL), truncate=3)
        return coarse, stack - coarse

    def _local(self, stack: np.ndarray) -> np.ndarray:
        from scipy.ndimage import uniform_filter

        return uniform_filter(stack, (0, round(2 * self.REGION) + 1, round(2 * self.REGION) + 1))


def _labels_between(
    ed_distance: np.ndarray,
    es_distance: np.ndarray,
    forwards: np.ndarray,
    backwards: np.ndarray,
    s: float,
) -> np.ndarray:
    """Labels at the place ``s`` between ED and ES from blended signed distances."""
    lv, epi, rv, heart = _distances_between(ed_distance, es_distance, forwards, backwards, s)
    labels = np.where(lv > 0, np.uint8(Label.LV), np.uint8(Label.MYO))
    labels[rv > epi] = Label.RV
    labels[heart <= 0] = Label.BACKGROUND
    return labels


def _distances_between(
    ed_distance: np.ndarray,
    es_distance: np.ndarray,
    forwards: np.ndarray,
    backwards: np.ndarray,
    s: float,
) -> Iterator[np.ndarray]:
    for ed, es in zip(ed_distance, es_distance, strict=True):
        in_ed, in_es = ~np.isnan(ed[:, 0, 0]), ~np.isnan(es[:, 0, 0])
        between = np.full(ed.shape, -np.inf, np.float32)
        if in_ed.any():
            warped = warp(ed[in_ed], forwards[:, in_ed])
            between[in_ed] = warped - _shrinkage(warped, s / VANISHED_AT)
            both = in_ed & in_es
            between[both] = (1 - s) * warped[in_es[in_ed]]
        if in_es.any():
            warped = warp(es[in_es], backwards[:, in_es])
            both = in_ed & in_es
            between[both] += s * warped[in_ed[in_es]]
            only = in_es & ~in_ed
            alone = warped[~in_ed[in_es]]
            between[only] = alone - _shrinkage(alone, (1 - s) / VANISHED_AT)
        yield between


def _shrinkage(distance: np.ndarray, gone: float) -> np.ndarray:
    """Find what to take off the distances of a tissue that has vanished when ``gone`` reaches 1.

    Slow at first: a contour stays where the tissue is still in view, and then goes within a few
    frames, as it does under an observer's hand.
    """
    deepest = distance.max(axis=(1, 2), keepdims=True)
    return deepest * np.float32(gone) ** 6
