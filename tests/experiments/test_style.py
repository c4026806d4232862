import numpy as np

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
