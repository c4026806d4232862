import json
from dataclasses import replace

import numpy as np
import pytest

from napari_cmr.cohort.store import Part, Result, ResultStore

PART = Part("accuracy", "net", "abc")


@pytest.fixture
def result():
    arrays = {"codes": np.arange(6.0).reshape(2, 3)}
    return Result("patient001", "DCM", PART, {"dice": 0.9, "ef": None}, arrays)


def test_a_result_comes_back_as_it_was(tmp_path, result):
    ResultStore(tmp_path).save(result)
    found = ResultStore(tmp_path).load("patient001", PART)
    assert (found.record, found.group) == (result.record, "DCM")
    np.testing.assert_array_equal(found.arrays["codes"], result.arrays["codes"])


def test_a_result_of_other_settings_or_another_model_is_not_taken(tmp_path, result):
    store = ResultStore(tmp_path)
    store.save(result)
    assert store.load("patient001", replace(PART, digest="other")) is None
    assert store.load("patient001", replace(PART, model="other")) is None
    assert store.load("patient002", PART) is None


@pytest.mark.parametrize("ending", [".json", ".npz"])
def test_a_damaged_or_missing_file_is_as_good_as_none(tmp_path, result, ending):
    store = ResultStore(tmp_path)
    store.save(result)
    (path,) = store.folder.glob(f"*{ending}")
    path.write_bytes(path.read_bytes()[:10])
    assert store.load("patient001", PART) is None
    path.unlink()
    assert store.load("patient001", PART) is None


@pytest.mark.parametrize(
    "content",
    [
        "[" * 50_000 + "]" * 50_000,
        "9" * 5_000,
        "[]",
        '{"settings": "abc", "arrays": [], "group": 1}',
    ],
    ids=["deep", "digits", "list", "without record"],
)
def test_json_that_is_no_result_is_as_good_as_none(tmp_path, result, content):
    store = ResultStore(tmp_path)
    store.save(result)
    (path,) = store.folder.glob("*.json")
    record = json.loads(path.read_text())
    path.write_text(content)
    assert store.load("patient001", PART) is None
    path.write_text(json.dumps(record | {"record": 3}))
    assert store.load("patient001", PART) is None


def test_arrays_in_an_archive_that_asks_for_a_password_are_as_good_as_none(tmp_path, result):
    store = ResultStore(tmp_path)
    store.save(result)
    (path,) = store.folder.glob("*.npz")
    content = bytearray(path.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 0x41  # encrypted, and strongly
    path.write_bytes(content)
    assert store.load("patient001", PART) is None
