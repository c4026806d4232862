"""Paints the beating heart into one slice: tissue fractions, signal and labels of every frame."""

from collections.abc import Mapping

import numpy as np

from napari_cmr.phantom.anatomy import Heart
from napari_cmr.phantom.motion import smooth_step
from napari_cmr.scan import Label

_N_ANGLES = 720
_RV_WALL_MM = 2.8
_PERICARDIUM_MM = 1.1


class HeartPainter:
    """Turns the surfaces of a heart into signal and labels on a pixel grid.

    Parameters
    ----------
    heart : Heart
    times_ms : ndarray, shape (T,)
    pixel_mm : float
    signals : mapping
        Signed signal of every tissue.
    """

    def __init__(
        self, heart: Heart, times_ms: np.ndarray, pixel_mm: float, signals: Mapping[str, float]
    ) -> None:
        self._heart = heart
        self._times = np.asarray(times_ms, dtype=np.float64)
        self._pixel = pixel_mm
        self._signals = signals
        self._phi = np.linspace(-np.pi, np.pi, _N_ANGLES, endpoint=False)
        self._filled = heart.lv_filled(self._times)
        rng = np.random.default_rng([heart.parameters.shape_seed, 3])
        self._trabecula = [
            (int(n), rng.uniform(0, 2 * np.pi), rng.normal(0, 9), rng.uniform(0.5, 1.0))
            for n in rng.choice(np.arange(7, 26), 7, replace=False)
        ]
        self._rv_trabecula = [
            (int(n), rng.uniform(0, 2 * np.pi), rng.normal(0, 9), rng.uniform(0.5, 1.0))
            for n in rng.choice(np.arange(9, 34), 8, replace=False)
        ]
        # Papillary muscles: angle, reach along the axis (bottom, top), thickness, split in two.
        self._papillary = [
            (np.deg2rad(-42 + 8 * rng.normal()), 0.22, 0.70, 5.2 + 0.5 * rng.normal(), 0.0),
            (np.deg2rad(68 + 8 * rng.normal()), 0.20, 0.64, 4.4 + 0.5 * rng.normal(), 0.16),
            (np.deg2rad(92 + 8 * rng.normal()), 0.24, 0.60, 3.4 + 0.4 * rng.normal(), 0.12),
        ]
        self._fat_phase = rng.uniform(0, 2 * np.pi, 4)

    def extent_mm(self) -> float:
        """Radius around the LV axis that holds the heart and its fat."""
        z = np.linspace(0, 1.2 * self._heart.parameters.lv_length_mm, 14)
        outer = self._heart.contours(self._times[:1], z, self._phi[::8]).rv_outer
        return float(outer.max()) + 18.0

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
        signal : ndarray of float32, shape (T, Y, X)
        labels : ndarray of uint8, shape (T, Y, X)
        """
        n_frames, shape = self._times.size, background.shape
        signal = np.zeros((n_frames, background.size), np.float32)
        cavity = np.zeros_like(signal)
        wall = np.zeros_like(signal)
        right = np.zeros_like(signal)
        scar = np.zeros_like(signal)
        core = np.zeros_like(signal)
        base = background.astype(np.float32).ravel()
        for z in np.asarray(planes_mm, dtype=np.float64):
            cx, cy = self._heart.centre_mm(np.array([z]))[0]
            dx, dy = (x_mm - cx).ravel(), (y_mm - cy).ravel()
            radius = np.hypot(dx, dy).astype(np.float32)
            angle = np.arctan2(dy, dx)
            index = np.round((angle + np.pi) / (2 * np.pi) * _N_ANGLES).astype(np.intp) % _N_ANGLES
            parts = self._plane(base, radius, index, dx, dy, float(z))
            for total, part in zip((signal, cavity, wall, right, scar, core), parts, strict=True):
                total += part
        count = len(planes_mm)
        labels = np.zeros(signal.shape, np.uint8)
        half = 0.5 * count
        labels[right >= half] = Label.RV
        # The wall and cavity share the boundary voxels: the larger one wins.
        inside = cavity + wall >= half
        labels[inside] = np.where(cavity[inside] >= wall[inside], Label.LV, Label.MYO)
        is_wall = labels == Label.MYO
        labels[is_wall & (scar > 0.5 * wall)] = Label.SCAR
        labels[is_wall & (core > 0.5 * wall)] = Label.NO_REFLOW
        return (signal / count).reshape(n_frames, *shape), labels.reshape(n_frames, *shape)

    def _plane(
        self,
        base: np.ndarray,
        radius: np.ndarray,
        index: np.ndarray,
        dx: np.ndarray,
        dy: np.ndarray,
        z: float,
    ) -> tuple[np.ndarray, ...]:
        s, px, heart = self._signals, self._pixel, self._heart
        c = heart.contours(self._times, np.array([z]), self._phi)
        zeta = c.zeta[:, 0]

        def at(table: np.ndarray) -> np.ndarray:
            return np.asarray(table, dtype=np.float32).reshape(len(self._times), -1)[:, index]

        def cover(inner: np.ndarray) -> np.ndarray:
            """Part of each pixel inside a radius given per angle."""
            return np.clip(0.5 + (inner - radius) / px, 0.0, 1.0)

        ring = at(c.rv_inner[:, 0])
        epi, endo = at(c.epi[:, 0]), at(c.endo[:, 0])
        rv = at(c.rv_outer[:, 0])
        has_rv = rv > ring + 0.5
        image = np.repeat(base[None], len(self._times), axis=0)

        # The sac keeps nearly its volume, so it holds still while the heart moves in it.
        sac = self._sac(z)
        inside_sac = cover(sac.astype(np.float32)[index])
        line = cover((sac + _PERICARDIUM_MM).astype(np.float32)[index]) - inside_sac
        image += line * (0.25 * s["muscle"] - image)
        image += inside_sac * (s["fat"] * 0.9 - image)
        supra = (zeta > 1.0)[:, None]
        if supra.any():
            self._great_vessels(image, dx, dy, zeta, supra)
        outer_wall = np.where(has_rv, rv + _RV_WALL_MM, 0.0)
        above = np.maximum(outer_wall, np.where(supra, 0.0, ring))
        whole = cover(above)
        image += whole * (s["myocardium"] - image)
        in_rv = np.where(has_rv, np.clip(cover(rv) - cover(ring), 0.0, 1.0), 0.0)
        rv_blood = in_rv * self._rv_blood(radius, ring, rv, index, z)
        image += rv_blood * (0.96 * s["blood"] - image)
        in_lv = cover(endo) * (endo > 0)
        in_wall = np.clip(cover(epi) - in_lv, 0.0, 1.0) * (epi > 0)
        scar, core = self._scar(at(c.infarct[:, 0]), radius, endo, epi)
        image += in_wall * scar * (s["scar"] - image)
        image += in_wall * core * (s["no_reflow"] - image)
        lv_blood = in_lv * self._lv_blood(radius, endo, index, dx, dy, zeta)
        image += lv_blood * (s["blood"] - image)
        return image, in_lv, in_wall, in_rv, in_wall * scar, in_wall * core

    def _sac(self, z: float) -> np.ndarray:
        """Radius of the pericardial sac at every angle."""
        c = self._heart.contours(self._times[:1], np.array([z]), self._phi)
        outer = c.rv_inner[0, 0].copy()
        with_rv = c.rv_outer[0, 0] > c.rv_inner[0, 0] + 0.5
        outer[with_rv] = c.rv_outer[0, 0][with_rv] + _RV_WALL_MM
        outer = _circular_smooth(outer, 14)
        outer = np.maximum(outer, np.maximum(c.rv_inner[0, 0], c.rv_outer[0, 0] + _RV_WALL_MM))
        outer = _circular_smooth(outer, 8)
        along = z / self._heart.parameters.lv_length_mm
        fat = 2.2 + 1.6 * np.cos(self._phi - 2.6) + 1.2 * np.cos(2 * self._phi + self._fat_phase[0])
        grooves = 4.5 * np.exp(-(((_wrap(self._phi - 2.05)) / 0.35) ** 2)) + 3.5 * np.exp(
            -(((_wrap(self._phi + 2.05)) / 0.35) ** 2)
        )
        apex = 5.0 * float(smooth_step(np.array(-along), -0.25, 0.15))
        result = outer + np.clip(fat, 0.3, None) + grooves + apex
        if along < -0.05:  # the tip of the sac, filled with fat
            result *= max(0.0, 1.0 - (-along - 0.05) / 0.2)
        return result

    def _lv_blood(
        self,
        radius: np.ndarray,
        endo: np.ndarray,
        index: np.ndarray,
        dx: np.ndarray,
        dy: np.ndarray,
        zeta: np.ndarray,
    ) -> np.ndarray:
        """Blood's part of the cavity: 1 but for papillary muscles and trabeculae."""
        twist = np.stack(
            [
                self._heart.twist(self._times[i : i + 1], zeta[i : i + 1])[0, 0]
                for i in range(zeta.size)
            ]
        )
        angle = self._phi[None] - twist[:, None]
        comb = np.zeros_like(angle)
        for n, phase, drift, weight in self._trabecula:
            comb += weight * np.cos(n * angle + phase + drift * zeta[:, None])
        rough = smooth_step(1.0 - zeta, 0.15, 0.75)[:, None]
        depth = np.clip(0.7 + 0.75 * comb, 0.0, None) * (0.35 + 1.1 * rough)
        depth_px = depth.astype(np.float32)[:, index]
        blood = np.clip(0.5 + (endo - depth_px - radius) / self._pixel, 0.0, 1.0)
        blood = 0.35 * (endo > radius) + 0.65 * blood
        size = endo.max(axis=1, initial=0.0)
        for direction, bottom, top, thick, split in self._papillary:
            reach = smooth_step(zeta, bottom - 0.06, bottom + 0.1) * (
                1.0 - smooth_step(zeta, top - 0.12, top + 0.05)
            )
            if not reach.any():
                continue
            a = thick * np.sqrt(reach)
            turn = direction + twist + split * (zeta - 0.4)
            wall_here = endo[:, np.argmin(np.abs(_wrap(self._phi[index] - direction)))]
            del wall_here
            away = np.maximum(size * 0.93 - 0.95 * a - 1.0, 0.0)
            mx, my = away * np.cos(turn), away * np.sin(turn)
            d = np.sqrt((dx - mx[:, None]) ** 2 + (dy - my[:, None]) ** 2).astype(np.float32)
            muscle = np.clip(0.5 + (a[:, None] - d) / self._pixel, 0.0, 1.0)
            blood = blood * (1.0 - 0.9 * muscle * (a[:, None] > 0.3))
        return np.asarray(blood, dtype=np.float32)

    def _rv_blood(
        self, radius: np.ndarray, ring: np.ndarray, rv: np.ndarray, index: np.ndarray, z: float
    ) -> np.ndarray:
        """Blood's part of the right ventricle, whose free wall and apex are combed by muscle."""
        along = z / self._heart.parameters.lv_length_mm
        comb = np.zeros(self._phi.size)
        for n, phase, drift, weight in self._rv_trabecula:
            comb += weight * np.cos(n * self._phi + phase + drift * along)
        rough = 1.0 - float(smooth_step(np.array(along), 0.35, 1.0))
        depth = np.clip(0.5 + comb, 0.0, None) * (0.6 + 2.2 * rough)
        free_wall = np.clip(0.5 + (rv - depth[index].astype(np.float32) - radius) / 2.0, 0.0, 1.0)
        septal = np.clip(0.5 + (radius - ring - 0.4 * depth[index].astype(np.float32)) / 1.5, 0, 1)
        return np.asarray(0.30 + 0.70 * free_wall * septal, dtype=np.float32)

    def _scar(
        self, weight: np.ndarray, radius: np.ndarray, endo: np.ndarray, epi: np.ndarray
    ) -> tuple[np.ndarray | float, np.ndarray | float]:
        infarct = self._heart.parameters.infarct
        if infarct is None or not (weight > 0).any():
            return np.float32(0.0), np.float32(0.0)
        soft = 0.6 * self._pixel
        thick = np.maximum(epi - endo, 1e-3)
        depth = radius - endo
        reach = infarct.transmurality * smooth_step(weight, 0.25, 0.95) * thick
        scar = np.clip(0.5 + (reach - depth) / soft, 0, 1) * (weight > 0.25)
        size = np.sqrt(infarct.no_reflow)
        top = smooth_step(weight, 1.0 - 0.6 * size, 1.05) * size * infarct.transmurality * thick
        core = np.clip(0.5 + (top - np.abs(depth - 0.38 * reach - 0.3 * top)) / soft - 0.5, 0, 1)
        core = np.where(top > 0.8, core, 0.0)
        return scar.astype(np.float32), core.astype(np.float32)

    def _great_vessels(
        self,
        image: np.ndarray,
        dx: np.ndarray,
        dy: np.ndarray,
        zeta: np.ndarray,
        supra: np.ndarray,
    ) -> None:
        """Atria and aortic root, in the frames whose base has sunk below the plane."""
        s, px = self._signals, self._pixel
        size = np.sqrt(self._heart.parameters.lv_end_diastolic_volume_ml / 155.0) ** (2 / 3)
        full = 1.0 + 0.10 * (1.0 - self._filled)
        up = np.clip(zeta - 1.0, 0.0, 0.5)

        def chamber(x, y, a, b, turn, wall, value):  # type: ignore[no-untyped-def]
            c, n = np.cos(turn), np.sin(turn)
            u = c * (dx - x) + n * (dy - y)
            v = c * (dy - y) - n * (dx - x)
            d = np.sqrt((u / a) ** 2 + (v / b) ** 2)
            d = (d[None] / np.asarray(full)[:, None] - 1.0) * min(a, b)
            outer = np.clip(0.5 + (wall - d) / px, 0, 1) * supra
            image[...] += outer * (s["myocardium"] - image)
            inner = np.clip(0.5 - d / px, 0, 1) * supra
            image[...] += inner * (value - image)

        del up
        blood = s["blood"]
        chamber(8 * size, 7 * size, 27 * size, 21 * size, 0.5, 1.6, 0.93 * blood)  # left atrium
        chamber(-44 * size, 18 * size, 22 * size, 25 * size, 0.2, 1.6, 0.90 * blood)  # right
        chamber(-12 * size, -12 * size, 14.5 * size, 14.5 * size, 0.0, 2.0, 0.97 * blood)  # aorta


def _circular_smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(values, sigma * values.size / 360.0, mode="wrap"))


def _wrap(angle: np.ndarray) -> np.ndarray:
    return np.mod(angle + np.pi, 2 * np.pi) - np.pi
