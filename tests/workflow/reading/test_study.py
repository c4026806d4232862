"""A study on disk is whole, or a sentence says what is wrong with it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from helpers.reading_studies import small_study

from napari_cmr.scan import ScanError
from napari_cmr.workflow.reading.study import open_study, read_key


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("made"))


@pytest.fixture
def path(made, tmp_path) -> Path:
    shutil.copytree(made.path, tmp_path / "study")
    return tmp_path / "study"


def test_a_study_opens_wherever_it_was_copied_to(made, path) -> None:
    shutil.rmtree(path / "images")
    shutil.copytree(made.path / "images", path / "images")
    found = open_study(path)
    assert found.study == made.study
    for item_id, item in found.items.items():
        pixels = found.image(item_id)
        assert (pixels.shape, pixels.dtype) == (item.shape, np.uint16)


def test_without_its_key_a_study_can_be_read_but_not_opened_up(path) -> None:
    kept = path.parent / "kept.json"
    (path / "key.json").rename(kept)
    found = open_study(path)
    with pytest.raises(ScanError, match="key is not in the study"):
        read_key(found)
    assert len(read_key(found, kept).made) == len(found.items)


def change(file: Path, **values) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def test_what_is_no_study_is_refused(path, tmp_path) -> None:
    for place, said in (
        (tmp_path / "none", "no such folder"),
        (path / "images", "is no reading study: it has no study.json"),
        (path / "study.json", "is no reading study"),
    ):
        with pytest.raises(ScanError, match=said):
            open_study(place)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"format": "something"}, "is no reading study of napari-cmr"),
        ({"version": 2}, "another version"),
        ({"items": []}, "items: "),
        ({"repeats": ["00000000"]}, "repeats are not images of the study"),
        ({"criteria": ["good", "bad"]}, "criteria"),
        ({"method": "crnn"}, "method: "),
    ],
)
def test_a_damaged_study_is_refused(path, values, said) -> None:
    change(path / "study.json", **values)
    with pytest.raises(ScanError, match=said):
        open_study(path)


def test_two_images_of_one_id_are_refused(path) -> None:
    items = json.loads((path / "study.json").read_text())["items"]
    change(path / "study.json", items=[items[0], *items])
    with pytest.raises(ScanError, match="two images have one id"):
        open_study(path)


def test_images_that_are_missing_or_replaced_are_refused(path) -> None:
    files = sorted((path / "images").iterdir())
    found = open_study(path)
    content = files[0].read_bytes()
    files[0].write_bytes(content[:-2] + b"\1\2")
    with pytest.raises(ScanError, match="is not the image that was made"):
        found.image(files[0].stem)
    files[0].write_bytes(content + b" " * 10_000)
    with pytest.raises(ScanError, match="is not the image that was made"):
        found.image(files[0].stem)
    files[0].unlink()
    with pytest.raises(ScanError, match="cannot be read"):
        found.image(files[0].stem)
    with pytest.raises(ScanError, match=r"1 of 6 images are missing, images/.*\.npy"):
        open_study(path)


def test_a_study_that_was_changed_has_lost_its_key(path) -> None:
    change(path / "study.json", may_zoom=False)
    with pytest.raises(ScanError, match="key of another study, or the study was changed"):
        read_key(open_study(path))


def test_a_damaged_key_is_refused(path) -> None:
    key = json.loads((path / "key.json").read_text())
    for values, said in (
        ({"methods": key["methods"][:1]}, "methods: "),
        ({"made": key["made"][1:]}, "does not fit the images"),
        ({"methods": [key["methods"][0]] * 3}, "two methods have one name"),
        ({"made": [one | {"method": "crnn"} for one in key["made"]]}, "unknown method or case"),
        ({"cases": key["cases"][:1]}, "unknown method or case"),
    ):
        (path / "key.json").write_text(json.dumps(key | values))
        with pytest.raises(ScanError, match=said):
            read_key(open_study(path))
