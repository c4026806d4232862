"""Which trained models a dock may offer."""

from napari_cmr.scan import ScanError
from napari_cmr.viewer.core.preferences import preference


def default_model() -> str:
    """Model that is ticked first: the user's preference where it is installed."""
    from napari_cmr.zoo import default_choice, find_models

    wanted = preference("models", "model").strip()
    return wanted if (wanted, "live") in find_models() else default_choice("cine").name


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
