from napari_cmr.phantom import heart_scan
from napari_cmr.workflow.measure.function import measure_scan, measurement_record
from napari_cmr.workflow.measure.table import function_row


def test_a_row_has_units_frames_from_one_and_where_it_came_from() -> None:
    scan = heart_scan("normal", n_frames=4)
    record = measurement_record(scan, measure_scan(scan))
    row = function_row(record)
    assert row["lv_ef_percent"] == record["lv"]["ef_percent"]
    assert (row["lv_ed_frame"], row["lv_es_frame"]) == (1, 3)
    assert row["synthetic"] == "yes"
    assert row["model"] is None
    made = record | {
        "model": "net",
        "weights": {"net": "ab", "localiser": "cd"},
        "acquisition": {"pattern": "uniform", "seed": 4},
        "lv_ef_interval_percent": [50.0, 60.0],
        "rv_ef_interval_percent": [41.0, 66.0],
        "warnings": ["One.", "Two."],
    }
    row = function_row(made)
    assert list(row) == list(function_row(record))
    assert row["weights_sha256"] == "net ab | localiser cd"
    assert (row["pattern"], row["seed"]) == ("uniform", 4)
    assert (row["lv_ef_90_low_percent"], row["lv_ef_90_high_percent"]) == (50.0, 60.0)
    assert (row["rv_ef_90_low_percent"], row["rv_ef_90_high_percent"]) == (41.0, 66.0)
    assert row["warnings"] == "One. | Two."


def test_what_is_unknown_has_its_column() -> None:
    scan = heart_scan("normal", n_frames=1, lge=True)
    row = function_row(measurement_record(scan, measure_scan(scan)))
    assert row["lv_ef_percent"] is None
    assert row["lv_es_frame"] is None
