"""Finding the heart, slice by slice."""

import numpy as np
import pytest
import torch
from helpers.noise_scans import scan
from helpers.small_scans import make_scan
from helpers.zoo_models import on_cpu

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Geometry
from napari_cmr.workflow.segment.cine import locate_heart
from napari_cmr.zoo import load
from napari_cmr.zoo.cancellation import Stopped, stoppable
from napari_cmr.zoo.tasks.localisation import Localiser
from napari_cmr.zoo.views import TURNS


def test_the_heart_is_found_slice_by_slice_as_in_the_stack(models) -> None:
    averages, geometry = np.abs(make_scan().image[0]), make_scan().geometry
    localiser = load(on_cpu("localiser"), Localiser)
    whole = localiser.locate(averages, geometry)
    localiser.at_once = 1
    alone = localiser.locate(averages, geometry)
    assert alone[:3] == pytest.approx(whole[:3], abs=0.05)


def test_looking_for_the_heart_ends_when_nobody_waits_any_more(models) -> None:
    scan = make_scan()
    with stoppable(lambda: True), pytest.raises(Stopped):
        load(on_cpu("localiser"), Localiser).locate_still(scan)


LINES = Acquisition(n_lines=9, seed=3)


def test_the_heart_is_located_inside_the_image(models) -> None:
    location = locate_heart(undersample(scan(), LINES), device="cpu")
    assert 0 <= location.row < 40
    assert 0 <= location.column < 56
    assert 0 <= location.confidence <= 1
    assert (location.row * 64).is_integer()  # sums in another order must not move the crop


def test_the_heart_extends_as_far_as_any_pixel_that_may_be_heart(models, monkeypatch) -> None:
    localiser = load(on_cpu("localiser"), Localiser)
    step = localiser.card.spacing_mm
    maps = torch.zeros(2, 32, 32)
    maps[0, 13:19, 14:18] = 0.9
    maps[1, 15:17, 9:20] = 0.3
    maps[1, 0, 0] = 0.2
    monkeypatch.setattr(localiser, "_maps", lambda squares: maps)
    averages, geometry = np.ones((2, 64, 64)), Geometry.regular((8.0, step, step), 2)
    for turn in TURNS:
        monkeypatch.setattr(f"{Localiser.__module__}.canonical_turn", lambda *_, turn=turn: turn)
        found = localiser.locate(averages, geometry)
        _, _, *places = turn.back((maps.amax(0) > 0.25)[None, None]).nonzero().T
        assert (found.row, found.column) == (31.5, 31.5)
        expected = [(16 + float(at.min()), 16 + float(at.max())) for at in places]
        np.testing.assert_allclose(found.extent, expected, atol=1e-4)
    maps *= 0.2
    assert localiser.locate(averages, geometry).extent is None
