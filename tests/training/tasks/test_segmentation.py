"""The training of segmenters and of the localiser: what is compared with what."""

import pytest
import torch

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from napari_cmr.training.register import find
from napari_cmr.training.tasks.segmentation import SegmentationTask


def task(name: str) -> SegmentationTask:
    torch.manual_seed(0)
    model = find(name)
    return SegmentationTask(model, model.tiny)


class Says(torch.nn.Module):
    """A network that gives the same logits whatever it is shown."""

    def __init__(self, logits):
        super().__init__()
        self.logits, self.asked = logits, []

    def forward(self, images, *frames, **options):
        self.asked.append((tuple(images.shape), frames, options))
        return self.logits


def test_frames_of_a_segmenter_follow_each_other_but_do_not_close() -> None:
    made = task("fcn")
    labels = torch.randint(0, 4, (6, 16, 16))
    right = 20.0 * torch.nn.functional.one_hot(labels, 4).movedim(-1, 1).float()
    made.network = Says(right)
    batch = (torch.rand(6, 1, 16, 16), labels)
    assert made.loss(batch) < 1e-4
    assert made.network.asked == [((6, 1, 16, 16), (made.recipe.frames,), {"periodic": False})]
    found = made.measure(batch)
    assert found["val_loss"] < 1e-4
    assert {name: found[f"dice_{name}"] for name in ("lv", "myo", "rv")} == {
        "lv": 1.0, "myo": 1.0, "rv": 1.0,
    }  # fmt: skip
    made.network = Says(right.roll(1, 1))
    assert made.measure(batch)["dice_lv"] < 0.1
    assert made.loss(batch) > 5


def test_a_localiser_tells_heart_from_the_rest() -> None:
    made = task("localiser")
    heart = torch.zeros(2, 16, 16)
    heart[:, 4:8, 4:8] = 1
    made.network = Says((40 * heart - 20)[:, None])
    batch = (torch.rand(2, 1, 16, 16), heart)
    assert made.finds_heart
    assert made.loss(batch) < 1e-4
    assert made.measure(batch)["dice_heart"] == 1.0
    made.network = Says((20 - 40 * heart)[:, None])
    assert made.measure(batch)["dice_heart"] == 0.0
