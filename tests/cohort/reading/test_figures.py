"""Figures are well-formed, show every method, and stay inside their frames."""

import re
from xml.etree import ElementTree

import pytest

from napari_cmr.cohort.reading.figures import (
    SHAPES,
    legend,
    mark,
    mean_scores,
    opinion_scatter,
    score_shares,
)
from napari_cmr.cohort.reading.scores import Opinion

TITLES = {"a": "First & best", "b": "B" * 50, "c": "Third"}
OPINIONS = [
    Opinion("a", 20, 3.9, 0.3, (0, 0, 2, 18), {"r1": 3.8, "r2": 4.0}, 30.0, 0.9, None),
    Opinion("b", 20, 2.0, 0.9, (7, 7, 5, 1), {"r1": 1.5, "r2": 2.5}, 30.0, 0.9, None),
    Opinion("c", 20, 1.0, 0.0, (20, 0, 0, 0), {"r1": 1.0, "r2": 1.0}, 30.0, 0.9, None),
]


def test_shares_fill_the_bars() -> None:
    tree = ElementTree.fromstring(score_shares(OPINIONS, TITLES))
    bars = [one for one in tree.iter("rect") if one.get("height") == "22"]
    assert len(bars) == 12
    for row in range(3):
        own = bars[4 * row : 4 * row + 4]
        assert sum(float(one.get("width")) for one in own) == pytest.approx(560, abs=0.3)
    texts = [one.text for one in tree.iter("text")]
    assert "90 %" in texts
    assert "100 %" in texts
    assert "First & best" in texts


def test_means_and_deviations_stay_on_the_scale() -> None:
    tree = ElementTree.fromstring(mean_scores(OPINIONS, TITLES))
    dots = [float(one.get("cx")) for one in tree.iter("circle")]
    assert dots == sorted(dots, reverse=True)
    first, last = (
        float(one.get("x1")) for one in list(tree.iter("line"))[:4:3]
    )  # grid of scores 1 and 4
    for one in tree.iter("line"):
        for end in ("x1", "x2"):
            assert first <= float(one.get(end)) <= last
    assert any((one.text or "").endswith("…") for one in tree.iter("text")), "long names are cut"


def test_a_scatter_has_a_mark_for_every_image_and_higher_is_better() -> None:
    points = [("a", 0, 4.0, 33.0), ("a", 1, 3.0, 31.0), ("c", 0, 1.0, 20.0), ("b", 0, 2.0, 20.0)]
    text = opinion_scatter(points, "psnr", ["a", "b", "c"])
    tree = ElementTree.fromstring(text)
    circles = list(tree.iter("circle"))
    assert len(circles) == 2
    assert float(circles[0].get("cy")) < float(circles[1].get("cy"))
    assert float(circles[0].get("cx")) > float(circles[1].get("cx"))
    assert len(list(tree.iter("polygon"))) == 2
    assert "PSNR (dB)" in text


def test_one_value_of_all_images_is_drawn_as_well() -> None:
    ElementTree.fromstring(opinion_scatter([("a", 0, 4.0, 1.0)], "sis", ["a"]))


def test_methods_differ_in_shape_and_colour() -> None:
    marks = {
        re.sub(r'[\d.,\s"-]+', "", mark(place, 0, 0)) + mark(place, 0, 0) for place in range(8)
    }
    assert len(marks) == 8
    assert len(SHAPES) == 4
    assert "First &amp; best" in legend(["a"], TITLES)
