"""A whole labelled heart cycle from its end-diastolic and end-systolic frames.

Data sets often come with labels at end-diastole (ED) and end-systole (ES) only. The two frames are
registered densely, slice by slice, and every frame between them lies on the smooth path of the
registration: ED is warped forwards, ES backwards, and the two are blended. ED and ES themselves are
reproduced to the voxel. The motion is of the real heart; its timing is that of a
:class:`~napari_cmr.phantom.volume_curve.VolumeCurve`, and filling retraces the path of ejection.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_cmr.motion.registration import (
    exponential,
    register,
    resize,
    resize_field,
    spline_coefficients,
    warp,
    warp_spline,
)
from napari_cmr.phantom.cross_fade import Blend
from napari_cmr.phantom.volume_curve import VolumeCurve
from napari_cmr.scan import Label, Scan, ScanError

MARGIN_MM = 25.0  # around the labels: the part of the view that is registered and moves
TAPER_MM = 12.0  # over which the motion fades to rest at the rim of that part
WORKING_PIXEL_MM = 2.0  # of the registration
STIFFNESS = 4.0  # of the registration, (mm per working pixel) squared: no folding in practice
DISTANCE_CAP_MM = 12.0  # signed distances beyond it say nothing more about the border
DRAWN_IN_MM = 5.0  # how far the outline shrinks before the heart leaves a slice
HAIRLINE_MM = 1.5  # a gap between the ventricles up to twice this wide is closed
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
        curve = VolumeCurve.sample(seed)
    emptying = curve.emptying(n_frames)
    ed_image = np.asarray(ed_image, np.float32)
    es_image = np.asarray(es_image, np.float32)

    heart = _heart_region(ed_labels, es_labels, spacing)
    pixel = (float(spacing[1]), float(spacing[2]))
    between = _Between(
        _Borders.of(ed_labels[heart], pixel),
        _Borders.of(es_labels[heart], pixel),
        ed_image[heart],
        es_image[heart],
        pixel,
    )
    still = Blend(ed_image, es_image)
    images = np.empty((n_frames, *ed_image.shape), np.float32)
    labels = np.zeros(images.shape, np.uint8)
    places = between.places(emptying)
    in_leaving_slices = ed_labels.size
    for frame in np.argsort(emptying):  # along the motion, so that the LV only ever shrinks
        emptied, s = emptying[frame], places[frame]
        if emptied in (0.0, 1.0):
            images[frame] = es_image if emptied else ed_image
            labels[frame] = es_labels if emptied else ed_labels
            continue
        images[frame] = still.at(s)
        images[frame][heart], labels[frame][heart] = between.at(s, emptied, in_leaving_slices)
        in_leaving_slices = int((labels[frame][between.leaving] == Label.LV).sum())
    return images, labels


def animate_scan(scan: Scan, n_frames: int = 25, *, seed: int = 0) -> Scan:
    """Make a whole labelled cine from a scan whose ED and ES frames are labelled.

    Parameters
    ----------
    scan : Scan
        With labels in its ED and ES frames; other frames are not used. Where ED and ES are not
        marked, they are the labelled frames with the largest and the smallest LV.
    n_frames : int
        Frames of the cycle, at least 3.
    seed : int
        Draws the timing; the length of the cycle is the scan's own if it is known.

    Returns
    -------
    Scan
        ED in frame 0, labels in every frame, ``synthetic`` set and a note that says what it was
        made from.

    Raises
    ------
    ScanError
        If the scan has no labels in two such frames, or :func:`animate` cannot use them.
    """
    where = scan.source or scan.name
    ed, es = _marked_frames(scan)
    labels = scan.labels
    assert labels is not None  # or there would be no such frames
    curve = VolumeCurve.sample(seed, cycle_ms=scan.cycle_ms)
    pair = scan.image[[ed, es]]
    if np.iscomplexobj(pair):
        pair = np.abs(pair)
    try:
        image, all_labels = animate(
            pair[0], pair[1], labels[ed], labels[es], scan.spacing, n_frames, curve=curve
        )
    except ScanError as error:
        raise ScanError(error.problem, source=where, remedy=error.remedy) from error
    times = None if scan.cycle_ms is None else np.arange(n_frames) * scan.cycle_ms / n_frames
    return scan.with_(
        image=image,
        labels=all_labels,
        labelled_frames=tuple(range(n_frames)),
        ed_frame=0,
        es_frame=curve.es_frame(n_frames),
        frame_times_ms=times,
        source_frames=None,
        synthetic=True,
        notes=(
            *scan.notes,
            f"Made from the ED and ES frames of {scan.name} (frames {ed + 1} and {es + 1}); "
            f"the motion between them is estimated, its timing drawn with seed {seed}.",
        ),
    )


def _marked_frames(scan: Scan) -> tuple[int, int]:
    """ED and ES frame of a scan that has labels in both."""
    where = scan.source or scan.name
    if scan.labels is None or not scan.labelled_frames:
        raise ScanError("the scan has no labels to animate", source=where)
    ed, es = scan.ed_frame, scan.es_frame
    volumes = {t: int((scan.labels[t] == Label.LV).sum()) for t in scan.labelled_frames}
    if ed is None:
        ed = max(volumes, key=lambda frame: volumes[frame])
    if es is None:
        es = min(volumes, key=lambda frame: volumes[frame])
    if ed == es:
        raise ScanError(
            f"frame {ed + 1} would be ED as well as ES",
            source=where,
            remedy="label the LV at ED and at ES, and mark both frames",
        )
    for name, frame in (("ED", ed), ("ES", es)):
        if frame not in volumes:
            raise ScanError(f"the {name} frame {frame + 1} has no labels", source=where)
    return ed, es


def _check(
    ed_image: np.ndarray, es_image: np.ndarray, ed_labels: np.ndarray, es_labels: np.ndarray
) -> None:
    shapes = {np.shape(array) for array in (ed_image, es_image, ed_labels, es_labels)}
    if len(shapes) > 1 or len(next(iter(shapes))) != 3:
        raise ScanError(
            f"ED and ES images and labels of shapes {sorted(shapes)} are not on one (Z, Y, X) grid"
        )
    if min(np.shape(ed_image)[1:]) < 8:
        raise ScanError(f"slices of {np.shape(ed_image)[1:]} pixels are too small to hold a heart")
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
    seen = np.logical_or.reduce((ed_labels > 0) | (es_labels > 0), axis=0)
    box = [slice(None)]
    for along, step in ((seen.any(axis=1), spacing[1]), (seen.any(axis=0), spacing[2])):
        places = np.flatnonzero(along)
        margin = int(np.ceil(MARGIN_MM / step))
        box.append(slice(max(int(places[0]) - margin, 0), int(places[-1]) + margin + 1))
    return box[0], box[1], box[2]


@dataclass(frozen=True)
class _Borders:
    """In-plane distance to the rim of LV, LV + MYO, RV and all of them.

    Nested sets, rather than one for each tissue, keep a thin wall whole when distances are blended.

    Attributes
    ----------
    distance : ndarray of float32, shape (4, Z, Y, X)
        In mm, positive inside; 0 in slices without the tissue.
    present : ndarray of bool, shape (4, Z, 1, 1)
        Whether a slice has the tissue.
    """

    distance: np.ndarray
    present: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray, pixel: tuple[float, float]) -> "_Borders":
        from scipy.ndimage import distance_transform_edt

        lv = labels == Label.LV
        members = np.stack([lv, lv | (labels == Label.MYO), labels == Label.RV, labels > 0])
        present = np.logical_or.reduce(members, axis=(2, 3), keepdims=True)
        distance = np.zeros(members.shape, np.float32)
        half = min(pixel) / 2
        for channel, z in zip(*np.nonzero(present[:, :, 0, 0]), strict=True):
            inside = np.pad(members[channel, z], 1)  # a rim, even where tissue fills the view
            inward = distance_transform_edt(inside, sampling=pixel)
            outward = distance_transform_edt(~inside, sampling=pixel)
            signed = np.where(inside, inward - half, half - outward)
            distance[channel, z] = signed[1:-1, 1:-1]
        return cls(distance, present)


def _motion(
    ed_image: np.ndarray,
    es_image: np.ndarray,
    ed_borders: _Borders,
    es_borders: _Borders,
    pixel: tuple[float, float],
) -> np.ndarray:
    """Velocity field from ED to ES on the working grid, at rest along the rim of the region."""
    n_rows, n_columns = (
        max(round(n * step / WORKING_PIXEL_MM), 8)
        for n, step in zip(ed_image.shape[1:], pixel, strict=True)
    )
    common = (ed_borders.present & es_borders.present)[:3, :, 0, 0]
    weights = np.concatenate([common.astype(float), np.ones((1, len(ed_image)))])
    channels = []
    for image, borders in ((ed_image, ed_borders), (es_image, es_borders)):
        low, high = np.percentile(image, (5, 95))
        # The contrast of blood to muscle then counts like a few mm of distance.
        intensity = (image - low) * (DISTANCE_CAP_MM / max(high - low, 1e-12))
        near = DISTANCE_CAP_MM * np.tanh(borders.distance[:3] / DISTANCE_CAP_MM)
        channels.append(resize(np.concatenate([near, intensity[None]]), (n_rows, n_columns)))
    velocity = register(channels[0], channels[1], weights=weights, stiffness=STIFFNESS)
    return velocity * np.minimum(_taper(n_rows)[:, None], _taper(n_columns))


def _taper(n: int) -> np.ndarray:
    """From 0 at both ends to 1 over ``TAPER_MM`` of the working grid."""
    from_rim = np.minimum(np.arange(n), np.arange(n)[::-1]) * WORKING_PIXEL_MM / TAPER_MM
    ramp = np.clip(from_rim, 0, 1)
    return (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)


class _Between:
    """Images and labels of the heart at any place ``s`` from ED (0) to ES (1)."""

    SAMPLES = 9  # places at which the LV volume is measured before frames are placed

    def __init__(
        self,
        ed_borders: _Borders,
        es_borders: _Borders,
        ed_image: np.ndarray,
        es_image: np.ndarray,
        pixel: tuple[float, float],
    ) -> None:
        self.velocity = _motion(ed_image, es_image, ed_borders, es_borders, pixel)
        self._shape = ed_image.shape[1:]
        self._ed, self._es = ed_borders, es_borders
        self._ed_spline = spline_coefficients(ed_image)
        self._es_spline = spline_coefficients(es_image)
        in_ed, in_es = ed_borders.present[0, :, 0, 0], es_borders.present[0, :, 0, 0]
        self.staying, self.leaving = in_ed & in_es, in_ed & ~in_es  # slices, by their LV
        self._n_ed, self._n_es = (
            int((borders.distance[0, self.staying] > 0).sum())
            for borders in (ed_borders, es_borders)
        )

    def places(self, emptying: np.ndarray) -> np.ndarray:
        """Where along the motion the LV has lost the given parts of its stroke volume.

        Measured in the slices that hold LV in both frames: a basal slice that the LV leaves within
        a few frames would otherwise hold up the motion of all the others.
        """
        if self._n_es >= self._n_ed:
            return emptying
        samples = np.linspace(0, 1, self.SAMPLES)
        volume = np.array(
            [(self._distances(s, *self.maps(s), [0])[0, self.staying] > 0).sum() for s in samples]
        )
        lost = np.maximum.accumulate(volume[0] - volume) / (volume[0] - volume[-1])
        return np.interp(emptying, np.clip(lost, 0, 1) + 1e-3 * samples, samples)

    def maps(self, s: float) -> tuple[np.ndarray, np.ndarray]:
        """Displacements, on the image's grid, that pull ED and ES back to ``s``."""
        forwards = exponential(s * self.velocity)
        backwards = exponential((s - 1) * self.velocity)
        return resize_field(forwards, self._shape), resize_field(backwards, self._shape)

    def at(self, s: float, emptied: float, at_most: int) -> tuple[np.ndarray, np.ndarray]:
        """Image and labels at ``s``.

        The LV has lost the part ``emptied`` of its stroke volume where it stays in the slice, and
        has ``at_most`` so many voxels in the slices that it leaves.
        """
        forwards, backwards = self.maps(s)
        blend = Blend(
            warp_spline(self._ed_spline, forwards), warp_spline(self._es_spline, backwards)
        )
        lv, epi, rv, heart = self._distances(s, forwards, backwards, range(4))
        labels = np.full(lv.shape, Label.MYO, np.uint8)
        labels[rv > epi] = Label.RV
        # The rim of the whole heart only closes hairline gaps between the ventricles.
        nearest = np.maximum(epi, rv)
        labels[(nearest <= 0) & ((heart <= 0) | (nearest < -HAIRLINE_MM))] = Label.BACKGROUND
        # The innermost voxels are LV: nearly those within its border, but the count is exact.
        inner = np.where(labels == Label.MYO, lv, -np.inf)
        cavity = inner > 0
        n_staying = round(self._n_ed + (self._n_es - self._n_ed) * emptied)
        cavity[self.staying] = _highest(inner[self.staying], n_staying)
        n_leaving = min(int(cavity[self.leaving].sum()), at_most)
        cavity[self.leaving] = _highest(inner[self.leaving], n_leaving)
        labels[cavity] = Label.LV
        return blend.at(s), labels

    def _distances(
        self, s: float, forwards: np.ndarray, backwards: np.ndarray, channels: Sequence[int]
    ) -> np.ndarray:
        """Signed distances at ``s``, blended where both frames have the tissue."""
        channels = list(channels)
        in_ed, in_es = self._ed.present[channels], self._es.present[channels]
        ed = warp(self._ed.distance[channels], forwards)
        es = warp(self._es.distance[channels], backwards)
        leaves = self._ed.present[1] != self._es.present[1]
        ed_alone = ed - _shrinkage(ed, leaves, s / VANISHED_AT)
        es_alone = es - _shrinkage(es, leaves, (1 - s) / VANISHED_AT)
        alone = np.where(in_ed, ed_alone, np.where(in_es, es_alone, -np.inf))
        return np.where(in_ed & in_es, (1 - s) * ed + s * es, alone)


def _highest(values: np.ndarray, n: int) -> np.ndarray:
    """Mask of the ``n`` highest finite values."""
    mask = np.zeros(values.size, bool)
    if n > 0:
        mask[np.argpartition(-values, n - 1, axis=None)[:n]] = True
    return mask.reshape(values.shape) & np.isfinite(values)


def _shrinkage(distance: np.ndarray, leaves: np.ndarray, gone: float) -> np.ndarray | float:
    """Find what to take off the distances of tissue that has vanished when ``gone`` reaches 1.

    Where the heart leaves the slice, its outline draws in by a few mm and is then gone, as under an
    observer's hand: the image still shows nearly the whole of it. A tissue that vanishes within the
    heart (the RV near the apex) narrows to nothing.
    """
    if gone >= 1:
        return np.inf
    deepest = distance.max(axis=(-2, -1), keepdims=True)
    return np.where(leaves, np.float32(DRAWN_IN_MM), deepest) * np.float32(gone) ** 3
