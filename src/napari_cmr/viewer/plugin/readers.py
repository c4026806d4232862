"""napari's readers: whatever :func:`napari_cmr.scan.open_scan` opens, as layers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

PathOrPaths = str | list[str]
NOTHING: list[Any] = [(None,)]
"""What a napari reader returns when it has said itself why there is nothing to show."""


def get_reader(path: PathOrPaths) -> Callable[[PathOrPaths], list[Any]] | None:
    """Offer to read a path, by a look at its name and first bytes.

    Returns
    -------
    callable or None
        None where the path is no scan, so that napari asks other readers.
    """
    from napari_cmr.scan import ScanError
    from napari_cmr.scan.opener import kind_of
    from napari_cmr.workflow.session.file import ENDING

    if isinstance(path, str) and path.lower().endswith(ENDING):
        return open_session
    try:
        kind_of(_folder_of(path))
    except ScanError:
        return None if _is_someone_elses(path) else read
    return read


def read(path: PathOrPaths) -> list[Any]:
    """Read a scan; one that cannot be read becomes a message in napari's window.

    Labels of the scan that is open in the window come onto it.
    """
    import napari
    from napari.utils.notifications import show_error, show_info

    from napari_cmr.scan import ScanError
    from napari_cmr.scan.opener import open_scan
    from napari_cmr.viewer.layers import layer_tuples
    from napari_cmr.viewer.workbench import workbench_of

    try:
        if _opens_onto_scan(_folder_of(path)):
            return NOTHING
        scan = open_scan(_folder_of(path))
    except ScanError as error:
        show_error(str(error))
        return NOTHING
    for one in scan.notes:
        show_info(f"{scan.name}: {one.text}")
    viewer = napari.current_viewer()
    if viewer is not None:
        workbench_of(viewer).opener.bring_labels(scan)
    return list(layer_tuples(scan))


def open_session(path: PathOrPaths) -> list[Any]:
    """Bring a saved session back in napari's current window."""
    import napari
    from napari.utils.notifications import show_error

    from napari_cmr.viewer.workbench import workbench_of

    viewer = napari.current_viewer()
    if viewer is None or not isinstance(path, str):
        show_error(f"{path}: a session needs a napari window to be opened in.")
    else:
        workbench_of(viewer).opener.open_path(Path(path))
    return NOTHING


def _opens_onto_scan(path: Path) -> bool:
    """Have a label map opened by the window that shows a scan; False where there is none."""
    import napari

    from napari_cmr.scan import is_label_map
    from napari_cmr.scan.opener import kind_of
    from napari_cmr.viewer.workbench import workbench_of

    viewer = napari.current_viewer()
    bench = None if viewer is None else workbench_of(viewer)
    if bench is None or bench.session.scan is None:
        return False
    if kind_of(path) != "nifti" or path.is_dir() or not is_label_map(path):
        return False
    bench.opener.open_next(path)
    return True


def _folder_of(path: PathOrPaths) -> Path:
    """One path; of files that were dropped together, the folder that holds them."""
    if isinstance(path, str):
        return Path(path)
    return Path(path[0]) if len(path) == 1 else Path(path[0]).parent


def _is_someone_elses(path: PathOrPaths) -> bool:
    """Whether another reader may know what this one does not."""
    name = _folder_of(path).name.lower()
    return not name.endswith((".nii", ".nii.gz", ".dcm", ".ima", ".dicom"))
