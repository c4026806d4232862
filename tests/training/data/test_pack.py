import json
import zipfile

import numpy as np
import pytest
from helpers.acdc_folders import write_subject

from napari_cmr.scan import ScanError, open_scan
from napari_cmr.training.data import pack
from napari_cmr.training.data.pack import is_pack, packed_subjects, write_pack
from napari_cmr.training.data.subjects import labelled_subjects


@pytest.fixture
def data(tmp_path):
    for number in (3, 7):
        write_subject(tmp_path / "data" / f"patient{number:03d}", number)
    return tmp_path / "data"


@pytest.fixture
def path(data, tmp_path):
    write_pack(labelled_subjects(data), tmp_path / "subjects.pack")
    return tmp_path / "subjects.pack"


def test_subjects_come_back_nearly_as_they_were(data, path) -> None:
    subjects = dict(packed_subjects(path))
    assert list(subjects) == ["patient003", "patient007"]
    for name, opened in subjects.items():
        original, scan = open_scan(data / name), opened()
        frames = [original.ed_frame, original.es_frame]
        np.testing.assert_array_equal(scan.labels, original.labels[frames])
        assert scan.spacing == original.spacing
        assert scan.subject.group == original.subject.group == "NOR"
        assert (scan.ed_frame, scan.es_frame) == (0, 1)
        image = original.image[frames]
        brightest = np.percentile(image, 99.95)
        expected = np.minimum(image / brightest, 1)
        assert np.abs(scan.image - expected).max() < 2 / 255  # half a step of the square root


def test_a_pack_is_known_by_its_contents(data, path, tmp_path) -> None:
    assert is_pack(path)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a", "b")
    assert not any(is_pack(one) for one in (other, data, tmp_path / "none"))


def test_nothing_of_the_person_is_in_it(path) -> None:
    with zipfile.ZipFile(path) as archive:
        index = json.loads(archive.read("subjects.json"))
    known = {"name", "shape", "spacing", "group", "phase_encode_axis"}
    assert all(set(one) == known for one in index["subjects"])  # neither height nor weight


def test_subjects_without_labels_are_left_out(data, tmp_path) -> None:
    bare = data / "patient009"
    write_subject(bare, 9)
    for labels in bare.glob("*_gt.nii.gz"):
        labels.unlink()
    (data / "patient010").mkdir()
    said: list[str] = []
    packed = write_pack(labelled_subjects(data), tmp_path / "a.pack", said.append)
    assert packed == ["patient003", "patient007"]
    assert [text.split(":")[0] for text in said] == ["left out patient009", "left out patient010"]
    alone = [one for one in labelled_subjects(data) if one[0] == "patient009"]
    with pytest.raises(ScanError, match="no subject has labels"):
        write_pack(alone, tmp_path / "b.pack")
    assert not (tmp_path / "b.pack").exists()


def test_a_pack_that_would_not_travel_is_not_written(data, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(pack, "LARGEST", 1000)
    with pytest.raises(ScanError, match="more than a pack's"):
        write_pack(labelled_subjects(data), tmp_path / "a.pack")
    assert not (tmp_path / "a.pack").exists()


def _rewritten(path, change) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _opened(path) -> None:
    for _, opened in packed_subjects(path):
        opened()


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members.pop("patient003.image"),
        lambda members: members.update({"patient003.labels": b"short"}),
        lambda members: members.update({"subjects.json": b"[" * 10_000}),
        lambda members: members.update({"subjects.json": b"{}"}),
        lambda members: members.update({"subjects.json": b'{"version": 1, "subjects": 3}'}),
    ],
)
def test_a_damaged_pack_is_refused(path, change) -> None:
    _rewritten(path, change)
    with pytest.raises(ScanError, match="damaged"):
        _opened(path)


def test_names_cannot_lead_elsewhere(path) -> None:
    def change(members) -> None:
        index = json.loads(members["subjects.json"])
        index["subjects"][0]["name"] = "../patient003"
        members["subjects.json"] = json.dumps(index).encode()

    _rewritten(path, change)
    with pytest.raises(ScanError, match="damaged"):
        packed_subjects(path)


def test_a_later_version_says_so(path) -> None:
    _rewritten(path, lambda members: members.update({"subjects.json": b'{"version": 2}'}))
    with pytest.raises(ScanError, match="version 2"):
        packed_subjects(path)
