"""Labels that a cascade gives late enhancement: of which slices, and how sure it is of them."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import fake_lge
from PIL import Image

from napari_cmr.scan import Label, ScanError
from napari_cmr.training.data.still_batches import EnhancedSlices
from napari_cmr.training.register import find
from napari_cmr.workflow.train import pseudo_labels


@pytest.fixture
def stand_in(monkeypatch) -> None:
    """A cascade that labels by brightness, and a heart in the place that it is drawn at."""
    monkeypatch.setattr(
        pseudo_labels, "load_network", lambda _: (fake_lge.ByBrightness(), fake_lge.card())
    )
    place = SimpleNamespace(row=45.0, column=50.0)
    monkeypatch.setattr(pseudo_labels, "locate_lge", lambda *_, **__: place)


def label(folder: Path, planes: dict[str, np.ndarray]) -> EnhancedSlices:
    (folder / "images").mkdir()
    for case, stack in planes.items():
        for z, plane in enumerate(stack):
            path = folder / "images" / f"{case}_slice{z:03d}.png"
            Image.fromarray(plane.astype(np.uint8)).save(path)
    tiny = find("lge-cascade").tiny
    return pseudo_labels.label_enhanced(folder / "weights", folder, tiny, device="cpu")


def test_slices_that_it_is_sure_of_are_trusted(tmp_path, stand_in) -> None:
    stack = fake_lge.bright_heart(shape=(3, 96, 96)).image[0].copy()
    stack[2] = 0
    found = label(tmp_path, {"Case_P001": stack, "Case_P005": stack})
    assert set(found.slices.subjects) == {"Case_P001"}  # the other is held out
    assert (found.trust[:2] > 0.5).all()
    assert found.trust[2] == 0  # an empty picture
    labels = found.slices.labels[0]
    assert labels[labels.shape[0] // 2, labels.shape[1] // 2] == Label.LV
    assert found.doubtful.shape == found.slices.labels.shape
    assert found.doubtful[0].mean() < 0.1


def test_nothing_to_be_sure_of_is_said(tmp_path, stand_in) -> None:
    with pytest.raises(ScanError, match="sure of no slice"):
        label(tmp_path, {"Case_P001": np.zeros((2, 96, 96))})
