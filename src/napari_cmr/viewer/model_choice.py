"""Which trained models a dock may offer."""

from napari_cmr.scan import ScanError


def segmentation_models() -> list[str]:
    """Names of the installed models that segment, in the order in which the zoo finds them.

    Models whose files are damaged are left out: the Segment dock tells of them.
    """
    from napari_cmr.zoo.cards import read_card
    from napari_cmr.zoo.paths import find_models

    names = []
    for (name, preset), path in find_models().items():
        try:
            card = read_card(path)
        except ScanError:
            continue
        if card.task == "segmentation" and preset == "live":
            names.append(name)
    return names
