"""A stand-in for the cascade that labels by brightness, and bright hearts for it to label."""

from typing import ClassVar

import numpy as np
import torch

from napari_cmr.scan import Geometry, Label, Scan
from napari_cmr.zoo.cards import ModelCard
from napari_cmr.zoo.choice import ModelChoice
from napari_cmr.zoo.tasks.late_enhancement import LgeSegmenter
from napari_cmr.zoo.tasks.localisation import HeartLocation

#: Grey values of background, LV, MYO and RV.
GREY = np.array([60, 230, 20, 140], np.float32)
#: Half-way between two pixels is as far from the grey value of either. These logits, of less than
#: half a grey value, decide there: else the last bit would, which is another on each processor.
PREFERRED = torch.tensor([0.0, 0.5, 1.0, 1.5])[None, :, None, None]


def card(task: str = "lge-segmentation", name: str = "lge-cascade") -> ModelCard:
    return ModelCard(
        name=name,
        preset="live",
        task=task,
        architecture={},
        input_kind="magnitude",
        size=64,
        spacing_mm=2.0,
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


class ByBrightness(torch.nn.Module):
    """Logits that fall with the distance to each structure's grey value in the square."""

    def __init__(self, members: int = 2) -> None:
        super().__init__()
        self.members = torch.nn.ModuleList(torch.nn.Identity() for _ in range(members))
        self.asked: list[tuple] = []

    def forward(self, x, *, members=None, refine=True):
        self.asked.append((members, refine))
        low, high = x.amin(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)
        grey = 20 + (x - low) / (high - low) * 210
        levels = torch.from_numpy(GREY)[None, :, None, None].to(x)
        return PREFERRED.to(x) - ((grey - levels) ** 2) / 20


def segmenter() -> LgeSegmenter:
    """The stand-in, ready to label."""
    choice = ModelChoice(name="lge-cascade", device="cpu")
    return LgeSegmenter(ByBrightness(), card(), choice)


class SureLocaliser:
    """Finds every heart in the same place."""

    notes = ()
    weights: ClassVar[dict[str, str]] = {"localiser": "1" * 64}

    def __init__(self, location: HeartLocation) -> None:
        self.location = location

    def locate_still(self, *_: object) -> HeartLocation:
        return self.location


def in_use(monkeypatch, location: HeartLocation) -> None:
    """Give the stand-in, and a heart at that place, to whoever loads a model."""
    ready = segmenter()
    monkeypatch.setattr(
        "napari_cmr.zoo.load",
        lambda _, kind: ready if kind is LgeSegmenter else SureLocaliser(location),
        raising=False,
    )


def bright_heart(
    spacing: tuple[float, float, float] = (10.0, 2.0, 2.0),
    *,
    shape: tuple[int, int, int] = (5, 96, 96),
    centre_mm: tuple[float, float] = (90.0, 100.0),
    kind: str = "lge",
) -> Scan:
    """A still stack of a ring around a cavity, with an RV beside it."""
    _, dy, dx = spacing
    rows, columns = np.mgrid[: shape[1], : shape[2]]
    y, x = rows * dy - centre_mm[0], columns * dx - centre_mm[1]
    plane = np.zeros(shape[1:], np.uint8)
    plane[np.hypot(y, x + 28) < 20] = Label.RV
    plane[np.hypot(y, x) < 26] = Label.MYO
    plane[np.hypot(y, x) < 16] = Label.LV
    labels = np.repeat(plane[None], shape[0], axis=0)[None]
    return Scan(
        GREY[labels],
        Geometry.regular(spacing, shape[0], trusted=True),
        name="bright",
        labels=labels,
        kind=kind,
    )
