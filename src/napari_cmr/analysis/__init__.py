"""Numbers from labels: volumes, function, normal ranges, overlap, distances, agreement."""

from napari_cmr.analysis.function import (
    CardiacFunction,
    VentricularFunction,
    cardiac_function,
    function_from_counts,
)
from napari_cmr.analysis.volumes import (
    MYOCARDIAL_DENSITY_G_PER_ML,
    MYOCARDIUM,
    volumes_ml,
    voxel_counts,
)

__all__ = [
    "MYOCARDIAL_DENSITY_G_PER_ML",
    "MYOCARDIUM",
    "CardiacFunction",
    "VentricularFunction",
    "cardiac_function",
    "function_from_counts",
    "volumes_ml",
    "voxel_counts",
]
