"""Which models are for a scan: by the task of their card, and what the scan is."""

from collections.abc import Sequence
from typing import Any

from napari_cmr.scan import Code, Notice, Scan, ScanError
from napari_cmr.scan.heart_views import VIEW_NAMES
from napari_cmr.training.register import Purpose
from napari_cmr.zoo.cards import ModelCard, read_card
from napari_cmr.zoo.choice import ModelChoice, default_choice
from napari_cmr.zoo.folders import find_weights

KIND_NAMES = {"cine": "cine", "lge": "late enhancement"}
#: What models that label a scan are the first choice for, in the order in which they are tried.
LABELLING: tuple[Purpose, ...] = ("cine", "left atrium", "late enhancement")
#: Kind of scan that a task starts from; another task takes any kind.
KIND_OF_TASK = {
    "segmentation": "cine",
    "lge-segmentation": "lge",
    "atrium-segmentation": "lge",
    "translation": "cine",
    "reconstruction": "cine",
}


def unsuited(card: ModelCard, scan: Scan) -> Notice | None:
    """Why a model is not for a scan; None if it is.

    A scan of which it is not known what kind it is suits every model, as far as its frames do: a
    late enhancement model takes one frame. All of them learned from short axes, but for those of
    the left atrium, which learned from axial slices.
    """
    kind = KIND_OF_TASK.get(card.task)
    if card.task == "localisation":
        text = f"{card.name} only finds the heart for other models."
    elif scan.is_long_axis:
        text = f"{card.name} learned from short axes, and this is a {VIEW_NAMES[scan.view]} view."
    elif kind is not None and scan.kind in KIND_NAMES and scan.kind != kind:
        text = f"{card.name} is for {KIND_NAMES[kind]}, and this is {KIND_NAMES[scan.kind]}."
    elif card.task == "atrium-segmentation" and scan.view == "SAX":
        text = f"{card.name} learned from axial slices, and this is a short axis."
    elif kind == "lge" and scan.n_frames > 1:
        text = f"{card.name} takes a still image, and this scan has {scan.n_frames} frames."
    else:
        return None
    return Notice(Code.MODEL_FOR_OTHER_SCANS, text, "model")


def choice_for(scan: Scan, purposes: Sequence[Purpose] = LABELLING, **fields: Any) -> ModelChoice:
    """First choice of the register for what a scan is, with other fields of a choice if given.

    Parameters
    ----------
    scan : Scan
    purposes : sequence of str
        Purposes whose first choice will do, in order.
    **fields
        Other fields of :class:`~napari_cmr.zoo.ModelChoice`.

    Raises
    ------
    ScanError
        If none of them is for the scan, or one is not installed.
    """
    reasons = []
    for purpose in purposes:
        choice = default_choice(purpose, **fields)
        doubt = unsuited(read_card(find_weights(choice.name, choice.preset)), scan)
        if doubt is None:
            return choice
        reasons.append(doubt.text.removesuffix("."))
    raise ScanError(
        "; ".join(reasons),
        source=scan.source or scan.name,
        remedy="name the model to run it nevertheless",
    )
