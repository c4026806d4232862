"""Labels of the left atrium, by a stand-in that takes what is bright for it."""

import numpy as np
import pytest
import torch

from napari_cmr.nets.segmentation.lge_cascade import UNet
from napari_cmr.scan import Label
from napari_cmr.zoo.cards import ModelCard
from napari_cmr.zoo.choice import ModelChoice
from napari_cmr.zoo.tasks.atrium import AtriumSegmenter


class ByBrightness(UNet):
    """Logits of atrium where a slice is brighter than its mean."""

    def __init__(self) -> None:
        super().__init__(1, 2, (2, 2, 2, 2), norm="batch", dropout=0.0)
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.shapes.append(tuple(x.shape))
        return torch.cat([-4 * x, 4 * x], dim=1)


@pytest.fixture
def segmenter() -> AtriumSegmenter:
    card = ModelCard(
        name="atrium",
        preset="live",
        task="atrium-segmentation",
        architecture={},
        input_kind="magnitude",
        size=32,
        spacing_mm=0.625,
        description="labels by brightness",
        trained_on="nothing",
        licence="none",
        citation="none",
        sampling="none",
        recipe={},
        seed=0,
        steps=0,
        metrics={},
        version="0",
        sha256="0" * 64,
    )
    return AtriumSegmenter(
        ByBrightness(), card, ModelChoice(name="atrium", device="cpu", precision="float32")
    )


def slices(*shape: int) -> np.ndarray:
    """Bright discs on a dark ground."""
    rows, columns = np.mgrid[: shape[1], : shape[2]]
    disc = (rows - shape[1] / 2) ** 2 + (columns - shape[2] / 2) ** 2 < (shape[1] / 4) ** 2
    rng = np.random.default_rng(0)
    return np.where(disc, 200, 50) + rng.normal(0, 2, shape)


def test_slices_of_any_size_are_labelled_on_their_own_pixels(segmenter: AtriumSegmenter) -> None:
    images = slices(2, 37, 51)
    found = segmenter.segment(images, (0.625, 0.625))
    np.testing.assert_array_equal(found.labels, np.where(images > 100, Label.LA, 0))
    assert segmenter.network.shapes[0] == (1, 1, 40, 56)  # whole halvings, by repeated pixels
    assert found.uncertainty.max() <= 0.5


def test_the_scale_of_grey_values_does_not_matter(segmenter: AtriumSegmenter) -> None:
    images = slices(1, 40, 40)
    one, other = (segmenter.segment(images * scale, (0.625, 0.625)) for scale in (1e-3, 50))
    np.testing.assert_array_equal(one.labels, other.labels)


def test_other_pixels_are_resampled(segmenter: AtriumSegmenter) -> None:
    images = slices(1, 40, 40)
    found = segmenter.segment(images, (1.25, 0.3125))
    assert segmenter.network.shapes[0][2:] == (80, 24)  # 20 columns, and what halving asks for
    truth = images > 100
    overlap = (
        2 * (found.labels.astype(bool) & truth).sum() / (truth.sum() + (found.labels > 0).sum())
    )
    assert overlap > 0.93
