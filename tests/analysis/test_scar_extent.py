"""Mass, part and depth of scar, of shapes whose numbers are known."""

from itertools import pairwise

import numpy as np
import pytest
from helpers.scar_rings import GEOMETRY, polar, quarter, ring

from napari_cmr.analysis.scar import ScarFinder, ScarSettings
from napari_cmr.analysis.scar_extent import scar_extent, sensitivity
from napari_cmr.scan import Code, Geometry, Label, ScanError

STACK = Geometry.regular((10.0, 1.0, 1.0), 3)
GRAM = 0.01 * 1.05


def rings(depth: float = 0.0, half: bool = False) -> np.ndarray:
    """Walls from 15 to 25 mm, the inner ``depth`` of them scarred, all around or to the right."""
    y, x = np.indices((80, 80)) - 39.5
    radius = np.hypot(y, x)
    plane = np.zeros((80, 80), np.uint8)
    plane[np.hypot(y, x + 32) < 12] = Label.RV
    plane[radius < 25] = Label.MYO
    plane[(radius < 15 + 10 * depth) & ((x > 0) if half else True)] = Label.SCAR
    plane[radius < 15] = Label.LV
    return np.repeat(plane[None], 3, axis=0)


def test_masses_and_parts() -> None:
    labels = rings(0.5)
    labels[1][labels[1] == Label.SCAR] = Label.NO_REFLOW
    found = scar_extent(labels, STACK)
    wall, inner = np.pi * (25**2 - 15**2) * 3, np.pi * (20**2 - 15**2) * 3
    assert found.myocardium_g == pytest.approx(wall * GRAM, rel=0.01)
    assert found.scar_g == pytest.approx(inner * GRAM, rel=0.01)
    assert found.no_reflow_g == pytest.approx(inner / 3 * GRAM, rel=0.01)
    assert found.scar_percent == pytest.approx(100 * inner / wall, rel=0.01)
    assert found.no_reflow_percent == pytest.approx(found.scar_percent / 3)


@pytest.mark.parametrize("depth", [0.3, 0.6, 1.0])
def test_depth_is_along_the_radius_where_there_is_scar(depth) -> None:
    found = scar_extent(rings(depth, half=True), STACK)
    deep = found.transmurality_percent[np.nan_to_num(found.segment_percent) > 20]
    assert len(deep) > 4
    np.testing.assert_allclose(deep, 100 * depth, atol=12)


def test_without_scar_there_is_none() -> None:
    found = scar_extent(rings(), STACK)
    assert (found.scar_g, found.scar_percent, found.no_reflow_g) == (0, 0, 0)
    known = ~np.isnan(found.segment_percent)
    assert known.sum() == 16  # the seventeenth is the apex, which the stack has not
    assert (found.segment_percent[known] == 0).all()
    assert (found.transmurality_percent[known] == 0).all()


def test_half_a_heart_is_scarred_on_one_side() -> None:
    percent = scar_extent(rings(1.0, half=True), STACK).segment_percent[:6]
    assert percent.max() == pytest.approx(100)
    assert percent.min() < 5
    record = scar_extent(rings(1.0, half=True), STACK).to_dict()
    assert [one["segment"] for one in record["segments"]] == list(range(1, 18))
    assert record["segments"][16]["scar_percent"] is None
    assert record["segments"][0]["scar_percent"] == round(float(percent[0]), 2)


def test_where_segments_cannot_be_laid_masses_remain() -> None:
    labels = rings(0.5)
    labels[labels == Label.LV] = Label.BACKGROUND
    found = scar_extent(labels, STACK)
    assert found.scar_g > 0
    assert np.isnan(found.segment_percent).all()
    assert [one.code for one in found.warnings] == [Code.NO_SEGMENTS]
    assert found.to_dict()["septum_from"] is None


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ScanError, match="no myocardium"):
        scar_extent(np.zeros((3, 8, 8), np.uint8), STACK)
    with pytest.raises(ScanError, match="do not fit a geometry of 3 slices"):
        scar_extent(rings()[:2], STACK)
    with pytest.raises(ScanError, match="do not fit"):
        scar_extent(rings()[0], STACK)


def test_more_standard_deviations_never_find_more() -> None:
    image, labels, _ = ring(quarter(), noise=9.0, level=45.0)
    finder = ScarFinder(image, labels, GEOMETRY)
    curve = sensitivity(finder, ScarSettings(blood_part=0))
    grams = [point["scar_g"] for point in curve]
    assert [point["n"] for point in curve][::2] == [2, 3, 4, 5, 6]
    assert all(a >= b for a, b in pairwise(grams))
    assert grams[0] > grams[-1]
    five = scar_extent(finder.find(ScarSettings(method="nsd", n=5, blood_part=0)).labels, GEOMETRY)
    assert grams[6] == pytest.approx(five.scar_g, abs=0.001)


def test_mass_percent_and_transmurality_of_known_scar() -> None:
    radius, angle = polar()
    labels = ring()[1]
    labels[1:, (np.abs(angle + 90) < 30) & (radius >= 16) & (radius < 20)] = Label.SCAR
    extent = scar_extent(labels, GEOMETRY, septum_deg=180.0)
    voxels = int((labels == Label.SCAR).sum())
    assert extent.scar_g == pytest.approx(voxels * 10 * 1.5 * 1.5 / 1000 * 1.05)
    assert extent.scar_percent == pytest.approx(100 * voxels / (labels >= 2).sum())
    # Half of the depth of the anterior wall, which is up; slices 2 to 4 of basal, mid, mid, apical.
    assert extent.transmurality_percent[6] == pytest.approx(50, abs=8)
    assert extent.segment_percent[6] == pytest.approx(45, abs=8)
    assert extent.segment_percent[9] == 0
    assert extent.transmurality_percent[9] == 0
    assert np.isnan(extent.segment_percent[16])
    assert extent.to_dict()["segments"][16]["scar_percent"] is None
