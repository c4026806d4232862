import numpy as np
import pytest

from napari_cmr.scan import Geometry, Scan, ScanError, Subject
from napari_cmr.scan.index import ScanIndex, Series
from napari_cmr.workflow import inventory
from napari_cmr.workflow.inventory import describe, scan_record


def index_of(form: str, path) -> ScanIndex:
    series = Series(
        key="3",
        number=3,
        description="cine",
        view="4CH",
        kind="cine",
        component="magnitude",
        shape=(8, 8),
        spacing=(8.0, 1.0, 1.0),
        complete=np.ones((1, 20), bool),
        members=("3",),
    )
    return ScanIndex(path, form, (series,), (), "3")


def refuse(path, **options):
    raise ScanError("cannot be opened", source=path)


def test_a_study_without_a_stack_is_still_listed(monkeypatch, tmp_path):
    monkeypatch.setattr(inventory, "index_scans", lambda path: index_of("DICOM", path))
    monkeypatch.setattr(inventory, "open_scan", refuse)
    record = describe(tmp_path).to_dict()
    assert record["scan"] is None
    assert "cannot be opened" in record["problem"]
    assert record["series"][0]["view"] == "4CH"
    with pytest.raises(ScanError):
        describe(tmp_path, series="3")  # asked for by name: an error, not a remark


def test_a_file_that_cannot_be_opened_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(inventory, "index_scans", lambda path: index_of("NIfTI", path))
    monkeypatch.setattr(inventory, "open_scan", refuse)
    with pytest.raises(ScanError):
        describe(tmp_path)


def test_record_never_names_the_subject():
    scan = Scan(
        image=np.ones((1, 2, 4, 4), np.float32),
        geometry=Geometry.regular((8, 1, 1), 2),
        subject=Subject(identifier="A-123", sex="female", weight_kg=61),
    )
    record = scan_record(scan)
    assert "A-123" not in str(record)
    assert record["subject"]["weight_kg"] == 61
    assert record["n_phase_encodes"] == 4
