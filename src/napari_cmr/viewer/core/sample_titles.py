"""Titles of the sample hearts, for menus."""

SAMPLE_TITLES = {
    "normal": "Normal heart",
    "dilated": "Dilated cardiomyopathy",
    "hypertrophic": "Hypertrophic cardiomyopathy",
    "infarct-lge": "Infarct, late gadolinium",
}
"""Title of every sample of :data:`napari_cmr.phantom.samples.SAMPLES` that is offered."""
