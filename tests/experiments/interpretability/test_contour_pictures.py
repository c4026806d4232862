"""Sheets of images with the contours of reference and reading."""

import numpy as np
from PIL import Image

from napari_cmr.experiments.interpretability.contour_pictures import Panel, contour_sheet


def test_contours_are_red_and_yellow_and_nothing_is_drawn_of_nothing(tmp_path) -> None:
    image = np.full((60, 80), 100.0)
    one, other = np.zeros((2, 60, 80), dtype=bool)
    one[10:50, 10:40] = True
    other[10:50, 50:70] = True
    panels = [
        Panel("all lines", "Dice 1", image, one, other),
        *(Panel(f"m{k}", "", image, one & False, other & False) for k in range(4)),
    ]
    contour_sheet(panels, tmp_path / "sheet.png")
    picture = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB")).astype(int)
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    reds = (red > 220) & (green < 90) & (blue < 90)
    yellows = (red > 220) & (green > 200) & (blue < 90)
    assert reds.sum() > 100
    assert yellows.sum() > 100
    height, width = red.shape
    assert not reds[:, width // 4 :].any()  # the second panel has none
    assert not yellows[height // 2 :].any()
