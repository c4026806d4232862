"""Networks and weights that nobody vouches for end in one clear error, and take no memory."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from helpers.zoo_models import on_cpu
from safetensors.torch import load_file, save_file

from napari_cmr.scan import ScanError
from napari_cmr.zoo import find_models, load, read_card
from napari_cmr.zoo.cards import FOR_FEWER_DIGEST, sha256
from napari_cmr.zoo.folders import model_folders
from napari_cmr.zoo.loader import load_network
from napari_cmr.zoo.network_files import in_half
from napari_cmr.zoo.tasks.segmentation import Segmenter

DEEP = "[" * 50_000 + "]" * 50_000


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
    "fields",
    [
        {"architecture": {"features": [4, 8, 8], "colour": "red"}},
        {"architecture": {"features": "abc"}},
        {"architecture": {"features": []}},
        {"architecture": {"features": [4, [8], 8]}},
        {"architecture": {"features": [4, 8, 8], "n_classes": 7}},
        {"input_kind": "magnitude"},
        {"size": 33},
    ],
    ids=str,
)
def test_networks_that_cannot_be(weights: Path, fields) -> None:
    change(weights, **fields)
    refused(weights, "does not describe a network|do not fit|lack|does not answer")


def test_a_network_of_gigabytes_is_never_built(weights: Path) -> None:
    change(weights, architecture={"features": [4096, 4096, 4096]})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(weights, "does not describe")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def fill(weights: Path, value: float, dtype: torch.dtype = torch.float16) -> None:
    """Weights with one odd number, and a card that vouches for them."""
    state = load_file(weights)
    key = next(key for key, one in state.items() if one.is_floating_point())
    state[key] = state[key].to(dtype).clone()
    state[key].view(-1)[0] = value
    save_file(state, weights)
    change(weights, sha256=sha256(weights))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_no_numbers(weights: Path, value: float) -> None:
    fill(weights, value)
    refused(weights, "NaN, infinite values")


def test_weights_of_another_kind(weights: Path) -> None:
    fill(weights, 1, torch.int8)
    refused(weights, "no numbers")


def test_weights_with_tensors_of_another_network(weights: Path) -> None:
    save_file(load_file(weights) | {"tail.weight": torch.ones(2)}, weights)
    change(weights, sha256=sha256(weights))
    refused(weights, r"hold 1 tensor .* 'tail.weight' \(they are of another network")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 8,
        (2**63).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"{}",
        (len(DEEP)).to_bytes(8, "little") + DEEP.encode(),
    ],
    ids=["empty", "ones", "size", "nothing", "deep"],
)
def test_weights_files_that_are_none(weights: Path, content: bytes) -> None:
    weights.write_bytes(content)
    change(weights, sha256=sha256(weights))
    refused(weights, "safetensors: the weights cannot be read|lack")


def test_a_header_that_promises_more_than_the_file_has(weights: Path) -> None:
    tensor = {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}
    header = json.dumps({"x": tensor}).encode()
    weights.write_bytes(len(header).to_bytes(8, "little") + header + b"0" * 64)
    change(weights, sha256=sha256(weights))
    refused(weights, "cannot be read")


def test_a_file_of_a_terabyte_is_not_read(weights: Path) -> None:
    os.truncate(weights, 1 << 40)  # no disk space is used
    refused(weights, "larger than 1 GB")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes")
def test_pipes_are_not_waited_for(weights: Path) -> None:
    card = weights.with_suffix(".json")
    text = card.read_text()
    card.unlink()
    os.mkfifo(card)
    with pytest.raises(ScanError, match="card is missing"):
        read_card(weights)
    card.unlink()
    card.write_text(text)
    weights.unlink()
    os.mkfifo(weights)
    assert find_models()["pooled-net", "live"] != weights
    with pytest.raises(ScanError, match="weights are missing"):
        read_card(weights)


def test_models_that_hand_lines_to_each_other_for_ever(weights: Path) -> None:
    change(weights, for_fewer="pooled-net", lines=[6, None])
    state = load_file(weights)
    save_file(state, weights, metadata={FOR_FEWER_DIGEST: "0" * 64})
    change(weights, sha256=sha256(weights))
    refused(weights, "not the weights that pooled-net was made with")


def test_the_command_says_it_in_one_line(weights: Path, tmp_path: Path) -> None:
    from napari_cmr.phantom import heart_scan
    from napari_cmr.scan import save_image

    scan = heart_scan("normal", n_frames=2)
    save_image(tmp_path / "heart.nii", scan.image, scan)
    fill(weights, float("nan"))
    done = subprocess.run(
        [sys.executable, "-m", "napari_cmr.cli", "segment", tmp_path / "heart.nii", "-o",
         tmp_path / "x.nii", "--device", "cpu"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "NaN" in done.stderr
    assert not (tmp_path / "x.nii").exists()


def test_half_precision_loses_no_number() -> None:
    large = torch.tensor([1.0, 70_000.0])  # half precision ends at 65,504
    assert torch.equal(in_half(large), large)
    assert in_half(large[:1]).dtype is torch.float16
    assert in_half(torch.tensor([3])).dtype is torch.int64


def test_every_shipped_model_passes() -> None:
    for path in find_models(model_folders()[-1]).values():
        load_network(path)
