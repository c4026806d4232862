"""From a folder of still images to a network that gives them back from few lines."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from napari_cmr.scan import ScanError, open_scan
from napari_cmr.scan.datasets.lasc import is_lasc_file
from napari_cmr.training.data.split import split_atria, split_subjects
from napari_cmr.training.data.still_lines import StillData, StillStack
from napari_cmr.training.time_limit import TimeLimit
from napari_cmr.workflow.train.export import train_and_export
from napari_cmr.workflow.train.request import TrainingRequest


def train_on_stills(request: TrainingRequest, report: Callable[[str], None]) -> Path:
    """Train a network on still images; see :func:`napari_cmr.workflow.train.train_model`.

    Raises
    ------
    ScanError
        If not two stacks of still images are there.
    """
    limit = TimeLimit(request.minutes)
    _, recipe = request.found()
    return train_and_export(request, recipe, still_data(request.data, report, limit), limit)


def still_data(
    folder: Path, report: Callable[[str], None], limit: TimeLimit | None = None
) -> StillData:
    """Stacks of a folder that training and validation may see, one for each subject in it.

    Of the left-atrium challenge the test patients are left out. What cannot be opened, or has more
    than one frame, is reported and left out.

    Raises
    ------
    ScanError
        If fewer than two are left, or there is no time for all.
    """
    limit = limit or TimeLimit()
    paths = {path.stem if path.is_file() else path.name: path for path in sorted(folder.iterdir())}
    atria = [name for name, path in paths.items() if is_lasc_file(path)]
    if atria:
        try:
            training, validation, _ = split_atria(atria)
        except ValueError as error:
            raise ScanError(str(error), source=folder, remedy="name files as case01.npz") from None
        parts: Sequence[Sequence[StillStack]] = [
            [_stack(paths[name]) for name in limit.each(part)] for part in (training, validation)
        ]
    else:
        found = []
        for path in limit.each(list(paths.values())):
            try:
                found.append(_stack(path))
            except ScanError as error:
                report(f"left out {path.name}: {error}")
        names = split_subjects([one.subject for one in found]) if len(found) > 1 else ([], [])
        parts = [[one for one in found if one.subject in part] for part in names]
    if not all(parts):
        raise ScanError(
            "holds no two still stacks, one to learn from and one to validate on",
            source=folder,
            remedy="give the folder with case01.npz to case29.npz, or one of late enhancement",
        )
    report(f"{len(parts[0])} stacks to learn from, {len(parts[1])} to validate on")
    return StillData(*parts)


def _stack(path: Path) -> StillStack:
    scan = open_scan(path)
    if scan.n_frames != 1:
        raise ScanError(f"has {scan.n_frames} frames, and is no still image", source=path)
    image = np.abs(np.asarray(scan.image[0]))
    if scan.phase_encode_axis == "X":
        image = image.swapaxes(1, 2)
    return StillStack(path.stem if path.is_file() else path.name, image)
