"""Synthetic hearts on disk: image, labels and the truth."""

from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any

from napari_cmr.phantom import TrueFunction, heart_scan, true_function
from napari_cmr.phantom.parameters import Disease
from napari_cmr.phantom.population import sample_population
from napari_cmr.phantom.samples import TYPICAL
from napari_cmr.scan import ScanError, save_image, save_json, save_labels
from napari_cmr.workflow.measure.function import measure_scan


def save_phantom(
    folder: str | PathLike[str],
    disease: Disease = "normal",
    *,
    n_frames: int = 30,
    seed: int = 0,
    lge: bool = False,
) -> tuple[Path, Path, Path]:
    """Scan a synthetic heart and write it.

    Parameters
    ----------
    folder : path
        Made if it does not exist.
    disease : {"normal", "dilated", "hypertrophic", "infarct", "rv"}
    n_frames : int
        Cardiac phases of the cine.
    seed : int
        0 is the typical heart of its kind, any other number another one of the population.
    lge : bool
        Late gadolinium enhancement stack instead of a cine.

    Returns
    -------
    tuple of Path
        Image, labels, and a JSON of the true function, in the keys of a measurement.

    Raises
    ------
    ScanError
        If a number makes no scan, or a file cannot be written.
    """
    folder = Path(folder)
    if disease not in TYPICAL:
        raise ScanError(
            f"unknown kind of heart {disease!r}", remedy=f"use one of {', '.join(TYPICAL)}"
        )
    parameters = TYPICAL[disease] if seed == 0 else sample_population(1, seed, disease)[0]
    scan = heart_scan(disease, seed=seed, n_frames=n_frames, lge=lge, parameters=parameters)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScanError(
            f"the folder cannot be made: {error.strerror}",
            source=folder,
            remedy="choose another place",
        ) from error
    stem = f"phantom_{disease}_{seed}{'_lge' if lge else ''}"
    paths = (
        folder / f"{stem}.nii.gz",
        folder / f"{stem}_labels.nii.gz",
        folder / f"{stem}.json",
    )
    assert scan.labels is not None  # a phantom labels every frame
    save_image(paths[0], scan.image, scan)
    save_labels(paths[1], scan.labels, scan)
    save_json(
        paths[2],
        {
            "scan": stem,
            "synthetic": True,
            "disease": disease,
            "seed": seed,
            "n_frames": scan.n_frames,
            "cycle_ms": scan.cycle_ms,
            "ed_frame": scan.ed_frame,
            "es_frame": scan.es_frame,
            "frames_count_from": 0,
            "truth": truth_record(true_function(parameters)),
            "measured_from_labels": measure_scan(scan).to_dict(),
            "parameters": asdict(parameters),
            "notes": list(scan.notes),
        },
    )
    return paths


def truth_record(truth: TrueFunction) -> dict[str, Any]:
    """True function in the keys of :meth:`napari_cmr.analysis.CardiacFunction.to_dict`."""

    def ventricle(edv: float, esv: float, ef: float) -> dict[str, float]:
        return {"edv_ml": edv, "esv_ml": esv, "sv_ml": edv - esv, "ef_percent": ef}

    return {
        "lv": ventricle(
            truth.lv_end_diastolic_volume_ml,
            truth.lv_end_systolic_volume_ml,
            truth.lv_ejection_fraction_percent,
        ),
        "rv": ventricle(
            truth.rv_end_diastolic_volume_ml,
            truth.rv_end_systolic_volume_ml,
            truth.rv_ejection_fraction_percent,
        ),
        "lv_mass_g": truth.lv_mass_g,
    }
