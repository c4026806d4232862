"""The zoo loads what its cards promise, and nothing else."""

import json

import pytest
import torch
from helpers.zoo_models import on_cpu, write_model

from napari_cmr.scan import ScanError
from napari_cmr.scan.file_parts import index_of, write_file
from napari_cmr.zoo import find_models, problems
from napari_cmr.zoo.cards import count_parameters, read_card
from napari_cmr.zoo.devices import choose_device, choose_dtype
from napari_cmr.zoo.loader import load, load_network
from napari_cmr.zoo.tasks.segmentation import Segmenter


def test_loaded_networks_are_frozen(models) -> None:
    network, card = load_network(models / "pooled-net-live.safetensors")
    assert card.description == "random weights"
    assert not network.training
    assert not any(p.requires_grad for p in network.parameters())


def test_damaged_weights_are_refused(models) -> None:
    weights = models / "pooled-net-live.safetensors"
    data = bytearray(weights.read_bytes())
    data[-5] ^= 255
    weights.write_bytes(data)
    with pytest.raises(ScanError, match="damaged"):
        load(on_cpu(), Segmenter)


def test_weights_in_parts_are_loaded_as_the_whole(models) -> None:
    weights = models / "pooled-net-live.safetensors"
    content, count = weights.read_bytes(), count_parameters(weights)
    whole = load(on_cpu(), Segmenter)
    write_file(weights, content, largest=5000)
    assert not weights.exists()
    assert find_models()["pooled-net", "live"] == weights
    assert problems() == []
    assert count_parameters(weights) == count
    parted = load(on_cpu(), Segmenter)
    assert parted is not whole
    assert parted is load(on_cpu(), Segmenter)
    expected = whole.network.state_dict()
    assert all(torch.equal(one, expected[key]) for key, one in parted.network.state_dict().items())
    weights.with_suffix(".json").write_text(
        json.dumps(json.loads(weights.with_suffix(".json").read_text()) | {"sha256": "0" * 64})
    )
    with pytest.raises(ScanError, match="not those of the card beside them") as caught:
        load(on_cpu(), Segmenter)
    assert caught.value.source == str(weights)  # and not a temporary file
    index_of(weights).unlink()
    with pytest.raises(ScanError, match="the index is missing"):
        read_card(weights)
    assert len(problems()) == 1


@pytest.mark.parametrize(
    ("features", "why"),
    [([4, 16], "that the network of their card does not have"), ([4, 8, 16], "do not fit")],
)
def test_weights_of_another_network_are_refused(models, features, why) -> None:
    card_path = models / "pooled-net-live.json"
    card = json.loads(card_path.read_text())
    card["architecture"] = card["architecture"] | {"features": features}
    card_path.write_text(json.dumps(card))
    with pytest.raises(ScanError, match=why):
        load(on_cpu(), Segmenter)


@pytest.mark.parametrize("content", ["", "{", "{}", '{"name": 3}', "\x00\xff"])
def test_damaged_cards_are_refused(models, content) -> None:
    (models / "pooled-net-live.json").write_text(content, encoding="latin-1")
    with pytest.raises(ScanError, match="card cannot be read"):
        read_card(models / "pooled-net-live.safetensors")


def test_a_lonely_weights_file_is_refused(models) -> None:
    (models / "pooled-net-live.json").unlink()
    with pytest.raises(ScanError, match="card is missing"):
        load(on_cpu(), Segmenter)


def test_devices() -> None:
    assert choose_device("cpu").type == "cpu"
    assert choose_dtype(torch.device("cpu")) in {torch.float32, torch.bfloat16}
    with pytest.raises(ScanError, match="not available"):
        choose_device("abacus")
    for name in ("cpu", "cuda"):
        assert choose_dtype(torch.device(name), "float32") is torch.float32
    with pytest.raises(ScanError, match="no precision 'float7'"):
        choose_dtype(torch.device("cpu"), "float7")


def test_what_was_loaded_is_kept_until_its_files_change(models) -> None:
    first = load(on_cpu(), Segmenter)
    assert load(on_cpu(), Segmenter) is first
    assert load(on_cpu(precision="float32"), Segmenter) is not first
    write_model(models, "pooled-net", seed=2)
    assert load(on_cpu(), Segmenter) is not first


def test_a_card_is_read_without_its_weights(models) -> None:
    weights = models / "pooled-net-live.safetensors"
    weights.write_bytes(b"damaged")
    assert read_card(weights).name == "pooled-net"
    with pytest.raises(ScanError, match="damaged"):
        load(on_cpu(), Segmenter)
