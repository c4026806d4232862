"""From folders of scans to trained models."""

from collections.abc import Callable
from pathlib import Path

from napari_cmr.scan import make_output_folder
from napari_cmr.training.register import find
from napari_cmr.workflow.train.atria import train_on_atria
from napari_cmr.workflow.train.cines import train_on_cines
from napari_cmr.workflow.train.late_enhancement import train_cascade
from napari_cmr.workflow.train.request import (
    ACDC,
    ACDC_AND_EMIDEC,
    LASC,
    DataDeclaration,
    TrainingRequest,
)
from napari_cmr.workflow.train.stills import train_on_stills
from napari_cmr.workflow.train.translation import train_translation

__all__ = [
    "ACDC",
    "ACDC_AND_EMIDEC",
    "LASC",
    "DataDeclaration",
    "TrainingRequest",
    "train_model",
]

_PREPARED = {
    "cines": train_on_cines,
    "slices": train_cascade,
    "atria": train_on_atria,
    "two contrasts": train_translation,
    "stills": train_on_stills,
}


def train_model(request: TrainingRequest, report: Callable[[str], None] = lambda _: None) -> Path:
    """Train a model and export it as the zoo wants it; a stopped run goes on where it was.

    Parameters
    ----------
    request : TrainingRequest
    report : callable
        Is told of what begins, and of subjects that are left out.

    Returns
    -------
    Path
        Half-precision weights in ``request.out``, their card beside them: a folder that
        ``NAPARI_CMR_MODELS`` may name.

    Raises
    ------
    ScanError
        If there is no such recipe or too little data, or the folder of results is one of data.
    """
    make_output_folder(request.out, inputs=[request.data, request.target, request.perceptual])
    return _PREPARED[find(request.model).learns_from](request, report)
