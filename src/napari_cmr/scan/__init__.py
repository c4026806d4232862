"""What was scanned: images, geometry, subjects and labels; readers and writers."""

from napari_cmr.scan.atomic import atomic_path
from napari_cmr.scan.datasets.acdc import read_acdc
from napari_cmr.scan.errors import ScanError, Stopped
from napari_cmr.scan.export import file_stem, save_csv, save_image, save_json, save_labels
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.label_files import LabelSet, is_label_map, labels_for, labels_on
from napari_cmr.scan.labels import LABEL_COLOURS, LABEL_SCHEMES, Label, translate_labels
from napari_cmr.scan.nifti.reader import read_labels, read_nifti
from napari_cmr.scan.notices import (
    Code,
    Notice,
    Ventricle,
    joined,
    of_ventricle,
    texts_and_details,
)
from napari_cmr.scan.opener import open_scan
from napari_cmr.scan.outputs import (
    check_outputs,
    output_folder,
    written_together,
)
from napari_cmr.scan.raw.reader import read_raw
from napari_cmr.scan.raw_kspace import RawKSpace
from napari_cmr.scan.scan import Scan, ScanWarning
from napari_cmr.scan.study import Study, open_study
from napari_cmr.scan.subject import Subject

__all__ = [
    "LABEL_COLOURS",
    "LABEL_SCHEMES",
    "Code",
    "Geometry",
    "Label",
    "LabelSet",
    "Notice",
    "RawKSpace",
    "Scan",
    "ScanError",
    "ScanWarning",
    "Stopped",
    "Study",
    "Subject",
    "Ventricle",
    "atomic_path",
    "check_outputs",
    "file_stem",
    "is_label_map",
    "joined",
    "labels_for",
    "labels_on",
    "of_ventricle",
    "open_scan",
    "open_study",
    "output_folder",
    "read_acdc",
    "read_labels",
    "read_nifti",
    "read_raw",
    "save_csv",
    "save_image",
    "save_json",
    "save_labels",
    "texts_and_details",
    "translate_labels",
    "written_together",
]
