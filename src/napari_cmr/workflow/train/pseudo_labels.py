"""Labels that a cascade gives late enhancement, for its own further training."""

from pathlib import Path

import numpy as np

from napari_cmr.scan import Label, ScanError
from napari_cmr.scan.datasets.emidec import emidec_cases, read_emidec
from napari_cmr.training.data.slices import TrainingSlice, is_held_out
from napari_cmr.training.data.still_batches import EnhancedSlices, PackedSlices
from napari_cmr.training.recipe import CascadeRecipe
from napari_cmr.workflow.segment.late_enhancement import locate_lge
from napari_cmr.zoo import ModelChoice
from napari_cmr.zoo.loader import load_network
from napari_cmr.zoo.tasks.late_enhancement import LgeSegmenter, LgeSteps

#: Mirror images and quarter turns over which the teacher's probabilities are averaged.
VIEWS = 8
#: A label of less than one minus this probability is not learned from.
MOST_DOUBT = 0.4
#: Mean of the Dice of LV and MYO to be expected of a slice that is learned from.
LEAST_CONFIDENCE = 0.65


def label_enhanced(
    weights: Path, folder: Path, recipe: CascadeRecipe, *, device: str = "auto"
) -> EnhancedSlices:
    """Label late enhancement, and say which pixels and slices are worth learning from.

    Labels come out of the whole post-processing, so that the thickness of the wall is kept. Pixels
    on which the members and views do not agree are doubtful; slices in which a better Dice is
    expected are trusted more, by its square.

    Parameters
    ----------
    weights : Path
        Of the ensemble that teaches, with its card.
    folder : Path
        EMIDEC folder. Its labels are not looked at, nor are the cases that validation holds out.
    recipe : CascadeRecipe
    device : str

    Raises
    ------
    ScanError
        If the cascade is sure of no slice.
    """
    network, card = load_network(weights)
    segmenter = LgeSegmenter(network, card, ModelChoice(name=card.name, device=device))
    labelled: list[TrainingSlice] = []
    doubted: list[TrainingSlice] = []
    trust: list[float] = []
    for case in emidec_cases(folder):
        if is_held_out(case):
            continue
        scan = read_emidec(folder, case).with_(labels=None, labelled_frames=())
        place = locate_lge(scan, device=device)
        found = segmenter.segment(scan, (place.row, place.column), LgeSteps(views=VIEWS))
        doubtful = (found.uncertainty > MOST_DOUBT).astype(np.uint8)
        _, dy, dx = scan.spacing
        for z, image in enumerate(np.abs(scan.image[0])):
            for slices, values in ((labelled, found.labels), (doubted, doubtful)):
                slices.append(
                    TrainingSlice(case, None, "LGE", z, image, values[z], (dy, dx), found.centre)
                )
            sure = float(found.confidence[z, :2].mean())
            shown = (found.labels[z] == Label.LV).any()
            trust.append(sure**2 if shown and sure >= LEAST_CONFIDENCE else 0.0)
    if not any(trust):
        raise ScanError("the cascade is sure of no slice here", source=folder)
    packed = [
        PackedSlices.from_slices(slices, recipe.size, recipe.spacing_mm)
        for slices in (labelled, doubted)
    ]
    return EnhancedSlices(packed[0], packed[1].labels > 0, np.array(trust))
