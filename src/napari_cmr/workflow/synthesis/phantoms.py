"""Synthetic hearts on disk: image, labels and the truth."""

from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any

from napari_cmr.phantom import TrueFunction, heart_scan, true_function
from napari_cmr.phantom.parameters import Disease
from napari_cmr.phantom.population import sample_population
from napari_cmr.phantom.samples import TYPICAL
from napari_cmr.scan import (
    ScanError,
    check_outputs,
    output_folder,
    save_image,
    save_json,
    save_labels,
    written_together,
)
from napari_cmr.scan.notices import texts_and_details
from napari_cmr.workflow.measure.function import measure_scan
from napari_cmr.workflow.synthesis.animation import SavedCine, cine_paths


def save_phantom(
    folder: str | PathLike[str],
    disease: Disease = "normal",
    *,
    n_frames: int = 30,
    seed: int = 0,
    lge: bool = False,
    overwrite: bool = False,
) -> SavedCine:
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
    overwrite : bool
        Whether files that exist may be replaced.

    Returns
    -------
    SavedCine
        The JSON has the true function, in the keys of a measurement.

    Raises
    ------
    ScanError
        If a number makes no scan, or one of the files may not be written, see
        :func:`~napari_cmr.scan.check_outputs`. No file is left then.
    """
    folder = Path(folder)
    if disease not in TYPICAL:
        raise ScanError(
            f"unknown kind of heart {disease!r}", remedy=f"use one of {', '.join(TYPICAL)}"
        )
    with output_folder(folder):
        stem = f"phantom_{disease}_{seed}{'_lge' if lge else ''}"
        saved = cine_paths(folder / f"{stem}.nii.gz")
        check_outputs(*saved, overwrite=overwrite)
        parameters = TYPICAL[disease] if seed == 0 else sample_population(1, seed, disease)[0]
        scan = heart_scan(disease, seed=seed, n_frames=n_frames, lge=lge, parameters=parameters)
        assert scan.labels is not None  # a phantom labels every frame
        record = {
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
            **texts_and_details(scan.notes, "notes"),
        }
        with written_together(*saved, overwrite=overwrite) as at:
            save_image(at[saved.image], scan.image, scan)
            save_labels(at[saved.labels], scan.labels, scan)
            save_json(at[saved.record], record)
        return saved


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
