"""Numbers of the publication that the experiments repeat.

Schlemper et al., Cardiac MR Segmentation from Undersampled k-space Using Deep Latent Representation
Learning, MICCAI 2018: UK Biobank, 1000 test subjects (Table 1), 100 subjects and 100 masks each
(Table 2).
"""

CITATION = (
    "Schlemper et al., Cardiac MR Segmentation from Undersampled k-space Using Deep Latent "
    "Representation Learning, MICCAI 2018"
)

_TABLE_1_COLUMNS = [
    (quantity, n_lines)
    for quantity in ("LV ESV", "LV EDV", "RV ESV", "RV EDV", "LVM", "EF")
    for n_lines in (1, 10, 20)
]
_TABLE_1 = {
    "li-net": "7.9 3.6 3.2 15.8 7.9 7.0 11.7 6.5 6.6 18.4 10.5 10.6 25.0 13.7 12.9 8.8 5.5 4.9",
    "syn-net": "9.0 4.2 3.4 14.6 7.2 6.1 9.9 4.9 4.1 13.4 7.7 6.5 11.4 6.8 5.8 8.2 5.5 4.6",
}
_TABLE_2_COLUMNS = [
    (kind, metric, label, n_lines)
    for kind in ("within", "between")
    for metric in ("HD", "MD")
    for label in ("MYO", "RV")
    for n_lines in (1, 10)
]
_TABLE_2 = {
    "li-net": "3.63 2.58 4.68 3.67 1.47 0.92 1.71 1.14 9.69 10.30 12.55 14.31 4.40 4.94 5.02 5.91",
    "syn-net": "6.47 3.23 6.96 5.05 1.83 0.99 2.15 1.34 "
    "10.62 10.34 11.56 15.22 4.16 4.81 4.78 6.03",
}

#: Mean percent error by (model, quantity, lines), Table 1.
PERCENT_ERRORS = {
    (model, *column): float(value)
    for model, row in _TABLE_1.items()
    for column, value in zip(_TABLE_1_COLUMNS, row.split(), strict=True)
}
#: Mean distance in mm by (model, kind, metric, label, lines), Table 2.
SHAPE_DISTANCES = {
    (model, *column): float(value)
    for model, row in _TABLE_2.items()
    for column, value in zip(_TABLE_2_COLUMNS, row.split(), strict=True)
}
#: Correlation of measured with true EF at 20 lines, of both models.
EF_CORRELATION_AT_20 = 0.81
