"""Numbers from labels: volumes, function, normal ranges, overlap, distances, agreement."""

from napari_cmr.analysis.function import (
    CardiacFunction,
    VentricularFunction,
    cardiac_function,
    function_from_counts,
)
from napari_cmr.analysis.interpretation import AS_LABELLED, Reading, VentricleReading
from napari_cmr.analysis.volumes import (
    MYOCARDIAL_DENSITY_G_PER_ML,
    MYOCARDIUM,
    volumes_ml,
    voxel_counts,
)

__all__ = [
    "AS_LABELLED",
    "MYOCARDIAL_DENSITY_G_PER_ML",
    "MYOCARDIUM",
    "CardiacFunction",
    "Reading",
    "VentricleReading",
    "VentricularFunction",
    "cardiac_function",
    "function_from_counts",
    "volumes_ml",
    "voxel_counts",
]
