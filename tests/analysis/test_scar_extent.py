"""Mass, part and depth of scar, of shapes whose numbers are known."""

import numpy as np
import pytest

from napari_cmr.analysis.scar_extent import scar_extent
from napari_cmr.scan import Code, Geometry, Label, ScanError

GEOMETRY = Geometry.regular((10.0, 1.0, 1.0), 3)
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
    found = scar_extent(labels, GEOMETRY)
    wall, inner = np.pi * (25**2 - 15**2) * 3, np.pi * (20**2 - 15**2) * 3
    assert found.myocardium_g == pytest.approx(wall * GRAM, rel=0.01)
    assert found.scar_g == pytest.approx(inner * GRAM, rel=0.01)
    assert found.no_reflow_g == pytest.approx(inner / 3 * GRAM, rel=0.01)
    assert found.scar_percent == pytest.approx(100 * inner / wall, rel=0.01)
    assert found.no_reflow_percent == pytest.approx(found.scar_percent / 3)


@pytest.mark.parametrize("depth", [0.3, 0.6, 1.0])
def test_depth_is_along_the_radius_where_there_is_scar(depth) -> None:
    found = scar_extent(rings(depth, half=True), GEOMETRY)
    deep = found.transmurality_percent[np.nan_to_num(found.segment_percent) > 20]
    assert len(deep) > 4
    np.testing.assert_allclose(deep, 100 * depth, atol=12)


def test_without_scar_there_is_none() -> None:
    found = scar_extent(rings(), GEOMETRY)
    assert (found.scar_g, found.scar_percent, found.no_reflow_g) == (0, 0, 0)
    known = ~np.isnan(found.segment_percent)
    assert known.sum() == 16  # the seventeenth is the apex, which the stack has not
    assert (found.segment_percent[known] == 0).all()
    assert (found.transmurality_percent[known] == 0).all()


def test_half_a_heart_is_scarred_on_one_side() -> None:
    percent = scar_extent(rings(1.0, half=True), GEOMETRY).segment_percent[:6]
    assert percent.max() > 95
    assert percent.min() < 5
    record = scar_extent(rings(1.0, half=True), GEOMETRY).to_dict()
    assert len(record["segments"]) == 17
    assert record["segments"][16]["scar_percent"] is None
    assert record["segments"][0]["scar_percent"] == round(float(percent[0]), 2)


def test_where_segments_cannot_be_laid_masses_remain() -> None:
    labels = rings(0.5)
    labels[labels == Label.LV] = Label.BACKGROUND
    found = scar_extent(labels, GEOMETRY)
    assert found.scar_g > 0
    assert np.isnan(found.segment_percent).all()
    assert [one.code for one in found.warnings] == [Code.NO_SEGMENTS]
    assert found.to_dict()["septum_from"] is None


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ScanError, match="no myocardium"):
        scar_extent(np.zeros((3, 8, 8), np.uint8), GEOMETRY)
    with pytest.raises(ScanError, match="do not fit a geometry of 3 slices"):
        scar_extent(rings()[:2], GEOMETRY)
    with pytest.raises(ScanError, match="do not fit"):
        scar_extent(rings()[0], GEOMETRY)
