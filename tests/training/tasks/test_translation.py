import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from napari_cmr.scan import ScanError
from napari_cmr.training.batches import StepBatches
from napari_cmr.training.data.slices import TrainingSlice
from napari_cmr.training.data.style_batches import StyleBatches, StyleData, view
from napari_cmr.training.loop import train
from napari_cmr.training.recipe import TranslationRecipe
from napari_cmr.training.register import default

MODEL = default("translation")


def tiny(**changes: object) -> TranslationRecipe:
    return MODEL.tiny.with_(**{"steps": 4} | changes)


def run(recipe: TranslationRecipe, source: list, target: list, out: Path) -> Path:
    how = {"device": "cpu", "precision": "32-true", "progress_bar": False}
    return train(MODEL, "live", recipe, StyleData(source, target), out, **how)


def slices(*, labels: bool) -> list[TrainingSlice]:
    rng = np.random.default_rng(int(labels))
    y, x = np.mgrid[:60, :50]
    heart = (np.hypot(y - 30, x - 25) < 10).astype(np.uint8)
    return [
        TrainingSlice(
            subject=f"heart{index}",
            group=None,
            phase="ED" if labels else "LGE",
            index=0,
            image=100 + 200.0 * heart + rng.normal(0, 5, heart.shape),
            labels=heart if labels else None,
            spacing=(2.0, 2.0),
            centre=(30.0, 25.0),
        )
        for index in range(3)
    ]


def test_a_plain_view_is_centred_and_labels_move_with_the_image() -> None:
    image, labels = view(slices(labels=True)[0], tiny(), None)
    rows, columns = torch.nonzero(labels).float().mean(0).tolist()
    assert rows == pytest.approx(15.5, abs=0.6)
    assert columns == pytest.approx(15.5, abs=0.6)
    for seed in range(4):
        image, labels = view(slices(labels=True)[0], tiny(), np.random.default_rng(seed))
        assert float(image[labels == 1].mean()) > float(image[labels == 0].mean()) + 0.8


def test_a_step_is_the_same_in_every_run() -> None:
    source, target = slices(labels=True), slices(labels=False)
    batches = StyleBatches(source, target, tiny())
    first = StepBatches(batches, 7, first=0, length=9)[5]
    second = StepBatches(batches, 7, first=3, length=9)[2]
    other = StepBatches(batches, 7, first=3, length=9, rank=1)[2]
    assert not torch.equal(first[0], other[0])
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert first[0].shape == first[2].shape == (3, 1, 32, 32)


@pytest.mark.parametrize(("cycle", "both_ways"), [(0.0, False), (10.0, True)])
def test_a_run_leaves_weights_and_goes_on_from_its_checkpoint(
    tmp_path: Path, cycle: float, both_ways: bool
) -> None:
    source, target = slices(labels=True), slices(labels=False)
    run(tiny(cycle=cycle, both_ways=both_ways, steps=2), source, target, tmp_path)
    path = run(tiny(cycle=cycle, both_ways=both_ways), source, target, tmp_path)
    weights = load_file(path)
    fresh = MODEL.build(tiny().architecture).state_dict()
    assert weights.keys() == fresh.keys()
    summary = json.loads((path.parent / "training.json").read_text())
    assert summary["steps"] == 4
    assert ("cycle" in summary["metrics"]) == bool(cycle)
    assert (path.parent / "last.ckpt").exists()


def test_what_cannot_be_trained_on_is_said(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="both contrasts"):
        run(tiny(), [], slices(labels=False), tmp_path)
    with pytest.raises(ScanError, match="need labels"):
        run(tiny(), slices(labels=False), slices(labels=False), tmp_path)
