"""Labels, their measurement and a row of it are written together or not at all."""

import csv
import json
from pathlib import Path

import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import ScanError, read_labels
from napari_cmr.workflow.measure.function import measure_scan, measurement_record
from napari_cmr.workflow.segment.result_files import ResultFiles, save_result

SCAN = make_scan(n_frames=3, n_slices=2)
CONTENT = measurement_record(SCAN, measure_scan(SCAN))


def test_only_what_was_asked_for_is_written(tmp_path: Path) -> None:
    save_result(SCAN, SCAN.labels, CONTENT, ResultFiles(tmp_path / "a.nii.gz"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.nii.gz"]
    files = ResultFiles(tmp_path / "b.nii.gz", tmp_path / "b.json", tmp_path / "b.csv")
    save_result(SCAN, SCAN.labels, CONTENT, files)
    assert (read_labels(files.labels, None, SCAN) == SCAN.labels).all()
    record = json.loads(files.record.read_text())
    (row,) = csv.DictReader(files.table.open())
    assert float(row["lv_edv_ml"]) == record["lv"]["edv_ml"]


def test_a_file_that_may_not_be_written_keeps_the_others_away(tmp_path: Path) -> None:
    files = ResultFiles(tmp_path / "a.nii.gz", tmp_path / "a.json", tmp_path / "a.csv")
    files.table.write_text("precious")
    with pytest.raises(ScanError, match="exists already"):
        save_result(SCAN, SCAN.labels, CONTENT, files)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    with pytest.raises(ScanError, match="replace what is read"):
        save_result(SCAN, SCAN.labels, CONTENT, files, inputs=[files.table], overwrite=True)
    save_result(SCAN, SCAN.labels, CONTENT, files, overwrite=True)
    assert files.table.read_text() != "precious"
