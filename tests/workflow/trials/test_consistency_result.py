"""What repetitions say together."""

import numpy as np
import pytest
from helpers.zoo_models import on_cpu

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Geometry, Scan, save_json
from napari_cmr.workflow.trials.consistency import (
    consistency_of,
    consistency_record,
)
from napari_cmr.workflow.trials.consistency_result import Spread

ACQUISITION = Acquisition(n_lines=9, seed=3)


@pytest.fixture
def scan() -> Scan:
    image = np.random.default_rng(0).random((4, 2, 90, 80), dtype=np.float32)
    return Scan(image, Geometry.regular((8.0, 2.0, 2.2), 2), name="random")


def test_a_record_is_json(models, scan, tmp_path) -> None:
    found = consistency_of(scan, ACQUISITION, on_cpu(), repeats=2)
    record = consistency_record(scan, found)
    save_json(tmp_path / "out.json", record)
    assert record["seeds"] == [3, 4]
    assert (record["n_lines"], record["n_phase_encodes"]) == (9, 90)
    assert len(record["lv"]["volumes_ml"]["median"]) == 4
    slices = record["mean_contour_mm"]["MYO"]["frames_by_slices"]
    assert (len(slices), len(slices[0])) == (4, 2)


def test_a_spread_is_of_what_is_known() -> None:
    spread = Spread.of(np.array([50.0, np.nan, 60.0]))
    assert (spread.n, spread.median, spread.mean) == (2, 55.0, 55.0)
    assert spread.sd == pytest.approx(np.sqrt(50))
    assert (spread.low, spread.high) == (pytest.approx(50.5), pytest.approx(59.5))
    assert Spread.of(np.array([np.nan])) is None
    assert Spread.of(np.array([50.0])).sd is None
