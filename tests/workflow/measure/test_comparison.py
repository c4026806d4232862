"""Two label sets beside each other."""

import csv
import json

import numpy as np
import pytest

from napari_cmr.scan import Geometry, Label, Scan, ScanError
from napari_cmr.workflow.measure.comparison import compare_labels, save_comparison

SHAPE = (7, 3, 40, 40)
ED, ES = 0, 3


def scan() -> Scan:
    image = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
    return Scan(image, Geometry.regular((10.0, 2.0, 2.0), SHAPE[1]))


def square(size: dict[int, int], at: int = 12) -> np.ndarray:
    """LV squares of a size for each frame, in every slice, with a rim of myocardium."""
    labels = np.zeros(SHAPE, np.uint8)
    for frame, n in size.items():
        labels[frame, :, at - 2 : at + n + 2, at - 2 : at + n + 2] = Label.MYO
        labels[frame, :, at : at + n, at : at + n] = Label.LV
    return labels


def test_equal_sets_do_not_differ() -> None:
    labels = square({ED: 12, ES: 8})
    found = compare_labels(scan(), labels, labels)
    assert found.frames == (ED, ES)
    assert np.allclose(found.overall_dice[:2], 1)
    assert np.isnan(found.overall_dice[2])  # nobody drew the RV
    assert np.nanmax(found.distances.hausdorff) == 0
    assert not found.delta_ml.any()
    assert found.difference("ef_percent") == 0


def test_differences_have_the_sign_of_second_minus_first() -> None:
    reader, model = square({ED: 12, ES: 8}), square({ED: 12, ES: 6})
    found = compare_labels(scan(), reader, model)
    voxel_ml = 2 * 2 * 10 / 1000
    assert found.delta_ml[1, 0, 0] == pytest.approx((36 - 64) * voxel_ml)
    assert found.difference("esv_ml") == pytest.approx(3 * (36 - 64) * voxel_ml)
    assert found.difference("edv_ml") == 0
    assert found.difference("ef_percent") == pytest.approx(100 * 28 / 144)
    assert found.difference("ef_percent", "rv") is None


def test_the_worst_contour_is_found() -> None:
    first, second = square({ED: 12, ES: 8}), square({ED: 12, ES: 8})
    second[ES, 2, 12:20, 20:27] = Label.LV  # a bulge of 7 pixels of 2 mm
    worst = compare_labels(scan(), first, second).worst(2)
    assert (worst[0].frame, worst[0].slice, worst[0].label) == (ES, 2, Label.LV)
    assert worst[0].hausdorff_mm == pytest.approx(14)
    assert worst[0].hausdorff_mm >= worst[1].hausdorff_mm


def test_a_model_of_all_frames_is_compared_where_the_reader_drew() -> None:
    reader = square({ED: 12, ES: 8})
    model = square(dict.fromkeys(range(7), 10) | {ED: 12, ES: 8, 5: 14})
    found = compare_labels(scan(), reader, model, names=("Reader A", "pooled-net"))
    assert found.frames == (ED, ES)
    (notice,) = found.notes
    assert notice.text == "pooled-net alone labels frames 2, 3, 5–7: not compared."
    assert notice.frames == (1, 2, 4, 5, 6)
    assert found.difference("edv_ml") == 0  # not the model's larger frame 6


def test_a_contour_that_only_one_set_has_is_counted() -> None:
    first, second = square({ED: 12, ES: 8}), square({ED: 12, ES: 8})
    second[ED, 0] = 0
    found = compare_labels(scan(), first, second)
    assert found.distances.n_disagreements.tolist() == [1, 1, 0]
    assert found.dice[0, 0, 0] == 0
    alone = [row for row in found.rows() if row["in"] == "1"]
    assert {row["label"] for row in alone} == {"LV", "MYO"}
    assert all(row["hausdorff_mm"] is None and row["delta_ml"] < 0 for row in alone)


def test_scar_counts_as_muscle() -> None:
    first = square({ED: 12, ES: 8})
    second = first.copy()
    second[ED, 1, 10, 10:14] = Label.SCAR
    assert compare_labels(scan(), first, second).overall_dice[1] == 1


def test_it_is_written_as_json_and_csv(tmp_path) -> None:
    first, second = square({ED: 12, ES: 8}), square({ED: 12, ES: 7})
    found = compare_labels(scan(), first, second)
    save_comparison(found, scan(), record=tmp_path / "a.json", table=tmp_path / "a.csv")
    record = json.loads((tmp_path / "a.json").read_text())
    assert record["frames"] == [ED, ES]
    assert record["labels"]["rv"]["dice"] is None
    assert record["worst"]["frame"] == ES
    assert {row["frame"] for row in record["slices"]} == {ED, ES}
    rows = list(csv.DictReader((tmp_path / "a.csv").open()))
    assert len(rows) == 2 * 3 * 2
    assert {row["frame"] for row in rows} == {"1", "4"}
    assert float(rows[0]["dice"]) == 1


def test_sets_that_cannot_be_compared_are_refused() -> None:
    labels = square({ED: 12})
    with pytest.raises(ScanError, match="no frame is labelled in both"):
        compare_labels(scan(), labels, square({ES: 8}))
    with pytest.raises(ScanError, match="own grid"):
        compare_labels(scan(), labels, labels[:, :2])
