"""From a choice of model to its predictor: found, checked, built, and kept for the next time."""

from collections import OrderedDict
from importlib import import_module
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from napari_cmr.nets.blocks import Chunked, ConvBlock
from napari_cmr.scan import ScanError
from napari_cmr.scan.file_parts import index_of, is_there, whole
from napari_cmr.training.register import models
from napari_cmr.zoo.cards import FOR_FEWER_DIGEST, ModelCard, check_size, check_weights, read_card
from napari_cmr.zoo.choice import ModelChoice
from napari_cmr.zoo.devices import choose_device
from napari_cmr.zoo.folders import find_weights
from napari_cmr.zoo.network_files import build_and_fill, read_metadata
from napari_cmr.zoo.predictor import Predictor

P = TypeVar("P", bound=Predictor)

#: Where the predictor of each task of a card is.
PREDICTORS = {
    "segmentation": "segmentation:Segmenter",
    "lge-segmentation": "late_enhancement:LgeSegmenter",
    "atrium-segmentation": "atrium:AtriumSegmenter",
    "localisation": "localisation:Localiser",
    "translation": "translation:Styler",
    "reconstruction": "reconstruction:Reconstructor",
}
#: Predictors that are kept; the one that nobody has asked for longest goes first.
KEPT = 8

_kept: OrderedDict[Any, tuple[Predictor, Any]] = OrderedDict()
_lock = RLock()


def load(choice: ModelChoice, kind: type[P] = Predictor) -> P:  # type: ignore[assignment]
    """Predictor of the task that a model's card names, ready to run.

    It is kept and given again, to every thread, until its files change.

    Parameters
    ----------
    choice : ModelChoice
    kind : type, optional
        The predictor that is needed, such as :class:`napari_cmr.zoo.tasks.segmentation.Segmenter`;
        any will do if none is given.

    Raises
    ------
    ScanError
        If there is no such model, its files are damaged, it does something else, or the device is
        not there.
    """
    path = find_weights(choice.name, choice.preset)
    key = (path, str(choose_device(choice.device)), choice.precision)
    with _lock:
        predictor, stamps = _kept.pop(key, (None, ()))
        if predictor is None or _stamps(path, predictor.card) != stamps:
            predictor = _make(choice, path)
        _kept[key] = predictor, _stamps(path, predictor.card)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    if not isinstance(predictor, kind):
        raise ScanError(
            f"{choice.name!r} does not {kind.does}", remedy="choose another of 'napari-cmr models'"
        )
    return predictor


def _stamps(weights: Path, card: ModelCard) -> tuple[Any, ...]:
    """What tells that files of a model, or of the one it hands few lines to, have changed."""
    used = [weights] if card.for_fewer is None else [weights, _for_fewer(card, weights)]
    files = [file for one in used for file in (one, index_of(one), one.with_suffix(".json"))]
    found = [file.stat() if file.exists() else None for file in files]
    return tuple(one and (one.st_ino, one.st_size, one.st_mtime_ns) for one in found)


def _make(choice: ModelChoice, path: Path) -> Predictor:
    network, card = load_network(path)
    fewer = None
    if card.for_fewer is not None:
        fewer = _make(choice.of(card.for_fewer), _checked_for_fewer(card, path))
    module, name = PREDICTORS[card.task].split(":")
    kind: type[Predictor] = getattr(import_module(f"napari_cmr.zoo.tasks.{module}"), name)
    return kind(network, card, choice, fewer)


def load_network(path: Path) -> tuple[nn.Module, ModelCard]:
    """Build a network, load its weights in float32, and prepare it for inference.

    Parameters
    ----------
    path : Path
        Its weights, whole or in parts, with the card beside them.

    Raises
    ------
    ScanError
        If the files are missing or damaged.
    """
    card = read_card(path)
    check_size(path)
    with whole(path) as file:
        check_weights(file, card)
        if card.name not in models():
            raise ScanError(
                f"there is no recipe for {card.name!r}",
                source=path,
                remedy="install the package that the model comes from",
            )
        network = build_and_fill(file, card, models()[card.name].build)
    prepare_for_inference(network)
    return network, card


def _for_fewer(card: ModelCard, own: Path) -> Path:
    """Weights beside a model's own that few lines are handed to."""
    return own.with_name(f"{card.for_fewer}-{card.preset}.safetensors")


def _checked_for_fewer(card: ModelCard, own: Path) -> Path:
    """:func:`_for_fewer`, once they are there and those that the model was made with."""
    other = _for_fewer(card, own)
    if not is_there(other):
        raise ScanError(
            f"{card.name} leaves the fewest lines to {card.for_fewer}, whose weights are missing",
            source=other,
            remedy="keep the weights and cards of both in one folder",
        )
    fewer = read_card(other)
    with whole(own) as file:
        digest = read_metadata(file).get(FOR_FEWER_DIGEST)
    if fewer.for_fewer is not None or fewer.sha256 != digest:
        raise ScanError(
            f"these are not the weights that {card.name} was made with",
            source=other,
            remedy="install both again",
        )
    return other


def prepare_for_inference(network: nn.Module) -> None:
    """Freeze a network in the fastest form that it has; answers are the same but for rounding."""
    network.eval()
    _fold_batch_norms(network)
    for module in list(network.modules()):
        if isinstance(module, Chunked):
            module.join_steps()
    network.requires_grad_(False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _fold_batch_norms(network: nn.Module) -> None:
    """Fold each batch norm into the convolution before it (evaluation mode only)."""
    for block in network.modules():
        if not isinstance(block, ConvBlock):
            continue
        for index in range(len(block) - 1):
            convolution, norm = block[index], block[index + 1]
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                block[index] = fuse_conv_bn_eval(convolution, norm)
                block[index + 1] = nn.Identity()
