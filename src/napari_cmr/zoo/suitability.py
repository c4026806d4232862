"""Which models are for a scan: by the task of their card, and what the scan is."""

from collections.abc import Iterable

from napari_cmr.scan import Code, Notice, Scan
from napari_cmr.scan.heart_views import VIEW_NAMES
from napari_cmr.zoo.cards import ModelCard

KIND_NAMES = {"cine": "cine", "lge": "late enhancement"}
#: Kind of scan that a task starts from; another task takes any kind.
KIND_OF_TASK = {"segmentation": "cine", "lge-segmentation": "lge", "translation": "cine"}


def unsuited(card: ModelCard, scan: Scan) -> Notice | None:
    """Why a model is not for a scan; None if it is.

    A scan of which it is not known what kind it is suits every model, as far as its frames do: a
    late enhancement model takes one frame. All of them learned from short axes.
    """
    kind = KIND_OF_TASK.get(card.task)
    if card.task == "localisation":
        text = f"{card.name} only finds the heart for other models."
    elif scan.is_long_axis:
        text = f"{card.name} learned from short axes, and this is a {VIEW_NAMES[scan.view]} view."
    elif kind is not None and scan.kind in KIND_NAMES and scan.kind != kind:
        text = f"{card.name} is for {KIND_NAMES[kind]}, and this is {KIND_NAMES[scan.kind]}."
    elif kind == "lge" and scan.n_frames > 1:
        text = f"{card.name} takes a still image, and this scan has {scan.n_frames} frames."
    else:
        return None
    return Notice(Code.MODEL_FOR_OTHER_SCANS, text, "model")


def suited_cards(cards: Iterable[ModelCard], scan: Scan) -> list[ModelCard]:
    """Those of some models that are for a scan, in their order."""
    return [card for card in cards if unsuited(card, scan) is None]
