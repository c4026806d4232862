"""Weights that others published, read into networks of ours: from a user's file to a card."""

import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import numpy as np
import torch
from torch import Tensor

import napari_cmr
from napari_cmr.scan import ScanError, check_outputs, output_folder, written_together
from napari_cmr.scan.file_parts import index_of, remove_parts
from napari_cmr.training.register import Model, find, models, resolve
from napari_cmr.zoo.cards import ModelCard, sha256

#: Of the file, at most: the published ones have a tenth of it.
_MAX_BYTES = 64 << 20
_CRNN = {
    "bcrnn.CRNN_model.i2h": "image_in",
    "bcrnn.CRNN_model.h2h": "over_time",
    "bcrnn.CRNN_model.ih2ih": "over_iterations",
    **{f"conv{n}_x": f"forward_convolutions.{n - 1}" for n in (1, 2, 3)},
    **{f"conv{n}_h": f"recurrent_convolutions.{n - 1}" for n in (1, 2, 3)},
    "conv4_x": "image_out",
}


def dc_cnn(path: Path) -> dict[str, Tensor]:
    """State of the 2-D cascade from the ``d5_c5.npz`` of its authors.

    Its arrays are numbered: kernel, then bias, of each convolution.
    """
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        arrays = [file[name] for name in sorted(file.files, key=_number)]
    layers, state = iter(arrays), {}
    for place, (kernel, bias) in enumerate(zip(layers, layers, strict=True)):
        name = f"cascades.{place // 5}.{2 * (place % 5)}"
        state[f"{name}.weight"] = torch.from_numpy(np.array(kernel, dtype=np.float32))
        state[f"{name}.bias"] = torch.from_numpy(np.array(bias, dtype=np.float32))
    return state


def crnn(path: Path) -> dict[str, Tensor]:
    """State of the recurrent network from the ``.pth`` of its authors, read without its code."""
    given = torch.load(path, map_location="cpu", weights_only=True)
    state = {}
    for name, tensor in given.items():
        part, _, kind = name.rpartition(".")
        state[f"{_CRNN[part]}.{kind}"] = tensor.float()
    return state


def importable() -> list[str]:
    """Models whose published weights can be read."""
    return [model.name for model in models().values() if model.imports]


def import_weights(name: str, path: Path, out: Path, *, overwrite: bool = False) -> Path:
    """Write published weights, as the ``paper`` preset of a model, with a card.

    Parameters
    ----------
    name : str
    path : Path
        File of the authors.
    out : Path
        Folder that ``NAPARI_CMR_MODELS`` may name.
    overwrite : bool

    Returns
    -------
    Path
        The weights.

    Raises
    ------
    ScanError
        If nobody published weights of that model that can be read here, or the file holds others.
    """
    from safetensors.torch import save_file

    model = find(name)
    if not model.imports:
        raise ScanError(
            f"published weights of {name} are not known here",
            remedy=f"there are those of {', '.join(importable())}",
        )
    state = _checked(model, path, resolve(model.imports))
    with output_folder(out):
        weights = out / f"{name}-paper.safetensors"
        card_path = weights.with_suffix(".json")
        trained = index_of(weights)  # in parts
        check_outputs(weights, card_path, trained, inputs=[path], overwrite=overwrite)
        recipe = model.recipe("paper")
        with written_together(weights, card_path, inputs=[path], overwrite=overwrite) as at:
            save_file(state, at[weights])
            card = ModelCard(
                name=name,
                preset="paper",
                task=model.task,
                description=model.title,
                architecture=recipe.architecture,
                input_kind=recipe.input_kind,
                size=recipe.size,
                spacing_mm=recipe.spacing_mm,
                trained_on="what its authors say",
                licence="that of the file",
                citation=model.publication,
                sampling="what its authors say",
                recipe={"imported_from": path.name, "file_sha256": sha256(path)},
                seed=0,
                steps=0,
                metrics={},
                version=napari_cmr.__version__,
                sha256=sha256(at[weights]),
            )
            at[card_path].write_text(card.model_dump_json(indent=2), encoding="utf-8")
        remove_parts(weights)
        return weights


def _checked(
    model: Model, path: Path, read: Callable[[Path], dict[str, Tensor]]
) -> dict[str, Tensor]:
    """State from a file, once it fits the model."""
    wrong = ScanError(
        f"this file does not hold the published weights of {model.name}",
        source=path,
        remedy="give the file that its authors published",
    )
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        raise wrong
    try:
        _check_unpacked(path)
        state = read(path)
        model.build(model.recipe("paper").architecture).load_state_dict(state)
    except Exception as error:  # whatever a file that is something else makes of its reader
        raise wrong from error
    if not all(torch.isfinite(one).all() for one in state.values()):
        raise wrong
    return state


def _check_unpacked(path: Path) -> None:
    """Refuse an archive, as both kinds of file are, that claims more than any of them holds."""
    if is_zipfile(path):
        with ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > _MAX_BYTES:
                raise ValueError("it would be too large once it is unpacked")


def _number(name: str) -> int:
    found = re.search(r"\d+", name)
    if found is None:
        raise ValueError(f"{name!r} has no number")
    return int(found[0])
