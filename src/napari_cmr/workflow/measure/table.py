"""A measurement as one row of a table, with units in the names of its columns."""

from collections.abc import Mapping
from typing import Any

from napari_cmr.workflow.segment.slice_confidence import least_confidence

#: Of each ventricle, as a measurement names them.
_OF_VENTRICLE = (
    "edv_ml",
    "esv_ml",
    "sv_ml",
    "ef_percent",
    "cardiac_output_l_min",
    "edv_index_ml_m2",
    "esv_index_ml_m2",
    "sv_index_ml_m2",
    "cardiac_index_l_min_m2",
)
_OF_SCAN = ("lv_mass_g", "lv_mass_index_g_m2", "heart_rate_bpm", "body_surface_area_m2")
_PROVENANCE = (
    "model",
    "preset",
    "device",
    "n_lines",
    "n_phase_encodes",
    "acceleration",
    "heart_confidence",
    "version",
)
_BETWEEN = " | "

Row = dict[str, Any]


def function_row(record: Mapping[str, Any]) -> Row:
    """Ventricular function of one scan.

    Parameters
    ----------
    record : dict
        JSON of a measurement, with or without the model that made the labels.

    Returns
    -------
    dict
        Always the same columns; None where a number is not known. Frames count from 1 here.
    """
    row: Row = {"scan": record["scan"], "synthetic": _yes_or_no(record["synthetic"])}
    for side in ("lv", "rv"):
        ventricle = record[side]
        low, high = record.get(f"{side}_ef_interval_percent") or (None, None)
        for key in _OF_VENTRICLE:
            row[f"{side}_{key}"] = ventricle[key]
            if key == "ef_percent":
                row |= {f"{side}_ef_90_low_percent": low, f"{side}_ef_90_high_percent": high}
        for key in ("ed_frame", "es_frame"):
            frame = ventricle[key]
            row[f"{side}_{key}"] = None if frame is None else frame + 1
    row |= {key: record[key] for key in _OF_SCAN}
    return row | _ending(record)


def scar_row(record: Mapping[str, Any]) -> Row:
    """Scar of one scan, and of each segment of its wall.

    Parameters
    ----------
    record : dict
        Of :func:`napari_cmr.workflow.measure.scar.scar_record`.
    """
    row: Row = {"scan": record["scan"], "synthetic": _yes_or_no(record["synthetic"])}
    keys = ("method", "n", "remote_from", "myocardium_g", "scar_g", "scar_percent", "no_reflow_g")
    row |= {key: record[key] for key in keys}
    for one in record["segments"]:
        stem = f"segment_{one['segment']}"
        for key in ("scar_percent", "transmurality_percent"):
            row[f"{stem}_{key}"] = one[key]
    return row | {"warnings": _BETWEEN.join(record["warnings"])}


def _ending(record: Mapping[str, Any]) -> Row:
    """Warnings, and what made the labels."""
    acquisition = record.get("acquisition") or {}
    row: Row = {"warnings": _BETWEEN.join(record["warnings"])}
    row |= {key: record.get(key) for key in _PROVENANCE}
    row |= {key: acquisition.get(key) for key in ("pattern", "seed")}
    weights: Mapping[str, str] = record.get("weights") or {}
    row |= least_confidence(record.get("slice_confidence") or {})
    row["weights_sha256"] = _BETWEEN.join(f"{name} {digest}" for name, digest in weights.items())
    return row


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
