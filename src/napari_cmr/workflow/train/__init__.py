"""From folders of scans to trained models."""

from collections.abc import Callable
from pathlib import Path

from napari_cmr.scan import ScanError, check_outputs, output_folder
from napari_cmr.training.register import find
from napari_cmr.workflow.train.atria import train_on_atria
from napari_cmr.workflow.train.cines import train_on_cines
from napari_cmr.workflow.train.export import told_beside
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
    "pack_subjects",
    "train_model",
]

#: What packs are of: subjects with labels at ED and ES.
_PACKED = ("cines", "slices", "two contrasts")
_PREPARED = {
    "cines": train_on_cines,
    "slices": train_cascade,
    "atria": train_on_atria,
    "two contrasts": train_translation,
    "stills": train_on_stills,
}


Report = Callable[[str], None]


def _silent(_: str) -> None:
    """Report to nobody."""


def train_model(request: TrainingRequest, report: Report = _silent) -> Path:
    """Train a model and export it as the zoo wants it; a stopped run goes on where it was.

    A model of two stages trains the first one before it, into the same folder, unless it is given
    weights to start from.

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
        If there is no such recipe or too little data, the file of the network that compares
        images is of no use, or the folder of results is one of data.
    """
    inputs = [request.data, request.target, request.perceptual]
    with output_folder(request.out, inputs=inputs):
        model, recipe = request.found()
        told_beside(recipe, request.perceptual)  # a wrong file is told of before all else
        if request.start_from is None and model.first_stage is not None:
            report(f"first {model.first_stage}, which {model.name} begins with")
            first = {"model": model.first_stage, "perceptual": None}
            begun = train_model(request.model_copy(update=first), report)
            request = request.model_copy(update={"start_from": begun})
        return _PREPARED[model.learns_from](request, report)


def pack_subjects(
    model: str, data: Path, path: Path, *, overwrite: bool = False, report: Report = _silent
) -> int:
    """Write all that a training of a model reads of its subjects into one small file.

    It takes the place of the folder as ``TrainingRequest.data``, on any machine. Late enhancement
    that models of two contrasts learn from too is not in it.

    Parameters
    ----------
    model : str
    data : Path
        Folder of subject folders.
    path : Path
    overwrite : bool
    report : callable
        Is told what was packed and what was left out.

    Returns
    -------
    int
        Subjects in it.

    Raises
    ------
    ScanError
        If the model learns from something else, or the subjects cannot be packed.
    """
    from napari_cmr.training.data.pack import write_pack
    from napari_cmr.training.data.subjects import labelled_subjects

    found = find(model)
    if found.learns_from not in _PACKED:
        raise ScanError(
            f"{found.name} does not learn from labelled cines, which is what packs hold",
            remedy="copy its folder of data instead",
        )
    check_outputs(path, inputs=[data], overwrite=overwrite)
    names = write_pack(labelled_subjects(data), path, report)
    report(f"packed {len(names)} subjects, {path.stat().st_size / 2**20:.1f} MB")
    return len(names)
