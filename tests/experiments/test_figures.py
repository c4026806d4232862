"""Figures are drawn without a window system, in colours that tell models apart."""

from pathlib import Path

import numpy as np
import pytest

from napari_cmr.experiments import figures
from napari_cmr.experiments.figures import draw_histograms
from napari_cmr.experiments.style import (
    StyleImages,
    intensities,
)
from napari_cmr.training.register import models


def test_histograms_have_the_area_of_one(images: StyleImages, tmp_path: Path) -> None:
    rows = intensities(images)
    assert {row["structure"] for row in rows} == {"LV", "MYO"}
    own = [r["density"] for r in rows if (r["structure"], r["images"]) == ("LV", "real")]
    assert sum(own) * 0.05 == pytest.approx(1)
    draw_histograms(rows, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_models_come_in_the_order_of_the_register_and_strangers_last() -> None:
    names = [one.name for one in models().values() if one.task == "segmentation"]
    rows = [{"model": name} for name in ("stranger", *reversed(names), names[0])]
    assert figures._ordered(rows) == [*names, "stranger"]
    shown = [figures._style(name) for name in names[: len(figures._STYLES)]]
    assert len(set(map(str, shown))) == len(shown)


def test_a_share_of_a_colour_goes_from_pale_to_itself() -> None:
    full = figures._pale("#336699", 1.0)
    assert full == pytest.approx((0.2, 0.4, 0.6))
    pale = figures._pale("#336699", 0.0)
    assert all(a > b for a, b in zip(pale, full, strict=True))
    assert max(pale) < 1


def test_lines_have_titles() -> None:
    titles = [figures._lines_title(n) for n in (None, 1, 8)]
    assert titles == ["all lines", "1 line per frame", "8 lines per frame"]


def test_a_picture_says_nothing_of_who_made_it_and_is_the_same_again(images, tmp_path) -> None:
    rows = intensities(images)
    for name in ("a.png", "b.png"):
        draw_histograms(rows, tmp_path / name)
    first = (tmp_path / "a.png").read_bytes()
    assert first == (tmp_path / "b.png").read_bytes()
    assert b"Software" not in first


def test_axes_leave_room_around_the_values_and_no_more_than_allowed() -> None:
    values = np.array([20.0, 60.0])
    assert figures._around(values, (-20, 130)) == pytest.approx((9, 71))
    assert figures._around(values, (15, 65)) == (15, 65)
    assert figures._around(np.array([]), (-20, 130)) == (-20, 130)
