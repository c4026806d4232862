"""DICOM studies: from loose images to one stack."""

from napari_cmr.scan.dicom.reader import read_dicom

__all__ = ["read_dicom"]
