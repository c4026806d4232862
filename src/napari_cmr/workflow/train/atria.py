"""From a folder of left atria to a U-net that labels them, with its card."""

from collections.abc import Callable
from pathlib import Path

from napari_cmr.scan import ScanError, open_scan
from napari_cmr.scan.datasets.lasc import is_lasc_file
from napari_cmr.training.data.split import split_atria
from napari_cmr.training.time_limit import TimeLimit
from napari_cmr.workflow.train.export import train_and_export
from napari_cmr.workflow.train.request import TrainingRequest


def train_on_atria(request: TrainingRequest, report: Callable[[str], None]) -> Path:
    """Train on the training patients; see :func:`napari_cmr.workflow.train.train_model`.

    Raises
    ------
    ScanError
        If the training or the validation patients are not there, or there is no time for them.
    """
    from napari_cmr.training.data.atria import AtriumData, PackedAtria

    limit = TimeLimit(request.minutes)
    _, recipe = request.found()
    files = {path.stem: path for path in sorted(request.data.glob("*.npz")) if is_lasc_file(path)}
    try:
        training, validation, _ = split_atria(list(files))
    except ValueError as error:
        raise ScanError(
            str(error), source=request.data, remedy="name files as case01.npz"
        ) from None
    if not training or not validation:
        raise ScanError(
            "holds no left atria to learn from and to validate on",
            source=request.data,
            remedy="give the folder with case01.npz to case29.npz",
        )
    report(f"{len(training)} patients to learn from, {len(validation)} to validate on")
    data = AtriumData(
        *(
            PackedAtria.from_scans([open_scan(files[name]) for name in limit.each(part)])
            for part in (training, validation)
        )
    )
    return train_and_export(request, recipe, data, limit, progress_bar=False)
