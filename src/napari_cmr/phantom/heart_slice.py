"""Paints the beating heart into one slice: the signal and the labels of every frame."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from napari_cmr.phantom.anatomy import Contours, Heart
from napari_cmr.phantom.flow import flow_void
from napari_cmr.phantom.great_vessels import paint_great_vessels
from napari_cmr.phantom.texture import smooth_noise
from napari_cmr.phantom.time_course import smooth_step
from napari_cmr.scan import Label

_N_ANGLES = 360
_RV_WALL_MM = 2.6
_PERICARDIUM_MM = 1.2
_TEXTURE_PIXELS = 96


@dataclass(frozen=True)
class _Papillary:
    """One head of a papillary muscle: angle, reach along the axis, radius, and how it leans."""

    angle: float
    bottom: float
    top: float
    radius_mm: float
    lean: float
    flatness: float


class HeartPainter:
    """Turns the surfaces of a heart into signal and labels on a pixel grid.

    Parameters
    ----------
    heart : Heart
    times_ms : ndarray, shape (T,)
    pixel_mm : float
    signals : mapping
        Signal of every tissue.
    """

    def __init__(
        self, heart: Heart, times_ms: np.ndarray, pixel_mm: float, signals: Mapping[str, complex]
    ) -> None:
        self._heart = heart
        self._times = np.asarray(times_ms, dtype=np.float64)
        self._pixel = pixel_mm
        self._signals = signals
        self._phi = np.linspace(-np.pi, np.pi, _N_ANGLES, endpoint=False)
        self._filled = heart.lv_filled(self._times)
        rng = np.random.default_rng([heart.parameters.shape_seed, 3])
        size = (heart.parameters.lv_end_diastolic_volume_ml / 155.0) ** (1 / 3)
        # Combs of muscle along the endocardium: (angle, axis) maps that twist with the wall.
        comb = (_N_ANGLES, 64)
        self._trabeculae = smooth_noise(rng, comb, (4.0, 2.0))
        self._rv_trabeculae = smooth_noise(rng, comb, (4.0, 2.0))
        self._fat = smooth_noise(rng, comb, (16.0, 5.0))
        patch = (_TEXTURE_PIXELS, _TEXTURE_PIXELS)
        self._texture = 0.6 * smooth_noise(rng, patch, 1.2) + 0.8 * smooth_noise(rng, patch, 4.0)
        self._flow = 0.8 * smooth_noise(rng, patch, 6.0) + 0.6 * smooth_noise(rng, patch, 2.0)
        self._roughness = float(np.exp(0.2 * np.clip(rng.standard_normal(), -2.0, 2.0)))
        self._papillaries = [
            _Papillary(
                np.deg2rad(angle) + 0.12 * rng.normal(),
                bottom + 0.03 * rng.normal(),
                top + 0.03 * rng.normal(),
                size * (radius + 0.4 * rng.normal()),
                0.3 * rng.normal(),
                rng.uniform(0.65, 1.0),
            )
            for angle, bottom, top, radius in (
                (-50.0, 0.16, 0.70, 5.4),
                (-27.0, 0.22, 0.60, 3.6),
                (68.0, 0.16, 0.68, 5.0),
                (94.0, 0.20, 0.60, 4.0),
            )
        ]

    def extent_mm(self) -> tuple[float, float]:
        """Reach of the heart at end-diastole: below the LV axis, and in front of it."""
        z = np.linspace(0, 1.2 * self._heart.parameters.lv_length_mm, 14)
        c = self._heart.contours(self._times[:1], z, self._phi)
        below = c.epi[..., np.abs(self._phi - np.pi / 2) < 0.5]
        return float(below.max()), float(c.rv_outer.max())

    def paint(
        self, background: np.ndarray, x_mm: np.ndarray, y_mm: np.ndarray, planes_mm: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Paint one slice.

        Parameters
        ----------
        background : ndarray, shape (Y, X)
            Signal of the slice without the heart.
        x_mm, y_mm : ndarray, shape (Y, X)
            Place of the pixels relative to the LV axis at mid-height.
        planes_mm : ndarray, shape (S,)
            Thin planes to average over the slice's thickness, mm above the apex.

        Returns
        -------
        signal : ndarray of complex64, shape (T, Y, X)
        labels : ndarray of uint8, shape (T, Y, X)
        """
        n_frames = self._times.size
        base = background.astype(np.complex64).ravel()
        totals = [np.repeat(base[None] * len(planes_mm), n_frames, axis=0)]
        totals += [np.zeros(totals[0].shape, np.float32) for _ in range(5)]
        for z in np.asarray(planes_mm, dtype=np.float64):
            cx, cy = self._heart.centre_mm(np.array([z]))[0]
            dx, dy = (x_mm - cx).ravel(), (y_mm - cy).ravel()
            angle = (np.arctan2(dy, dx) + np.pi) / (2 * np.pi) * _N_ANGLES
            index = np.round(angle).astype(np.intp) % _N_ANGLES
            plane = _Plane(self, float(z))
            radius = np.hypot(dx, dy)
            near = np.flatnonzero(radius < plane.reach[index])
            if near.size == 0:
                continue
            parts = plane.paint(
                base[near], radius[near].astype(np.float32), index[near], dx[near], dy[near]
            )
            totals[0][:, near] += parts[0] - base[near]
            for total, part in zip(totals[1:], parts[1:], strict=True):
                total[:, near] += part
        signal, cavity, wall, right, scar, core = totals
        count = len(planes_mm)
        labels = np.zeros(right.shape, np.uint8)
        labels[right >= 0.5 * count] = Label.RV
        # Wall and cavity share the voxels of their border: the larger part wins.
        inside = cavity + wall >= 0.5 * count
        labels[inside] = np.where(cavity[inside] >= wall[inside], Label.LV, Label.MYO)
        if self._heart.parameters.infarct is not None and self._times.size == 1:
            muscle = labels == Label.MYO
            labels[muscle & (scar > 0.5 * wall)] = Label.SCAR
            labels[muscle & (core > 0.5 * wall)] = Label.NO_REFLOW
        signal /= count
        shape = (n_frames, *background.shape)
        return signal.reshape(shape), labels.reshape(shape)


class _Plane:
    """One infinitely thin plane of the heart in all frames."""

    def __init__(self, painter: HeartPainter, z_mm: float) -> None:
        self._p = painter
        heart, times = painter._heart, painter._times
        self._c = c = heart.contours(times, np.array([z_mm]), painter._phi)
        self._zeta = c.zeta[:, 0]
        self._twist = np.concatenate(
            [heart.twist(times[i : i + 1], self._zeta[i : i + 1])[:, 0] for i in range(times.size)]
        )
        # Above the base the sac is as wide as below it: the atria fill it.
        top = 0.93 * float(heart.length_mm(times).min())
        below = c if z_mm <= top else heart.contours(times, np.array([top]), painter._phi)
        self._sac = self._pericardium(z_mm / heart.parameters.lv_length_mm, below)
        self.reach = self._sac.max(axis=0) + _PERICARDIUM_MM + painter._pixel

    def _pericardium(self, along: float, below: Contours) -> np.ndarray:
        """Radius of the pericardial sac, shape ``(T, P)``.

        The sac keeps much of its volume through the cycle, so it follows the heart in part only.
        """
        p = self._p
        heart = np.zeros((len(p._times), _N_ANGLES))
        for c in (self._c, below):
            ring, rv = c.rv_inner[:, 0], c.rv_outer[:, 0]
            heart = np.maximum(heart, np.where(rv > ring + 0.5, rv + _RV_WALL_MM, ring))
        outer = np.maximum(_circular_smooth(heart, 10.0), heart)
        outer = _circular_smooth(outer, 7.0)
        if len(outer) > 1:
            outer = np.maximum(0.2 * outer[:1] + 0.8 * outer, outer)
        texture = p._fat[:, int(np.clip(along + 0.3, 0, 1.55) / 1.6 * 63)]
        # Thin over the lateral wall, thicker over the right ventricle and in the grooves.
        fat = 1.4 - 1.3 * np.cos(p._phi) + 1.2 * texture
        for groove, depth in ((2.05, 4.0), (-2.05, 3.0)):
            fat = fat + depth * np.exp(-((_wrap(p._phi - groove) / 0.35) ** 2))
        fat = np.clip(fat, 0.2, None) + 4.0 * float(smooth_step(0.15 - along, 0.0, 0.35))
        closing = float(np.clip(1.0 - (-along - 0.04) / 0.22, 0.0, 1.0))
        return np.asarray((outer + fat) * closing)

    def _at(self, table: np.ndarray, index: np.ndarray) -> np.ndarray:
        return table.astype(np.float32)[:, index]

    def paint(
        self,
        base: np.ndarray,
        radius: np.ndarray,
        index: np.ndarray,
        dx: np.ndarray,
        dy: np.ndarray,
    ) -> tuple[np.ndarray, ...]:
        """Signal, then the parts of LV, wall, RV, scar and core, each ``(T, pixels)``."""
        p, c = self._p, self._c
        s, px = p._signals, p._pixel

        def cover(edge: np.ndarray) -> np.ndarray:
            """Part of each pixel inside a radius."""
            return np.clip((edge - radius) / px + 0.5, 0.0, 1.0)

        ring, epi = self._at(c.rv_inner[:, 0], index), self._at(c.epi[:, 0], index)
        endo, rv = self._at(c.endo[:, 0], index), self._at(c.rv_outer[:, 0], index)
        sac = self._at(self._sac, index)
        has_rv = rv > ring + 0.4
        texture, flow = self._textures(dx, dy)

        image = np.repeat(base[None], len(sac), axis=0)
        image += cover(sac + _PERICARDIUM_MM) * (0.3 * s["muscle"] - image)
        image += cover(sac) * (s["fat"] * (0.82 + 0.08 * texture) - image)
        above = self._zeta > 1.0
        if above.any():
            image[above] = paint_great_vessels(
                image[above],
                dx,
                dy,
                s,
                px,
                scale=float(np.sqrt((c.rv_inner[:, 0] ** 2).mean())) / 33.0,
                filled=p._filled[above],
                height_mm=(self._zeta[above] - 1.0) * p._heart.parameters.lv_length_mm,
                sac_mm=sac[above],
                radius_mm=radius,
            )
        outer = np.where(has_rv, rv + _RV_WALL_MM, np.where(above[:, None], 0.0, ring))
        muscle = s["myocardium"] * (1.0 + 0.07 * texture)
        solid = cover(outer)
        solid[above] *= has_rv[above] & (radius > ring[above] - 2.0)
        image += solid * (muscle - image)
        in_rv = np.clip(cover(rv) - cover(ring), 0.0, 1.0) * has_rv
        image += (
            in_rv
            * self._rv_blood(radius, ring, rv, index)
            * (0.80 * s["blood"] * (1.0 + 0.06 * flow) - image)
        )
        in_lv = cover(endo) * (endo > 0)
        in_wall = np.clip(cover(epi) - in_lv, 0.0, 1.0) * (epi > 0)
        scar, core = self._scar(index, radius, endo, epi)
        image += in_wall * scar * (s["scar"] * (1.0 + 0.08 * texture) - image)
        image += in_wall * core * (s["no_reflow"] - image)
        void = flow_void(dx, dy, c.endo[:, 0].mean(axis=1), self._zeta, p._filled)
        image += (
            in_lv
            * self._lv_blood(radius, endo, index, dx, dy)
            * (s["blood"] * (1.0 + 0.09 * flow) * (1.0 - void) - image)
        )
        return image, in_lv, in_wall, in_rv, in_wall * scar, in_wall * core

    def _textures(self, dx: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Grain of the muscle, fixed in the plane, and of the blood, which drifts through it."""
        p, n = self._p, _TEXTURE_PIXELS
        offset = round(37 * self._zeta[0])
        i = (np.round(dy / p._pixel).astype(np.intp) + offset) % n
        j = np.round(dx / p._pixel).astype(np.intp) % n
        drift = (np.arange(len(p._times)) * n) // len(p._times)
        return p._texture[i, j], p._flow[(i[None] + drift[:, None]) % n, j[None]]

    def _comb(self, map_: np.ndarray, twist: np.ndarray) -> np.ndarray:
        """Rows of a comb map at this plane, turned by the twist: shape ``(T, P)``."""
        level = np.clip((self._zeta + 0.1) / 1.4 * 63, 0, 63).astype(np.intp)
        steps = np.round(twist / (2 * np.pi) * _N_ANGLES).astype(np.intp)
        rows = (np.arange(_N_ANGLES)[None] - steps[:, None]) % _N_ANGLES
        return np.asarray(map_[rows, level[:, None]])

    def _lv_blood(
        self,
        radius: np.ndarray,
        endo: np.ndarray,
        index: np.ndarray,
        dx: np.ndarray,
        dy: np.ndarray,
    ) -> np.ndarray:
        """Blood's part of the LV cavity: 1 but for papillary muscles and trabeculae."""
        p, zeta = self._p, self._zeta
        if not (endo > 0).any():
            return np.zeros_like(endo)
        table = self._c.endo[:, 0]
        comb = self._comb(p._trabeculae, self._twist)
        rough = smooth_step(1.0 - zeta, 0.1, 0.8)[:, None]
        # The same muscle lies on a smaller surface when the cavity has emptied.
        mean = np.maximum(table.mean(axis=1, keepdims=True), 1.0)
        close = np.minimum(mean.max() / mean, 2.0)
        depth = np.clip(1.1 + 1.3 * comb, 0.0, None) * (0.7 + rough) * close * p._roughness
        depth = np.minimum(depth, 0.35 * table)
        edge = endo - self._at(depth, index)
        # No sharp border: blood runs ever wider between the muscle's ridges.
        blood = 0.08 + 0.92 * np.clip((edge - radius) / 4.0 + 0.45, 0.0, 1.0)
        for muscle in p._papillaries:
            reach = smooth_step(zeta, muscle.bottom - 0.08, muscle.bottom + 0.1)
            reach = reach * (1.0 - smooth_step(zeta, muscle.top - 0.12, muscle.top + 0.06))
            size = (muscle.radius_mm * np.sqrt(reach)).astype(np.float32)
            if not (size > 0.4).any():
                continue
            turn = muscle.angle + self._twist + muscle.lean * (zeta - 0.4)
            column = np.round((turn + np.pi) / (2 * np.pi) * _N_ANGLES).astype(np.intp) % _N_ANGLES
            # The foot grows out of the wall; the tip stands free in the cavity.
            free = 2.6 * smooth_step(zeta, muscle.bottom, muscle.top) - 1.0
            away = np.maximum(table[np.arange(len(zeta)), column] - size - free, 0.0)
            cos, sin = np.cos(turn).astype(np.float32), np.sin(turn).astype(np.float32)
            along = dx * cos[:, None] + dy * sin[:, None] - away[:, None].astype(np.float32)
            across = dy * cos[:, None] - dx * sin[:, None]
            distance = np.sqrt(along**2 + (across * muscle.flatness) ** 2)
            cover = np.clip((size[:, None] - distance) / p._pixel + 0.5, 0.0, 1.0)
            blood *= 1.0 - 0.92 * cover * (size > 0.4)[:, None]
        return blood.astype(np.float32)

    def _rv_blood(
        self, radius: np.ndarray, ring: np.ndarray, rv: np.ndarray, index: np.ndarray
    ) -> np.ndarray:
        """Blood's part of the right ventricle, whose free wall and apex are combed by muscle."""
        comb = self._comb(self._p._rv_trabeculae, 0.3 * self._twist)
        rough = 1.0 - smooth_step(self._zeta, 0.3, 0.95)[:, None]
        depth = np.clip(0.4 + 1.2 * comb, 0.0, None) * (0.5 + 2.0 * rough)
        teeth = self._at(depth, index)
        free_wall = np.clip((rv - teeth - radius) / 3.5 + 0.5, 0.0, 1.0)
        septal = np.clip((radius - ring - 0.35 * teeth) / 2.5 + 0.5, 0.0, 1.0)
        return np.asarray(0.2 + 0.8 * free_wall * septal, dtype=np.float32)

    def _scar(
        self, index: np.ndarray, radius: np.ndarray, endo: np.ndarray, epi: np.ndarray
    ) -> tuple[np.ndarray | float, np.ndarray | float]:
        """Parts of the wall that are scar, and dark core inside it."""
        p = self._p
        infarct = p._heart.parameters.infarct
        if infarct is None or not (self._c.infarct > 0.25).any():
            return 0.0, 0.0
        uneven = 0.16 * self._comb(p._trabeculae, self._twist) + 0.10 * p._fat[:, 20]
        weight = self._at(np.clip(self._c.infarct[:, 0] * (1.0 + uneven), 0.0, 1.2), index)
        soft = 0.5 * p._pixel
        thick = np.maximum(epi - endo, 1e-3)
        depth = radius - endo
        reach = infarct.transmurality * smooth_step(weight, 0.2, 0.9) * thick
        scar = np.clip((reach - depth) / soft + 0.5, 0.0, 1.0) * (weight > 0.2)
        size = np.sqrt(infarct.no_reflow)
        half = 0.36 * size * reach * smooth_step(weight, 1.0 - 0.5 * size, 1.1)
        core = np.clip((half - np.abs(depth - 0.40 * reach)) / soft + 0.5, 0.0, 1.0)
        core = np.where(half > 0.6, core, 0.0)
        return scar.astype(np.float32), core.astype(np.float32)


def _circular_smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(values, sigma, axis=-1, mode="wrap"))


def _wrap(angle: np.ndarray) -> np.ndarray:
    return np.mod(angle + np.pi, 2 * np.pi) - np.pi
