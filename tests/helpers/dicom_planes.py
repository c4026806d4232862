"""Headers of DICOM images as the reader holds them, without files."""

from pathlib import Path
from typing import Any

import numpy as np

from helpers.dicom_files import ALONG_ROW, BASE, DOWN_COLUMN, TO_APEX
from napari_cmr.scan.dicom.header import Plane


def plane(z: int = 0, instance: int = 1, **fields: Any) -> Plane:
    """A magnitude image of the short axis, ``z`` slices of 9 mm towards the apex."""
    known: dict[str, Any] = {
        "path": Path(f"/study/{z}-{instance}.dcm"),
        "frame": 0,
        "n_file_frames": 1,
        "patient": "",
        "study": "1.2",
        "series": "1.2.7",
        "number": 7,
        "description": "",
        "sequence": "tfi/GR",
        "component": "magnitude",
        "traits": ("/", "", "", "", "", "", "", ""),
        "localizer": False,
        "inverted": False,
        "instance": instance,
        "temporal_index": None,
        "acquired": "",
        "acquired_s": None,
        "uid": f"1.2.7.{z}.{instance}/0",
        "position": BASE + 9.0 * z * TO_APEX,
        "location": None,
        "row_direction": ALONG_ROW,
        "column_direction": DOWN_COLUMN,
        "placed": True,
        "spacing": (1.5, 1.25),
        "slice_spacing": 9.0,
        "thickness": 6.0,
        "rows": 12,
        "columns": 16,
        "trigger_ms": None,
        "cycle_ms": None,
        "n_phases": None,
        "inversion_ms": None,
        "phase_encode_axis": "Y",
    }
    return Plane(**known | fields)


def cine(times: list[float], z: int = 0, **fields: Any) -> list[Plane]:
    """Images of one slice at those trigger times in ms, counted from 1."""
    return [
        plane(z, number, **{"trigger_ms": time, **fields})
        for number, time in enumerate(times, start=1)
    ]


def turned(degrees: float) -> dict[str, np.ndarray]:
    """Directions of a slice that is tilted about its rows."""
    angle = np.radians(degrees)
    normal = np.cross(ALONG_ROW, DOWN_COLUMN)
    return {"column_direction": np.cos(angle) * DOWN_COLUMN + np.sin(angle) * normal}
