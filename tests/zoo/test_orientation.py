"""A picture is shown to networks in one way, however it is stored."""

from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.zoo_models import on_cpu

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Geometry, Label, Scan, open_scan
from napari_cmr.workflow.segment.cine import segment
from napari_cmr.zoo.orientation import canonical_turn
from napari_cmr.zoo.views import TURNS, Turn

ALL_LINES = Acquisition(n_lines=None)
turns = pytest.mark.parametrize("turn", TURNS)


def turned_array(turn: Turn, array: np.ndarray) -> np.ndarray:
    """An array (T, Z, Y, X) stored another way."""
    return turn.there(torch.from_numpy(array)).numpy().copy()


def turned_scan(turn: Turn, scan: Scan) -> Scan:
    dz, dy, dx = scan.spacing
    spacing = (dz, dx, dy) if turn.transposed else (dz, dy, dx)
    return Scan(
        image=turned_array(turn, scan.image), geometry=Geometry.regular(spacing, scan.n_slices)
    )


def lopsided_images(seed: int = 0) -> np.ndarray:
    images = np.random.default_rng(seed).random((1, 3, 30, 42)).astype(np.float32)
    images[..., :8, 25:35] += 2  # a chest wall
    return images


@turns
def test_there_and_back(turn: Turn) -> None:
    images = torch.rand(2, 3, 5, 7)
    torch.testing.assert_close(turn.back(turn.there(images)), images)
    turned = torch.zeros_like(turn.there(images))
    turned[..., 1, 3] = 1
    row, column = turn.place_back((1, 3), tuple(turned.shape[-2:]))
    assert turn.back(turned)[0, 0, int(row), int(column)] == 1


@turns
@pytest.mark.parametrize("seed", range(4))
def test_a_picture_looks_the_same_however_it_is_stored(turn: Turn, seed: int) -> None:
    images = lopsided_images(seed)
    geometry = Geometry.regular((8.0, 1.5, 1.2), 3)
    shown = turned_array(canonical_turn(images[0], geometry), images)
    stored = turned_array(turn, images)
    spacing = (8.0, 1.2, 1.5) if turn.transposed else (8.0, 1.5, 1.2)
    again = canonical_turn(stored[0], Geometry.regular(spacing, 3))
    np.testing.assert_array_equal(turned_array(again, stored), shown)


@turns
def test_rows_stay_rows_where_lines_are_missing(turn: Turn) -> None:
    images = torch.from_numpy(lopsided_images())
    assert not turn.untransposed().transposed
    for mirror in TURNS[:4]:
        # What does to the mirror image what the turn does to the picture is no other turn then.
        mirrored, shown = mirror.there(images), turn.there(images)
        same = next(one for one in TURNS if equal(one.there(mirrored), shown))
        assert equal(same.untransposed().there(mirrored), turn.untransposed().there(images))


def equal(first: torch.Tensor, second: torch.Tensor) -> bool:
    return first.shape == second.shape and torch.equal(first, second)


def test_nothing_is_turned_without_light() -> None:
    assert canonical_turn(np.zeros((2, 5, 7)), Geometry.regular((8, 1, 1), 2)) == Turn()


@turns
@pytest.mark.parametrize("model", ["pooled-net", "fcn"])
def test_labels_do_not_depend_on_how_a_scan_is_stored(models, model: str, turn: Turn) -> None:
    images = np.concatenate([lopsided_images(seed) for seed in range(4)])
    scan = Scan(image=images, geometry=Geometry.regular((8.0, 2.0, 2.0), 3))
    as_stored = segment(undersample(scan, ALL_LINES), on_cpu(model))
    turned = segment(undersample(turned_scan(turn, scan), ALL_LINES), on_cpu(model))
    again = turn.back(torch.from_numpy(turned.labels)).numpy()
    assert len(np.unique(again)) > 1
    assert (again == as_stored.labels).mean() > 0.999
    assert turned.location.confidence == pytest.approx(as_stored.location.confidence, abs=1e-5)


@turns
def test_real_hearts_read_the_same_however_they_are_stored(shared_data: Path, turn: Turn) -> None:
    cine = open_scan(shared_data / "acdc" / "patient090" / "patient090_4d.nii.gz")
    cine = cine.select_slices([2, 3, 4]).with_(labels=None, labelled_frames=())
    cine = cine.with_(image=cine.image[::3], frame_times_ms=None)
    as_stored = segment(undersample(cine, ALL_LINES), on_cpu())
    turned = segment(undersample(turned_scan(turn, cine), ALL_LINES), on_cpu())
    again = turn.back(torch.from_numpy(turned.labels)).numpy()
    for label in (Label.LV, Label.MYO, Label.RV):
        first, second = again == label, as_stored.labels == label
        assert 2 * (first & second).sum() > 0.99 * (first.sum() + second.sum())
