"""The heart anywhere on the way from end-diastole to end-systole: images and labels."""

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
from napari_cmr.scan import Label

TAPER_MM = 12.0  # over which the motion fades to rest at the rim of what is registered
WORKING_PIXEL_MM = 2.0  # of the registration
STIFFNESS = 4.0  # of the registration, (mm per working pixel) squared: no folding in practice
DISTANCE_CAP_MM = 12.0  # signed distances beyond it say nothing more about the border
DRAWN_IN_MM = 5.0  # how far the outline shrinks before the heart leaves a slice
HAIRLINE_MM = 1.5  # a gap between the ventricles up to twice this wide is closed
VANISHED_AT = 0.55  # how far the heart has emptied when tissue that ES lacks has gone


@dataclass(frozen=True)
class Borders:
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
    def of(cls, labels: np.ndarray, pixel: tuple[float, float]) -> "Borders":
        """Borders of labels (Z, Y, X) whose pixels measure ``(dy, dx)`` mm."""
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
    ed_borders: Borders,
    es_borders: Borders,
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


class Between:
    """Images and labels of the heart at any place ``s`` from ED (0) to ES (1)."""

    SAMPLES = 9  # places at which the LV volume is measured before frames are placed

    def __init__(
        self,
        ed_borders: Borders,
        es_borders: Borders,
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
