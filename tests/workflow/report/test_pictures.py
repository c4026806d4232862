"""Pictures of a report."""

import base64
import re
from io import BytesIO

import numpy as np
import pytest
from helpers.report_pages import Page, content

from napari_cmr.scan import Geometry, Label, Scan
from napari_cmr.workflow.report.content import ReportContent
from napari_cmr.workflow.report.page import render_report
from napari_cmr.workflow.report.pictures import outline, png, volume_curves

#: Thickness at ED and ES, thickening, motion.
BULLSEYES = 4


@pytest.mark.parametrize("shape", [(3, 5), (1, 1), (4, 7, 3)])
def test_pictures_are_png(shape) -> None:
    from imageio.v3 import imread

    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(imread(BytesIO(png(pixels))), pixels)


def test_the_picture_of_lines_is_the_mask(heart) -> None:
    from imageio.v3 import imread

    text = render_report(content(heart))
    uri = re.search(r'<img class="mask"[^>]*base64,([^"]+)"', text)[1]
    pixels = imread(BytesIO(base64.b64decode(uri)))
    assert pixels.shape == (30, 256)
    assert (pixels > 128).sum() == 30 * 10 + 1


def test_an_outline_runs_around_the_pixels_in_mm() -> None:
    inside = np.zeros((8, 8), bool)
    inside[2:5, 3:6] = True
    numbers = [float(n) for n in re.findall(r"[\d.]+", outline(inside, 2.0, 1.0))]
    xs, ys = numbers[0::2], numbers[1::2]
    assert (min(xs), max(xs)) == (3.0, 6.0)  # columns 3 to 5 of 1 mm
    assert (min(ys), max(ys)) == (4.0, 10.0)  # rows 2 to 4 of 2 mm
    assert outline(np.zeros((4, 4), bool), 1, 1) == ""


def test_few_known_volumes_are_dots_and_many_a_line() -> None:
    few = np.array([100.0, np.nan, 50.0])
    many = np.linspace(100, 50, 9)
    assert volume_curves([("LV", few, "#f00", "")]).count("<circle") == 2
    assert volume_curves([("LV", many, "#f00", "")]).count("<polyline") == 1
    assert "No volume" in volume_curves([("LV", np.full(3, np.nan), "#f00", "")])


def test_scar_lies_within_the_border_of_the_muscle() -> None:
    labels = np.zeros((2, 1, 24, 24), np.uint8)
    labels[:, :, 6:18, 6:18] = Label.MYO
    labels[:, :, 6:18, 6:9] = Label.SCAR
    labels[:, :, 9:15, 9:15] = Label.LV
    labels[1, :, 9:11, 9:15] = Label.MYO
    image = np.random.default_rng(0).random(labels.shape, dtype=np.float32)
    scan = Scan(image, Geometry.regular((8.0, 2.0, 2.0), 1), labels=labels)
    page = Page(render_report(ReportContent(scan, labels, "reader", (0, 1))))
    assert page.tags.count("path") == 4 + 17 * BULLSEYES  # LV and outer border, at two phases
