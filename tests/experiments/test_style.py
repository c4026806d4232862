import numpy as np
import pytest

from napari_cmr.experiments.style import (
    StyleImages,
    diversity,
    realism,
    summarised,
    turned_labels,
)
from napari_cmr.scan import Label
from napari_cmr.training.data.slices import TrainingSlice
from napari_cmr.workflow.train.translation import turned


def hearts(n: int, seed: int, *, blood: float) -> tuple[np.ndarray, np.ndarray]:
    """Rings of muscle around blood of some brightness, with noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:32, :32]
    images, labels = [], []
    for _ in range(n):
        radius = np.hypot(y - rng.uniform(14, 18), x - rng.uniform(14, 18))
        label = np.where(radius < 5, Label.LV, np.where(radius < 8, Label.MYO, 0))
        image = np.choose(label, [0.1, blood, -0.5]) if blood else np.zeros(label.shape)
        images.append(np.clip(image + rng.normal(0, 0.05, image.shape), -1, 1))
        labels.append(label)
    return np.array(images, np.float32), np.array(labels, np.uint8)


@pytest.fixture(scope="module")
def images() -> StyleImages:
    source, source_labels = hearts(12, 0, blood=0.9)
    real, real_labels = hearts(12, 1, blood=0.4)
    made = np.stack([0.5 * source, np.clip(0.6 * source - 0.1, -1, 1)], axis=1)
    return StyleImages(
        source,
        made,
        real,
        source_labels,
        real_labels,
        [f"a{i // 2}" for i in range(12)],
        [f"b{i // 2}" for i in range(12)],
    )


def test_rows_say_what_was_made(images: StyleImages) -> None:
    rows = [*diversity(images, seed=0), *realism(images, seed=0), *summarised([], images)]
    found = {row["measure"]: row["mean"] for row in rows}
    assert found["edge agreement with the source"] > 0.99
    assert found["edge agreement with another heart"] < 0.95
    assert found["distance between styles of a slice"] > 0
    assert found["LV grey values, synthetic to real"] < found["LV grey values, bSSFP to real"]
    assert found["told apart, bSSFP and real"] > 0.9


def test_pictures_are_turned_together_with_their_labels_and_centre() -> None:
    image = np.zeros((6, 9), np.float32)
    image[4, 1] = 1  # below, left
    one = TrainingSlice("a", None, "LGE", 0, image, None, (2.0, 1.0), (4.0, 1.0))
    after = turned(one)
    assert after.image.shape == (9, 6)
    assert after.spacing == (1.0, 2.0)
    row, column = after.centre
    assert after.image[int(row), int(column)] == 1
    labels = np.where(image > 0, Label.SCAR, 0).astype(np.uint8)
    assert turned_labels(labels)[int(row), int(column)] == Label.MYO
