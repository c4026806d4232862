"""Which trained models a dock may offer."""

from typing import TYPE_CHECKING, NamedTuple

from napari_cmr.scan import Scan, ScanError
from napari_cmr.viewer.core.preferences import preference

if TYPE_CHECKING:
    from napari_cmr.zoo import ModelCard

SEGMENTING = ("segmentation", "lge-segmentation", "atrium-segmentation")
"""Tasks whose models give labels."""


class Offer(NamedTuple):
    """Models for a scan.

    Attributes
    ----------
    cards : list of ModelCard
        The first choice first.
    problem : str
        Why a model cannot be offered, or why there is none; empty if all is well.
    """

    cards: "list[ModelCard]"
    problem: str


def default_model(scan: Scan | None = None) -> str:
    """Model that is ticked first: the user's preference where it is installed and for cines."""
    from napari_cmr.zoo import default_choice, find_models

    if scan is not None and scan.kind == "lge":
        # late enhancement that cuts the heart in neither axis is of an atrium
        return default_choice("left atrium" if scan.view == "other" else "late enhancement").name
    wanted = preference("models", "model").strip()
    return wanted if (wanted, "live") in find_models() else default_choice("cine").name


def models_for(scan: Scan | None) -> Offer:
    """Installed models that segment scans of this kind; without a scan, cines."""
    from napari_cmr.zoo import find_models, problems, read_card
    from napari_cmr.zoo.suitability import unsuited

    cards, problem, reason = [], "".join(problems()[:1]), ""
    for (_name, preset), path in find_models().items():
        try:
            card = read_card(path)
        except ScanError as error:
            problem = str(error)
            continue
        if preset != "live" or card.task not in SEGMENTING:
            continue
        why_not = None if scan is None else unsuited(card, scan)
        if why_not is not None:
            reason = reason or why_not.text
        elif scan is not None or card.task == "segmentation":
            cards.append(card)
    first = default_model(scan)
    cards.sort(key=lambda card: (card.name != first, card.name))
    return Offer(cards, problem or ("" if cards else reason))


def segmentation_models() -> list[str]:
    """Names of the installed models that segment from few lines, in the zoo's order.

    A model that was made for all lines has no place where lines are left out, and one that
    another hands few lines to is reached through that one. Models whose files are damaged are left
    out too: the Segment dock tells of them.
    """
    from napari_cmr.zoo.cards import read_card
    from napari_cmr.zoo.folders import find_models

    names, reached = [], set()
    for (name, preset), path in find_models().items():
        try:
            card = read_card(path)
        except ScanError:
            continue
        reached.add(card.for_fewer)
        takes_lines = card.input_kind != "magnitude"
        if card.task == "segmentation" and preset == "live" and takes_lines:
            names.append(name)
    return [name for name in names if name not in reached]
