"""Labelled subjects to learn from: a folder of them, or a pack."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from napari_cmr.scan import Scan, ScanError, open_scan
from napari_cmr.training.data.pack import is_pack, packed_subjects

NO_SUBJECTS = "no subject folder with ED and ES labels here"
WHAT_TO_GIVE = "give a folder of ACDC patient folders, or a pack of them"


def labelled_subjects(data: Path) -> list[tuple[str, Callable[[], Scan]]]:
    """Names of all subjects in order, and what opens each.

    Parameters
    ----------
    data : Path
        Folder of subject folders, or a file of :func:`~napari_cmr.training.data.pack.write_pack`.

    Raises
    ------
    ScanError
        If it is neither.
    """
    if is_pack(data):
        return packed_subjects(data)
    if not data.is_dir():
        raise ScanError(
            "is neither a folder of subjects nor a pack of them", source=data, remedy=WHAT_TO_GIVE
        )
    folders = [folder for folder in sorted(data.iterdir()) if folder.is_dir()]
    return [(folder.name, partial(open_scan, folder)) for folder in folders]
