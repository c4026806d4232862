"""What lies around the heart in a short-axis plane: chest wall, lungs, diaphragm, abdomen.

The planes share the heart's short-axis frame (see :mod:`napari_cmr.phantom.anatomy`): the sternum
is on the left of the screen, the back on the right, the liver below. Organs are painted over one
another as soft-edged shapes; each shape is a signed distance in mm, negative inside.
"""

from collections.abc import Mapping

import numpy as np

from napari_cmr.phantom.motion import smooth_step
from napari_cmr.phantom.texture import smooth_noise


class Thorax:
    """The chest of one synthetic person.

    Parameters
    ----------
    x_mm, y_mm : ndarray, shape (Y, X)
        Place of every pixel relative to the LV axis.
    signals : mapping
        Signed signal of every tissue.
    seed : int
        Seed of everything individual.
    stoutness : float
        Thickness of the fat layers relative to a lean person's.
    """

    def __init__(
        self,
        x_mm: np.ndarray,
        y_mm: np.ndarray,
        signals: Mapping[str, float],
        seed: int,
        stoutness: float = 1.0,
    ) -> None:
        self._pixel = float(x_mm[0, 1] - x_mm[0, 0])
        self._signals = signals
        self._stout = stoutness
        rng = np.random.default_rng([seed, 2])
        shape = x_mm.shape
        # Nobody's organs are ellipses: every shape is drawn on a gently warped plane.
        warp = smooth_noise(rng, (2, *shape), (0, 30 / self._pixel, 30 / self._pixel))
        ripple = smooth_noise(rng, (2, *shape), (0, 9 / self._pixel, 9 / self._pixel))
        self._x = (x_mm + 4.5 * warp[0] + 0.9 * ripple[0]).astype(np.float32)
        self._y = (y_mm + 4.5 * warp[1] + 0.9 * ripple[1]).astype(np.float32)
        self._coarse = smooth_noise(rng, shape, 10 / self._pixel)
        self._fine = smooth_noise(rng, shape, 2.2 / self._pixel)
        self._rib_phase = rng.uniform(0, 1)
        self._bowel = [
            (rng.uniform(-95, 90), rng.uniform(100, 190), rng.uniform(9, 19), rng.uniform(7, 14),
             rng.uniform(0, np.pi), rng.uniform(0, 1), rng.uniform(0, 90))
            for _ in range(22)
        ]  # fmt: skip
        self._lung_vessels = _vessel_tree(rng)
        self._liver_vessels = [
            (rng.uniform(-85, 10), rng.uniform(45, 110), rng.uniform(1.2, 3.4),
             rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5))
            for _ in range(16)
        ]  # fmt: skip
        self._jitter = rng.normal(0, 1, 12)

    def _paint(self, image: np.ndarray, distance: np.ndarray, value: float | np.ndarray) -> None:
        cover = np.clip(0.5 - distance / self._pixel, 0.0, 1.0)
        image += cover * (value - image)

    def _blob(self, image: np.ndarray, x: float, y: float, radius: float, value: float) -> None:
        """Paint a small disc, touching only the pixels around it."""
        px = self._pixel
        column = round((x - float(self._x[0, 0])) / px)
        row = round((y - float(self._y[0, 0])) / px)
        reach = int(np.ceil(radius / px)) + 8
        rows = slice(max(row - reach, 0), max(row + reach, 0))
        columns = slice(max(column - reach, 0), max(column + reach, 0))
        part = image[rows, columns]
        if part.size:
            away = np.hypot(self._x[rows, columns] - x, self._y[rows, columns] - y) - radius
            part += np.clip(0.5 - away / px, 0, 1) * (value - part)

    def _ellipse(self, x: float, y: float, a: float, b: float, turn: float = 0.0) -> np.ndarray:
        dx, dy = self._x - x, self._y - y
        c, s = np.cos(turn), np.sin(turn)
        u, v = c * dx + s * dy, c * dy - s * dx
        return (np.sqrt((u / a) ** 2 + (v / b) ** 2) - 1.0) * min(a, b)

    def diaphragm_mm(self, z_mm: float) -> np.ndarray:
        """Height ``y`` of the diaphragm at every pixel."""
        x = self._x
        dome = 41.0 + 0.0017 * np.clip(x - 12.0, -80, 90) ** 2 + 0.06 * (z_mm - 45.0)
        return dome + 5.0 * smooth_step(x, 40, 100) + 1.5 * self._jitter[0]

    def render(self, z_mm: float) -> np.ndarray:
        """Signed signal of one thin plane, shape ``(Y, X)``, without the heart."""
        x, y, s = self._x, self._y, self._signals
        lean = z_mm - 45.0
        left = -92.0 + 0.12 * lean + np.where(y < 20, 0.00155, 0.0004) * (y - 20.0) ** 2
        right = 122.0 - 0.05 * lean - np.where(y < 30, 0.0011, 0.0006) * (y - 30.0) ** 2
        skin = np.maximum(left - x, x - right)

        image = np.zeros(x.shape, np.float32)
        fat = s["fat"] * (1.0 + 0.05 * self._coarse)
        muscle = s["muscle"] * (1.0 + 0.10 * self._coarse + 0.12 * self._fine)
        self._paint(image, skin, s["muscle"])
        self._paint(image, skin + 1.6, fat)
        # Subcutaneous fat, thicker towards the belly and the breast.
        fat_left = (
            8.0 + 9.0 * smooth_step(y, 10, 120) + 7.0 * smooth_step(-y, 20, 110)
        ) * self._stout
        fat_right = (11.0 + 8.0 * smooth_step(y, -60, 90)) * self._stout
        wall = np.maximum(left + fat_left - x, x - right + fat_right)
        self._paint(image, wall, muscle)
        # A streak of fat between the muscle layers.
        streak = np.abs(wall + 6.5 + 1.5 * self._coarse) - 0.7
        self._paint(image, streak, fat)
        wall_left = 13.0 + 16.0 * smooth_step(-y, 35, 120)
        wall_right = 19.0 + 8.0 * smooth_step(-y, 30, 120)
        cavity = np.maximum(left + fat_left + wall_left - x, x - right + fat_right + wall_right)
        self._ribs(
            image, left + fat_left + wall_left - 5.5, right - fat_right - wall_right + 6.0, z_mm
        )

        top = -112.0 + 0.10 * lean + 0.0022 * (x - 25.0) ** 2
        lung_edge = np.maximum(np.maximum(cavity, self.diaphragm_mm(z_mm) - 0 * x - 0), top - y)
        lung_edge = np.maximum(np.maximum(cavity, y - self.diaphragm_mm(z_mm)), top - y)
        below = np.maximum(cavity - 1.0, self.diaphragm_mm(z_mm) - y)
        self._paint(image, np.maximum(cavity, top - 3.0 - y), fat)
        self._paint(image, lung_edge, s["lung"] * (1.0 + 0.25 * self._coarse + 0.25 * self._fine))
        self._vessels(image, z_mm)
        self._abdomen(image, below, z_mm)
        self._mediastinum(image, z_mm)
        return image

    def _ribs(self, image: np.ndarray, left: np.ndarray, right: np.ndarray, z_mm: float) -> None:
        s = self._signals
        for k in range(-6, 9):
            y = 31.0 * (k + self._rib_phase) + 0.12 * z_mm
            row = int(np.clip(np.searchsorted(self._y[:, 0], y), 0, self._y.shape[0] - 1))
            for x, a, b, core in (
                (float(left[row, 0]), 5.0, 7.5, "cartilage"),
                (float(right[row, -1]), 4.5, 7.0, "marrow"),
            ):
                bone = self._ellipse(x, y, a, b, 0.25 if core == "marrow" else -0.2)
                self._paint(image, bone, s["cortex"])
                self._paint(image, bone + 1.4, s[core])

    def _vessels(self, image: np.ndarray, z_mm: float) -> None:
        """Pulmonary vessels, bright dots and short branches where they cross the plane."""
        blood = self._signals["blood"]
        for x, y, z, radius, tilt_x, tilt_y, half_length in self._lung_vessels:
            along = z_mm - z
            if abs(along) > half_length:
                continue
            thin = radius * (1.0 - 0.5 * abs(along) / half_length)
            px, py = x + tilt_x * along, y + tilt_y * along
            if -70 < px < 88 and -98 < py < 30:
                self._blob(image, px, py, thin, 0.75 * blood)

    def _abdomen(self, image: np.ndarray, below: np.ndarray, z_mm: float) -> None:
        s, x, y = self._signals, self._x, self._y
        diaphragm = self.diaphragm_mm(z_mm)
        mesentery = s["fat"] * (0.85 + 0.10 * self._coarse + 0.10 * self._fine)
        self._paint(image, below, s["muscle"])
        self._paint(image, below + 2.2, mesentery)
        for bx, by, a, b, turn, kind, bz in self._bowel:
            size = 1.0 - abs(z_mm - bz) / 140.0
            loop = self._ellipse(bx, by + 0.1 * z_mm, a * size, b * size, turn)
            loop = np.maximum(loop, below + 3.0)
            self._paint(image, loop, s["muscle"])
            inside = s["bowel"] if kind < 0.7 else s["lung"]
            self._paint(image, loop + 2.0, inside * (1.0 + 0.2 * self._fine))
        j = self._jitter
        kidney = self._ellipse(68 + 2 * j[1], 138 + 4 * j[2], 21, 30, -0.3)
        kidney = np.maximum(kidney, -self._ellipse(52, 140, 9, 12)) + 0.18 * abs(z_mm - 60)
        self._paint(image, kidney, s["kidney"] * (1 + 0.1 * self._coarse))
        spleen = self._ellipse(88, 86 + 3 * j[3], 23, 38, 0.35) + 0.10 * abs(z_mm - 55)
        spleen = np.maximum(spleen, below + 3.0)
        self._paint(image, spleen, s["spleen"] * (1 + 0.04 * self._coarse + 0.04 * self._fine))
        stomach = self._ellipse(40 + 3 * j[4], 82 + 3 * j[5], 30 + 0.05 * z_mm, 25, 0.3)
        stomach = np.maximum(stomach, below + 4.0)
        self._paint(image, stomach, s["muscle"])
        level = smooth_step(y + 8 * self._coarse, 70, 92)
        content = s["stomach"] * (0.35 + 0.45 * level) * (1.0 + 0.35 * self._coarse)
        self._paint(image, stomach + 3.2, content + 0.10 * self._fine)
        # The liver's left lobe: a wedge under the heart, thick on the left.
        edge = diaphragm + 58.0 - 0.62 * (x + 60.0) + 0.15 * (z_mm - 45.0) + 3.0 * j[6]
        liver = np.maximum(below + 3.4, 0.85 * (y - edge))
        self._paint(image, liver, s["liver"] * (1 + 0.05 * self._coarse + 0.06 * self._fine))
        for vx, vy, radius, tilt_x, tilt_y in self._liver_vessels:
            px, py = vx + tilt_x * (z_mm - 45.0), vy + tilt_y * (z_mm - 45.0)
            row = int(np.clip((py - y[0, 0]) / self._pixel, 0, y.shape[0] - 1))
            column = int(np.clip((px - x[0, 0]) / self._pixel, 0, x.shape[1] - 1))
            if liver[row, column] < -4.0:
                self._blob(image, px, py, radius, 0.8 * s["blood"])

    def _mediastinum(self, image: np.ndarray, z_mm: float) -> None:
        """Descending aorta, oesophagus and spine, which enter the basal planes from behind."""
        s = self._signals
        back = 100.0 - z_mm
        ax, ay = 66.0 + 0.55 * back, 44.0 + 0.25 * back
        near = smooth_step(np.array(z_mm), 35.0, 60.0)
        if near > 0.05:
            spine = self._ellipse(ax + 30.0, ay + 12.0, 17.0 * near + 2, 21.0 * near + 2, 0.2)
            self._paint(image, spine, s["cortex"])
            marrow = s["marrow"] * (1 + 0.1 * self._fine)
            self._paint(image, spine + 1.5, marrow)
            self._paint(image, self._ellipse(ax, ay, 12.6, 12.6), s["muscle"])
            self._paint(image, self._ellipse(ax, ay, 11.2, 11.2), 0.95 * s["blood"])


def _vessel_tree(
    rng: np.random.Generator,
) -> list[tuple[float, float, float, float, float, float, float]]:
    """Short straight pieces of vessel: many thin ones far out, few thick ones near the hilum."""
    pieces = []
    for _ in range(420):
        away = rng.uniform(0, 1) ** 0.7
        angle = rng.uniform(-np.pi, 0.15 * np.pi)
        x = 35.0 + 85.0 * away * np.cos(angle) + rng.normal(0, 6)
        y = -30.0 + 75.0 * away * np.sin(angle) + rng.normal(0, 6)
        radius = float(np.clip(rng.lognormal(0.0, 0.45) * (2.0 - 1.1 * away), 0.5, 4.5))
        pieces.append(
            (x, y, rng.uniform(-30, 130), radius, rng.normal(0, 0.6), rng.normal(0, 0.6),
             rng.uniform(6, 20))
        )  # fmt: skip
    return pieces
