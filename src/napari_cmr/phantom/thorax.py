"""What lies around the heart in a short-axis plane: chest wall, lungs, diaphragm, back.

The planes share the heart's short-axis frame (see :mod:`napari_cmr.phantom.anatomy`): the sternum
is on the left of the screen, the back on the right, the liver below. Organs are painted over one
another as soft-edged shapes; each shape is a signed distance in mm, negative inside.
"""

from collections.abc import Mapping

import numpy as np

from napari_cmr.phantom.abdomen import Abdomen
from napari_cmr.phantom.canvas import Canvas
from napari_cmr.phantom.texture import smooth_noise
from napari_cmr.phantom.time_course import smooth_step

# Apex to base; how high the heart rides over the diaphragm follows from the heart's own length.
_REFERENCE_LENGTH_MM = 88.0


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
    heart_floor_mm : float
        Radius of the ventricle at its widest: the diaphragm lies below it.
    heart_front_mm : float
        Reach of the right ventricle towards the sternum.
    heart_length_mm : float
        Length of the ventricle.
    """

    def __init__(
        self,
        x_mm: np.ndarray,
        y_mm: np.ndarray,
        signals: Mapping[str, complex],
        seed: int,
        *,
        stoutness: float = 1.0,
        heart_floor_mm: float = 36.0,
        heart_front_mm: float = 80.0,
        heart_length_mm: float = _REFERENCE_LENGTH_MM,
    ) -> None:
        pixel = float(x_mm[0, 1] - x_mm[0, 0])
        self._signals = signals
        self._stout = stoutness
        self._floor, self._front, self._length = heart_floor_mm, heart_front_mm, heart_length_mm
        rng = np.random.default_rng([seed, 2])
        shape = x_mm.shape
        # Nobody's organs are ellipses: every shape is drawn on a gently warped plane.
        warp = smooth_noise(rng, (2, *shape), (0, 26 / pixel, 26 / pixel))
        ripple = smooth_noise(rng, (2, *shape), (0, 7 / pixel, 7 / pixel))
        self._x = (x_mm + 4.0 * warp[0] + 1.1 * ripple[0]).astype(np.float32)
        self._y = (y_mm + 4.0 * warp[1] + 1.1 * ripple[1]).astype(np.float32)
        self._coarse = smooth_noise(rng, shape, 9 / pixel)
        self._fine = smooth_noise(rng, shape, 1.8 / pixel)
        # Muscle bundles of the shoulder and back run in streaks.
        self._streaks = smooth_noise(rng, shape, (2.4 / pixel, 6 / pixel))
        self._canvas = Canvas(self._x, self._y, pixel)
        self._ribs = [
            (-58.0 + 19.0 * k + rng.uniform(-4, 4), rng.uniform(0.7, 1.15), rng.uniform(-0.3, 0.3))
            for k in range(10)
        ]
        self._vessels = _vessel_pieces(rng)
        self._abdomen = Abdomen(self._canvas, signals, rng, self._coarse, self._fine)
        self._jitter = rng.normal(0, 1, 6)
        self._fold_mm = 14.0 + 8.0 * rng.normal()

    def diaphragm_mm(self, z_mm: float) -> np.ndarray:
        """Height ``y`` of the diaphragm at every pixel of the warped plane."""
        along = np.clip(z_mm / self._length, -0.3, 1.3)
        # The heart rests on it: high under the narrow apex, low under the base.
        floor = self._floor * (0.55 + 0.45 * float(smooth_step(along, -0.2, 0.55)))
        x = self._x
        slope = 0.30 * np.clip(-x - 12.0, 0, 120) + 0.0040 * np.clip(x - 30.0, 0, 120) ** 2
        return np.asarray(floor + 1.5 + slope + 1.0 * self._jitter[0])

    def render(self, z_mm: float) -> np.ndarray:
        """Signal of one thin plane without the heart, complex, shape ``(Y, X)``."""
        x, y, s, paint = self._x, self._y, self._signals, self._canvas.paint
        along = float(np.clip(z_mm / self._length, -0.3, 1.3))
        front = self._front + 14.0 + 10.0 * self._stout - 40.0 * (1.0 - along)
        left = -front + np.where(y < 10, 0.0019, 0.00015) * (y - 10.0) ** 2
        right = 148.0 + 4.0 * along - np.where(y < 20, 0.0003, 0.0010) * (y - 20.0) ** 2

        image = np.zeros(x.shape, np.complex64)
        fat = s["fat"] * (0.97 + 0.05 * self._coarse + 0.02 * self._fine)
        muscle = s["muscle"] * (1.0 + 0.15 * self._coarse + 0.15 * self._fine)
        skin = np.maximum(left - x, x - right)
        paint(image, skin, 1.3 * s["muscle"])
        paint(image, skin + 2.0, fat)
        high = smooth_step(-y, 20, 120)
        fat_left = self._stout * (8.0 + 7.0 * smooth_step(y, 10, 120) + 8.0 * high)
        fat_right = self._stout * (10.0 + 7.0 * smooth_step(y, -60, 90))
        outer = np.maximum(left + fat_left - x, x - right + fat_right)
        # Muscle with streaks of fat, more of them up in the shoulder and in the back.
        marbled = np.clip(0.6 * self._streaks - 0.8 + 0.4 * high, 0.0, 1.0)
        paint(image, outer, muscle + marbled * (0.8 * fat - muscle))

        # The rib cage: an arch that leans towards the front, closed below by the diaphragm.
        diaphragm = self.diaphragm_mm(z_mm)
        steep = np.where(x < -8.0, 0.0060, 0.0068)
        dome = -94.0 + 8.0 * along + steep * (x + 8.0) ** 2
        arch = 0.75 * (dome - y)
        inner_left = left + fat_left + 11.0 + 2.0 * self._coarse
        cavity = np.maximum(np.maximum(arch, inner_left - x), x - right + fat_right + 12.0)
        wall = 11.0 + 1.5 * self._coarse
        # A layer of fat between the rib cage and the muscles of shoulder and back.
        thick = (3.0 + 7.0 * smooth_step(x, -40, 60) * self._stout) * (0.6 + 0.5 * along)
        thick = thick * smooth_step(x, -55, 5)  # it thins out towards the breast bone
        layer = np.abs(cavity - wall - thick) - thick - 1.5 * self._coarse
        layer = np.maximum(layer, outer + 2.0) + 4.0 * smooth_step(-x, 25, 55)
        paint(image, layer, fat)
        self._paint_ribs(image, along, outer + 2.0)
        self._paint_front_ribs(image, inner_left - 4.5, z_mm)

        lung = np.maximum(cavity, y - diaphragm)
        paint(image, lung - 1.6, 0.35 * fat)
        air = s["lung"] * (1.0 + 0.3 * self._coarse + 0.4 * self._fine)
        paint(image, lung, air * (1.0 + 0.5 * smooth_step(x, 10, 110)))
        # Fat in front of the heart, between the pleural folds.
        fold = np.hypot((x + front - 24.0) / 22.0, (y - self._fold_mm) / 46.0) - 1.0
        paint(image, np.maximum(20.0 * fold, lung + 0.5), 0.9 * fat)
        self._paint_vessels(image, lung, along)
        below = np.maximum(np.maximum(inner_left - x - 1.0, x - right + fat_right + 14.0),
                           diaphragm - y)  # fmt: skip
        self._abdomen.paint(image, below, diaphragm, z_mm)
        self._paint_back(image, along)
        return image

    def _paint_ribs(self, image: np.ndarray, along: float, within: np.ndarray) -> None:
        """Ribs cut along the arch of the chest, a row of beads."""
        s = self._signals
        for offset, size, turn in self._ribs:
            x = offset + 6.0 * along
            slope = 2 * 0.0068 * (x + 8.0)
            y = -94.0 + 8.0 * along + 0.5 * slope * (x + 8.0) - 6.5 * np.hypot(1.0, slope)
            tilt = float(np.arctan(slope)) + turn
            self._canvas.ellipse(
                image, (x, y), (7.5 * size, 4.4 * size), 1.2 * s["cortex"], turn=tilt, within=within
            )
            self._canvas.ellipse(
                image,
                (x, y),
                (7.5 * size - 1.8, 4.4 * size - 1.5),
                1.1 * s["marrow"],
                turn=tilt,
                within=within,
            )

    def _paint_front_ribs(self, image: np.ndarray, edge: np.ndarray, z_mm: float) -> None:
        """Costal cartilages in the front wall."""
        s = self._signals
        for k, (_, size, turn) in enumerate(self._ribs[:6]):
            y = -52.0 + 33.0 * k + 0.15 * z_mm
            x = float(edge[self._canvas.row(y), 0])
            self._canvas.ellipse(image, (x, y), (4.4 * size, 9.0 * size), s["cortex"], turn=turn)
            self._canvas.ellipse(
                image, (x, y), (4.4 * size - 1.2, 9.0 * size - 1.5), 1.4 * s["cartilage"], turn=turn
            )

    def _paint_vessels(self, image: np.ndarray, lung: np.ndarray, along: float) -> None:
        """Pulmonary vessels, dots and short branches where they cross the plane."""
        blood = self._signals["blood"]
        for v in self._vessels:
            off = along * self._length - v[2]
            if abs(off) > v[6]:
                continue
            x, y = v[0] + v[4] * off, v[1] + v[5] * off
            if lung[self._canvas.row(y), self._canvas.column(x)] > -2.0 - v[3]:
                continue
            radius = v[3] * np.sqrt(1.0 - (off / v[6]) ** 2) + 0.25
            turn = float(np.arctan2(v[5], v[4]))
            bright = v[7] * blood
            self._canvas.ellipse(image, (x, y), (radius * (1.0 + v[8]), radius), bright, turn=turn)

    def _paint_back(self, image: np.ndarray, along: float) -> None:
        """Descending aorta and vertebra, which enter the basal planes from behind and below."""
        s, canvas = self._signals, self._canvas
        near = float(smooth_step(along, 0.45, 0.85))
        if near < 0.05:
            return
        x, y = 96.0 - 24.0 * near + 3.0 * self._jitter[1], 70.0 - 8.0 * near
        canvas.ellipse(
            image, (x + 31.0, y + 8.0), (19.0 * near, 17.0 * near), s["cortex"], turn=0.4
        )
        canvas.ellipse(
            image,
            (x + 31.0, y + 8.0),
            (19.0 * near - 1.6, 17.0 * near - 1.6),
            1.2 * s["marrow"],
            turn=0.4,
        )
        canvas.ellipse(image, (x, y), (12.8, 16.4), 0.6 * s["fat"], turn=-0.35)
        canvas.ellipse(image, (x, y), (11.4, 15.0), s["muscle"], turn=-0.35)
        canvas.ellipse(image, (x, y), (10.2, 13.8), 1.0 * s["blood"], turn=-0.35)


def _vessel_pieces(rng: np.random.Generator) -> list[tuple[float, ...]]:
    """Short straight pieces of vessel: many thin ones far out, few thick ones near the hilum.

    Each is ``(x, y, z, radius, tilt_x, tilt_y, half length, brightness, elongation)``.
    """
    pieces: list[tuple[float, ...]] = []
    for _ in range(900):
        away = rng.uniform(0, 1) ** 0.6
        angle = rng.uniform(-0.98 * np.pi, 0.3 * np.pi)
        x = 42.0 + 90.0 * away * np.cos(angle) + rng.normal(0, 7)
        y = -18.0 + 75.0 * away * np.sin(angle) + rng.normal(0, 7)
        radius = float(np.clip(rng.lognormal(-0.35, 0.45) * (1.9 - 1.1 * away), 0.35, 4.0))
        # Thick vessels only towards the base, where the hilum is.
        z = rng.uniform(-30, 130) if radius < 1.4 else rng.uniform(35, 140)
        pieces.append(
            (x, y, z, radius, rng.normal(0, 0.7), rng.normal(0, 0.7), rng.uniform(5, 16),
             rng.uniform(0.3, 0.8), abs(rng.normal(0, 0.8)))
        )  # fmt: skip
    return pieces
