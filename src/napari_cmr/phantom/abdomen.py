"""What lies under the diaphragm: liver, stomach, spleen, kidney and bowel in fat."""

from collections.abc import Mapping

import numpy as np

from napari_cmr.phantom.canvas import Canvas
from napari_cmr.phantom.time_course import smooth_step


class Abdomen:
    """The organs below the diaphragm of one synthetic person.

    Parameters
    ----------
    canvas : Canvas
    signals : mapping
        Signal of every tissue.
    rng : numpy.random.Generator
        Drawn from for everything individual.
    coarse, fine : ndarray, shape (Y, X)
        Tissue texture of unit standard deviation.
    """

    def __init__(
        self,
        canvas: Canvas,
        signals: Mapping[str, complex],
        rng: np.random.Generator,
        coarse: np.ndarray,
        fine: np.ndarray,
    ) -> None:
        self._canvas, self._signals = canvas, signals
        self._coarse, self._fine = coarse, fine
        self._bowel = [
            (rng.uniform(-95, 85), rng.uniform(102, 195), rng.uniform(9, 20), rng.uniform(7, 13),
             rng.uniform(0, np.pi), rng.uniform(0.25, 1.3), rng.uniform(-20, 110))
            for _ in range(34)
        ]  # fmt: skip
        self._liver_vessels = [
            (rng.uniform(-95, 30), rng.uniform(45, 150), rng.uniform(0.8, 2.6),
             rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6), abs(rng.normal(0, 1.2)))
            for _ in range(38)
        ]  # fmt: skip
        self._fat_vessels = [
            (rng.uniform(-90, 100), rng.uniform(70, 190), rng.uniform(0.7, 2.0),
             rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(0, np.pi))
            for _ in range(60)
        ]  # fmt: skip
        self._jitter = rng.normal(0, 1, 8)

    def paint(
        self, image: np.ndarray, below: np.ndarray, diaphragm_mm: np.ndarray, z_mm: float
    ) -> None:
        """Paint the organs of one plane over the image in place.

        ``below`` is the signed distance to the abdominal cavity; ``diaphragm_mm`` the height of its
        roof at every pixel.
        """
        s, canvas, j = self._signals, self._canvas, self._jitter
        x, y = canvas.x, canvas.y
        mesentery = s["fat"] * (0.72 + 0.08 * self._coarse + 0.05 * self._fine)
        canvas.paint(image, below, s["muscle"])
        canvas.paint(image, below + 2.4, mesentery)
        inside = below + 3.5
        for vx, vy, radius, tilt_x, tilt_y, turn in self._fat_vessels:
            px, py = vx + tilt_x * (z_mm - 45.0), vy + tilt_y * (z_mm - 45.0)
            canvas.ellipse(
                image, (px, py), (2.5 * radius, radius), 0.3 * s["blood"], turn=turn, within=inside
            )
        for bx, by, a, b, turn, bright, bz in self._bowel:
            size = 1.0 - abs(z_mm - bz) / 130.0
            if size < 0.3:
                continue
            place = (bx, by + 0.1 * (z_mm - 45.0))
            canvas.ellipse(
                image, place, (size * a, size * b), s["muscle"], turn=turn, within=inside
            )
            filling = bright * s["bowel"]
            middle = 1.3 if bright > 0.7 else 0.3
            canvas.ellipse(
                image, place, (size * a - 2.2, size * b - 2.2), filling, turn=turn, within=inside
            )
            canvas.ellipse(
                image,
                place,
                (size * a - 5.0, size * b - 5.0),
                middle * filling,
                turn=turn,
                within=inside,
            )
        kidney = (70 + 2 * j[1], 140 + 4 * j[2])
        grow = 1.0 - abs(z_mm - 60.0) / 160.0
        canvas.ellipse(image, kidney, (21 * grow, 31 * grow), s["kidney"], turn=-0.3, within=inside)
        canvas.ellipse(
            image, kidney, (9 * grow, 17 * grow), 1.1 * s["kidney"], turn=-0.3, within=inside
        )
        canvas.ellipse(
            image, kidney, (4 * grow, 9 * grow), 0.7 * s["fat"], turn=-0.3, within=inside
        )
        self._paint_spleen_and_stomach(image, inside, z_mm)
        # The liver's left lobe lies slanting under the heart, thick on the left.
        edge = 34.0 + 5.0 * j[6] - 0.42 * (y - 45.0) - 0.10 * (z_mm - 45.0)
        liver = np.maximum(inside, 0.9 * (x - edge))
        liver = np.maximum(liver, y - 150.0 + 0.25 * x)
        canvas.paint(image, liver - 1.3, 0.6 * s["muscle"])
        grain = 1.0 + 0.04 * self._coarse + 0.07 * self._fine
        canvas.paint(image, liver, s["liver"] * grain)
        for vx, vy, radius, tilt_x, tilt_y, longer in self._liver_vessels:
            px, py = vx + tilt_x * (z_mm - 45.0), vy + tilt_y * (z_mm - 45.0)
            turn = float(np.arctan2(tilt_y, tilt_x))
            canvas.ellipse(
                image,
                (px, py),
                (radius * (1.0 + longer), radius),
                0.6 * s["blood"],
                turn=turn,
                within=liver + 3.0,
            )

    def _paint_spleen_and_stomach(self, image: np.ndarray, inside: np.ndarray, z_mm: float) -> None:
        s, canvas, j = self._signals, self._canvas, self._jitter
        x, y = canvas.x, canvas.y

        def ellipse(cx: float, cy: float, a: float, b: float, turn: float) -> np.ndarray:
            cos, sin = np.cos(turn), np.sin(turn)
            u, v = cos * (x - cx) + sin * (y - cy), cos * (y - cy) - sin * (x - cx)
            return np.asarray((np.hypot(u / a, v / b) - 1.0) * min(a, b))

        shrink = 0.12 * abs(z_mm - 50.0)
        spleen = ellipse(92 + 2 * j[3], 84.0, 22.0, 36.0, 0.45) + shrink
        spleen = np.maximum(spleen, inside)
        canvas.paint(image, spleen, s["spleen"] * (1 + 0.04 * self._coarse + 0.06 * self._fine))
        stomach = ellipse(38 + 3 * j[4], 74 + 3 * j[5], 34.0, 26.0, 0.35) + 0.06 * abs(z_mm - 30)
        stomach = np.maximum(stomach, inside + 1.0)
        canvas.paint(image, stomach, 1.1 * s["muscle"])
        folds = stomach + 4.0 + 1.6 * self._coarse
        # Gas rises to the front (left), food and fluid lie behind.
        level = smooth_step(x + 7 * self._coarse, 14, 40)
        food = s["stomach"] * (0.15 + 0.75 * level) * (1.0 + 0.30 * self._coarse)
        canvas.paint(image, folds, food + 0.10 * s["stomach"] * self._fine)
