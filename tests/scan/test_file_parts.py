"""A file in parts is read as the file that it is, or the part that is wrong is named."""

import json
from pathlib import Path

import pytest

from napari_cmr.scan import ScanError
from napari_cmr.scan.file_parts import index_of, is_there, size_of, whole, write_file

CONTENT = bytes(range(250))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Of three parts."""
    path = tmp_path / "net [1].ckpt"
    write_file(path, CONTENT, largest=100)
    return path


def parts(path: Path) -> list[Path]:
    return sorted(one for one in path.parent.iterdir() if "-of-" in one.name)


def read(path: Path) -> bytes:
    with whole(path) as one:
        return one.read_bytes()


def test_a_large_file_is_written_in_parts_and_read_whole(file: Path) -> None:
    assert [one.name[-15:] for one in parts(file)] == [
        ".00001-of-00003",
        ".00002-of-00003",
        ".00003-of-00003",
    ]
    assert [one.stat().st_size for one in parts(file)] == [100, 100, 50]
    assert b"".join(one.read_bytes() for one in parts(file)) == CONTENT  # as cat does
    assert sorted(file.parent.iterdir()) == sorted([*parts(file), index_of(file)])
    assert is_there(file)
    assert size_of(file) == 250
    with whole(file) as one:
        assert one.read_bytes() == CONTENT
        assert one.name == file.name
    assert not one.exists()


@pytest.mark.parametrize("largest", [None, 250])
def test_a_file_that_is_small_enough_stays_whole(file: Path, largest: int | None) -> None:
    write_file(file, CONTENT, largest)
    assert list(file.parent.iterdir()) == [file]  # no part of before is left
    assert (size_of(file), read(file)) == (250, CONTENT)
    with whole(file) as one:
        assert one == file


def test_what_was_whole_or_of_other_parts_is_replaced(file: Path) -> None:
    write_file(file, CONTENT)
    for content, largest in ((CONTENT, 90), (b"other" * 40, 100)):
        write_file(file, content, largest)
        assert read(file) == content
        assert sorted(file.parent.iterdir()) == sorted([*parts(file), index_of(file)])


def test_what_was_there_stays_where_the_new_cannot_be_written(file: Path, monkeypatch) -> None:
    before = sorted(file.parent.iterdir())
    write = Path.write_bytes

    def full(self: Path, content: bytes) -> int:
        if len(content) < 100:
            raise OSError(28, "No space left on device", str(self))
        return write(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ScanError, match="No space left"):
        write_file(file, CONTENT[::-1], largest=100)
    assert sorted(file.parent.iterdir()) == before
    assert read(file) == CONTENT


def test_a_missing_part_is_named(file: Path) -> None:
    lost = parts(file)[1]
    lost.unlink()
    with pytest.raises(ScanError, match="part 2 of 3 is missing") as caught:
        read(file)
    assert caught.value.source == str(lost)


@pytest.mark.parametrize("content", [b"short", CONTENT[:99] + b"x"])
def test_a_foreign_part_is_named(file: Path, content: bytes) -> None:
    parts(file)[0].write_bytes(content)
    with pytest.raises(ScanError, match="part 1 of 3 is damaged, or not the one") as caught:
        read(file)
    assert caught.value.source == str(parts(file)[0])


def test_parts_of_two_files_are_not_mixed(file: Path) -> None:
    index, first = index_of(file).read_text(), parts(file)
    kept = [(one, one.read_bytes()) for one in first[:2]]
    write_file(file, CONTENT[::-1], largest=100)
    for one, content in kept:
        one.write_bytes(content)  # left over, of a file that is no more
    assert read(file) == CONTENT[::-1]
    index_of(file).write_text(index)
    with pytest.raises(ScanError, match="part 3 of 3 is missing"):
        read(file)


def test_parts_without_their_index_are_not_passed_over(file: Path) -> None:
    index_of(file).unlink()
    for what in (is_there, read):
        with pytest.raises(ScanError, match="the index is missing"):
            what(file)
    assert not is_there(file.with_name("net 1.ckpt"))


def test_a_whole_file_beside_its_parts_is_told_of(file: Path) -> None:
    file.write_bytes(b"of another day")
    with pytest.raises(ScanError, match="whole and in parts"):
        read(file)


@pytest.mark.parametrize(
    "change",
    [{"bytes": 249}, {"sha256": "0" * 64}, {"parts": []}, {"parts": "all"}, {"more": 1}],
    ids=lambda change: next(iter(change)),
)
def test_an_index_that_does_not_hold_is_refused(file: Path, change: dict) -> None:
    said = json.loads(index_of(file).read_text()) | change
    index_of(file).write_text(json.dumps(said))
    for one in parts(file):  # under the name that the changed digest gives them
        one.rename(one.with_name(one.name.replace(one.name[-23:-15], said["sha256"][:8])))
    with pytest.raises(ScanError, match="index of the parts is damaged") as caught:
        read(file)
    assert caught.value.source == str(index_of(file))


def test_an_error_about_the_joined_file_is_told_about_the_file(file: Path) -> None:
    with pytest.raises(ScanError, match="no weights") as caught, whole(file) as one:
        raise ScanError("no weights", source=one.with_suffix(".json"), remedy="train")
    assert caught.value.source == str(file.with_suffix(".json"))
    assert caught.value.remedy == "train"
    with pytest.raises(ScanError) as caught, whole(file):
        raise ScanError("elsewhere", source="other.json")
    assert caught.value.source == "other.json"


def test_more_parts_than_an_index_holds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="would take 10001 parts"):
        write_file(tmp_path / "a", bytes(10_001), largest=1)
    assert not list(tmp_path.iterdir())
