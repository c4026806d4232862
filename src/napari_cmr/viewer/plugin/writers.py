"""napari's writers: labels and images as NIfTI on the scan's own grid."""

from pathlib import Path
from typing import Any

import numpy as np

_OF_LINES = ("zero_filled", "temporal_average", "reconstructed")
"""Pictures that are made of the chosen lines."""


def write_labels(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write a labels layer as NIfTI with the affine of its scan, and whether a model made it."""
    from functools import partial

    from napari_cmr.scan.export import save_labels
    from napari_cmr.viewer.layers import state_in

    made = state_in(attributes.get("metadata", {})).source
    save = partial(save_labels, by_model=made.model is not None)
    return _write(save, path, data, attributes)


def write_image(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write an image layer as NIfTI with the affine of its scan, and what its pixels are."""
    from functools import partial

    from napari_cmr.scan.export import save_image
    from napari_cmr.viewer.layers import state_in

    state = state_in(attributes.get("metadata", {}))
    picture = state.picture if state.role == "tile" else state.role
    save = partial(
        save_image,
        invented=bool(state.invents),
        few_lines=picture in _OF_LINES and not _has_all_lines(state.scan),
    )
    return _write(save, path, data, attributes)


def _has_all_lines(scan: Any) -> bool:
    """Whether all lines of a scan are chosen in the window that shows it."""
    import napari

    from napari_cmr.viewer.workbench import workbench_of

    viewer = napari.current_viewer()
    session = None if viewer is None else workbench_of(viewer).session
    if session is None or session.scan is not scan or session.mask is None:
        return False
    return bool(session.mask.array.all())


def _write(save: Any, path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write a layer over anything but its own scan; napari's dialog has asked about the name."""
    from napari_cmr.scan import written_together

    scan = _scan(path, attributes)
    array = np.asarray(data)
    still = array[None] if array.ndim == 3 else array  # such as the temporal average
    with written_together(path, inputs=[scan.source], overwrite=True) as at:
        save(at[Path(path)], still, scan)
    return [path]


def _scan(path: str, attributes: dict[str, Any]) -> Any:
    from napari_cmr.scan import ScanError
    from napari_cmr.viewer.layers import state_in

    scan = state_in(attributes.get("metadata", {})).scan
    if scan is None:
        raise ScanError(
            "this layer does not say which scan it belongs to, so it has no place in a patient",
            source=path,
            remedy="save it with another writer, or draw in a layer made by the Function dock",
        )
    return scan
