"""Soft-edged painting of shapes, in mm, on a possibly warped plane."""

import numpy as np


class Canvas:
    """A plane of pixels with known places.

    Parameters
    ----------
    x_mm, y_mm : ndarray of float32, shape (Y, X)
        Place of every pixel; may be warped by a few mm.
    pixel_mm : float
    softness : float
        Width of an edge in pixels: organs rarely cross a thick slice at right angles.
    """

    def __init__(
        self, x_mm: np.ndarray, y_mm: np.ndarray, pixel_mm: float, softness: float = 1.5
    ) -> None:
        self.x, self.y, self.pixel_mm = x_mm, y_mm, pixel_mm
        self._edge = softness * pixel_mm
        self._left = float(np.median(x_mm[:, 0]))
        self._top = float(np.median(y_mm[0]))

    def row(self, y_mm: float) -> int:
        """Row nearest to a height, inside the image."""
        return int(np.clip(round((y_mm - self._top) / self.pixel_mm), 0, self.y.shape[0] - 1))

    def column(self, x_mm: float) -> int:
        """Column nearest to a place, inside the image."""
        return int(np.clip(round((x_mm - self._left) / self.pixel_mm), 0, self.x.shape[1] - 1))

    def paint(
        self, image: np.ndarray, distance_mm: np.ndarray, value: complex | np.ndarray
    ) -> None:
        """Paint a shape, given as a signed distance per pixel, over the image in place."""
        cover = np.clip(distance_mm * (-1.0 / self._edge) + 0.5, 0.0, 1.0)
        image += cover * (value - image)

    def ellipse(
        self,
        image: np.ndarray,
        place_mm: tuple[float, float],
        half_axes_mm: tuple[float, float],
        value: complex,
        *,
        turn: float,
        within: np.ndarray | None = None,
    ) -> None:
        """Paint an ellipse over the image in place, touching only the pixels around it.

        ``turn`` is in radians; ``within`` is a signed distance per pixel of a shape that clips it.
        """
        (x_mm, y_mm), (a_mm, b_mm) = place_mm, half_axes_mm
        if min(a_mm, b_mm) <= 0:
            return
        reach = max(a_mm, b_mm) + 14.0  # the warp's greatest shift
        rows = slice(self.row(y_mm - reach), self.row(y_mm + reach) + 1)
        columns = slice(self.column(x_mm - reach), self.column(x_mm + reach) + 1)
        dx, dy = self.x[rows, columns] - x_mm, self.y[rows, columns] - y_mm
        cos, sin = np.cos(turn), np.sin(turn)
        u, v = (cos * dx + sin * dy) / a_mm, (cos * dy - sin * dx) / b_mm
        distance = (np.hypot(u, v) - 1.0) * min(a_mm, b_mm)
        if within is not None:
            distance = np.maximum(distance, within[rows, columns])
        part = image[rows, columns]
        # Small shapes keep a sharp edge, or they would fade away.
        edge = min(self._edge, max(0.8 * min(a_mm, b_mm), 0.7 * self.pixel_mm))
        cover = np.clip(distance * (-1.0 / edge) + 0.5, 0.0, 1.0)
        part += cover * (value - part)
