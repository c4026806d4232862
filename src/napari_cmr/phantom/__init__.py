"""Hearts that nobody owns: a parametric beating heart, and sample scans made from it."""

from napari_cmr.phantom.anatomy import Heart, TrueFunction, true_function
from napari_cmr.phantom.parameters import HeartParameters, Infarct, Protocol
from napari_cmr.phantom.population import sample_population
from napari_cmr.phantom.renderer import render_scan
from napari_cmr.phantom.samples import SAMPLES, heart_scan

__all__ = [
    "SAMPLES",
    "Heart",
    "HeartParameters",
    "Infarct",
    "Protocol",
    "TrueFunction",
    "heart_scan",
    "render_scan",
    "sample_population",
    "true_function",
]
