"""Numbers of the publication that the experiments repeat.

Schlemper et al., Cardiac MR Segmentation from Undersampled k-space Using Deep Latent Representation
Learning, MICCAI 2018: UK Biobank, 1000 test subjects (Table 1), 100 subjects and 100 masks each
(Table 2). The rows of each model are in its recipe.
"""

from napari_cmr.training.register import models

CITATION = (
    "Schlemper et al., Cardiac MR Segmentation from Undersampled k-space Using Deep Latent "
    "Representation Learning, MICCAI 2018"
)

_TABLE_1_COLUMNS = [
    (quantity, n_lines)
    for quantity in ("LV ESV", "LV EDV", "RV ESV", "RV EDV", "LVM", "EF")
    for n_lines in (1, 10, 20)
]
_TABLE_2_COLUMNS = [
    (kind, metric, label, n_lines)
    for kind in ("within", "between")
    for metric in ("HD", "MD")
    for label in ("MYO", "RV")
    for n_lines in (1, 10)
]

#: Mean percent error by (model, quantity, lines), Table 1.
PERCENT_ERRORS = {
    (model.name, *column): value
    for model in models().values()
    if "percent errors" in model.published
    for column, value in zip(_TABLE_1_COLUMNS, model.published["percent errors"], strict=True)
}
#: Mean distance in mm by (model, kind, metric, label, lines), Table 2.
SHAPE_DISTANCES = {
    (model.name, *column): value
    for model in models().values()
    if "shape distances" in model.published
    for column, value in zip(_TABLE_2_COLUMNS, model.published["shape distances"], strict=True)
}
#: Correlation of measured with true EF at 20 lines, of both models.
EF_CORRELATION_AT_20 = 0.81
