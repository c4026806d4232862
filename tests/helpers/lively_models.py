"""Models of random weights whose labels vary from pixel to pixel, and from seed to seed."""

import json
from collections.abc import Iterator
from pathlib import Path

from safetensors.torch import load_file, save_file

from helpers import zoo_models as _zoo
from napari_cmr.zoo.cards import sha256
from napari_cmr.zoo.folders import MODELS_VARIABLE

write_model = _zoo.write_model


def write_lively_models(folder: Path) -> None:
    """All small models; no class of a segmentation network wins everywhere."""
    for name in _zoo.ARCHITECTURES:
        path = write_model(folder, name)
        if name == "localiser":
            continue
        state = load_file(path)
        head = "head" if name == "pooled-net" else "decoder.head"
        weight = state[f"{head}.weight"].float()
        weight -= weight.mean(dim=1, keepdim=True)
        state[f"{head}.weight"] = (200 * weight).half()
        state[f"{head}.bias"].zero_()
        save_file(state, path)
        card = json.loads(path.with_suffix(".json").read_text())
        path.with_suffix(".json").write_text(json.dumps(card | {"sha256": sha256(path)}))


def in_use(folder: Path, monkeypatch) -> Iterator[Path]:
    """Write them into a folder, which the zoo searches first from now on; for fixtures."""
    folder.mkdir()
    write_lively_models(folder)
    monkeypatch.setenv(MODELS_VARIABLE, str(folder))
    yield folder
