"""Late enhancement images of a heart that was only seen by bSSFP, in any number of styles."""

from functools import partial

import numpy as np
import torch
from torch import Tensor

from napari_cmr.nets.squares import sample, sample_at, square_grid, way_back
from napari_cmr.nets.style.munit import GRID_MULTIPLE, SOURCE, TARGET, clip_to_unit
from napari_cmr.scan import ScanError
from napari_cmr.zoo.predictor import Predictor

#: Images that are rendered at once.
_CHUNK = 16


class Styler(Predictor):
    """A trained translation network: bSSFP in, synthetic late enhancement out."""

    task = "translation"
    does = "render late enhancement"

    @property
    def style_size(self) -> int:
        """Numbers of a style code."""
        return int(self.network.style_size)  # type: ignore[arg-type]

    def sample_codes(self, k: int, seed: int = 0) -> np.ndarray:
        """Draw styles from the prior N(0, I), float32 (k, S); the first are the same for any k."""
        rng = np.random.default_rng(seed)
        return rng.standard_normal((k, self.style_size)).astype(np.float32)

    @torch.inference_mode()
    def translate(self, slices: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Render squares around the heart in styles.

        Parameters
        ----------
        slices : ndarray, shape (N, Y, X)
            Magnitudes on the network's spacing; each side a multiple of 16. Zeros are padding.
        codes : ndarray, shape (K, S)

        Returns
        -------
        ndarray of float32, shape (N, K, Y, X)
            From -1 to 1.

        Raises
        ------
        ScanError
            If a shape does not fit.
        """
        slices, codes = np.asarray(slices), self._checked(codes)
        if slices.ndim != 3 or any(side % GRID_MULTIPLE or side == 0 for side in slices.shape[1:]):
            raise ScanError(
                f"slices of shape {slices.shape} do not fit the network",
                remedy=f"crop them to sides that are multiples of {GRID_MULTIPLE} pixels",
            )
        images = clip_to_unit(torch.from_numpy(np.abs(slices).astype(np.float32)))[:, None]
        made = np.empty((len(slices), len(codes), *slices.shape[1:]), dtype=np.float32)
        for image, out in zip(images, made, strict=True):
            self.attempt(partial(self._render, image, torch.from_numpy(codes), out))
        return made

    def _render(self, image: Tensor, codes: Tensor, out: np.ndarray) -> None:
        """Fill ``out`` (K, Y, X) with one image (1, Y, X) in styles (K, S)."""
        content = self.network.content(SOURCE, self._to_device(image[None]))  # type: ignore[operator]
        for piece in self.pieces(len(codes)):
            styles = codes[piece].to(self.device, self.dtype)
            rendered = self.network.decode(  # type: ignore[operator]
                TARGET, content.expand(len(styles), -1, -1, -1), styles
            )
            out[piece] = rendered[:, 0].float().cpu().numpy()

    def pieces(self, count: int) -> list[slice]:
        """Parts of so many styles that are rendered at once."""
        step = self.at_once or _CHUNK
        return [slice(first, first + step) for first in range(0, count, step)]

    @torch.inference_mode()
    def encode_style(self, image: np.ndarray) -> np.ndarray:
        """Style (S,) of a late enhancement image (Y, X) on the network's spacing."""
        square = clip_to_unit(torch.from_numpy(np.abs(image).astype(np.float32))[None])[:, None]
        if min(square.shape[2:]) < GRID_MULTIPLE:
            raise ScanError(f"an image of {image.shape} pixels is too small to have a style")

        def run() -> np.ndarray:
            style = self.network.styles[TARGET](self._to_device(square))  # type: ignore[index, operator]
            found: np.ndarray = style[0].float().cpu().numpy()
            return found

        return self.attempt(run)

    def crop(
        self, stack: np.ndarray, spacing: tuple[float, float], centre: tuple[float, float]
    ) -> np.ndarray:
        """Squares (N, size, size) of the network's grid around a place of images (N, Y, X).

        Parameters
        ----------
        stack : ndarray, shape (N, Y, X)
        spacing : tuple of 2 floats
            ``(dy, dx)`` in mm.
        centre : tuple of 2 floats
            Row and column of the heart in pixels.
        """
        images = torch.from_numpy(np.abs(stack).astype(np.float32))[:, None]
        height, width = images.shape[-2:]
        grid = square_grid(centre, spacing, (height, width), self.card.size, self.card.spacing_mm)
        found: np.ndarray = sample(images, grid)[:, 0].numpy()
        return found

    def uncrop(
        self,
        squares: np.ndarray,
        shape: tuple[int, int],
        spacing: tuple[float, float],
        centre: tuple[float, float],
    ) -> np.ndarray:
        """Images (..., Y, X) of squares (..., size, size) from -1 to 1; 0 to 1, 0 outside."""
        size, spacing_mm = self.card.size, self.card.spacing_mm
        (rows, up), (columns, across) = (
            way_back(middle, step, length, size, spacing_mm)
            for middle, step, length in zip(centre, spacing, shape, strict=True)
        )
        flat = torch.from_numpy(squares.reshape(-1, 1, size, size).astype(np.float32))
        images = np.zeros((len(flat), *shape), dtype=np.float32)
        images[:, rows, columns] = sample_at((flat + 1) / 2, up, across)[:, 0].numpy()
        return images.reshape(*squares.shape[:-2], *shape)

    def _checked(self, codes: np.ndarray) -> np.ndarray:
        codes = np.asarray(codes, dtype=np.float32)
        if codes.ndim != 2 or codes.shape[1] != self.style_size or not np.isfinite(codes).all():
            raise ScanError(
                f"styles of shape {codes.shape} are none of this model",
                remedy=f"a style has {self.style_size} numbers",
            )
        return codes

    def _to_device(self, images: Tensor) -> Tensor:
        return images.to(self.device, self.dtype).contiguous(memory_format=torch.channels_last)

    def principal_directions(self, square: np.ndarray, *, n: int = 3, seed: int = 0) -> np.ndarray:
        """Unit directions (n, S) in which the style changes a picture most, the first one most.

        Styles are drawn, a linear map from style to picture is fitted, and its leading singular
        vectors are taken.

        Parameters
        ----------
        square : ndarray, shape (Y, X)
            Magnitude on the network's grid.
        n, seed : int
        """
        codes = self.sample_codes(3 * self.style_size, seed)
        pictures = self.translate(square[None], codes)[0].reshape(len(codes), -1)
        centred = codes - codes.mean(0)
        linear = np.linalg.lstsq(centred, pictures - pictures.mean(0), rcond=None)[0]
        values, vectors = np.linalg.eigh(linear @ linear.T)
        directions = vectors[:, np.argsort(values)[::-1][:n]].T
        # brighter pictures on the right of a slider
        brighter = np.sign((directions @ linear).mean(1))
        directions *= np.where(brighter == 0, 1, brighter)[:, None]
        return directions.astype(np.float32)


def style_path(first: np.ndarray, last: np.ndarray, k: int) -> np.ndarray:
    """``k`` styles (k, S) from one to another in equal steps, both ends among them.

    Raises
    ------
    ScanError
        If ``k`` is less than 2.
    """
    if k < 2:
        raise ScanError(f"a path of {k} styles", remedy="ask for two or more")
    parts = np.linspace(0, 1, k, dtype=np.float32)[:, None]
    path: np.ndarray = (1 - parts) * first + parts * last
    return path
